"""The tables of a what-if's comparison: groups, and people whose figures would be others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import django_tables2 as tables

from qinglan.apps.base.tables import MoneyColumn, NumberColumn, Table
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.policy.queries.rehearsing import Person
from qinglan.apps.policy.queries.what_if import Group
from qinglan.core.frame.codes import Grade, Star


def _yuan(fen: int | None) -> str:
    """Fen as yuan with two places, for a workbook."""
    if fen is None:
        return ""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


class _Plain(Table):
    """Counts leave as numbers, money with two places."""

    exportable = True

    def value_before(self, value: int) -> str:
        return _yuan(value)

    def value_after(self, value: int) -> str:
        return _yuan(value)

    def value_change(self, value: int) -> str:
        return _yuan(value)


class GroupTable(_Plain):
    """Groups before and after."""

    caption = "试算比较"

    by = tables.Column(verbose_name="按")
    name = tables.Column(verbose_name="组")
    people = NumberColumn(verbose_name="人数")
    gain = NumberColumn(verbose_name="增加的人")
    lose = NumberColumn(verbose_name="减少的人")
    before = MoneyColumn(verbose_name="原全年应发")
    after = MoneyColumn(verbose_name="试算全年应发")
    change = MoneyColumn(verbose_name="差额")
    grades = NumberColumn(verbose_name="等次改变的人")
    stars = NumberColumn(verbose_name="星级改变的人")

    class Meta(Table.Meta):
        sequence = ("by", "name", "people", "gain", "lose", "before", "after", "change", "grades", "stars")


class PersonChangeTable(_Plain):
    """People whose pay, grade or star would be another."""

    caption = "试算逐人比较"

    name = tables.Column(verbose_name="姓名")
    place = tables.Column(verbose_name="社区")
    before = MoneyColumn(verbose_name="原全年应发")
    after = MoneyColumn(verbose_name="试算全年应发")
    change = MoneyColumn(verbose_name="差额")
    grade = tables.Column(verbose_name="等次")
    star = tables.Column(verbose_name="星级")

    class Meta(Table.Meta):
        sequence = ("name", "place", "before", "after", "change", "grade", "star")


def group_rows(groups: Iterable[Group], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "by": one.by, "name": names.get(one.name, one.name), "people": one.people, "gain": one.gain, "lose": one.lose,
            "before": one.before, "after": one.after, "change": one.change, "grades": one.grades, "stars": one.stars,
        }
        for one in groups
    ]  # fmt: skip


def person_rows(people: Sequence[tuple[Person, PersonResult]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "pk": row.pk, "name": row.person.name, "place": names.get(one.org_code, one.org_code),
            "before": one.before, "after": one.after, "change": one.change,
            "grade": _moved(one.grades, Grade.labels()), "star": _moved(one.stars, Star.labels()),
        }
        for one, row in people
    ]  # fmt: skip


def _moved(pair: tuple[int | None, int | None], labels: Mapping[int, str]) -> str:
    """One word, or two with an arrow when it would be another."""
    before, after = ("—" if one is None else labels.get(one, "—") for one in pair)
    return before if before == after else f"{before} → {after}"
