"""Every page of the site and who may reach it: the table that test_pages walks and test_guard holds complete.

An address is written with the cast's names in braces: {worker_a} is that person's id, {user_worker_a} her account's,
{grant_worker_a} that of its role, {post_worker_a} that of her post; organisations by their codes.
"""

from dataclasses import dataclass, field

WHO_SEE_A = ("district_a", "subdistrict_a", "secretary_a", "worker_a", "finance_a", "auditor_a")
WHO_SEE_RESULTS_A = ("district_a", "subdistrict_a", "secretary_a", "worker_a", "auditor_a")
# They read the tree of the whole district, but change nothing in it; 三员 among them.
READ_THE_TREE = ("assessor_a", "finance_a", "auditor_a", "security_a", "audit_a")
WHO_SEE_B = ("district_b", "subdistrict_b", "secretary_b", "worker_b")
MAY_IMPORT = ("district_a", "district_b", "subdistrict_a", "subdistrict_a2", "subdistrict_b")
READ_CLAIMS = ("district_a", "district_b", "subdistrict_a", "subdistrict_a2", "subdistrict_b", "auditor_a")
EVERYBODY = (
    "district_a",
    "district_b",
    "subdistrict_a",
    "subdistrict_a2",
    "subdistrict_b",
    "secretary_a",
    "secretary_b",
    "worker_a",
    "worker_b",
    "mentor_a",
    "assessor_a",
    "resident_a",
    "finance_a",
    "auditor_a",
    "system_a",
    "security_a",
    "audit_a",
    "former_a",
    "nobody",
    "administrator",
)


@dataclass(frozen=True)
class Page:
    """One address of one view. `opens` for these accounts (200), `turns` sends these on (302), `refuses` these with a
    sentence (403); for all others it does not exist (404)."""

    view: str
    address: str
    opens: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    method: str = "get"
    data: dict[str, str] = field(default_factory=dict)


ADOPTERS = ("district_a", "district_b", "administrator")
SEE_PAY = (
    "district_a", "district_b", "subdistrict_a", "subdistrict_a2", "subdistrict_b", "finance_a", "auditor_a",
)  # fmt: skip
# They read the results of some people; only these may open what counts them.
READ_RESULTS = (
    "district_a",
    "district_b",
    "subdistrict_a",
    "subdistrict_a2",
    "subdistrict_b",
    "secretary_a",
    "secretary_b",
    "auditor_a",
)
# Views that ask for no account: residents meet them. That they send nobody to sign in, and that all others do, is asked of each route
# (test_permission_table).
PUBLIC = frozenset({
    "assistant:choose", "assistant:resident", "assistant:resident-question", "assistant:resident-here", "assistant:resident-thumb",
    "assistant:resident-hand-over", "assistant:resident-handed", "assistant:resident-again", "assistant:kiosk",
    "assistant:kiosk-question", "assistant:kiosk-thumb", "assistant:kiosk-again",
})  # fmt: skip
CHANGES = ("fields", "post", "begin", "leave", "status", "certificate", "schooling", "grade")
KEEPERS = ("district_a", "district_b", "security_a", "administrator")
ROLELESS = ("former_a", "nobody", "administrator")  # no role in force
# Whose record may be written to by whom: own sub-district, sibling, other district.
WRITERS = {
    "worker_a": ("district_a", "subdistrict_a"),
    "sibling_a": ("district_a", "subdistrict_a2"),
    "worker_b": ("district_b", "subdistrict_b"),
}

# They answer what residents ask, each in her place.
ANSWER = (
    "district_a", "district_b", "subdistrict_a", "subdistrict_a2", "subdistrict_b", "secretary_a", "secretary_b", "worker_a",
    "worker_b",
)  # fmt: skip
KEEP_CARDS = ("district_a", "district_b")  # each those of her own district
READ_THE_LOG = ("district_a", "district_b", "auditor_a", "audit_a")


def _but(*names: str) -> tuple[str, ...]:
    return tuple(one for one in EVERYBODY if one not in names)


def _tree(code: str, what: str, officer: str, *others: str) -> Page:
    """A change of the tree: for the district's officer, its system administrator and the administrator; others who see the
    place are told why not."""
    opens = (officer, "administrator", *(("system_a",) if officer == "district_a" else ()))
    others += READ_THE_TREE if officer == "district_a" else ()
    return Page("people:reorganise", f"/organisations/{code}/change/{what}/", opens, refuses=others)


_EDITING = [
    *(
        Page("people:change", f"/people/{{{whose}}}/change/{what}/", WRITERS[whose])
        for what in CHANGES
        for whose in WRITERS
    ),
    Page("people:change", "/people/{worker_a}/change/nothing/"),
    *(
        Page("people:end-post", f"/people/{{{whose}}}/posts/{{post_{whose}}}/end/", who)
        for whose, who in WRITERS.items()
    ),
    Page("people:end-post", "/people/{worker_a}/posts/{post_neighbour_a}/end/"),
    Page("people:renew", "/people/{worker_a}/certificates/999999999/renew/"),
    Page("people:new", "/people/new/", MAY_IMPORT, refuses=_but(*MAY_IMPORT)),
    Page("people:duplicates", "/people/duplicates/", KEEPERS[:2], refuses=_but(*KEEPERS[:2])),
    Page("people:compare", "/people/duplicates/{worker_a}/{sibling_a}/", ("district_a",)),
    Page("people:compare", "/people/duplicates/{worker_b}/{secretary_b}/", ("district_b",)),
    Page("people:compare", "/people/duplicates/{worker_a}/{worker_b}/"),
    Page("people:compare", "/people/duplicates/{worker_a}/{worker_a}/"),
    Page("people:unmerge", "/people/merges/999999999/undo/"),
    *(_tree("990101", what, "district_a") for what in ("add", "rename")),
    *(
        _tree("990101001", what, "district_a", "subdistrict_a", "mentor_a")
        for what in ("add", "body", "rename", "close")
    ),
    *(
        _tree("990101001001", what, "district_a", "subdistrict_a", "secretary_a", "worker_a", "mentor_a", "resident_a")
        for what in ("add", "body", "rename", "merge", "split", "move", "close")
    ),
    *(
        _tree("990102001001", what, "district_b", "subdistrict_b", "secretary_b", "worker_b")
        for what in ("add", "rename", "merge", "split", "move", "close")
    ),
    Page("people:reorganise", "/organisations/990199/change/rename/"),
    Page("people:accounts", "/users/", KEEPERS, refuses=_but(*KEEPERS)),
    Page("people:accounts", "/users/?q=a&role=worker&state=active", KEEPERS, refuses=_but(*KEEPERS)),
    Page("people:open-account", "/users/new/", KEEPERS, refuses=_but(*KEEPERS)),
    Page("people:open-account", "/users/new/?person={neighbour_a}", ("district_a",), refuses=_but(*KEEPERS)),
    *(
        Page(
            f"people:{view}",
            f"/users/{{user_{whose}}}/{end}",
            (officer, "administrator", *(("security_a",) if officer == "district_a" else ())),
        )
        for view, end in (
            ("account", ""),
            ("password", "password/"),
            ("grant", "grant/"),
            ("deactivate", "deactivate/"),
            ("reactivate", "reactivate/"),
            ("end-sessions", "end-sessions/"),
        )
        for whose, officer in (("worker_a", "district_a"), ("subdistrict_a2", "district_a"), ("worker_b", "district_b"))
    ),
    Page("people:account", "/users/{user_nobody}/", ("administrator",)),
    Page("people:account", "/users/{user_administrator}/", ("administrator",)),
    Page("people:end-grant", "/users/grants/{grant_worker_a}/end/", ("district_a", "security_a", "administrator")),
    Page("people:end-grant", "/users/grants/{grant_worker_b}/end/", ("district_b", "administrator")),
]

PAGES = [
    *_EDITING,
    Page("erasure:list", "/erasures/", KEEPERS[:2], refuses=_but(*KEEPERS[:2])),
    Page("erasure:list", "/erasures/?q=1&state=done&export=xlsx", KEEPERS[:2], refuses=_but(*KEEPERS[:2])),
    Page("erasure:ask", "/people/{worker_a}/erase/", ("district_a",)),
    Page("erasure:ask", "/people/{worker_b}/erase/", ("district_b",)),
    Page("erasure:ask", "/people/999999999/erase/"),
    Page("erasure:erasure", "/erasures/999999999/"),
    Page("erasure:move", "/erasures/999999999/confirm/", method="post"),
    Page("portal:home", "/", tuple(one for one in EVERYBODY if not one.startswith("worker")), ("worker_a", "worker_b")),
    Page("portal:growth", "/me/", ("secretary_a", "secretary_b", "worker_a", "worker_b")),
    Page("portal:cockpit", "/cockpit/", READ_RESULTS),
    Page("policy:people", "/results/people/?run=999999999"),
    Page("policy:what-if", "/what-if/", ("district_a", "district_b", "administrator")),
    Page("policy:what-if-row", "/what-if/row/?run=999999999&add=pay.growth_8.floor"),
    Page("rehearsal:list", "/rehearsals/", ADOPTERS),
    Page("rehearsal:list", "/rehearsals/?q=x&state=done&export=xlsx", ADOPTERS),
    Page("rehearsal:new", "/rehearsals/new/", ADOPTERS),
    Page("rehearsal:row", "/rehearsals/row/?run=999999999&add=pay.growth_8.floor"),
    Page("rehearsal:rehearsal", "/rehearsals/999999999/"),
    Page("rehearsal:groups", "/rehearsals/999999999/groups/"),
    Page("rehearsal:new", "/rehearsals/new/?again=999999999"),
    Page("rehearsal:new", "/rehearsals/new/?again=x"),
    Page("rehearsal:parameters", "/rehearsals/parameters/?q=x&basis=assumed&export=xlsx", ADOPTERS),
    Page("rehearsal:winners", "/rehearsals/999999999/winners/"),
    Page("rehearsal:report", "/rehearsals/999999999/report.pdf"),
    Page("rehearsal:scenario", "/rehearsals/999999999/scenario.yaml"),
    Page("rehearsal:progress", "/rehearsals/999999999/progress/"),
    Page("rehearsal:adopt", "/rehearsals/999999999/adopt/"),
    Page("rehearsal:studies", "/studies/", ADOPTERS),
    Page("rehearsal:studies", "/studies/?q=x&kind=search&state=done&export=xlsx", ADOPTERS),
    Page("rehearsal:study-new", "/studies/new/?kind=calibration", ADOPTERS),
    Page("rehearsal:study-new", "/studies/new/?kind=desk", ADOPTERS),
    Page("rehearsal:study-new", "/studies/new/?kind=siting", ADOPTERS),
    Page("rehearsal:study-new", "/studies/new/?kind=dispatch", ADOPTERS),
    Page("rehearsal:study-new", "/studies/new/?kind=nothing"),
    Page("rehearsal:study-template", "/studies/template/desk/", ADOPTERS),
    Page("rehearsal:study-template", "/studies/template/nothing/"),
    Page("rehearsal:study", "/studies/999999999/"),
    Page("rehearsal:study-progress", "/studies/999999999/progress/"),
    Page("policy:units", "/results/units/?run=999999999"),
    Page("people:organisations", "/organisations/", EVERYBODY),
    Page("people:organisations", "/organisations/?q=甲", EVERYBODY),
    Page("people:organisation", "/organisations/990101/", ("district_a", "system_a", *READ_THE_TREE, "administrator")),
    Page(
        "people:organisation",
        "/organisations/990101001/",
        ("district_a", "subdistrict_a", "mentor_a", "system_a", *READ_THE_TREE, "administrator"),
    ),
    Page(
        "people:organisation",
        "/organisations/990101001001/",
        (*WHO_SEE_RESULTS_A[:4], "mentor_a", "resident_a", "system_a", *READ_THE_TREE, "administrator"),
    ),
    Page("people:organisation", "/organisations/990102001/", ("district_b", "subdistrict_b", "administrator")),
    Page("people:organisation", "/organisations/990199/"),
    Page(
        "people:branches",
        "/organisations/990101001/branches/",
        ("district_a", "subdistrict_a", "mentor_a", "system_a", *READ_THE_TREE, "administrator"),
    ),
    Page("people:persons", "/people/", EVERYBODY),
    Page("people:persons", "/people/?q=qiu&org=990101001", EVERYBODY),
    Page("people:persons", "/people/?export=xlsx", EVERYBODY),
    Page("people:mine", "/people/me/", (), ("secretary_a", "secretary_b", "worker_a", "worker_b")),
    Page("people:person", "/people/{worker_a}/", WHO_SEE_A),
    Page("people:person", "/people/{neighbour_a}/", ("district_a", "subdistrict_a", "finance_a", "auditor_a")),
    Page("people:person", "/people/{sibling_a}/", ("district_a", "subdistrict_a2", "finance_a", "auditor_a")),
    Page("people:person", "/people/{worker_b}/", ("district_b", "subdistrict_b", "secretary_b", "worker_b")),
    Page("people:person", "/people/999999999/"),
    Page("people:everything", "/people/{worker_a}/all-about-me/", ("district_a", "subdistrict_a", "worker_a")),
    Page("people:everything", "/people/{worker_b}/all-about-me/", ("district_b", "subdistrict_b", "worker_b")),
    Page("people:everything", "/people/{secretary_a}/all-about-me/", ("district_a", "subdistrict_a", "secretary_a")),
    Page("people:everything", "/people/999999999/all-about-me/"),
    Page("facts:list", "/facts/", EVERYBODY),
    Page("facts:person-facts", "/facts/people/{worker_a}/", WHO_SEE_A),
    Page("facts:person-facts", "/facts/people/{worker_b}/", WHO_SEE_B),
    Page("facts:imports", "/imports/", MAY_IMPORT, refuses=tuple(one for one in EVERYBODY if one not in MAY_IMPORT)),
    Page(
        "facts:words", "/imports/words/", MAY_IMPORT, refuses=tuple(one for one in EVERYBODY if one not in MAY_IMPORT)
    ),
    Page("facts:remove-word", "/imports/words/999999999/remove/", method="post"),
    Page("facts:fact", "/facts/training/999999999/"),
    Page("facts:fact", "/facts/nothing/1/"),
    Page("facts:correct", "/facts/training/999999999/correct/"),
    Page("facts:withdraw", "/facts/training/999999999/withdraw/", method="post"),
    Page("facts:list", "/facts/?kind=scores&q=qiu", EVERYBODY),
    Page("facts:list", "/facts/?export=xlsx", EVERYBODY),
    Page("facts:list", "/facts/?kind=nothing"),
    Page("facts:template", "/imports/templates/training/", EVERYBODY),
    Page("facts:import", "/imports/999999999/"),
    Page("facts:progress", "/imports/999999999/progress/"),
    Page("facts:marked", "/imports/999999999/marked/"),
    Page("facts:columns", "/imports/999999999/columns/"),
    Page("facts:check", "/imports/999999999/check/", method="post"),
    Page("facts:apply", "/imports/999999999/apply/", method="post"),
    Page("facts:give-up", "/imports/999999999/give-up/", method="post"),
    *(
        Page(view, address, READ_THE_LOG, refuses=_but(*READ_THE_LOG))
        for view, address in (
            ("people:log", "/audit/"),
            ("people:log", "/audit/?q=a&who=b&action=roles.&target=people.user&org=990101&since=2026-01-01"),
            ("people:log", "/audit/?export=xlsx"),
            ("people:log-looks", "/audit/looks/"),
            ("people:log-denied", "/audit/denied/"),
        )
    ),
    Page("people:log-event", "/audit/999999999/", refuses=_but(*READ_THE_LOG)),
    Page("people:devices", "/devices/", EVERYBODY),
    Page("people:end-device", "/devices/end/", turns=EVERYBODY, method="post", data={"mark": "nothing"}),
    Page("people:end-other-devices", "/devices/end-others/", turns=EVERYBODY, method="post"),
    Page("notices:list", "/notices/", EVERYBODY),
    Page("notices:list", "/notices/?state=unread&q=x", EVERYBODY),
    Page("notices:open", "/notices/999999999/open/", method="post"),
    Page("notices:read-all", "/notices/read/", turns=EVERYBODY, method="post"),
    Page("rights:mine", "/rights/", EVERYBODY),
    Page("rights:mine", "/rights/?export=xlsx", EVERYBODY),
    Page("rights:new", "/rights/new/", ("secretary_a", "secretary_b", "worker_a", "worker_b")),
    Page("rights:new", "/rights/new/?person={worker_a}", ("district_a", "subdistrict_a", "worker_a")),
    Page("rights:new", "/rights/new/?result=999999999&family=x&step=y"),
    Page("rights:new", "/rights/new/?proposal=999999999"),
    Page("rights:desk", "/rights/desk/", READ_CLAIMS),
    Page("rights:desk", "/rights/desk/?state=overdue&kind=figure&q=qiu&export=xlsx", READ_CLAIMS),
    Page("rights:day", "/rights/day/", READ_CLAIMS),
    Page("rights:day", "/rights/day/?on=2026-06-10", READ_CLAIMS),
    Page("rights:proposals", "/rights/proposals/", READ_CLAIMS),
    Page("rights:claim", "/rights/999999999/"),
    Page("rights:evidence", "/rights/999999999/files/1/"),
    Page("rights:answer", "/rights/999999999/answer/"),
    *(
        Page(f"rights:{move}", f"/rights/999999999/{move}/", method="post")
        for move in ("withdraw", "review", "close", "assign", "correct", "complete")
    ),
    Page("rights:propose", "/rights/proposals/new/999999999/end/"),
    Page("rights:proposal", "/rights/proposals/999999999/"),
    Page("rights:tick", "/rights/proposals/999999999/tick/", method="post"),
    Page("rights:move", "/rights/proposals/999999999/confirm/", method="post"),
    Page("policy:packs", "/packs/", EVERYBODY),
    Page("policy:pack", "/packs/taoyuan/", EVERYBODY),
    Page("policy:pack", "/packs/nowhere/"),
    Page("policy:upload", "/packs/upload/", ADOPTERS, refuses=_but(*ADOPTERS)),
    Page("policy:release", "/packs/releases/999999999/"),
    Page("policy:release-read", "/packs/releases/999999999/read/"),
    Page("policy:release-move", "/packs/releases/999999999/move/", method="post"),
    Page("policy:results", "/results/", EVERYBODY),
    Page("policy:runs", "/results/runs/", EVERYBODY),
    Page("policy:run", "/results/runs/999999999/"),
    Page("policy:review", "/results/runs/999999999/review/"),
    Page("policy:differences", "/results/runs/999999999/against/999999998/"),
    Page("policy:person-results", "/results/people/{worker_a}/", WHO_SEE_RESULTS_A),
    Page("policy:person-results", "/results/people/{worker_b}/", WHO_SEE_B),
    Page("policy:letters", "/results/runs/999999999/letters/"),
    Page("policy:letter", "/results/999999999/letter/"),
    Page("policy:unit", "/results/units/999999999/"),
    Page("policy:result", "/results/999999999/"),
    Page("policy:why", "/results/999999999/why/tiers/"),
    Page("policy:pay", "/results/999999999/pay/"),
    Page("policy:month", "/results/999999999/pay/1/"),
    Page(
        "pay:months",
        "/pay/",
        SEE_PAY,
        ("secretary_a", "secretary_b", "worker_a", "worker_b"),
        refuses=_but(*SEE_PAY, "secretary_a", "secretary_b", "worker_a", "worker_b"),
    ),
    Page("pay:own", "/pay/mine/", EVERYBODY),
    Page("pay:month", "/pay/months/999999999/"),
    Page("pay:close", "/pay/months/999999999/close/", method="post"),
    Page("pay:slip", "/pay/slips/999999999/"),
    Page("pay:slip-pdf", "/pay/slips/999999999/pdf/"),
    Page("assistant:panel", "/assistant/", EVERYBODY),
    Page("assistant:panel-again", "/assistant/again/", turns=EVERYBODY, method="post"),
    Page("assistant:panel-thumb", "/assistant/thumb/", method="post", data={"question": "1", "thumb": "1"}),
    Page("assistant:panel-hand-over", "/assistant/hand-over/", method="post", data={"question": "1"}),
    Page("assistant:desk", "/assistant/desk/", ANSWER, refuses=_but(*ANSWER)),
    Page("assistant:desk", "/assistant/desk/?q=x&state=open&org=990101&export=xlsx", ANSWER, refuses=_but(*ANSWER)),
    Page("assistant:hand-over", "/assistant/desk/999999999/"),
    *(
        Page(f"assistant:{move}", f"/assistant/desk/999999999/{move}/", method="post")
        for move in ("take", "put-back", "answer", "close")
    ),
    Page("assistant:qr", "/assistant/qr/", ANSWER, refuses=_but(*ANSWER)),
    Page("assistant:qr", "/assistant/qr/?q=甲一&export=xlsx", ANSWER, refuses=_but(*ANSWER)),
    Page(
        "assistant:qr-sheet",
        "/assistant/qr/990101001001/",
        ("district_a", "subdistrict_a", "secretary_a", "worker_a"),
    ),
    Page("assistant:qr-sheet", "/assistant/qr/990101001/?below=1", ("district_a", "subdistrict_a")),
    Page("assistant:qr-sheet", "/assistant/qr/990101001001001/"),
    *(
        Page(f"assistant:{view}", f"/assistant/{address}", KEEP_CARDS, refuses=_but(*KEEP_CARDS))
        for view, address in (
            ("cards", "cards/"),
            ("cards", "cards/?q=35&show=unfilled&kind=answer&audience=resident&export=xlsx"),
            ("card-new", "cards/new/"),
            ("card-file", "cards/file/"),
            ("cards-yaml", "cards/all.yaml"),
            ("card", "cards/35/"),
            ("card-edit", "cards/35/edit/"),
            ("card-yaml", "cards/35/card.yaml"),
            ("city", "city/"),
            ("city", "city/?q=x&show=filled&export=xlsx"),
            ("city-field", "city/gaoling_age/"),
        )
    ),
    *(
        Page(f"assistant:{view}", f"/assistant/{address}", KEEP_CARDS, refuses=_but(*KEEP_CARDS))
        for view, address in (
            ("evaluations", "evaluations/"),
            ("evaluations", "evaluations/?q=x&of=draft&state=done&export=xlsx"),
            ("evaluation-new", "evaluations/new/"),
            ("evaluation-sample", "evaluations/sample/"),
            ("learning", "learning/"),
            ("learning", "learning/?q=x&days=7&page=9&export=xlsx"),
            ("counts", "counts/"),
            (
                "counts",
                "counts/?by=card_key&channel=page&outcome=answered&since=2026-01-01&until=2026-02-01&export=xlsx",
            ),
        )
    ),
    Page("assistant:evaluation-new", "/assistant/evaluations/new/?draft=999999999", refuses=_but(*KEEP_CARDS)),
    Page("assistant:evaluation", "/assistant/evaluations/999999999/"),
    Page("assistant:evaluation-progress", "/assistant/evaluations/999999999/progress/"),
    Page("assistant:evaluation-carry-out", "/assistant/evaluations/999999999/carry-out/", method="post"),
    Page("assistant:evaluation-cancel", "/assistant/evaluations/999999999/cancel/", method="post"),
    Page("assistant:learning-take", "/assistant/learning/take/", refuses=_but(*KEEP_CARDS), method="post"),
    Page("assistant:card", "/assistant/cards/N999/", refuses=_but(*KEEP_CARDS)),
    Page("assistant:card-new", "/assistant/cards/new/?hand_over=999999999", refuses=_but(*KEEP_CARDS)),
    Page("assistant:card-version", "/assistant/cards/versions/999999999/"),
    Page("assistant:card-move", "/assistant/cards/versions/999999999/move/", method="post"),
    *(
        Page(
            f"assistant:card-{what}",
            f"/assistant/cards/35/{what}/",
            turns=KEEP_CARDS,
            refuses=_but(*KEEP_CARDS),
            method="post",
        )
        for what in ("retire", "update")
    ),
    Page("assistant:choose", "/ask/?in=990101", EVERYBODY),
    Page("assistant:resident", "/ask/990101/", EVERYBODY),
    Page("assistant:resident", "/ask/anywhere/", EVERYBODY),
    Page("assistant:resident", "/ask/990199/"),
    Page("assistant:resident", "/ask/9901/"),
    Page("assistant:resident-handed", "/ask/990101/handed/999999999/"),
    Page("assistant:kiosk", "/ask/990101001001/kiosk/", EVERYBODY),
    Page("assistant:kiosk", "/ask/anywhere/kiosk/"),
    Page("exchange:tokens", "/tokens/", _but("former_a", "nobody"), refuses=("former_a", "nobody")),
    Page("exchange:tokens", "/tokens/?q=x&state=open", _but("former_a", "nobody"), refuses=("former_a", "nobody")),
    Page("exchange:new-token", "/tokens/new/", _but(*ROLELESS), refuses=ROLELESS),
    Page("exchange:revoke", "/tokens/999999999/revoke/"),
    Page("exchange:conflicts", "/tokens/conflicts/", _but("former_a", "nobody"), refuses=("former_a", "nobody")),
    Page("exchange:conflict", "/tokens/conflicts/999999999/"),
    Page("exchange:webhooks", "/webhooks/", KEEPERS[:3], refuses=_but(*KEEPERS[:3])),
    Page("exchange:new-webhook", "/webhooks/new/", KEEPERS[:3], refuses=_but(*KEEPERS[:3])),
    Page("exchange:stop-webhook", "/webhooks/999999999/stop/"),
    Page("exchange:again", "/webhooks/deliveries/999999999/again/", method="post"),
]

# Views that the table leaves to other tests, each with its reason.
ELSEWHERE = {
    "policy:compare": "asks for two packs by name: the unit tests of packs",
    "policy:compute": "a POST of minutes: the unit tests of years; refusal in test_results",
    "pay:compute": "a POST: each role in test_pay",
    "policy:adopt": "a POST: refusal in test_results",
    "rehearsal:live": "a POST: test_rehearsal",
    "rehearsal:cancel": "a POST: test_rehearsal",
    "rehearsal:file": "a POST: test_rehearsal",
    "rehearsal:warm": "a POST: test_rehearsal",
    "rehearsal:study-answer": "a POST: test_studies",
    "rehearsal:study-cancel": "a POST: test_studies",
    "facts:forget": "a POST: test_imports_told",
    **{
        f"assistant:{view}": "a POST open to all: test_assistant_residents"
        for view in (
            "resident-question",
            "resident-here",
            "resident-thumb",
            "resident-hand-over",
            "resident-again",
            "kiosk-question",
            "kiosk-thumb",
            "kiosk-again",
        )
    },
    "assistant:city-file": "a POST: test_assistant_cards",
    "assistant:panel-question": "a POST that everybody may send: test_assistant_panel",
    "policy:decide": "a POST: each role in test_deciding",
    "policy:mark": "a POST: each role in test_deciding",
    "portal:setup": "only on an empty system: test_setup",
    "people:reveal": "a POST that shows a sealed value: test_reveal",
    "base:components": "for builders only: test_gallery",
    "base:sample-progress": "for builders only: test_gallery",
}
