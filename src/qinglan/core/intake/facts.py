"""Checks the fact workbooks row by row: whose fact it is, whether each value can stand, whether the file says it twice.

`check_facts(kind, …)` takes a kind of `fact_layouts.LAYOUTS`. Canonical keys are the field keys, with `id` and `name` of the person
found; hours as {"hours": hundredths, "unit": "学时" | "天"}: what a day is worth belongs to the pack.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .check import Row, check_sheets, setting_for
from .fact_layouts import ABILITIES, LAYOUTS, MONTHLY, OF_PERSONS, OF_UNITS, SATISFACTION, SUBJECTS, TABLES
from .figures import Figure, check_figure, words_of
from .header import Synonyms
from .layout import ColumnMapping, Layout
from .model import Report, RowResult, Workbook
from .organisations import Organisations
from .people import People, Person
from .places import find_community, names_community
from .vocabulary import Words

KINDS = tuple(LAYOUTS)
_SHORTENED = re.compile(r"\d(\.\d+)?e\+?\d+", re.IGNORECASE)
# What makes two rows of one file the same fact, beside the person.
_SAME_FACT: dict[str, tuple[str, ...]] = {
    "training": ("date", "course"),
    "shadowing": ("date", "mentor"),
    "exams": ("date", "exam", "subject"),
    "scores": ("year", "source", "month"),
    "abilities": ("date",),
    "awards": ("date", "title"),
    "warnings": ("date", "kind"),
    "projects": ("project",),
    "openings": (),
    "figures": ("item", "year"),
}


def check_facts(
    kind: str,
    workbook: Workbook,
    people: People,
    organisations: Organisations,
    today: dt.date,
    *,
    synonyms: Synonyms | None = None,
    words: Mapping[str, Words] | None = None,
    mapping: Sequence[ColumnMapping] = (),
    recorder: str = "",
    figures: Sequence[Figure] = (),
) -> Report:
    """Return the dry run of a fact workbook of a kind; raise KeyError for an unknown kind.

    `recorder` stands for a sheet that has no column 记录人 at all; without one the column is asked for. `figures`: what a
    workbook of the kind figures may say.

    Each accepted row's `subject` is the person's key, or the organisation's code for a score of an organisation and for a figure.
    """
    layout = LAYOUTS[kind]
    if recorder:
        fields = (replace(field, required=False) if field.key == "recorder" else field for field in layout.fields)
        layout = replace(layout, fields=tuple(fields))
    check = _FactCheck(layout, people, organisations, len(workbook.sheets) > 1, recorder, figures)
    setting = setting_for(today, workbook, TABLES, {**(words or {}), "figure": words_of(figures)})
    report = check_sheets(workbook, layout, setting, check, synonyms=synonyms, mapping=mapping)
    for sheet in report.sheets:
        if sheet.read and "recorder" not in sheet.columns.values():
            sheet.notes.append(f"工作表〈{sheet.name}〉没有〈记录人〉列，按上传人{recorder}登记")
    return report


class _FactCheck:
    """Holds what spans rows: the facts seen so far."""

    def __init__(
        self,
        layout: Layout,
        people: People,
        organisations: Organisations,
        several: bool,
        recorder: str,
        figures: Sequence[Figure],
    ) -> None:
        self._recorder = recorder
        self._layout = layout
        self._people = people
        self._organisations = organisations
        self._several = several
        self._figures = {one.label: one for one in figures}
        self._extra = _CHECKS.get(layout.kind)
        self._first: dict[tuple[Any, ...], RowResult] = {}

    def __call__(self, row: Row) -> None:
        canonical: dict[str, Any] = {
            field.key: _plain(row.get(field.key))
            for field in self._layout.fields
            if field.key not in ("street", "community")
        }
        if self._layout.kind == "figures":
            self._figure(row, canonical)
        elif self._layout.kind == "scores" and not (row.says("id") or row.says("name")):
            canonical |= {"subject": "organisation"} | self._organisation(row)
        else:
            person = self._person(row)
            if self._layout.kind == "scores":
                canonical["subject"] = "person"
            if person:
                row.result.subject = person.key
                canonical |= {"id": person.id or canonical["id"], "name": person.name}
        if self._extra:
            self._extra(row, canonical)
        if "recorder" not in row.line.columns:
            canonical["recorder"] = self._recorder
        row.result.canonical = canonical
        self._duplicate(row, canonical)

    def _figure(self, row: Row, canonical: dict[str, Any]) -> None:
        check_figure(row, canonical, self._figures)
        district = self._organisations.district
        if district is None:
            row.refuse(None, "unknown district", "系统里没有这个区的机构", "请先建立该区的机构")
        else:
            row.result.subject = district.code

    def _organisation(self, row: Row) -> dict[str, Any]:
        if not names_community(row):
            row.refuse("name", "no subject", "没有填考核对象", "考核个人请填身份证号码，考核单位请填所属社区")
            return {"org": None}
        community = find_community(row, self._organisations)[1]
        row.result.subject = community.code if community else None
        return {"org": community.code if community else None, "name": community.name if community else None}

    def _person(self, row: Row) -> Person | None:
        """Return the person a row names; refuse the row when nobody or several may be meant."""
        number, name = row.get("id"), row.get("name")
        if number:
            person = self._people.by_id(number)
            if person is None:
                row.refuse(
                    "id", "unknown person", "花名册里没有这个身份证号码的人", "请先在花名册里登记，或核对身份证号码"
                )
            elif name and name != person.name:
                row.refuse(
                    "name",
                    "name contradicts id",
                    f"姓名填的是{name}，花名册里这个身份证号码是{person.name}",
                    "请核对姓名和身份证号码",
                )
                return None
            return person
        if "id" in row.faulty:
            return None
        if not name:
            if "name" not in row.faulty:
                row.refuse("name", "no person", "没有填身份证号码和姓名", "请至少填一项")
            return None
        return self._by_name(row, name)

    def _by_name(self, row: Row, name: str) -> Person | None:
        community = find_community(row, self._organisations)[1] if names_community(row) else None
        if names_community(row) and community is None:
            return None
        found = [p for p in self._people.by_name(name) if community is None or p.org.startswith(community.code)]
        if len(found) == 1:
            return found[0]
        if not found:
            row.refuse(
                "name",
                "unknown person",
                f"花名册里找不到{community.name if community else ''}{name}",
                "请核对姓名和社区，或补填身份证号码",
            )
        else:
            row.refuse("name", "ambiguous person", f"叫{name}的有{len(found)}人，不能确定是谁", "请补填身份证号码")
        return None

    def _duplicate(self, row: Row, canonical: dict[str, Any]) -> None:
        subject = row.result.subject
        if subject is None or row.result.reasons:
            return  # a row that is refused anyway claims nothing: its mended double may stand further down
        parts = tuple(canonical.get(key) for key in _SAME_FACT[self._layout.kind])
        if self._layout.kind not in ("exams", "scores") and None in parts:
            return
        first = self._first.setdefault((subject, *parts), row.result)
        if first is not row.result:
            place = f"工作表〈{first.sheet}〉第{first.row}行" if self._several else f"第{first.row}行"
            row.refuse(None, "duplicate row", f"与{place}是同一件事", "同一件事只留一行，请删去多余的一行")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _hours(row: Row, canonical: dict[str, Any]) -> None:
    """Bring hours and days to one amount with its unit; where both stand the hours count."""
    hours, days = row.get("hours"), canonical.pop("days", None)
    canonical["unit"] = "天" if hours is None and days is not None else "学时"
    canonical["hours"] = days if hours is None else hours
    if canonical["hours"] is None and not {"hours", "days"} & row.faulty:
        row.refuse("hours", "bad hours", "没有填学时", "请填学时，或在天数列填天数")


def _exam(row: Row, canonical: dict[str, Any]) -> None:
    """Hold the paper against the level, and result and certificate against each other."""
    exam, subject = row.get("exam"), row.get("subject")
    if exam and subject and subject not in SUBJECTS[exam]:
        row.refuse(
            "subject", "subject contradicts exam", f"{exam}不考{subject}", f"{exam}的科目是{'、'.join(SUBJECTS[exam])}"
        )
    if row.get("score") is None and row.get("passed") is None and not {"score", "passed"} & row.faulty:
        row.refuse("score", "no result", "成绩和是否通过都没有填", "请至少填一项")
    number = row.get("cert_no")
    if number and _SHORTENED.fullmatch(number):
        row.refuse(
            "cert_no",
            "bad certificate number",
            "证书编号被存成了数值，后几位已经丢失",
            "请把该列设为文本格式，再照证书重新填写",
        )
    elif number and not (6 <= len(number) <= 30 and number.isascii() and number.replace("-", "").isalnum()):
        row.refuse(
            "cert_no", "bad certificate number", f"证书编号〈{number}〉不像证书编号", "请照证书填写，只含数字和字母"
        )
    elif number and row.get("passed") is False:
        row.refuse(
            "cert_no", "certificate without pass", "填了证书编号，是否通过却是否", "请核对是否通过，或删去证书编号"
        )


def _abilities(row: Row, canonical: dict[str, Any]) -> None:
    """Ask for at least one of the six ratings."""
    if all(canonical[key] is None for key in ABILITIES) and not set(ABILITIES) & row.faulty:
        row.refuse("serve", "no rating", "六项能力一项也没有填", "请至少填一项评分")


def _score_row(row: Row, canonical: dict[str, Any]) -> None:
    """Ask for what each source needs: a mark, the ballots of a vote, the month of a monthly mark; and for whom it may be."""
    source, ballots = row.get("source"), row.get("ballots")
    of_person = canonical["subject"] == "person"
    if (source in OF_UNITS and of_person) or (source in OF_PERSONS and not of_person):
        whose = "考核单位的，请删去身份证号码和姓名，只填所属社区" if of_person else "考核个人的，请填身份证号码或姓名"
        row.refuse("source", "wrong subject", f"{source}对象不对", f"{source}是{whose}")
    if source == SATISFACTION:
        _satisfaction(row)
    elif row.get("score") is None and "score" not in row.faulty:
        row.refuse("score", "bad score", "没有填得分", "请填0到100的数")
    if source == "群众评议" and ballots is None and "ballots" not in row.faulty:
        row.refuse("ballots", "bad ballots", "群众评议没有填有效票数", "请补填收回的有效票数")
    month = _month(row) if source == MONTHLY else None
    # Columns that few sheets have stand only where they say something.
    for key, value in (("favourable", row.get("favourable") if source == SATISFACTION else None), ("month", month)):
        canonical.pop(key, None)
        if value is not None:
            canonical[key] = value


def _satisfaction(row: Row) -> None:
    """A share of ballots: both numbers are needed, a percentage says nothing of how many were asked."""
    for key, label in (("ballots", "有效票数"), ("favourable", "满意票数")):
        if row.get(key) is None and key not in row.faulty:
            row.refuse(key, "bad ballots", f"满意度调查没有填{label}", "请填有效票数和满意票数，满意度由系统算")
    favourable, ballots = row.get("favourable"), row.get("ballots")
    if favourable is not None and ballots is not None and favourable > ballots:
        row.refuse("favourable", "bad ballots", f"满意票数{favourable}多于有效票数{ballots}", "请核对票数")


def _month(row: Row) -> int | None:
    """The month of a monthly mark, within its year and not in the future."""
    year, given = row.get("year"), row.get("month")
    if given is None:
        if "month" not in row.faulty:
            row.refuse("month", "bad month", "月度考核没有填考核月份", "请填1到12，或考核日期")
        return None
    said, month = given
    today = row.setting.today
    if year and said not in (None, year):
        row.refuse("month", "bad month", f"考核月份是{said}年的，考核年度填的是{year}年", "请核对年度和月份")
    elif year and (year, month) > (today.year, today.month):
        row.refuse("month", "bad month", f"考核月份{year}年{month}月还没有到", "请核对年度和月份")
    return int(month)


def _opening(row: Row, canonical: dict[str, Any]) -> None:
    """Hours that few sheets have stand only where they are written: a blank says nothing."""
    for key in ("onboarding", "shadowing"):
        if canonical[key] is None:
            del canonical[key]


_CHECKS: dict[str, Callable[[Row, dict[str, Any]], None]] = {
    "training": _hours,
    "shadowing": _hours,
    "exams": _exam,
    "abilities": _abilities,
    "scores": _score_row,
    "openings": _opening,
}
