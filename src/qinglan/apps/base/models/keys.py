"""The keys of field encryption: read from a file outside the data folder, made at first start with mode 0600.

The database keeps fingerprints of the keys that it was written with, so that a lost key file is told, never silently
replaced by a new one (old ciphertexts would become unreadable, and look-up by blind index would miss old rows).
File layout (JSON): {"current": "<key id>", "keys": {"<key id>": "<32 bytes, base64>"}, "index": "<32 bytes, base64>"}.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

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


@dataclass(frozen=True)
class Keyring:
    """The keys in hand: `keys` by id for encryption, one key apart for the blind index."""

    current: str
    keys: dict[str, bytes]
    index: bytes

    def key(self, key_id: str) -> bytes:
        """The key of this id, or a KeyringError that says what to restore."""
        try:
            return self.keys[key_id]
        except KeyError:
            raise KeyringError(
                f"密钥文件 {settings.QINGLAN_KEYS} 中没有编号为 {key_id} 的密钥，无法读取加密字段。请从备份恢复原来的密钥文件。"
            ) from None

    def fingerprints(self) -> dict[str, str]:
        """Key id -> fingerprint, the index key under the id `index`."""
        return {
            key_id: hmac.new(key, b"qinglan key fingerprint", hashlib.sha256).hexdigest()
            for key_id, key in {**self.keys, "index": self.index}.items()
        }


def _read(path: Path) -> Keyring:
    try:
        data = json.loads(path.read_text(encoding="ascii"))
        keys = {key_id: base64.b64decode(key) for key_id, key in data["keys"].items()}
        ring = Keyring(current=data["current"], keys=keys, index=base64.b64decode(data["index"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyringError(f"密钥文件 {path} 内容不完整或已损坏，请从备份恢复。") from None
    if ring.current not in keys or any(len(key) != 32 for key in (*keys.values(), ring.index)):
        raise KeyringError(f"密钥文件 {path} 内容不完整或已损坏，请从备份恢复。")
    return ring


def _create(path: Path) -> None:
    """Write a new key file, complete or not at all, readable by its owner only; another's file is never replaced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_id = f"k{secrets.token_hex(3)}"
    content = {
        "current": key_id,
        "keys": {key_id: base64.b64encode(secrets.token_bytes(32)).decode()},
        "index": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # fails when another process was first: then its keys are the keys
    except FileExistsError:
        pass
    finally:
        draft.unlink()


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
    ring = _read(path)
    ours = ring.fingerprints()
    lost = [key_id for key_id, mark in known.items() if ours.get(key_id) != mark]
    if lost:
        raise KeyringError(
            f"密钥文件 {path} 与数据库不配套（缺少或不符的密钥：{'、'.join(sorted(lost))}）。请恢复与本数据库配套的密钥文件。"
        )
    fresh = [KeyFingerprint(key_id=key_id, fingerprint=mark) for key_id, mark in ours.items() if key_id not in known]
    KeyFingerprint.objects.bulk_create(fresh, ignore_conflicts=True)
    return ring


@functools.cache
def _keyring_of(path: str) -> Keyring:
    return _read(Path(path)) if Path(path).exists() else settle_keys()


def keyring() -> Keyring:
    """The keys of this process, read once; made if this is the very first use of an empty database."""
    return _keyring_of(str(settings.QINGLAN_KEYS))
