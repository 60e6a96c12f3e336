"""Backup, restore and upgrade as an administrator runs them, on a database of their own."""

import io
import os
import shutil
import tarfile
import tempfile
from pathlib import Path

import pytest
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


@pytest.mark.slow
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


@pytest.mark.slow
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


PEOPLE = """
from datetime import date
from qinglan.apps.base.models import span
from qinglan.apps.erasure.actions import asking
from qinglan.apps.people.models import *
for code, name in (("990101", "甲区"), ("990101001", "甲一街道"), ("990101001001", "甲一东社区")):
    Organisation.objects.create(code=code, name=name, valid=span(None), synthetic=True)
gone = span(date(2010, 1, 1), date(2012, 1, 1))
her = Person.objects.create(org_code="990101001001", name="慕容旧人", sex="female", birth=date(1970, 3, 4), phone="13900007799")
Employment.objects.create(person=her, org_code="990101", span=gone, exit_reason="retired")
officers = [User.objects.create(username=name, last_name=name) for name in ("one", "two")]
for one in officers:
    RoleGrant.objects.create(user=one, role="district_officer", org_code="990101", span=span(date(2020, 1, 1)))
asked = asking.ask(person=her, ground="expired", reason="保存期满", by=officers[0])
asking.confirm(erasure=asked, by=officers[1])
"""


def test_erased_people_stay_erased_when_the_data_folder_is_lost_and_a_backup_put_back(site: Site) -> None:
    site.qinglan("manage", "shell", "--command", PEOPLE)
    path = site.base / "with-her.tar"
    site.qinglan("backup", str(path))
    assert "删除了 1 人" in site.qinglan("erase")
    names = "SELECT string_agg(DISTINCT name, ' ') FROM (SELECT name FROM people_person UNION SELECT name FROM people_personevent) n"
    assert site.sql(names) == "已删除人员"
    state = site.state
    site.ask("stop")
    shutil.rmtree(state)
    shutil.rmtree(site.data)
    site.start()  # an empty database
    assert site.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
    assert "再次删除了 1 人" in site.qinglan("restore", "--yes", str(path))
    assert site.sql(names) == "已删除人员"
    assert site.sql("SELECT count(*) FROM people_person WHERE phone IS NULL AND erased_at IS NOT NULL") == "1"
    assert site.sql("SELECT action FROM audit_auditevent ORDER BY id DESC LIMIT 1") == "erasure.again"
    said = site.qinglan("audit", "verify")
    assert "核对通过" in said
    assert "删除个人信息" in said


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
