"""Where commands write for people: a file or folder that holds something already is never replaced, and a file is there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import click


class _New(click.Path):
    """A path to write to. What stands there already is refused while the command line is read: before anything is computed."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(str(super().convert(value, param, ctx)))
        _refuse(path)
        return path


NEW_FILE = _New(dir_okay=False, path_type=Path)
NEW_FOLDER = _New(file_okay=False, path_type=Path)


def _refuse(path: Path) -> None:
    """Nothing, an empty file, an empty folder and a device may be written to."""
    if path.is_dir():
        try:
            full = any(path.iterdir())
        except OSError as error:
            raise _unwritten(error, path) from None
        if full:
            raise click.ClickException(f"「{path}」已经有内容，没有覆盖；请换一个文件夹。")
    elif path.is_file() and path.stat().st_size:
        raise click.ClickException(f"「{path}」已经有内容，没有覆盖；请换一个文件名。")


def save(file: Path, data: bytes) -> None:
    """Writes a new file whole or not at all; what came there meanwhile stays. A disk that refuses becomes a sentence."""
    _refuse(file)
    replace(file, data)


def replace(file: Path, data: bytes) -> None:
    """The same for a file that a command keeps up to date itself: the former one stays until the new one is whole."""
    draft = file.with_name(f".qinglan-{os.getpid()}.part")
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(data)  # /dev/stdout and its like
            return
        with draft.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise _unwritten(error, file) from None


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to write in, which is `folder` once everything is in it; nothing stays of it where that fails."""
    draft = folder.resolve().with_name(f".qinglan-{os.getpid()}.part")
    try:
        draft.mkdir(parents=True)
        yield draft
        _refuse(folder)
        draft.replace(folder.resolve())
    except OSError as error:
        raise _unwritten(error, folder) from None
    finally:
        rmtree(draft, ignore_errors=True)


def _unwritten(error: OSError, path: Path) -> click.ClickException:
    return click.ClickException(f"没有写成（{error.strerror}：{path}）；请检查磁盘与权限。")
