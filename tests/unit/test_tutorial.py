"""The tutorial from a roster to a published year: its commands run as they are written, its pages are walked as it says."""

import re
import shlex
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from qinglan.apps.pay.models import PayMonth
from qinglan.apps.people.models import User
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.cli import COMMANDS
from qinglan.commands import runs

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial" / "roster-to-publication.md"
PASSWORD = "teng-yun-shan-7"
WORDS = "qing-lan-chu-yu-9"


def steps() -> dict[int, tuple[str, list[str]]]:
    """{number: (text, its commands)} of each numbered section."""
    found = {}
    for part in TUTORIAL.read_text(encoding="utf-8").split("\n## ")[1:]:
        commands = [line for block in re.findall(r"```sh\n(.*?)```", part, re.DOTALL) for line in block.splitlines()]
        found[int(part.split(".")[0])] = (part, commands)
    return found


def run(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command prints; `qinglan run verify` is a process that runs verify-runs, here it is run at once."""
    program, name, *rest = shlex.split(line)
    assert program == ".venv/bin/qinglan"
    if (name, rest[:1]) == ("run", ["verify"]):
        command, rest = runs.verify_runs, rest[1:]
    else:
        module, function = COMMANDS[name].where.split(":")
        command = getattr(import_module(f"qinglan.commands.{module}"), function)
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(command, rest, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def signed_in(name: str, password: str) -> Client:
    client = Client()
    page = client.post("/accounts/login/", {"login": name, "password": password})
    assert page.status_code == 302, page.content.decode()
    return client


def officer(administrator: Client, name: str) -> Client:
    """An account opened on the users' page, signed in with its own password chosen first."""
    asked = {"username": name, "name": f"桃{name}", "role": "district_officer", "org_code": "990101"}
    page = administrator.post("/users/new/", asked, follow=True).content.decode()
    handed = re.search(r"[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}", page)
    assert handed, page
    client = signed_in(name, handed[0])
    chosen = {"oldpassword": handed[0], "password1": WORDS, "password2": WORDS}
    assert client.post("/accounts/password/change/", chosen).status_code == 302
    return client


@pytest.mark.django_db
def test_the_tutorial_does_what_it_says(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.SECOND_FACTOR = "off"  # as it says for practice
    part = steps()
    assert list(part) == list(range(1, 10))
    first = {
        "name": "周宁",
        "username": "guanli",
        "password": PASSWORD,
        "again": PASSWORD,
        "district": "another",
        "pack": "taoyuan",
    }
    assert "都不是，稍后导入" in client.get("/setup/").content.decode()
    client.post("/setup/", first)
    for line in part[2][1]:
        said = run(line, monkeypatch)
    administrator = signed_in("guanli", PASSWORD)
    people = {name: officer(administrator, name) for name in re.findall(r"`(nigao|fuhe|gongbu)`（", part[3][0])}
    assert len(people) == 3
    people["nigao"].post(
        "/packs/adopt/", {"pack": "taoyuan", "year": str(date.today().year)}
    )  # the years offered end here
    people["nigao"].post("/packs/adopt/", {"pack": "taoyuan", "year": "2023"})

    said = [run(line, monkeypatch) for line in part[4][1]]
    promised = re.search(r"“(读到 13 行 = 接受 12 [^”]*)”", part[4][0])
    assert promised
    assert promised[1] in said[0]
    assert "校验位不对" in said[0]
    run(part[5][1][0], monkeypatch)
    assert "12 人" in run(part[6][1][0], monkeypatch)
    year = Run.objects.get()
    assert PersonResult.objects.filter(run=year, gross__gt=0).count() == 12

    address = f"/results/runs/{year.pk}/"
    people["nigao"].post(f"{address}decide/", {"move": "submit"})
    items = re.findall(r'name="item" value="(\d+)"', people["fuhe"].get(f"{address}review/").content.decode())
    people["fuhe"].post(f"{address}mark/", {"item": items, "fine": "1"})
    people["fuhe"].post(f"{address}decide/", {"move": "sign"})
    page = people["gongbu"].post(f"{address}decide/", {"move": "publish"}, follow=True).content.decode()
    year.refresh_from_db()
    assert year.state == "published", page
    verified = run(part[8][1][0], monkeypatch)
    assert "12 人，一致" in verified

    people["nigao"].post("/pay/compute/", {"month": "2026-01"})
    people["fuhe"].post(f"/pay/months/{PayMonth.objects.get().pk}/close/")
    assert "2026 年 1 月工资（已关账）：12 人，一致" in run(part[9][1][0], monkeypatch)
    assert User.objects.count() == 4
