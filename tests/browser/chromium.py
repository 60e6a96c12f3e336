"""Finds a Chromium for the tests: the system's, else the packaged one of tests/browser/package.json. Nothing is skipped."""

import fcntl
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SYSTEM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  {folders}
  <cachedir>{cache}</cachedir>
  <alias><family>sans-serif</family><prefer><family>Noto Sans CJK SC</family></prefer></alias>
</fontconfig>
"""


def find(scratch: Path) -> tuple[str, dict[str, str]]:
    """Return the browser's path and the environment that it needs (libraries and fonts the system lacks)."""
    environment: dict[str, str] = {}
    system = next(filter(None, map(shutil.which, SYSTEM)), None)
    path = system or str(_packaged())
    if system is None and "not found" in _output("ldd", path):
        environment["LD_LIBRARY_PATH"] = str(Path(path).parent / "al2023" / "lib")
    if not _output("fc-list", ":lang=zh-cn", "family"):
        environment["FONTCONFIG_FILE"] = str(_font_configuration(Path(path).parent, scratch))
    return path, environment


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        return ""


def _packaged() -> Path:
    """Unpack the packaged browser once (a lock keeps two test runs apart) and return its path."""
    folder = HERE / "node_modules" / ".browser"
    if not (HERE / "node_modules" / "@sparticuz").is_dir():
        done = subprocess.run(["make", "tests/browser/node_modules/.ok"], cwd=HERE.parent.parent)
        if done.returncode:
            raise pytest.UsageError("测试要用浏览器：请安装 chromium，或运行 make test-only（会取来一个）。")
    with open(HERE / "node_modules" / ".browser.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "chromium").exists():
            draft = folder.with_name(".browser.new")
            shutil.rmtree(draft, ignore_errors=True)
            subprocess.run([_node(), HERE / "unpack.mjs", draft], check=True, cwd=HERE)
            draft.rename(folder)
    return folder / "chromium"


def _node() -> str:
    """Return the node that Playwright brings along: there is always one."""
    spec = find_spec("playwright")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "driver" / "node")


def _font_configuration(browser: Path, scratch: Path) -> Path:
    """Write a font configuration with Chinese glyphs from the font package, and Latin ones that came with the browser."""
    spec = find_spec("manimgx_fonts_cjk")
    assert spec is not None
    assert spec.origin is not None
    folders = [Path(spec.origin).parent, browser / "fonts" / "fonts"]
    path = scratch / "fonts.conf"
    listed = "".join(f"<dir>{folder}</dir>" for folder in folders if folder.is_dir())
    path.write_text(FONTS.format(folders=listed, cache=scratch / "fontcache"), encoding="utf-8")
    return path
