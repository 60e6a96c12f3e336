"""Every way to write by a page: what is sent, and who may send it.

`data` names all the fields that the page reads, so that whatever is sent besides them must change nothing (test_mass_assignment);
and it is sound, so that a door left open to others would really write (test_permission_table). `{name}` stands for a value of
world.World. The guard test_every_writing_page_is_tried derives the pages from the resolver.
"""

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from qinglan.apps.assistant.actions import cards
from qinglan.apps.assistant.forms import drafts as forms
from qinglan.apps.assistant.models import CardVersion
from qinglan.apps.assistant.queries import card_files
from qinglan.apps.base.models import span
from qinglan.apps.erasure.actions import asking
from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.people.actions import employment
from qinglan.apps.people.models import Employment, ExitReason, Person, Posting
from qinglan.apps.policy.actions import decisions, releases
from qinglan.apps.policy.models import PackRelease, PersonResult, Run
from qinglan.apps.policy.queries import review
from qinglan.apps.rights.actions import proposals
from qinglan.apps.rights.models import Proposal
from qinglan.core.retrieval.cards import Card
from tests.factories import deciders, organisation, posted
from tests.factories.cards import measured, new_card, outgrown
from tests.pages import routes
from tests.pages.routes import ACCOUNTS as EVERYBODY
from tests.pages.routes import FIXED, INSTEAD, Route
from tests.pages.table import PUBLIC
from tests.pages.world import AMENDED, DAY, HEAD, World, training_row
from tests.unit.facts.workbooks import book

Values = dict[str, Any]
LAST, NEXT = "2026-06-30", "2026-07-01"
KEEPS, STREET = ("district_a", "subdistrict_a"), ("subdistrict_a", "district_a")
DISTRICT = ("district_a",)
ACCOUNTS = ("district_a", "security_a", "administrator")
TREE = ("district_a", "system_a", "administrator")
CONDITIONS = {"rules_told": "2024 年职代会通过", "agreed": "5 月 22 日书面变更合同"}


@dataclass(frozen=True)
class Write:
    """One way. `may`: who may do it to `subject`, the first of them tries; `params`: what the address says otherwise;
    `ready`: what must have happened before, and what values come of it; `asked_again`: who has this page for places of her own
    and finds no such choice on it, or may do it at another time: nothing comes of it, and it is no refusal."""

    view: str
    data: Values
    may: tuple[str, ...]
    params: Values = field(default_factory=dict)
    query: str = ""
    asked_again: tuple[str, ...] = ()
    subject: str = "worker_a"
    ready: Callable[[World, Values], Values] = lambda world, values: {}

    @property
    def name(self) -> str:
        what = "-".join(str(value) for value in [*self.params.values(), self.data.get("move", "")] if value)
        return "-".join(filter(None, (self.view, what, self.query.partition("=")[0].strip("?"))))

    def values(self, world: World) -> Values:
        """What stands for the parameters; made ready."""
        known = world.values[self.subject]
        instead = {name: known[other] for name, other in INSTEAD.get(self.view, {}).items()}
        known = known | FIXED.get(self.view, {}) | instead | self.params
        return known | self.ready(world, known)

    def address(self, route: Route, values: Values) -> str:
        return route.address(values) + self.query.format(**values)


def sent(data: Values, values: Values) -> Values:
    """The form as it is sent: texts filled in, files made anew."""

    def one(said: Any) -> Any:
        return said(values) if callable(said) else said.format(**values) if isinstance(said, str) else said

    return {name: one(said) for name, said in data.items()}


def _left(world: World, values: Values) -> Values:
    person = Person.objects.get(pk=values["person_id"])
    employment.end(person=person, last_day=date(2026, 6, 29), reason=ExitReason.VOLUNTARY, by=None)
    return {}


def _unread(world: World, values: Values) -> Values:
    """The file still waits for its dry run."""
    ImportBatch.objects.filter(pk=values["batch_id"]).update(state=ImportBatch.State.READING)
    return {}


def _empty_place(world: World, values: Values) -> Values:
    organisation("990101001009", "无人社区")
    return {"code": "990101001009"}


def _run(values: Values) -> Run:
    return Run.objects.get(pk=values["reviewed_id"])


def _reviewed(world: World, values: Values) -> Values:
    """Every row of the run under review marked; it is this run that is decided on."""
    items = list(review.items(_run(values)).values_list("pk", flat=True))
    decisions.mark(run=_run(values), items=items, fine=True, comment="", by=world.cast.users["district_a"])
    return {"run_id": values["reviewed_id"]}


def _signed(world: World, values: Values) -> Values:
    reviewer = deciders("990101")[1]
    items = list(review.items(_run(values)).values_list("pk", flat=True))
    decisions.mark(run=_run(values), items=items, fine=True, comment="", by=reviewer)
    decisions.sign(run=_run(values), by=reviewer)
    return {"run_id": values["reviewed_id"]}


def _submitted(world: World, values: Values) -> Values:
    releases.submit(release=PackRelease.objects.get(pk=values["release_id"]), by=deciders("990101")[0])
    return {}


def _taken_up(world: World, values: Values) -> Values:
    """Another proposal, of which she has not been told."""
    result = PersonResult.objects.select_related("run", "person").get(pk=values["result_id"])
    made = proposals.propose(result=result, kind="end", reasons="两年", on=DAY, by=world.cast.users["subdistrict_a"])
    return {"proposal_id": made.pk}


def _heard(world: World, values: Values) -> Values:
    proposal = Proposal.objects.get(pk=values["proposal_id"])
    street = world.cast.users["subdistrict_a"]
    for key, note in CONDITIONS.items():
        proposals.tick(proposal=proposal, condition=key, met=True, note=note, on=DAY, by=street)
    proposals.hear(proposal=proposal, by=street, text="6 月 1 日在街道听取，本人无意见")
    return {}


def _confirmed(world: World, values: Values) -> Values:
    _heard(world, values)
    proposals.confirm(
        proposal=Proposal.objects.get(pk=values["proposal_id"]), on=DAY, note="同意", by=world.cast.users["district_a"]
    )
    return {}


def _gone(world: World, values: Values) -> Values:
    """Somebody who left long ago."""
    someone = posted("990101001001", name="旧档案", birth=date(1970, 1, 2), id_number=None, phone=None)
    for model in (Employment, Posting):
        span_of = span(date(2010, 1, 1), date(2012, 1, 1))
        ended = {"exit_reason": ExitReason.VOLUNTARY} if model is Employment else {}
        model.objects.filter(person=someone).update(span=span_of, **ended)
    return {"person_id": someone.pk}


def _asked(world: World, values: Values) -> Values:
    """Her erasure asked by another officer."""
    someone = Person.objects.get(pk=_gone(world, values)["person_id"])
    made = asking.ask(person=someone, ground="expired", reason="保存期满", by=deciders("990101")[0])
    return {"erasure_id": made.pk}


@functools.cache
def _training(person_id: int) -> bytes:
    """The same bytes each time: a workbook says when it was made."""
    return book(HEAD, training_row(Person.objects.get(pk=person_id)))


def _workbook(values: Values) -> SimpleUploadedFile:
    return SimpleUploadedFile("培训三.xlsx", _training(values["person_id"]))


def _amended(values: Values) -> SimpleUploadedFile:
    return SimpleUploadedFile("改二.yaml", AMENDED.replace("150", "160").encode())


def _change(what: str, data: Values, **more: Any) -> Write:
    return Write("people:change", data, KEEPS, {"what": what}, **more)


def _tree(what: str, data: Values, **more: Any) -> Write:
    return Write("people:reorganise", data, TREE, {"what": what}, **more)


_OTHERS = ("district_b", "subdistrict_a2", "subdistrict_b")
_BASIS = {"on": NEXT, "note": "批复〔2026〕1 号"}
_COLUMNS = zip("ABCDEFGHI", ["id", "name", "", "date", "course", "kind", "hours", "evidence", "recorder"], strict=True)
_PERSON = {"name": "林晓青", "birth": "1991-05-06", "sex": "female", "nation": "汉族", "party": "", "education": ""}
_PEOPLE = [
    _change("fields", {"name": "仇芳芳", "birth": "{birth}", "sex": "{sex}"}),
    _change("post", {"org_code": "990101001002", "kind": "grid", "since": NEXT, "main": "1", "track": "management"}),
    _change("begin", {"entry_date": NEXT, "employer": "990101", "contract": "labour", "recognised_months": "3"}, ready=_left),
    _change("leave", {"last_day": LAST, "reason": "voluntary", "note": "辞职信"}),
    _change("status", {"kind": "sick", "since": NEXT, "note": "病假条"}),
    _change("certificate", {"level": "senior", "issued": "2021-09-01", "number": "1"}),
    _change("schooling", {"level": "master", "graduated": "2020-06-30", "school": "某大学", "major": "社会工作", "degree": "硕士"}),
    _change("grade", {"ladder": "五级九档", "grade": "5", "since": "2026-01-01", "reason": "2025 年度考核晋档"}),
    Write("people:end-post", {"on": LAST}, KEEPS),
    Write("people:renew", {"registered_until": "2027-01-01"}, KEEPS),
    Write("people:reveal", {"reason": "核对社保参保信息"}, KEEPS),
    Write("people:everything", {"reason": "本人书面申请"}, (*KEEPS, "worker_a")),
    Write("people:everything", {}, ("worker_a",), query="?own=1", asked_again=KEEPS),
    Write("people:new", _PERSON | {"org_code": "990101001001"}, KEEPS, asked_again=_OTHERS),
    Write("people:compare", {"kept": "{person_id}", "reason": "本人确认"}, DISTRICT),
    Write("people:unmerge", {}, DISTRICT),
    Write(
        "people:open-account",
        {"username": "newcomer", "name": "钱多", "role": "subdistrict_officer", "org_code": "990101001"},
        ACCOUNTS, asked_again=("district_b",),
    ),
    Write(
        "people:open-account", {"username": "wangfang", "role": "", "org_code": ""}, DISTRICT,
        query="?person={person_id}", subject="colleague_a",
    ),
    Write("people:grant", {"role": "mentor", "org_code": "990101001", "since": NEXT, "until": ""}, ACCOUNTS),
    Write("people:deactivate", {}, ACCOUNTS),
    Write("people:reactivate", {}, ACCOUNTS),
    Write("people:password", {}, ACCOUNTS),
    Write("people:end-grant", {"on": NEXT}, ACCOUNTS),
    Write("people:end-sessions", {}, ACCOUNTS),
    _tree("rename", {"name": "新名社区"} | _BASIS),
    _tree("add", {"code": "990101001001002", "name": "第二网格", "short_name": "二网", "since": NEXT, "source": "批复〔2026〕2 号"}),
    _tree("body", {"kind": "studio", "name": "书记工作室", "since": NEXT, "source": "批复〔2026〕3 号"}),
    _tree("merge", {"codes": ["990101001002"], "into": "990101001001", "name": "甲一社区"} | _BASIS),
    _tree("split", {"code_1": "990101001001", "name_1": "东一", "code_2": "990101001008", "name_2": "东二", "keep": "1"} | _BASIS),
    _tree("move", {"parent": "990101002", "to_code": "990101002008"} | _BASIS),
    _tree("close", dict(_BASIS), ready=_empty_place),
]  # fmt: skip
_FACTS = [
    Write(
        "facts:correct",
        {"kind": "annual", "course": "社区治理", "hours": "10.5", "days": "", "evidence": "补正", "recorder": "李四", "reason": "漏记"},
        KEEPS,
    ),
    Write("facts:withdraw", {"reason": "没有参加"}, KEEPS),
    Write("facts:words", {"district": "{district}", "word": "课名", "meaning": "training:course"}, DISTRICT, asked_again=("district_b",)),
    Write("facts:remove-word", {}, DISTRICT),
    Write(
        "facts:imports", {"kind": "training", "district": "{district}", "file": _workbook}, (*KEEPS, "subdistrict_a2"),
        asked_again=("district_b", "subdistrict_b"),
    ),
    Write("facts:check", {}, DISTRICT, ready=_unread),
    Write("facts:apply", {}, DISTRICT),
    Write("facts:give-up", {}, DISTRICT),
    Write("facts:forget", {}, DISTRICT),
    Write("facts:columns", {"sheet0-header_row": "1", "keep": "1"} | {f"sheet0-column_{letter}": key for letter, key in _COLUMNS}, DISTRICT),
]  # fmt: skip
_BOTH = ("district_a", "district_b")  # each her own district
_POLICY = [
    Write("policy:compute", {"year": "2021"}, _BOTH),
    Write("policy:decide", {"move": "submit", "note": "请复核"}, DISTRICT),
    Write("policy:decide", {"move": "return", "note": "重算"}, DISTRICT, ready=lambda world, values: {"run_id": values["reviewed_id"]}),
    Write("policy:decide", {"move": "sign", "note": ""}, DISTRICT, ready=_reviewed),
    Write("policy:decide", {"move": "publish", "note": ""}, DISTRICT, ready=_signed),
    Write("policy:mark", {"item": "{item_id}", "fine": "1", "comment": "核对过"}, DISTRICT),
    Write("policy:adopt", {"pack": "jianghan", "year": "2027", "district": "{district}"}, (*_BOTH, "administrator")),
    Write("policy:upload", {"district": "{district}", "title": "再修订", "version": "3", "year": "2026", "file": _amended}, (*_BOTH, "administrator")),
    Write("policy:release-move", {"move": "withdraw", "note": "不用了"}, ("district_a", "administrator")),
    Write("policy:release-move", {"move": "submit", "note": "请看"}, ("district_a", "administrator")),
    Write("policy:release-move", {"move": "return", "note": "再改"}, DISTRICT, ready=_submitted),
    Write("policy:release-move", {"move": "release", "note": ""}, DISTRICT, ready=_submitted),
]  # fmt: skip
_REHEARSING = ("district_a", "administrator")
_REHEARSALS = [
    Write("rehearsal:new", {
        "run": "{run_id}", "name": "津贴", "place": "{district}", "years": "1", "replicates": "2", "seed": "1",
    }, _REHEARSING),
    Write("rehearsal:live", {}, _REHEARSING),
    Write("rehearsal:cancel", {}, _REHEARSING),
    Write("rehearsal:adopt", {"title": "修订", "version": "9", "setting": "会议纪要", "year": "2026"}, _REHEARSING),
    Write("rehearsal:study-new", {
        "kind": "calibration", "run": "{run_id}", "name": "校准", "place": "{district}", "least": "50", "least_each": "10",
    }, _REHEARSING),
    Write("rehearsal:study-answer", {}, _REHEARSING),
    Write("rehearsal:study-cancel", {}, _REHEARSING),
]  # fmt: skip
_PAY = [
    Write("pay:compute", {"month": "2025-02", "district": "{district}"}, _BOTH),
    Write("pay:close", {"note": "核对过"}, ("finance_a", "district_a")),
]
_RIGHTS = [
    Write("rights:new", {"text": "没有收到工作证", "key": "k1", "papers": ""}, ("worker_a", *KEEPS), query="?person={person_id}"),
    Write(
        "rights:new", {"text": "少记了", "key": "k2", "papers": ""}, ("worker_a",),
        query="?result={result_id}&family=train.annual_days&step=annual_shortfall",
    ),
    Write("rights:new", {"text": "不同意", "key": "k3", "papers": ""}, ("worker_a",), query="?proposal={proposal_id}"),
    Write("rights:withdraw", {"note": "已解决"}, ("worker_a",)),
    Write("rights:review", {"note": "理由不足"}, ("worker_a",)),
    Write("rights:close", {"note": "接受"}, ("worker_a",), asked_again=DISTRICT),
    Write("rights:assign", {"to": "{chief_id}"}, DISTRICT),
    Write("rights:answer", {"outcome": "rejected", "reasons": "核对过", "to_correct": "", "fact": ""}, DISTRICT),
    Write("rights:correct", {"fact": "", "note": "再补记"}, DISTRICT),
    Write("rights:complete", {}, DISTRICT),
    Write("rights:propose", {"text": "两年不称职"}, STREET),
    Write("rights:tick", {"condition": "rules_told", "met": "1", "note": "2024 年职代会通过"}, STREET),
    Write("rights:move", {"text": "我已经改进"}, ("worker_a", *KEEPS), {"move": "hear"}),
    Write("rights:move", {"text": ""}, STREET, {"move": "inform"}, ready=_taken_up),
    Write("rights:move", {"text": "情况有变"}, STREET, {"move": "drop"}),
    Write("rights:move", {"text": "同意"}, DISTRICT, {"move": "confirm"}, ready=_heard),
    Write("rights:move", {"text": "撤回"}, DISTRICT, {"move": "revoke"}, ready=_confirmed),
]  # fmt: skip
_ERASURES = [
    Write("erasure:ask", {"ground": "expired", "reason": "保存期满"}, DISTRICT, ready=_gone),
    Write("erasure:move", {}, DISTRICT, {"move": "confirm"}, ready=_asked),
    Write("erasure:move", {"note": "仍要保存"}, DISTRICT, {"move": "drop"}),
]  # fmt: skip
_NEAR = ("worker_a", "secretary_a", "subdistrict_a", "district_a")
_ASKED = [
    Write("assistant:take", {}, _NEAR),
    Write("assistant:put-back", {"reason": "away"}, _NEAR),
    Write("assistant:answer", {"text": "今天上门看看。"}, ("worker_a",), asked_again=_NEAR[1:]),
    Write("assistant:close", {"reason": "told"}, _NEAR),
]


def _form_of(card: Card, **more: str) -> Values:
    """The form of a whole card, every field of it."""
    said = forms.initial_of(card, DAY) | {"checked": "2026-01-01", "since": "{soon}", "note": "", "base": ""} | more
    rows = (
        ("law", forms.law_rows(card), ("name", "articles")),
        ("city", forms.field_rows(card), ("name", "label", "unit")),
    )
    for prefix, given, names in rows:
        said |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "0"}
        said |= {f"{prefix}-MIN_NUM_FORMS": "0", f"{prefix}-MAX_NUM_FORMS": "30"}
        said |= {f"{prefix}-0-{name}": (given[0] if given else {}).get(name, "") for name in names}
    return said


def _own_card(values: Values) -> CardVersion:
    return CardVersion.objects.get(pk=values["version_id"])


def _standing_mark(values: Values) -> str:
    """What the form of her draft says it was begun from."""
    return str(CardVersion.objects.get(key=values["card_key"], org_code=values["district"], state="released").pk)


def _card_submitted(world: World, values: Values) -> Values:
    cards.submit(version=_own_card(values), by=deciders("990101")[0])
    return {}


def _card_measured(world: World, values: Values) -> Values:
    measured(_own_card(values))
    return _card_submitted(world, values)


def _card_outgrown(world: World, values: Values) -> Values:
    outgrown("35", "990101")
    return {}


def _card_file(values: Values) -> SimpleUploadedFile:
    return SimpleUploadedFile("卡片.yaml", card_files.written([new_card("共享雨伞", items=["N77"])]).encode())


@functools.cache
def _city_rows(field: str) -> bytes:
    return book(["字段", "本区的值", "自哪天起", "依据"], [field, "12", "2026-01-01", "公告"])


def _city_file(values: Values) -> SimpleUploadedFile:
    return SimpleUploadedFile("本区的值.xlsx", _city_rows(values["field"]))


_CARDS = [
    Write("assistant:card-new", _form_of(new_card("共享花园")), _BOTH),
    Write("assistant:card-edit", _form_of(new_card("菜园990101"), fee="不收费", base=_standing_mark), DISTRICT),
    Write("assistant:card-retire", {"since": "{soon}", "note": "不办了"}, DISTRICT),
    Write(
        "assistant:card-update",
        {"move": "take", "base": _standing_mark},
        DISTRICT,
        {"card_key": "35"},
        asked_again=("district_b",),
        ready=_card_outgrown,
    ),
    Write("assistant:card-file", {"file": _card_file, "since": "{soon}", "note": ""}, _BOTH),
    Write("assistant:card-move", {"move": "submit", "note": "请看"}, DISTRICT),
    Write("assistant:card-move", {"move": "withdraw", "note": "不用了"}, DISTRICT),
    Write("assistant:card-move", {"move": "return", "note": "再改"}, DISTRICT, ready=_card_submitted),
    Write("assistant:card-move", {"move": "release", "note": ""}, DISTRICT, ready=_card_measured),
    Write("assistant:city-field", {"text": "12", "since": "2026-01-01", "source": "公告", "back": ""}, DISTRICT),
    Write("assistant:city-file", {"file": _city_file}, DISTRICT, asked_again=("district_b",)),
]
_LEARNING = [
    Write(
        "assistant:evaluation-new",
        {"chosen": "development", "name": "", "district": "{district}", "draft": ""},
        DISTRICT,
    ),
    Write("assistant:evaluation-cancel", {}, DISTRICT),
    Write(
        "assistant:learning-take",
        {"district": "{district}", "q": "{open_id}", "card": "", "to": "", "move": "leave"},
        DISTRICT,
    ),
]
_WHOLE = ("district_a", "finance_a", "auditor_a", "assessor_a", "system_a", "security_a", "audit_a")
_HOOKS = ("district_a", "security_a")
_EXCHANGE = [
    Write("exchange:new-token", {"name": "平台", "scopes": ["people:read"], "org_code": "{district}", "expires_on": "{soon}"}, _WHOLE),
    Write("exchange:revoke", {}, ("subdistrict_a", *ACCOUNTS)),
    Write("exchange:new-webhook", {"name": "平台", "url": "http://127.0.0.1:9/x", "events": ["run.published"], "org_code": "{district}"}, _HOOKS),
    Write("exchange:stop-webhook", {}, _HOOKS),
    Write("exchange:again", {}, _HOOKS),
    Write("notices:open", {}, ("worker_a",)),
    Write("notices:read-all", {}, ("worker_a", *(one for one in EVERYBODY if one != "worker_a"))),
]  # fmt: skip
WRITES = [
    *_PEOPLE,
    *_FACTS,
    *_POLICY,
    *_REHEARSALS,
    *_PAY,
    *_RIGHTS,
    *_ERASURES,
    *_ASKED,
    *_CARDS,
    *_LEARNING,
    *_EXCHANGE,
]
PUBLIC_LOOKS = {"assistant:choose", "assistant:resident", "assistant:resident-handed", "assistant:kiosk"}
# They take a POST and write nothing, or are tried by a test of their own in test_mass_assignment.
APART = {
    **{view: "for everybody: test_assistant_residents" for view in PUBLIC if view not in PUBLIC_LOOKS},
    **{
        f"assistant:panel-{one}": "the talk of her own session: test_assistant_panel"
        for one in ("question", "thumb", "hand-over", "again")
    },
    "assistant:evaluation-carry-out": "keeps how long each question took, by the clock: test_assistant_evaluations",
    "policy:what-if": "tries values, keeps nothing",
    "rehearsal:file": "fills the form in, keeps nothing: test_rehearsal",
    "rehearsal:warm": "a job for a worker, nothing of ours: test_rehearsal",
    "portal:setup": "only before there is any account",
    "people:end-device": "sessions are Django's: test_devices",
    "people:end-other-devices": "test_devices",
}

# Whose roles reach 甲一东社区: they see the organisation.
ASK_IN_A = tuple(name for name in EVERYBODY if routes.tree(name, "worker_a"))
# Every write of the API: what is sent, and who may send it by a token.
API: dict[str, tuple[Values, tuple[str, ...]]] = {
    "record-facts": (
        {
            "kind": "training", "district": "990101",
            "facts": [{
                "person_id": "{person_id}", "valid_on": "2025-06-13", "evidence": "签到表", "recorder": "李四",
                "said": {"kind": "annual", "course": "社区治理实务", "hours": 800},
            }],
        },
        KEEPS,
    ),
    "supersede-fact": ({"reason": "漏记", "said": {"hours": 900}}, KEEPS),
    "withdraw-fact": ({"reason": "没有参加"}, KEEPS),
    "compute-run": ({"district": "990101", "year": 2021}, DISTRICT),
    "decide-run": ({"move": "submit", "note": "请复核"}, DISTRICT),
    "adopt-pack": ({"district": "990101", "pack": "taoyuan", "since": "2027-01-01"}, DISTRICT),
    "pay-compute": ({"district": "990101", "year": 2025, "month": 2}, DISTRICT),
    "file-claim": ({"text": "没有收到工作证", "person_id": "{person_id}"}, (*KEEPS, "worker_a")),
    "answer-claim": ({"outcome": "rejected", "reasons": "核对过"}, DISTRICT),
    "ask": ({"question": "低保到哪里申请", "place": "990101001001", "talk": None}, ASK_IN_A),
    "ask-stream": ({"question": "低保到哪里申请", "place": "990101001001", "talk": None}, ASK_IN_A),
    "thumb": ({"talk": "{api_talk}", "question": "{api_question}", "helped": True}, ASK_IN_A),
    "hand-over": ({"talk": "{api_talk}", "question": "{api_question}", "note": "急"}, ASK_IN_A),
}  # fmt: skip


def body_of(name: str, values: Values) -> Values:
    """The body of a write of the API."""
    text = json.dumps(API[name][0]).replace("{api_talk}", values["api_talk"])
    for number in ("person_id", "api_question"):
        text = text.replace(f'"{{{number}}}"', str(values[number]))
    body: Values = json.loads(text)
    return body


def of(view: str) -> Write | None:
    """The write by which the table asks a view: the one whose parameters are those of FIXED."""
    fixed = FIXED.get(view, {})
    found: Iterator[Write] = (one for one in WRITES if one.view == view)
    return next((one for one in found if all(fixed.get(name, said) == said for name, said in one.params.items())), None)
