"""The key file and its changes: every change is a whole new file put in the place of the old one.

Layout (JSON): {"current": "<key id>", "keys": {"<key id>": "<32 bytes, base64>"}, "index": "<32 bytes, base64>"}; while the index
key is being changed also "index_id" (default "index") and "index_next": {"id", "key"}.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any


def read(path: Path) -> dict[str, Any]:
    """The file's content as it stands. Raises OSError, ValueError."""
    found = json.loads(path.read_text(encoding="ascii"))
    if not isinstance(found, dict):
        raise ValueError("not a key file")
    return found


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace the file, complete or not at all, readable by its owner only."""
    draft = _draft(path, content)
    os.replace(draft, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def create(path: Path, content: dict[str, Any]) -> bool:
    """Write a new file; False when there is one already, which is left as it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        os.link(draft, path)  # fails when another process was first: then its keys are the keys
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _draft(path: Path, content: dict[str, Any]) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    return draft


def fresh_key() -> str:
    """A new random key, as the file writes it."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def fresh_id(prefix: str) -> str:
    """A new name for a key."""
    return f"{prefix}{secrets.token_hex(3)}"
