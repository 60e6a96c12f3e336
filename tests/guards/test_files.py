"""What every tracked file must be: short, free of other people's addresses, of this machine's paths and of secrets."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST = 500
CODE = {".py", ".js", ".mjs", ".css", ".html", ".toml", ".sh", ".typ"}
GENERATED = {"requirements.lock", "requirements-node.lock", "package-lock.json"}
FORBIDDEN = {
    "an address of a package registry": re.compile(
        r"registry\.npmjs\.org|files\.pythonhosted\.org|pypi\.org/(simple|packages)|npmmirror\.com|tuna\.tsinghua|mirrors\.aliyun"
    ),
    "a path of this machine": re.compile(r"(?<![\w.])/(?:work|home|root|Users)/(?!\.\.)[\w.-]+"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
}


def tracked() -> list[Path]:
    """Return the files git knows; in an export without git, every file that is not made by a tool."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    assert listed.returncode == 0, "the guards need a git checkout"
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def test_there_are_files_to_guard() -> None:
    assert len(tracked()) > 100


def test_no_code_file_is_longer_than_500_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked()
        if path.suffix in CODE
        and "migrations" not in path.parts
        and (count := (text_of(path) or "").count("\n")) > LONGEST
    }
    assert not long


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    here = Path(__file__)
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in tracked()
        if path != here and (match := FORBIDDEN[what].search(text_of(path) or ""))
    ]
    assert not found


def test_locks_have_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-node.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        packages = re.findall(r"^[a-z0-9][^ ]*==", text, re.M)
        assert packages
        assert len(re.findall(r"^[a-z0-9][^\n]*\\\n    --hash=sha256:", text, re.M)) == len(packages)
    for path in tracked():
        if path.name == "package-lock.json":
            assert '"resolved"' not in path.read_text()
            assert '"integrity"' in path.read_text()


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix == ".py"
        and "migrations" not in path.parts
        and (text := path.read_text(encoding="utf-8").strip())
        and not text.startswith(('"""', 'r"""'))
    ]
    assert not silent
