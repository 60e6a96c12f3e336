"""The keys of field encryption: read from a file outside the data folder, made at first start with mode 0600.

The database keeps fingerprints of the keys that it was written with, so that a lost key file is told, never silently
replaced by a new one (old ciphertexts would become unreadable, and look-up by blind index would miss old rows). A key under
which nothing is kept any more may be retired (commands.keys): then its absence is no loss.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from . import keyfile
from .privacy import Privacy


class KeyringError(RuntimeError):
    """The key file is missing, unreadable or does not hold a key that the data needs. The message is for people."""


class KeyFingerprint(models.Model):
    """A key that this database was written with: its id and a one-way fingerprint, never the key."""

    append_only = True
    privacy = {
        "id": Privacy.INTERNAL,
        "key_id": Privacy.INTERNAL,
        "fingerprint": Privacy.INTERNAL,
        "first_used_at": Privacy.INTERNAL,
    }

    key_id = models.CharField("密钥编号", max_length=16, unique=True)
    fingerprint = models.CharField("指纹", max_length=64)
    first_used_at = models.DateTimeField("首次使用", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "密钥指纹"
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.key_id


class KeyRetirement(models.Model):
    """A key that this database needs no more: nothing in it is sealed or indexed by it. Old backups still need it."""

    append_only = True
    privacy = {"id": Privacy.INTERNAL, "key_id": Privacy.INTERNAL, "retired_at": Privacy.INTERNAL}

    key_id = models.CharField("密钥编号", max_length=16, unique=True)
    retired_at = models.DateTimeField("停用时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "停用的密钥"
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.key_id


@dataclass(frozen=True)
class Keyring:
    """The keys in hand: `keys` by id for encryption, one key apart for the blind index; `index_next` (id, key) only while the
    index is being made anew."""

    current: str
    keys: dict[str, bytes]
    index: bytes
    index_id: str = "index"
    index_next: tuple[str, bytes] | None = None

    def key(self, key_id: str) -> bytes:
        """The key of this id, or a KeyringError that says what to restore."""
        try:
            return self.keys[key_id]
        except KeyError:
            raise KeyringError(
                f"密钥文件 {settings.QINGLAN_KEYS} 中没有编号为 {key_id} 的密钥，无法读取加密字段。请从备份恢复原来的密钥文件。"
            ) from None

    def fingerprints(self) -> dict[str, str]:
        """Key id -> fingerprint, the index key among them."""
        every = {**self.keys, self.index_id: self.index}
        return {key_id: fingerprint(key) for key_id, key in every.items()}


def fingerprint(key: bytes) -> str:
    """What may be known of a key: 64 hex digits from which nobody finds the key."""
    return hmac.new(key, b"qinglan key fingerprint", hashlib.sha256).hexdigest()


def _read(path: Path) -> Keyring:
    try:
        data = keyfile.read(path)
        keys = {key_id: base64.b64decode(key) for key_id, key in data["keys"].items()}
        coming = data.get("index_next")
        ring = Keyring(
            current=data["current"],
            keys=keys,
            index=base64.b64decode(data["index"]),
            index_id=data.get("index_id", "index"),
            index_next=(coming["id"], base64.b64decode(coming["key"])) if coming else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyringError(f"密钥文件 {path} 内容不完整或已损坏，请从备份恢复。") from None
    if ring.current not in keys or any(len(key) != 32 for key in (*keys.values(), ring.index)):
        raise KeyringError(f"密钥文件 {path} 内容不完整或已损坏，请从备份恢复。")
    return ring


def _create(path: Path) -> None:
    """Write a new key file, unless another process was first."""
    key_id = keyfile.fresh_id("k")
    content = {"current": key_id, "keys": {key_id: keyfile.fresh_key()}, "index": keyfile.fresh_key()}
    keyfile.create(path, content)


def _finish_index(path: Path, ring: Keyring, retired: set[str]) -> Keyring:
    """If the database has gone over to the coming index key (in one transaction), the file does so too."""
    if ring.index_next is None or ring.index_id not in retired:
        return ring
    data = keyfile.read(path)
    coming = data.pop("index_next")
    data |= {"index": coming["key"], "index_id": coming["id"]}
    keyfile.write(path, data)
    return _read(path)


def settle_keys() -> Keyring:
    """This will make the key file at the first start, and hold file and database together ever after.

    Called once a start; writes the fingerprints of keys new to this database. Raises KeyringError when the database was
    written with keys that the file does not hold.
    """
    path = Path(settings.QINGLAN_KEYS)
    known = dict(KeyFingerprint.objects.values_list("key_id", "fingerprint"))
    if not path.exists():
        if known:
            raise KeyringError(
                f"找不到密钥文件 {path}，而数据库里已有用原密钥加密的数据。请从备份恢复该文件后再启动；"
                "系统不会自动生成新密钥，以免旧数据无法读取。"
            )
        _create(path)
    retired = set(KeyRetirement.objects.values_list("key_id", flat=True))
    ring = _finish_index(path, _read(path), retired)
    ours = ring.fingerprints()
    lost = [key_id for key_id, mark in known.items() if key_id not in retired and ours.get(key_id) != mark]
    if lost:
        raise KeyringError(
            f"密钥文件 {path} 与数据库不配套（缺少或不符的密钥：{'、'.join(sorted(lost))}）。请恢复与本数据库配套的密钥文件。"
        )
    fresh = [KeyFingerprint(key_id=key_id, fingerprint=mark) for key_id, mark in ours.items() if key_id not in known]
    KeyFingerprint.objects.bulk_create(fresh, ignore_conflicts=True)
    return ring


@functools.lru_cache(maxsize=4)
def _keyring_of(path: str, changed: int) -> Keyring:
    return _read(Path(path)) if changed else settle_keys()


def keyring() -> Keyring:
    """The keys of this process, read anew when their file changes; made if this is the very first use of an empty database."""
    path = str(settings.QINGLAN_KEYS)
    try:
        changed = os.stat(path).st_mtime_ns
    except FileNotFoundError:
        changed = 0
    return _keyring_of(path, changed)
