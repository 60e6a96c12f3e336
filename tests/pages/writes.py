"""Every way to write by a page: what is sent, and who may send it.

`data` names all the fields that the page reads, so that whatever is sent besides them must change nothing (test_mass_assignment);
and it is sound, so that a door left open to others would really write (test_permission_table). `{name}` stands for a value of
world.World. The guard test_every_writing_page_is_tried derives the pages from the resolver.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from qinglan.apps.people.actions import employment
from qinglan.apps.people.models import ExitReason, Person
from qinglan.apps.policy.actions import decisions, releases
from qinglan.apps.policy.models import PackRelease, PersonResult, Run
from qinglan.apps.policy.queries import review
from qinglan.apps.rights.actions import proposals
from qinglan.apps.rights.models import Proposal
from tests.factories import deciders, organisation
from tests.pages.routes import FIXED, INSTEAD, Route
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
    `ready`: what must have happened before, and what values come of it."""

    view: str
    data: Values
    may: tuple[str, ...]
    params: Values = field(default_factory=dict)
    query: str = ""
    subject: str = "worker_a"
    ready: Callable[[World, Values], Values] = lambda world, values: {}

    @property
    def name(self) -> str:
        what = "-".join(str(value) for value in [*self.params.values(), self.data.get("move", "")] if value)
        return "-".join(filter(None, (self.view, what, self.query.partition("=")[0].strip("?"))))

    def values(self, world: World) -> Values:
        """What stands for the parameters; made ready."""
        known = world.values[self.subject]
        known = known | {name: known[other] for name, other in INSTEAD.get(self.view, {}).items()}
        known = known | FIXED.get(self.view, {}) | self.params
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
    employment.end(person=person, last_day=date(2026, 6, 29), reason=ExitReason.RESIGNED, by=None)
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


def _workbook(values: Values) -> SimpleUploadedFile:
    return SimpleUploadedFile("培训三.xlsx", book(HEAD, training_row(Person.objects.get(pk=values["person_id"]))))


def _amended(values: Values) -> SimpleUploadedFile:
    return SimpleUploadedFile("改二.yaml", AMENDED.replace("150", "160").encode())


def _change(what: str, data: Values, **more: Any) -> Write:
    return Write("people:change", data, KEEPS, {"what": what}, **more)


def _tree(what: str, data: Values, **more: Any) -> Write:
    return Write("people:reorganise", data, TREE, {"what": what}, **more)


_BASIS = {"on": NEXT, "note": "批复〔2026〕1 号"}
_COLUMNS = zip("ABCDEFGHI", ["id", "name", "", "date", "course", "kind", "hours", "evidence", "recorder"], strict=True)
_PERSON = {"name": "林晓青", "birth": "1991-05-06", "sex": "female", "nation": "汉族", "party": "", "education": ""}
_PEOPLE = [
    _change("fields", {"name": "仇芳芳", "birth": "{birth}", "sex": "{sex}"}),
    _change("post", {"org_code": "990101001002", "kind": "grid", "since": NEXT, "main": "1", "track": "management"}),
    _change("begin", {"entry_date": NEXT, "employer": "990101", "contract": "labour", "recognised_months": "3"}, ready=_left),
    _change("leave", {"last_day": LAST, "reason": "resigned", "note": "辞职信"}),
    _change("status", {"kind": "sick", "since": NEXT, "note": "病假条"}),
    _change("certificate", {"level": "senior", "issued": "2021-09-01", "number": "1"}),
    _change("schooling", {"level": "master", "graduated": "2020-06-30", "school": "某大学", "major": "社会工作", "degree": "硕士"}),
    _change("grade", {"ladder": "五级九档", "grade": "5", "since": "2026-01-01", "reason": "2025 年度考核晋档"}),
    Write("people:end-post", {"on": LAST}, KEEPS),
    Write("people:renew", {"registered_until": "2027-01-01"}, KEEPS),
    Write("people:reveal", {"reason": "核对社保参保信息"}, KEEPS),
    Write("people:everything", {"reason": "本人书面申请"}, KEEPS),
    Write("people:everything", {}, ("worker_a",), query="?own=1"),
    Write("people:new", _PERSON | {"org_code": "990101001001"}, KEEPS),
    Write("people:compare", {"kept": "{person_id}", "reason": "本人确认"}, DISTRICT),
    Write("people:unmerge", {}, DISTRICT),
    Write("people:open-account", {"username": "newcomer", "name": "钱多", "role": "subdistrict_officer", "org_code": "990101001"}, ACCOUNTS),
    Write(
        "people:open-account", {"username": "wangfang", "role": "", "org_code": ""}, ("district_a", "security_a"),
        query="?person={person_id}", subject="colleague_a",
    ),
    Write("people:grant", {"role": "mentor", "org_code": "990101001", "since": NEXT, "until": ""}, ACCOUNTS),
    Write("people:deactivate", {}, ACCOUNTS),
    Write("people:reactivate", {}, ACCOUNTS),
    Write("people:password", {}, ACCOUNTS),
    Write("people:end-grant", {"on": NEXT}, ACCOUNTS),
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
    Write("facts:words", {"district": "{district}", "word": "课名", "meaning": "training:course"}, DISTRICT),
    Write("facts:remove-word", {}, DISTRICT),
    Write("facts:imports", {"kind": "training", "district": "{district}", "file": _workbook}, (*KEEPS, "subdistrict_a2")),
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
    Write("rights:close", {"note": "接受"}, ("worker_a",)),
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
_WHOLE = ("district_a", "finance_a", "auditor_a", "assessor_a", "system_a", "security_a", "audit_a")
_HOOKS = ("district_a", "security_a")
_EXCHANGE = [
    Write("exchange:new-token", {"name": "平台", "scopes": ["people:read"], "org_code": "{district}", "expires_on": "{soon}"}, _WHOLE),
    Write("exchange:revoke", {}, ("subdistrict_a", *ACCOUNTS)),
    Write("exchange:new-webhook", {"name": "平台", "url": "http://127.0.0.1:9/x", "events": ["run.published"], "org_code": "{district}"}, _HOOKS),
    Write("exchange:stop-webhook", {}, _HOOKS),
    Write("exchange:again", {}, _HOOKS),
    Write("notices:open", {}, ("worker_a",)),
    Write("notices:read-all", {}, ("worker_a",)),
]  # fmt: skip
WRITES = [*_PEOPLE, *_FACTS, *_POLICY, *_PAY, *_RIGHTS, *_EXCHANGE]
# They take a POST and write nothing, or are tried by a test of their own in test_mass_assignment.
APART = {"policy:what-if": "tries values, keeps nothing", "portal:setup": "only before there is any account"}


def of(view: str) -> Write | None:
    """The write by which the table asks a view: the one whose parameters are those of FIXED."""
    fixed = FIXED.get(view, {})
    found: Iterator[Write] = (one for one in WRITES if one.view == view)
    return next((one for one in found if all(fixed.get(name, said) == said for name, said in one.params.items())), None)
