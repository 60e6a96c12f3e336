"""Backup, restore and upgrade as an administrator runs them, on a database of their own."""

import io
import os
import tarfile
import tempfile
from pathlib import Path

from tests.unit.server_house import Site

from qinglan import server
from qinglan.commands.backup import _extract


def note(site: Site, text: str) -> None:
    site.sql(f"DELETE FROM django_session; INSERT INTO django_session VALUES ('{text}', '', now())")


def noted(site: Site) -> str:
    return site.sql("SELECT session_key FROM django_session")


def test_backup_and_restore_bring_back_data_files_and_rights(site: Site) -> None:
    files = site.data / "files"
    files.mkdir(exist_ok=True)
    (files / "evidence.txt").write_text("证明")
    note(site, "before")
    path = site.base / "one.tar"
    assert "已备份" in site.qinglan("backup", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    with tarfile.open(path) as tar:
        assert {"manifest.json", "database.dump", "files/evidence.txt"} <= set(tar.getnames())
        assert not any("key" in name for name in tar.getnames())
    note(site, "after")
    (files / "evidence.txt").write_text("改过")
    site.qinglan("restore", "--yes", str(path))
    assert noted(site) == "before"
    assert (files / "evidence.txt").read_text() == "证明"
    assert "核对通过" in site.qinglan("verify")
    assert "permission denied" in site.sql(
        "DROP TABLE django_session", role=server.APP, check=False
    ) or "must be owner" in (site.sql("DROP TABLE django_session", role=server.APP, check=False))


def test_backup_never_overwrites(site: Site) -> None:
    path = site.base / "there.tar"
    path.write_text("mine")
    assert "已经存在" in site.qinglan("backup", str(path), fails=True)
    assert path.read_text() == "mine"


def test_broken_backup_changes_nothing(site: Site) -> None:
    note(site, "kept")
    whole = site.base / "whole.tar"
    site.qinglan("backup", str(whole))
    half = site.base / "half.tar"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert "不是完整的青蓝备份" in site.qinglan("restore", "--yes", str(half), fails=True)
    bad = site.base / "bad.tar"
    with tarfile.open(whole) as tar, tempfile.TemporaryDirectory() as scratch:
        for name in ("manifest.json", "database.dump"):
            Path(scratch, name).write_bytes(tar.extractfile(name).read())  # type: ignore[union-attr]
        dump = Path(scratch, "database.dump")
        os.truncate(dump, dump.stat().st_size // 2)
        with tarfile.open(bad, "w") as broken:
            for name in ("manifest.json", "database.dump"):
                broken.add(Path(scratch, name), name)
    assert "pg_restore" in site.qinglan("restore", "--yes", str(bad), fails=True)
    assert noted(site) == "kept"


def test_upgrade_that_fails_is_rolled_back(site: Site) -> None:
    note(site, "kept")
    # The last step is forgotten, so that migrating it again fails half-way, on a table that is there.
    site.sql("DELETE FROM django_migrations WHERE app = 'sessions'")
    said = site.qinglan("upgrade", fails=True)
    assert "已退回更新前的样子" in said
    assert noted(site) == "kept"
    assert site.sql("SELECT count(*) FROM django_migrations WHERE app = 'sessions'") == "0"
    site.sql("INSERT INTO django_migrations (app, name, applied) VALUES ('sessions', '0001_initial', now())")
    assert "更新完成" in site.qinglan("upgrade")


def test_forged_backup_reaches_nothing_outside(tmp_path: Path) -> None:
    forged = tmp_path / "forged.tar"
    with tarfile.open(forged, "w") as tar:
        for name in ("../escaped", "files/../../escaped", "/tmp/ql-escaped", "files/kept"):
            entry = tarfile.TarInfo(name)
            entry.size = 1
            tar.addfile(entry, io.BytesIO(b"x"))
        link = tarfile.TarInfo("files/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    inside = tmp_path / "inside"
    inside.mkdir()
    with tarfile.open(forged) as tar:
        _extract(tar, inside)
    assert [path.name for path in inside.rglob("*") if not path.is_dir()] == ["kept"]
    assert not (tmp_path / "escaped").exists()
    assert not Path("/tmp/ql-escaped").exists()
