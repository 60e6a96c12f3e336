"""Text encrypted at rest that does not slip out by accident.

A `SealedTextField` stores `<algorithm>:<key id>:<base64url of nonce + ciphertext>` (AES-256-GCM; the purpose is bound in
as associated data, so a ciphertext cannot be moved to another column). In Python the value is a `Sealed`: printing,
logging or rendering it gives dots; `.masked()` gives what a screen may show; `.open()` the plain text, and whoever opens
one for a person to read records it (audit.actions.saw).
With `index="column"` the field also fills that column with an HMAC-SHA256 under a key of its own, for exact look-up;
the column must be declared before the sealed field, so that a new instance does not empty it again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from .keys import KeyringError, keyring

ALGORITHM = "A256GCM"  # stored with each ciphertext, so that another can follow
_NONCE = 12  # bytes, as NIST SP 800-38D asks for random nonces


def normalise(value: str) -> str:
    """One spelling a value for the index: no blanks, capital X."""
    return "".join(value.split()).upper()


def blind_index(value: str, purpose: str, key: bytes | None = None) -> str:
    """The look-up mark of `value`: 64 hex digits, the same for the same value and purpose, useless without the key (another than
    the present one only while it is being changed)."""
    message = f"{purpose}\0{normalise(value)}".encode()
    return hmac.new(key or keyring().index, message, hashlib.sha256).hexdigest()


class Sealed:
    """An encrypted text in hand. Equal tokens are equal values; two seals of one text differ (random nonce)."""

    __slots__ = ("purpose", "token")

    def __init__(self, token: str, purpose: str) -> None:
        self.token = token
        self.purpose = purpose

    @classmethod
    def of(cls, text: str, purpose: str) -> Sealed:
        """Seal a plain text under the current key."""
        ring = keyring()
        nonce = os.urandom(_NONCE)
        secret = AESGCM(ring.key(ring.current)).encrypt(nonce, text.encode(), purpose.encode())
        body = base64.urlsafe_b64encode(nonce + secret).decode()
        return cls(f"{ALGORITHM}:{ring.current}:{body}", purpose)

    def open(self) -> str:
        """The plain text. Raises KeyringError when the key is not at hand or the stored text was tampered with."""
        algorithm, key_id, body = self.token.split(":", 2)
        if algorithm != ALGORITHM:
            raise KeyringError(f"不认识的加密算法 {algorithm}，请升级系统后再读取。")
        raw = base64.urlsafe_b64decode(body)
        try:
            return AESGCM(keyring().key(key_id)).decrypt(raw[:_NONCE], raw[_NONCE:], self.purpose.encode()).decode()
        except InvalidTag:
            raise KeyringError("加密字段与密钥不符，数据可能被改动过，请核对备份。") from None

    def masked(self) -> str:
        """What a screen may show: ID numbers keep 3 + 4 characters, phones 3 + 4, shorter texts nothing."""
        text = self.open()
        if len(text) < 11:
            return "*" * len(text)
        return text[:3] + "*" * (len(text) - 7) + text[-4:]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and (self.token, self.purpose) == (other.token, other.purpose)

    def __hash__(self) -> int:
        return hash((self.token, self.purpose))

    def __str__(self) -> str:
        return "••••••"

    def __repr__(self) -> str:
        return f"<Sealed {self.purpose}>"


class _SealedAttribute(DeferredAttribute):
    """Seals a plain text the moment it is put on an instance, and fills the index column beside it."""

    field: SealedTextField

    def __set__(self, instance: models.Model, value: Sealed | str | None) -> None:
        field = self.field
        if not isinstance(value, Sealed):
            if field.index:
                setattr(instance, field.index, blind_index(value, field.purpose) if value else None)
            value = Sealed.of(value, field.purpose) if value else None
        instance.__dict__[field.attname] = value


class SealedTextField(models.TextField):
    """See the module. `purpose` is bound into every ciphertext: never change it once data exist. Empty = null."""

    description = "encrypted text"
    descriptor_class = _SealedAttribute
    _pyi_private_set_type: Any  # for mypy: a plain text or a Sealed goes in, a Sealed or None comes out
    _pyi_private_get_type: Any

    def __init__(self, *args: Any, purpose: str = "", index: str = "", **kwargs: Any) -> None:
        if not purpose:
            raise TypeError("SealedTextField needs a purpose")
        self.purpose = purpose
        self.index = index
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose, "index": self.index}

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value, self.purpose)

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        return (value if isinstance(value, Sealed) else Sealed.of(str(value), self.purpose)).token

    def value_to_string(self, obj: models.Model) -> str:
        """Serialisers write the ciphertext, never the plain text."""
        return self.get_prep_value(self.value_from_object(obj)) or ""
