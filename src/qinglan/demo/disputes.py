"""Claims of the fictional district, through the same actions as real ones: in every state, one past its day, one for the next 10th.

What has been settled lies in the spring of 2025 and 2026; what waits was handed in on the day of loading.
"""

from __future__ import annotations

from datetime import date
from itertools import islice

from django.db import transaction

from qinglan.apps.people.models import Person, User
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.policy.permissions import PUBLIC
from qinglan.apps.policy.queries.results import year_steps
from qinglan.apps.rights.actions import claims, corrections
from qinglan.apps.rights.models import Claim
from qinglan.demo import places

MARK = "（合成数据，演示）"
DOUBTED = date(2025, 3, 4)
SPRING = date(2026, 3, 2)
STREET = f"{places.DISTRICT}001"
FAMILY, STEP = "train.annual_days", "annual_shortfall"
ALLOWANCE, AMOUNT = "pay.cert_allowance", "full_certificate"


def _account(name: str) -> User:
    return User.objects.get(username=name)


def _claim(person: Person, key: str, text: str, on: date, by: User, objection: claims.Objection | None = None) -> Claim:
    return claims.file(person=person, text=f"{text}{MARK}", key=f"demo {key}", on=on, by=by, objection=objection)


def _assigned(claim: Claim) -> Claim:
    return claims.assign(claim=claim, to=_account("quanyi"), by=_account("qu"))


def _answered(claim: Claim, outcome: str, reasons: str, to_correct: str = "") -> Claim:
    claims.answer(
        claim=_assigned(claim),
        outcome=outcome,
        reasons=f"{reasons}{MARK}",
        to_correct=to_correct,
        by=_account("quanyi"),
    )
    return Claim.objects.get(pk=claim.pk)


@transaction.atomic
def doubt(*, year: int) -> Claim:
    """This will let the demo's worker object to her allowance of a published year: upheld, her certificate to be recorded."""
    user = _account("shegong")
    result = PersonResult.objects.select_related("run", "person").get(
        person=user.person_id, run__year=year, run__state__in=PUBLIC
    )
    claim = _claim(
        result.person, "certificate", "我 2024 年考取的社会工作者证书没有计入职称补贴。", DOUBTED, user,
        claims.Objection(result, ALLOWANCE, AMOUNT, 12),
    )  # fmt: skip
    return _answered(claim, "upheld", "核对证书原件，情况属实。", "补登 2024 年 9 月的社会工作者证书，从次月起计补贴")


def note_correction(claim: Claim) -> None:
    """This will link the certificate, recorded by now, to the claim; the year is computed anew after that."""
    corrections.link_correction(claim=claim, by=_account("quanyi"), note=f"已在人员档案补登证书{MARK}")


def settle(claim: Claim) -> Claim:
    """This will say that the correction is through, once the year was published anew."""
    return corrections.complete(claim=claim, by=_account("quanyi"))


@transaction.atomic
def others(*, today: date) -> int:
    """This will hand in seven more in the first sub-district: how many; none when they are there."""
    street = _account("jiedao")
    if Claim.objects.filter(by_id=street.pk).exists():
        return 0
    results = PersonResult.objects.within(STREET).select_related("run", "person")
    years = results.filter(run__state="published", run__year=2024, person__user=None).order_by("person_id")
    short = (
        row for row in years.iterator(chunk_size=50) if year_steps(row)[FAMILY][STEP] > 0
    )  # who has something to object to
    one, two, three, four, five, six = islice(short, 6)
    seven = years.exclude(pk__in=[row.pk for row in (one, two, three, four, five, six)])[0]

    def objects(result: PersonResult, key: str, on: date) -> Claim:
        figure = claims.Objection(result, FAMILY, STEP)
        return _claim(result.person, key, "少记了一次年度培训，签到表上有我。", on, street, figure)

    objects(one, "overdue", SPRING)  # nobody took it up: past its day
    _answered(objects(two, "rejected", SPRING), "rejected", "签到表上没有本人，学时不变。")
    closed = _answered(objects(three, "closed", SPRING), "rejected", "该次培训不属于年度培训，单独计入岗前培训。")
    claims.close(claim=closed, by=street, on=date(2026, 3, 20), note="本人接受")
    claims.withdraw(claim=objects(four, "withdrawn", SPRING), by=street, note="本人核对后撤回")
    again = _answered(objects(five, "review", SPRING), "rejected", "没有见到签到表。")
    claims.ask_review(claim=again, by=street, on=date(2026, 3, 18), note="签到表已找到，请复核")
    _assigned(objects(six, "assigned", today))
    _claim(seven.person, "matter", "希望安排带薪年休假，去年没有休成。", today, street)
    return 7
