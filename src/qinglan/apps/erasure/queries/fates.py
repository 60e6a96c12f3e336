"""What becomes of each field of a row that is about the erased: kept with a reason, or emptied.

Read off the models' `privacy`: what is no more than INTERNAL stays (words in it that name her are found one by one, actions.sweeping),
texts that are personal or sensitive are emptied by themselves, everything else must be decided here. A field that nobody decided
raises `Undecided`, and a test walks all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pghistory.models
from django.apps import apps
from django.db import models
from django.db.models import Case, Value, When
from django.db.models.functions import Cast, Concat, TruncYear

from qinglan.apps.base.models import Privacy, class_of

NEUTRAL = "已删除人员"  # in place of a name
GONE = "（已删除）"  # in place of any other text

ARITHMETIC = "年度结果与工资由它算出；已公布的须能重算，内部编号之外不指向任何人"
NUMBERS = "已公布的年度结果与工资（法定保存期内只存储）；只有数，没有姓名、证件号、电话"
FIXED_WORD = "固定词表里的一个词，不指向个人"
OF_OTHERS = "别人的姓名；是她本人的，按账号编号和姓名另行改写"
POINTER = "内部编号"


@dataclass(frozen=True)
class Fate:
    """`kept`: the reason, else the field is set to `value` (a value or an expression over the row)."""

    kept: str = ""
    value: Any = None


def _keep(reason: str, **fields: str) -> dict[str, Fate]:
    return {
        f"{label.replace('_', '.', 1)}.{name}": Fate(reason)
        for label, names in fields.items()
        for name in names.split()
    }


# label.field -> fate, where the type of the field does not say it already. Histories follow their models.
DECIDED: dict[str, Fate] = {
    **_keep(
        ARITHMETIC,
        people_Person="sex education degree sw_major willing",
        people_Employment="span recognised_months contract probation_until exit_reason",
        people_StatusPeriod="kind span",
        people_GradeHolding="grade span",
        people_Certificate="level issued registered_until",
        people_Posting="kind elected track span",
        facts_TrainingRecord="kind valid_on hours days",
        facts_ShadowingRecord="valid_on hours",
        facts_ExamRecord="level subject valid_on score passed",
        facts_EvaluationScore="valid_on source score ballots favourable",
        facts_AbilityRating="valid_on ratings",
        facts_Award="valid_on level",
        facts_WarningRecord="valid_on kind",
        facts_ProjectRecord="valid_on prize_level fund volume quality",
        facts_OpeningBalance=(
            "valid_on income special_deductions additional_deductions tax_withheld months_employed training_hours"
            " onboarding_hours shadowing_hours service_months ladder_grade additional_monthly"
        ),
        facts_DistrictFigure="valid_on",
    ),
    **_keep(
        NUMBERS,
        policy_PersonResult="frame steps months segments tier score grade star ladder_grade gross net tax",
        pay_PaySlip="frame steps segments late regular arrears gross deductions tax net owed cost",
    ),
    **_keep(
        FIXED_WORD,
        people_Schooling="level sw_major",
        policy_ReviewItem="reasons",
        policy_ReviewMark="fine",
        rights_Proposal="kind",
        rights_ProposalCheck="met",
        rights_ClaimAnswer="outcome",
    ),
    **_keep(
        OF_OTHERS,
        facts_TrainingRecord="recorder",
        facts_ShadowingRecord="recorder mentor",
        facts_ExamRecord="recorder",
        facts_EvaluationScore="recorder",
        facts_AbilityRating="recorder",
        facts_Award="recorder",
        facts_WarningRecord="recorder",
        facts_ProjectRecord="recorder",
        facts_OpeningBalance="recorder",
        facts_DistrictFigure="recorder",
        erasure_Erasure="asked_by_name confirmed_by_name",
    ),
    "people.Person.name": Fate(value=Value(NEUTRAL)),
    "people.Person.pinyin": Fate(value=Value("")),
    "people.Person.initials": Fate(value=Value("")),
    # no age to the day, and the year alone is shared by many; the column cannot be empty, frames of computed years are frozen
    "people.Person.birth": Fate(value=TruncYear("birth", output_field=models.DateField())),
    "people.Person.nation": Fate(value=Value("")),
    "people.Person.party": Fate(value=Value("")),
    "people.Schooling.graduated": Fate(value=None),
    "people.User.username": Fate(value=Concat(Value("deleted-"), Cast("id", models.CharField()))),
    "people.User.last_name": Fate(value=Value(NEUTRAL)),
    "people.User.first_name": Fate(value=Value("")),
    "people.User.email": Fate(value=Value("")),
    "people.User.last_login": Fate(value=None),
    "people.User.password": Fate(value=Value("!")),  # no password opens it
    "rights.ClaimFile.content": Fate(value=Value(b"")),
    "assistant.HandOver.told": Fate(value=Value([], output_field=models.JSONField())),
}  # fmt: skip

# Rows that go as a whole: hers alone, and nothing is computed from them.
REMOVED = frozenset(
    {
        "account.EmailAddress",
        "account.EmailConfirmation",
        "mfa.Authenticator",
        "people.FormerPassword",
        "notices.Notice",
        "exchange.TokenUse",
        "admin.LogEntry",
        "people.User_groups",
        "people.User_user_permissions",
    }
)
# Links to an account that say who is at work on something, not whom it is about.
AT_WORK = frozenset({"rights.Claim.assigned_to", "assistant.HandOver.taken_by"})
# Links that lead to what is not hers: a record once held to be hers (her merged records are known from the records themselves), and a
# district's card that was written after her question had been answered.
NOT_FOLLOWED = frozenset({"people.Person.merged_into", "assistant.CardVersion.hand_over"})

# Personal fields of tables that no link from her leads to, each with what is done about it.
ELSEWHERE = {
    "facts.ImportBatch.content": "sealed files are opened and dropped where she stands in them (actions.files)",
    "facts.ImportBatch.report": "words that name her are found one by one (actions.sweeping)",
    "exchange.KeyConflict.body": "sealed bodies are opened and dropped where she stands in them (actions.files)",
    "exchange.Webhook.secret": "a secret of the site's, of no person",
    "policy.Run.exceptions": "numbers alone; names are found one by one all the same (actions.sweeping)",
    "policy.RunInput.tables": NUMBERS,
    "policy.RunDecision.note": "words on a whole year; found one by one (actions.sweeping)",
    "pay.PayMonth.exceptions": "numbers alone; found one by one all the same (actions.sweeping)",
    "pay.PayMonthInput.tables": NUMBERS,
    "pay.PayMonthInput.ledger": NUMBERS,
    "pay.PayClosing.note": "words on a whole month; found one by one (actions.sweeping)",
    "audit.AuditEvent.before": "emptied in what is about her (actions.emptying), found one by one elsewhere",
    "audit.AuditEvent.after": "emptied in what is about her (actions.emptying), found one by one elsewhere",
    "audit.AccessRecord.reason": "emptied in looks at her numbers (actions.emptying), found one by one elsewhere",
    "assistant.Question.text": "a talk says no asker; deleted after the set days, until then found one by one (actions.sweeping)",
    "assistant.Question.reply": "a card's own text, deleted with its question",
    "facts.HeaderWord.by_name": "a name without a number: found one by one (actions.sweeping)",
}


class Undecided(LookupError):
    """A personal field that neither its type nor this table decides."""


def followed(model: type[models.Model]) -> type[models.Model]:
    """The model whose fields these are: of a history the one that it follows."""
    tracked: type[models.Model] | None = getattr(model, "pgh_tracked_model", None)
    return tracked if tracked is not None and issubclass(model, pghistory.models.Event) else model


def fate_of(model: type[models.Model], one: models.Field) -> Fate:
    """What becomes of a field in rows about the erased. Raises Undecided."""
    base = followed(model)
    decided = DECIDED.get(f"{base._meta.label}.{one.name}")
    if decided is not None:
        return decided
    if one.is_relation:
        return Fate(POINTER)
    if class_of(model, one.name) < Privacy.PERSONAL:
        return Fate("不属于个人信息的字段；其中提到她的字句另行逐处改写")
    if signature_number(model, one) is not None:
        return Fate(OF_OTHERS)
    if isinstance(one, models.CharField | models.TextField) and not one.choices:
        return Fate(value=None if one.null else _emptied_text(one))
    if isinstance(one, models.JSONField) and one.null:
        return Fate(value=None)
    raise Undecided(
        f"{base._meta.label}.{one.name}: say in erasure.queries.fates whether it is kept, and why, or emptied"
    )


def _emptied_text(one: models.Field) -> Case:
    """Empty stays empty, so that nothing seems to have been there; everything else becomes the same word."""
    return Case(
        When(**{one.attname: ""}, then=Value("")),
        default=Value(GONE[: one.max_length]),
        output_field=models.TextField(),
    )


def emptied(model: type[models.Model]) -> dict[str, Any]:
    """Field -> value or expression, of the fields of `model` that are emptied."""
    fates = {one.attname: fate_of(model, one) for one in model._meta.concrete_fields if not one.primary_key}
    return {name: fate.value for name, fate in fates.items() if not fate.kept}


def kept(model: type[models.Model]) -> Iterator[tuple[models.Field, str]]:
    """(field, reason) of the personal fields that stay."""
    for one in model._meta.concrete_fields:
        if not one.is_relation and class_of(model, one.name) >= Privacy.PERSONAL:
            fate = fate_of(model, one)
            if fate.kept:
                yield one, fate.kept


def signature_number(model: type[models.Model], one: models.Field) -> str | None:
    """The column with the number of the account whose name this field holds (`by_name` -> `by_id`), None if it holds none."""
    if not one.name.endswith("by_name"):
        return None
    number = f"{one.name.removesuffix('name')}id"
    return number if number in {other.attname for other in model._meta.concrete_fields} else None


def is_ours(model: type[models.Model]) -> bool:
    """Whether it is a table of the site's own apps."""
    return model.__module__.startswith("qinglan.apps.") and has_table(model)


def has_table(model: type[models.Model]) -> bool:
    """Whether it is a table, and not a view or a stand-in."""
    return bool(model._meta.managed) and not model._meta.proxy


def coded_fields() -> frozenset[str]:
    """The names of fields that hold codes of the site's and no words about anybody: JSON of a row says them by these names."""
    named: set[str] = set()
    coded: set[str] = set()
    listed: set[str] = set()  # words of a fixed list in one table are no names in another
    for model in apps.get_models():
        if is_ours(model) and not model._meta.auto_created:
            for one in model._meta.concrete_fields:
                personal = class_of(model, one.name) >= Privacy.PERSONAL
                (listed if one.choices else named if personal else coded).update({one.name, one.attname})
    return frozenset((coded - named) | listed)


def personal_fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    """Every personal field of every table of ours."""
    for model in apps.get_models(include_auto_created=True):
        if is_ours(model) and not getattr(model._meta, "auto_created", False):
            for one in model._meta.concrete_fields:
                if class_of(model, one.name) >= Privacy.PERSONAL:
                    yield model, one


__all__ = [
    "AT_WORK", "DECIDED", "ELSEWHERE", "GONE", "NEUTRAL", "NOT_FOLLOWED", "REMOVED", "Fate", "Undecided",
    "coded_fields", "emptied",
    "fate_of", "followed", "has_table", "is_ours", "kept", "personal_fields", "signature_number",
]  # fmt: skip
