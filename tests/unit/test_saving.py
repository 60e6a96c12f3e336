"""What commands write for people never takes the place of what is there: not the input, not a filled sheet, not a folder with results."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from qinglan.commands.imports import import_
from qinglan.commands.packs import pack
from qinglan.commands.saving import new_folder, replace, save
from qinglan.commands.twin import twin

MINE = b"name: mine\n"
SEARCH = ("search", "FILE", "--levers", "mentees_per_mentor=1..5", "--out", "FOLDER")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A file and a folder of somebody's."""
    (tmp_path / "mine.yaml").write_bytes(MINE)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_bytes(MINE)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("site", "FILE", "--out", "FILE"),
        ("site", "--template", "FILE"),
        ("desk", "FILE", "--out", "FILE"),
        ("desk", "--template", "FILE"),
        ("dispatch", "FILE", "--out", "FILE"),
        ("dispatch", "--template", "FILE"),
        ("run", "FILE", "--out", "FOLDER"),
        SEARCH,
        ("backtest", "FILE", "--figure", "FILE"),
    ],
)
def test_what_is_there_stays(mine: Path, arguments: tuple[str, ...]) -> None:
    names = {"FILE": str(mine / "mine.yaml"), "FOLDER": str(mine / "out")}
    done = CliRunner().invoke(twin, [names.get(one, one) for one in arguments])
    assert done.exit_code == 1, done.output
    assert "已经有内容，没有覆盖" in done.output
    assert (mine / "mine.yaml").read_bytes() == MINE
    assert sorted(one.name for one in mine.rglob("*")) == ["mine.yaml", "notes.txt", "out"]


@pytest.mark.parametrize("option", ["--json", "--marked"])
def test_an_import_leaves_its_own_file(mine: Path, option: str) -> None:
    file = str(mine / "mine.yaml")
    done = CliRunner().invoke(import_, ["roster", file, "--district", "990101", "--dry-run", option, file])
    assert "没有覆盖" in done.output
    assert (mine / "mine.yaml").read_bytes() == MINE


def test_the_schema_takes_the_place_of_its_former_self_alone(mine: Path) -> None:
    run = CliRunner().invoke
    assert "没有覆盖" in run(pack, ["schema", "--out", str(mine / "mine.yaml")]).output
    assert (mine / "mine.yaml").read_bytes() == MINE
    (mine / "old.json").write_text('{"$schema": "old"}', encoding="utf-8")
    assert run(pack, ["schema", "--out", str(mine / "old.json")]).exit_code == 0
    assert "政策包" in (mine / "old.json").read_text(encoding="utf-8")


def test_a_new_name_an_empty_file_and_an_empty_folder_are_written_to(tmp_path: Path) -> None:
    (tmp_path / "empty.xlsx").touch()
    (tmp_path / "empty").mkdir()
    for name in ("new.xlsx", "empty.xlsx"):
        done = CliRunner().invoke(twin, ["desk", "--template", str(tmp_path / name)])
        assert done.exit_code == 0, done.output
        assert (tmp_path / name).read_bytes()[:2] == b"PK"
    for name in ("empty", "further/new"):
        with new_folder(tmp_path / name) as into:
            (into / "a").write_bytes(MINE)
        assert (tmp_path / name / "a").read_bytes() == MINE
    assert not list(tmp_path.rglob("*.part"))


def test_what_came_meanwhile_stays_and_half_a_result_does_not(tmp_path: Path) -> None:
    def overtaken() -> None:
        with new_folder(tmp_path / "out") as into:
            (into / "a").touch()
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "mine").touch()

    def broken() -> None:
        with new_folder(tmp_path / "half") as into:
            (into / "a").touch()
            raise ZeroDivisionError

    with pytest.raises(click.ClickException, match="没有覆盖"):
        overtaken()
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["mine"]
    with pytest.raises(ZeroDivisionError):
        broken()
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    (tmp_path / "late").write_bytes(MINE)
    with pytest.raises(click.ClickException):
        save(tmp_path / "late", b"other")
    assert (tmp_path / "late").read_bytes() == MINE


def test_a_file_that_is_replaced_is_there_until_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept").write_bytes(MINE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(click.ClickException, match="没有写成"):
        replace(tmp_path / "kept", b"other")
    assert [one.name for one in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept").read_bytes() == MINE
