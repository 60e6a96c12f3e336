"""A decided year and a closed month verify in other surroundings, and after the data folder is lost and a backup restored.

Slow: 100,000 stored decisions in one go, with the time and memory that it takes.
"""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.server_house import Site

ROOT = Path(__file__).parents[2]
SURROUNDINGS = [
    {"PYTHONHASHSEED": "1", "TZ": "America/St_Johns", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "77", "TZ": "Asia/Kathmandu", "POLARS_MAX_THREADS": "3", "QINGLAN_UNCOMPILED": "1"},
]


def work(site: Site, *what: str) -> list[dict[str, Any]]:
    """Works of tests.unit.killing in the site's database, one after another."""
    orders = "".join(json.dumps({"database": "qinglan", "work": one}) + "\n" for one in what)
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.killing"], cwd=ROOT, env=site.environment, input=orders, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert not any("error" in one for one in said), said
    return said


pytestmark = pytest.mark.slow  # a site of its own, migrated; CI verifies in tests/unit/policy


@pytest.fixture(scope="module")
def decided() -> Iterator[Site]:
    """A site of its own with a published year and a closed month."""
    base = Path(tempfile.mkdtemp(prefix="qlv"))
    environment = {"QINGLAN_KEYS": str(base / "keys.json"), "QINGLAN_DB_LINGER": "3"}
    house = Site(base, "data", None, [sys.executable], environment)
    house.start()
    house.qinglan("migrate")
    work(house, "fill", "decide")
    yield house
    house.close()


def verified(site: Site) -> str:
    """What `qinglan run verify` says, without how long each took."""
    said = site.qinglan("run", "verify")
    return re.sub(r"[0-9.]+ 秒", "… 秒", said)


EXPECTED = [
    "990101 2025 年，第 1 次计算（已公布）：10 人，一致，… 秒。",
    "990101 2025 年 1 月工资（已关账）：10 人，一致，… 秒。",
]


@pytest.mark.parametrize(
    "surroundings",
    SURROUNDINGS,
    ids=["c", "kiritimati", "uncompiled"],
)
def test_verify_says_the_same_in_other_surroundings(decided: Site, surroundings: dict[str, str]) -> None:
    usual, decided.environment = decided.environment, decided.environment | surroundings
    try:
        assert verified(decided).splitlines() == EXPECTED
    finally:
        decided.environment = usual


def test_a_changed_number_is_found_there_too(decided: Site) -> None:
    """The control: the owner of the database changes one number; and puts it back."""
    table = "ALTER TABLE policy_personresult {} TRIGGER USER; "
    change = "UPDATE policy_personresult SET net = net {} 1 WHERE id = (SELECT min(id) FROM policy_personresult)"
    decided.sql(table.format("DISABLE") + change.format("+"))
    assert "不一致" in decided.qinglan("run", "verify", fails=True)
    decided.sql(change.format("-") + ";" + table.format("ENABLE"))
    assert verified(decided).splitlines() == EXPECTED


def test_after_the_loss_of_the_data_folder_a_backup_verifies(decided: Site) -> None:
    """The folder with the database is gone; keys and backup stood elsewhere. A record emptied before the backup stays empty."""
    decided.sql("UPDATE people_person SET name = '（已抹去）', id_number = NULL, id_number_index = NULL WHERE id = 1")
    backup = decided.base / "kept.tar"
    decided.qinglan("backup", str(backup))
    people = decided.sql("SELECT md5(string_agg(p::text, '|' ORDER BY id)) FROM people_person p")
    slips = decided.sql("SELECT md5(string_agg(s::text, '|' ORDER BY id)) FROM pay_payslip s")
    for client in decided.clients:
        client.end()
    state = decided.state  # elsewhere when root runs this
    decided.ask("stop")
    for folder in (decided.data, state):
        shutil.rmtree(folder, ignore_errors=True)
        assert not folder.exists()
    decided.start()
    assert "policy_run" not in decided.sql("SELECT string_agg(tablename, ' ') FROM pg_tables")
    decided.qinglan("migrate")
    assert "没有已签署或已公布的年度结果" in decided.qinglan("run", "verify")
    decided.qinglan("restore", "--yes", str(backup))
    assert verified(decided).splitlines() == EXPECTED
    assert decided.sql("SELECT md5(string_agg(p::text, '|' ORDER BY id)) FROM people_person p") == people
    assert decided.sql("SELECT md5(string_agg(s::text, '|' ORDER BY id)) FROM pay_payslip s") == slips
    assert decided.sql("SELECT name, id_number FROM people_person WHERE id = 1") == "（已抹去）|"
    assert "核对通过" in decided.qinglan("verify")


def test_a_hundred_thousand_decisions_verify_in_one_go() -> None:
    """50 decided runs of 2,010 people, each computed again; the time and the most memory are said."""
    base = Path(tempfile.mkdtemp(prefix="qlv"))
    environment = {"QINGLAN_KEYS": str(base / "keys.json"), "QINGLAN_DB_LINGER": "3"}
    site = Site(base, "data", None, [sys.executable], environment)
    try:
        site.start()
        site.qinglan("migrate")
        work(site, "many")
        stored = int(
            site.sql(
                "SELECT count(*) FROM policy_personresult r JOIN policy_run u ON u.id = run_id WHERE state = 'amended'"
            )
        )
        assert stored >= 100_000
        started = os.times().elapsed
        said = site.qinglan("run", "verify")
        seconds = os.times().elapsed - started
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        assert said.count("，一致，") == stored // 2_010
        assert "不一致" not in said
        sys.stderr.write(f"\n{stored:,} decisions verified in {seconds:.0f} s, at most {most:.0f} MB a process\n")
        assert most < 2_000
    finally:
        site.close()
