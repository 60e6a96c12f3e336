"""`qinglan backup`, `restore` and `upgrade`: the database and the uploaded files, out into one file and back.

A backup is a tar file: manifest.json (program version, time, applied migrations), database.dump, files/... It never holds
the keys: who has a backup alone cannot read an ID number.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import click
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from qinglan import __version__
from qinglan.apps.audit.actions import heads
from qinglan.commands import erasure
from qinglan.commands.start import say
from qinglan.config import database
from qinglan.server import ServerError, archive


def _manifest() -> dict[str, object]:
    applied = sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations())
    return {"qinglan": __version__, "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "migrations": applied}


@click.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="文件或文件夹/FILE|DIR")
def backup(target: Path) -> None:
    """备份到一个文件（给文件夹则自动起名）。 / Back up into one file (a folder: a name with the time is made)."""
    path = target / time.strftime("qinglan-%Y%m%d-%H%M%S.tar") if target.is_dir() else target
    if path.exists():
        raise ServerError(f"{path} 已经存在，没有覆盖；请换一个文件名。")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            archive.dump(Path(scratch) / "database.dump")
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
                text = json.dumps(_manifest(), ensure_ascii=False, indent=1).encode()
                entry = tarfile.TarInfo("manifest.json")
                entry.size = len(text)
                tar.addfile(entry, io.BytesIO(text))
                tar.add(Path(scratch) / "database.dump", "database.dump")
                if Path(settings.MEDIA_ROOT).is_dir():
                    tar.add(settings.MEDIA_ROOT, "files")
        draft.rename(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ServerError(f"备份没有写成（{error.strerror}：{error.filename}）；请检查磁盘与权限。") from error
    say(
        f"已备份到 {path}（{path.stat().st_size / 1e6:.1f} MB）。密钥不在其中，请另行妥善保存 {settings.QINGLAN_KEYS}。"
    )


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="文件/FILE")
@click.option("--yes", is_flag=True, help="不再询问 / do not ask")
def restore(source: Path, yes: bool) -> None:
    """从备份恢复，替换现有的全部数据。 / Restore from a backup in place of all present data."""
    if not yes:
        click.confirm("现有数据会被备份中的数据替换，继续吗？", abort=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as scratch:
        try:
            with tarfile.open(source) as tar:
                _extract(tar, Path(scratch))
            made = json.loads((Path(scratch) / "manifest.json").read_text(encoding="utf-8"))
        except (tarfile.TarError, OSError, ValueError, KeyError) as error:
            raise ServerError(f"{source} 不是完整的青蓝备份（{error}）；请换一个备份文件。") from None
        erasure.before_restore()
        archive.replace(Path(scratch) / "database.dump", ready=_make_ready)
        _replace_files(Path(scratch) / "files")
    connection.close()
    heads.note_restore()
    say(f"已恢复到 {made['made']} 的备份（青蓝 {made['qinglan']}）。如程序比备份新，请再运行 qinglan migrate。")


def _make_ready(name: str) -> None:
    """Give the restored database its rights and erase whom it brought back, before the site can see it."""
    present = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        database.grant()
        erasure.after_restore()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = present


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    """Write out the members that a backup has, regular files only: a forged archive reaches nothing outside `folder`."""
    for member in tar:
        parts = Path(member.name).parts
        known = member.name in {"manifest.json", "database.dump"} or parts[:1] == ("files",)
        source = tar.extractfile(member) if known and member.isreg() and ".." not in parts else None
        if source is None:
            continue
        target = folder.joinpath(*parts)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(target, "xb") as file:
            shutil.copyfileobj(source, file)
        target.chmod(0o600)


def _replace_files(fresh: Path) -> None:
    """Put the uploaded files of the backup in the place of the present ones."""
    present = Path(settings.MEDIA_ROOT)
    former = present.with_name(f"{present.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if present.exists():
        present.rename(former)
    if fresh.is_dir():
        shutil.move(fresh, present)
    shutil.rmtree(former, ignore_errors=True)


def _run(*command: str) -> bool:
    return subprocess.run([sys.executable, "-m", "qinglan.cli", *command]).returncode == 0


@click.command()
def upgrade() -> None:
    """备份、更新、核对；有一步不成就退回更新前的样子。 / Back up, migrate, verify; roll back when a step fails."""
    folder = Path(settings.DATA_DIR) / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    saved = folder / time.strftime("before-upgrade-%Y%m%d-%H%M%S.tar")
    if not _run("backup", str(saved)):
        raise ServerError("没有备份成，因此没有更新；原因见上。")
    if _run("migrate") and _run("verify"):
        say(f"更新完成。更新前的备份保留在 {saved}。")
        return
    say("更新没有成功，正在退回 …")
    if _run("restore", "--yes", str(saved)):
        raise ServerError("更新没有成功，数据已退回更新前的样子；请带上以上信息报告问题。")
    raise ServerError(f"更新没有成功，自动退回也没有成功；更新前的数据完整保存在 {saved}，可用 qinglan restore 恢复。")
