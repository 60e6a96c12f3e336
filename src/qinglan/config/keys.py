"""Makes and reads the secrets of one installation: each a file of its own under the data folder, readable by its owner only."""

import os
import secrets
from pathlib import Path


def read_or_create(folder: Path, name: str) -> str:
    """Return the secret `name` of this installation, made on first use.

    Two processes that start together get the same secret: the file is written aside and linked into place, and the
    first link wins.

    Returns 64 hexadecimal digits (256 bits). Raises OSError when the folder cannot be written.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its secret is the one that counts
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
