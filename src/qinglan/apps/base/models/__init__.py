"""What every app's models are made of: privacy classes, sealed fields, scope by organisation code, date ranges."""

from .keys import KeyFingerprint, Keyring, KeyringError, keyring, settle_keys
from .privacy import Privacy, class_of, unclassified
from .release import RELEASE_STEPS, Releasable, ReleaseMove, ReleaseState, release_triggers
from .scope import OrgCodeField, ScopedQuerySet, code_range, is_within, next_code
from .sealed import Sealed, SealedTextField, blind_index
from .spans import SpanField, last_day, span

__all__ = [
    "RELEASE_STEPS",
    "KeyFingerprint",
    "Keyring",
    "KeyringError",
    "OrgCodeField",
    "Privacy",
    "Releasable",
    "ReleaseMove",
    "ReleaseState",
    "ScopedQuerySet",
    "Sealed",
    "SealedTextField",
    "SpanField",
    "blind_index",
    "class_of",
    "code_range",
    "is_within",
    "keyring",
    "last_day",
    "next_code",
    "release_triggers",
    "settle_keys",
    "span",
    "unclassified",
]
