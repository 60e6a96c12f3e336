"""The seven packs: complete, in force in every year of the demo, each district citing only its own source."""

from datetime import date

import pytest

from qinglan.core.packs.loading import SHIPPED, load, shipped
from qinglan.core.packs.located import read
from qinglan.core.rules.registry import FAMILIES, ITEMS

DISTRICTS = {"wangzhuang": "S0", "chengzhong": "S1", "jianghan": "S2", "xuhui": "S4", "taoyuan": "TY1"}
YEARS = range(2022, 2027)
PUBLISHED_YEAR_BY_YEAR = {"rights.day10.calendar"}  # no year is guessed: the calendar begins with the first one entered


@pytest.mark.parametrize("name", [*DISTRICTS, "blueprint"])
def test_every_item_is_in_force_in_every_year(name: str) -> None:
    pack = load(name, ITEMS)
    absent = [
        (year, item.id)
        for year in YEARS
        for item in ITEMS.values()
        if not item.optional and item.id not in PUBLISHED_YEAR_BY_YEAR and not pack.on(date(year, 1, 1)).has(item.id)
    ]
    assert absent == []


@pytest.mark.parametrize("name", [*DISTRICTS, "blueprint"])
def test_every_family_finds_its_tables(name: str) -> None:
    on = load(name, ITEMS).on(date(2025, 12, 31))
    for family in FAMILIES.values():
        tables = getattr(family, "tables", None) or family.quota
        assert tables(on) is not None


@pytest.mark.parametrize(("name", "document"), DISTRICTS.items())
def test_a_district_cites_its_own_source_or_says_that_it_decided(name: str, document: str) -> None:
    cited = {
        source.document
        for entry in load(name, ITEMS)
        for dated in entry.values
        if dated.pack == name
        for source in (dated.source, *dated.sources.values())
        if source is not None and not source.is_setting
    }
    assert cited <= {document}


@pytest.mark.parametrize("name", shipped())
def test_every_source_has_a_clause_and_every_setting_a_reason(name: str) -> None:
    for entry in load(name, ITEMS):
        for dated in entry.values:
            for source in (dated.source, *dated.sources.values()):
                if source is None:
                    continue
                assert len(source.setting) >= 4 if source.is_setting else source.clause, f"{entry.item.id}: {source}"


@pytest.mark.parametrize("name", shipped())
def test_every_manifest_names_title_version_and_changes(name: str) -> None:
    head = read(SHIPPED / name / "pack.yaml", name).data
    assert head["title"]
    assert any(line.startswith(head["version"]) for line in head["changelog"])


def test_a_lawful_value_is_never_a_districts_own() -> None:
    """Tax, its deduction and the calendar are the nation's: no district's pack may set them."""
    for name in [*DISTRICTS, "blueprint"]:
        pack = load(name, ITEMS)
        for key in ("pay.income_tax.brackets", "pay.income_tax.monthly_deduction", "rights.day10.calendar"):
            assert {dated.pack for dated in pack.entries[key].values} == {"national"}, f"{name}: {key}"
