"""The cockpit: each number leads to a list of exactly as many, within the reader's scope; small numbers of others stay untold."""

import html
import io
import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qinglan.apps.base.models import span
from qinglan.apps.facts.actions import recording
from qinglan.apps.people.models import Certificate, CertificateLevel, Employment, Party, Person, Posting
from qinglan.apps.people.queries import hiding
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult, Run, UnitResult
from qinglan.apps.policy.queries import slices
from tests import cast as casting
from tests.factories import posted, published

DISTRICT = "990101"
COMMUNITIES = ("990101001001", "990101001002", "990101002001")
LINK = re.compile(r'<a [^>]*href="(/results/(?:people|units)/\?[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
NUMBER = re.compile(r'(?:^|class="ql-stat-value">)([\d,]+)(?=<|$)')
SignIn = Callable[[str], Client]


def _people(n: int) -> None:
    """People of different ages, parties, certificates and hours, some of whom left in the year."""
    for i in range(n):
        code = COMMUNITIES[i % 3]
        party = list(Party)[i % len(Party)]
        someone = posted(code, birth=date(1962 + i * 2 % 40, 1, 1 + i), sex="male" if i % 3 else "female", party=party)
        if i % 4 == 0:
            Certificate.objects.create(person=someone, level=CertificateLevel.JUNIOR, issued=date(2021, 9, 1))
        if i % 7 == 0:
            Employment.objects.filter(person=someone).update(
                span=span(date(2020, 1, 1), date(2025, 6, 16)), exit_reason="voluntary"
            )
            Posting.objects.filter(person=someone).update(span=span(date(2020, 1, 1), date(2025, 6, 16)))
        about = {"person_id": someone.pk, "org_code": code, "valid_on": date(2025, 6, 12)}
        hours = {"kind": "annual", "course": "社区治理实务", "hours": 1_000 * (i % 6), "days": None}
        recording.record_many(kind="training", rows=[about | hours], by=None, org_code=DISTRICT)
        ratings = about | {"ratings": [40 * 100 + 700 * (i % 8)] * 6}
        recording.record_many(kind="abilities", rows=[ratings], by=None, org_code=DISTRICT)
        for source in (1, 2, 3, 4):
            score = about | {"source": source, "score": 5_500 + 600 * (i % 7), "ballots": 40, "favourable": None}
            recording.record_many(kind="scores", rows=[score], by=None, org_code=DISTRICT)
    for n, code in enumerate((*COMMUNITIES, "990101001")):
        about = {"person_id": None, "org_code": code, "valid_on": date(2025, 12, 31)}
        for source in (1, 2, 3, 4):
            score = about | {"source": source, "score": 5_000 + 1_500 * n, "ballots": 40, "favourable": None}
            recording.record_many(kind="scores", rows=[score], by=None, org_code=DISTRICT)


@pytest.fixture(scope="module")
def module_run(module_cast: casting.Cast, django_db_blocker: Any) -> Run:
    """2025 of 甲区 with thirty people more, published; 2024 as a draft; of 乙区 2025."""
    with django_db_blocker.unblock():
        _people(30)
        for district in (DISTRICT, "990102"):
            adoption.adopt(district=district, pack="taoyuan", since=date(2020, 1, 1), by=None)
            years.compute(district=district, year=2025, by=None)
        years.compute(district=DISTRICT, year=2024, by=None)
        return published(Run.objects.get(org_code=DISTRICT, year=2025))


@pytest.fixture
def run(module_run: Run, db: None) -> Run:
    return module_run


def _numbers(page: str) -> list[tuple[str, int]]:
    """(address, number) of every number of the page that leads to a list."""
    found = []
    for address, inside in LINK.findall(page.split('id="main"')[1]):
        number = NUMBER.search(inside.strip())
        if number:  # else it is money or an average, which counts nobody
            found.append((html.unescape(address), int(number[1].replace(",", ""))))
    return found


def _listed(client: Client, address: str) -> int:
    """How many rows the list has: counted in its workbook."""
    answer = client.get(f"{address}&export=xlsx")
    assert answer.status_code == 200, address
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    return sheet.max_row - 2  # the note and the head


@pytest.mark.parametrize(
    "query",
    [
        *("?org=990101001002", "?wall=1"),
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("?year=2025", "?year=2024", "?org=990101001")),
    ],
)
def test_every_number_leads_to_as_many(query: str, cast: casting.Cast, run: Run, officer: Client) -> None:
    page = officer.get(f"/cockpit/{query}").content.decode()
    numbers = _numbers(page)
    assert len(numbers) >= (20 if "wall" in query else 40)
    for address, number in dict(numbers).items():
        told = officer.get(address).content.decode()
        assert f"共 {number:,} " in told, address
        assert _listed(officer, address) == number, address


def test_no_number_of_people_stands_without_its_list(run: Run, officer: Client) -> None:
    """Control of the test above: in tables, a number that is no share and no money is always a link."""
    page = officer.get("/cockpit/?year=2025").content.decode().split('id="main"')[1]
    cells = re.findall(r'<td class="ql-num"[^>]*>(.*?)</td>', page, re.DOTALL)
    bare = [cell for cell in cells if re.fullmatch(r"\s*[\d,]+\s*", cell)]
    assert len(cells) > 100
    assert not bare


def test_parts_add_up_to_the_people_in_post(run: Run, officer: Client) -> None:
    rows = slices.divided(PersonResult.objects.filter(run=run), run)
    here = [row for row in rows if row.at["here"] == slices.HERE]
    assert 0 < len(here) < len(rows)
    page = officer.get("/cockpit/?year=2025").content.decode()
    counted: Counter[str] = Counter()
    for address, number in dict(_numbers(page)).items():
        keys = [part.split("=")[0] for part in address.split("?")[1].split("&")]
        if keys[1] == "here" and len(keys) == 3:
            counted[keys[2]] += number
    for key in ("sex", "age", "education", "party", "certificate", "tier", "grade", "star", "annual", "onboarding"):
        assert counted[key] == len(here), key


def test_ages_are_those_of_the_last_day(run: Run) -> None:
    bands = {label: most for _, label, most in slices.AGES}
    rows = PersonResult.objects.filter(run=run).select_related("person")
    for number, label, most in slices.AGES:
        least = max((other for other in bands.values() if other < most), default=-1) + 1
        for row in slices.narrowed(rows, run, {"age": number}):
            age = run.year - row.person.birth.year
            assert least <= age <= most, f"{label}: {row.person.birth}"


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_who_may_open_it(name: str, cast: casting.Cast, run: Run, client: Client) -> None:
    client.force_login(cast.users[name])
    opens = name in ("district_a", "district_b", "subdistrict_a", "subdistrict_a2", "subdistrict_b", "secretary_a", "secretary_b", "auditor_a")  # fmt: skip
    answer = client.get("/cockpit/")
    assert answer.status_code == (200 if opens else 404)
    page = client.get("/organisations/").content.decode()
    assert ('href="/cockpit/"' in page) == opens
    lists = client.get(f"/results/people/?run={run.pk}"), client.get(f"/results/units/?run={run.pk}")
    of_a = opens and not name.endswith("_b")
    assert {one.status_code for one in lists} == ({200} if of_a else {404})


def test_lists_stop_at_the_scope(cast: casting.Cast, run: Run, sign_in: SignIn) -> None:
    client = sign_in("subdistrict_a2")
    inside = PersonResult.objects.filter(run=run).within("990101002").count()
    assert _listed(client, f"/results/people/?run={run.pk}") == inside
    assert _listed(client, f"/results/people/?run={run.pk}&org=990101002") == inside
    assert (
        f"共 {UnitResult.objects.filter(run=run).within('990101002').count()} "
        in client.get(f"/results/units/?run={run.pk}").content.decode()
    )
    other = Run.objects.get(org_code="990102").pk
    for address in (
        f"/results/people/?run={run.pk}&org=990101001", f"/results/units/?run={run.pk}&org=990101001", f"/results/people/?run={other}",
        "/results/people/", "/results/people/?run=x", f"/results/people/?run={10**20}", "/cockpit/?org=990101001", "/cockpit/?org=990101",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    for number in _numbers(client.get("/cockpit/?district=990102").content.decode()):
        assert f"run={run.pk}" in number[0]


def test_a_part_sees_its_own_whole_and_no_few_of_others(cast: casting.Cast, run: Run, sign_in: SignIn) -> None:
    """The whole district beside a sub-district's own numbers: what would speak of fewer than five others is not told."""
    rows = [row for row in slices.divided(PersonResult.objects.filter(run=run), run) if row.at["here"] == slices.HERE]
    inside = [row for row in rows if row.org_code.startswith("990101002")]
    page = sign_in("subdistrict_a2").get("/cockpit/").content.decode()
    assert "不显示" in page
    assert "全区预算与增长的每一步" not in page
    told, least = 0, settings.LEAST_CELL
    for key in ("sex", "age", "education", "party", "certificate", "tier", "grade", "star", "annual"):
        table = page.split(f'<caption class="visually-hidden">{slices.WAYS[key].label}</caption>')[1].split("</table>")[
            0
        ]
        for row in table.split("</tr>"):
            found = re.search(r'<th scope="row">([^<]+)</th>.*<td class="ql-num">([\d,]+)</td>$', row)
            if found is None:
                continue
            label, whole = found.groups()
            number = next(
                n for n in (*slices.WAYS[key].labels, slices.UNKNOWN) if slices.WAYS[key].label_of(n) == label
            )
            all_of, hers = (sum(row.at[key] == number for row in part) for part in (rows, inside))
            assert int(whole) == all_of
            assert all_of - hers == 0 or all_of - hers >= least, f"{key} {label}"
            told += 1
    assert told > 3
    assert "全区</th>" not in sign_in("district_a").get("/cockpit/").content.decode()


def test_what_is_not_told_cannot_be_reckoned() -> None:
    """Any numbers: those told speak of none or at least five others; those left out are together at least five, and two."""
    rolls, least = random.Random(20261122), 5
    for _ in range(2_000):
        keys = range(rolls.randint(1, 6))
        known = {key: rolls.choice([0, 0, 1, 3, 9]) for key in keys}
        whole = {key: known[key] + rolls.choice([0, 1, 2, 4, 5, 6, 30]) for key in keys}
        told = hiding.told(whole, known, least)
        others = {key: whole[key] - known[key] for key in keys}
        hidden = [key for key in keys if told[key] is None]
        assert all(others[key] == 0 or others[key] >= least for key in keys if told[key] is not None)
        assert all(told[key] in (None, whole[key]) for key in keys)
        if hidden and len(hidden) < len(keys):
            assert len(hidden) >= 2
            assert sum(others[key] for key in hidden) >= least
        if not any(0 < rest < least for rest in others.values()):
            assert not hidden


def test_the_pay_bill_stands_beside_the_rule(run: Run, officer: Client) -> None:
    page = officer.get("/cockpit/?year=2025").content.decode()
    total = sum(PersonResult.objects.filter(run=run).exclude(gross=None).values_list("gross", flat=True))
    assert f"{total // 100:,}.{total % 100:02d}" in page
    assert run.district_frame["pay_bill"] == total
    assert "总额比上年增长" in page
    assert f'href="/results/runs/{run.pk}/"' in page
    assert "总额比上年增长" not in officer.get("/cockpit/?year=2025&org=990101001").content.decode()


def test_a_published_year_before_a_draft_and_the_year_that_is_asked_for(run: Run, officer: Client) -> None:
    page = officer.get("/cockpit/").content.decode()
    assert "2025 年度概况" in page
    assert "已公布" in page
    assert "2024 年度概况" in officer.get("/cockpit/?year=2024").content.decode()
    again = years.compute(district=DISTRICT, year=2025, by=None)
    page = officer.get("/cockpit/?year=2025").content.decode()
    assert f"run={run.pk}" in page
    assert f"run={again.pk}" not in page
    assert "2025 年度概况" in officer.get("/cockpit/?year=1900").content.decode()


def test_the_workbook_says_what_the_page_says(run: Run, officer: Client) -> None:
    page = officer.get("/cockpit/?year=2025").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(officer.get("/cockpit/?year=2025&export=xlsx").content)).active
    rows = list(book.iter_rows(min_row=3, values_only=True))
    counts = Counter(row[2] for row in rows if row[2] is not None)
    assert counts == Counter(number for address, number in _numbers(page) if "paid=0" not in address)
    assert [row[3] for row in rows if row[1] == "全年应发合计"] == [f"{run.district_frame['pay_bill'] / 100:.2f}"]


def test_before_any_year_it_says_what_to_do(cast: casting.Cast, officer: Client) -> None:
    page = officer.get("/cockpit/").content.decode()
    assert "还没有年度结果" in page
    assert 'href="/results/"' in page


def test_queries_do_not_grow_with_people(cast: casting.Cast, run: Run, sign_in: SignIn) -> None:
    small = Run.objects.get(org_code="990102")
    assert small.people < 5 < run.people

    def count(name: str, address: str) -> int:
        client = sign_in(name)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    for query in ("", "?wall=1", "?export=xlsx"):
        assert count("district_a", f"/cockpit/{query}") == count("district_b", f"/cockpit/{query}") <= 15
        assert count("subdistrict_a", f"/cockpit/{query}") == count("subdistrict_b", f"/cockpit/{query}") <= 15
    lists = (f"/results/people/?run={run.pk}&here=1", f"/results/people/?run={small.pk}&here=1")
    assert count("district_a", lists[0]) == count("district_b", lists[1]) <= 12


def test_nonsense_slices_are_left_out(run: Run, officer: Client) -> None:
    everybody = PersonResult.objects.filter(run=run).count()
    assert everybody == Person.objects.filter(results__run=run).count()
    for nonsense in ("sex=9", "sex=x", "age=-2", "party=99", "here=", "grade=１"):
        assert _listed(officer, f"/results/people/?run={run.pk}&{nonsense}") == everybody, nonsense
