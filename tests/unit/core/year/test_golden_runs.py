"""Runs of earlier releases compute the same to the byte, from their frozen tables, pack and rule versions alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from qinglan.core.frame import freezing as tables
from qinglan.core.frame.records import Records
from qinglan.core.packs import freezing as packs
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year import order
from qinglan.core.year.canonical import inputs_hash, results_hash
from qinglan.core.year.computing import Year, compute_year

GOLDEN = Path(__file__).parents[3] / "data" / "golden"
RUNS = sorted(path.parent for path in GOLDEN.glob("*/run.json"))


def again(folder: Path, shift: bool = False) -> tuple[dict, Year]:
    kept = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    records, figures = tables.thaw((folder / "tables.zip").read_bytes())
    if shift:
        later = records["employments"].with_columns(pl.col("since").dt.offset_by("40d"))
        records = Records({**records.tables, "employments": later})
    pack = packs.thaw(kept["files"], kept["pack"], ITEMS)
    return kept, compute_year(records, kept["year"], pack, figures, order.NOW.at(kept["rule_versions"]))


@pytest.mark.parametrize("folder", RUNS, ids=[one.name for one in RUNS])
def test_a_golden_run_computes_the_same(folder: Path) -> None:
    kept, year = again(folder)
    assert tables.digest(*tables.thaw((folder / "tables.zip").read_bytes())) == kept["tables_hash"]
    assert year.pack.hash == kept["pack_hash"]
    assert len(year.frame) == kept["people"]
    assert inputs_hash(year, kept["columns"]) == kept["inputs_hash"]
    assert results_hash(year) == kept["results_hash"]


def test_a_fact_of_another_day_is_another_run() -> None:
    """The control: the comparison above can fail."""
    kept, year = again(RUNS[0], shift=True)
    assert inputs_hash(year, kept["columns"]) != kept["inputs_hash"]
    assert results_hash(year) != kept["results_hash"]


def test_a_release_keeps_its_golden_run() -> None:
    assert RUNS


PROGRAM = """
import sys
from pathlib import Path
from tests.unit.core.year.test_golden_runs import again, results_hash
kept, year = again(Path(sys.argv[1]))
sys.exit(results_hash(year) != kept["results_hash"])
"""


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "America/St_Johns", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "77", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "POLARS_MAX_THREADS": "2"},
    ],
)
def test_neither_hash_seed_nor_time_zone_nor_locale_matters(surroundings: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(RUNS[0])],
        env=os.environ | surroundings,
        cwd=GOLDEN.parents[2],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
