"""Every page of the site and who may reach it: the table that test_pages walks and test_guard holds complete.

An address is written with the cast's names in braces: {worker_a} is that person's id, organisations by their codes.
"""

from dataclasses import dataclass, field

WHO_SEE_A = ("district_a", "subdistrict_a", "secretary_a", "worker_a")
WHO_SEE_B = ("district_b", "subdistrict_b", "secretary_b", "worker_b")
MAY_IMPORT = ("district_a", "district_b", "subdistrict_a", "subdistrict_a2", "subdistrict_b")
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


PAGES = [
    Page("portal:home", "/", tuple(one for one in EVERYBODY if not one.startswith("worker")), ("worker_a", "worker_b")),
    Page("people:organisations", "/organisations/", EVERYBODY),
    Page("people:organisations", "/organisations/?q=甲", EVERYBODY),
    Page("people:organisation", "/organisations/990101/", ("district_a", "administrator")),
    Page("people:organisation", "/organisations/990101001/", ("district_a", "subdistrict_a", "administrator")),
    Page(
        "people:organisation",
        "/organisations/990101001001/",
        ("district_a", "subdistrict_a", "secretary_a", "worker_a", "administrator"),
    ),
    Page("people:organisation", "/organisations/990102001/", ("district_b", "subdistrict_b", "administrator")),
    Page("people:organisation", "/organisations/990199/"),
    Page("people:branches", "/organisations/990101001/branches/", ("district_a", "subdistrict_a", "administrator")),
    Page("people:persons", "/people/", EVERYBODY),
    Page("people:persons", "/people/?q=qiu&org=990101001", EVERYBODY),
    Page("people:persons", "/people/?export=xlsx", EVERYBODY),
    Page("people:mine", "/people/me/", (), ("secretary_a", "secretary_b", "worker_a", "worker_b")),
    Page("people:person", "/people/{worker_a}/", ("district_a", "subdistrict_a", "secretary_a", "worker_a")),
    Page("people:person", "/people/{neighbour_a}/", ("district_a", "subdistrict_a")),
    Page("people:person", "/people/{sibling_a}/", ("district_a", "subdistrict_a2")),
    Page("people:person", "/people/{worker_b}/", ("district_b", "subdistrict_b", "secretary_b", "worker_b")),
    Page("people:person", "/people/999999999/"),
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
    Page("facts:apply", "/imports/999999999/apply/", method="post"),
    Page("facts:give-up", "/imports/999999999/give-up/", method="post"),
    Page("policy:packs", "/packs/", EVERYBODY),
    Page("policy:pack", "/packs/taoyuan/", EVERYBODY),
    Page("policy:pack", "/packs/nowhere/"),
    Page("policy:results", "/results/", EVERYBODY),
    Page("policy:runs", "/results/runs/", EVERYBODY),
    Page("policy:run", "/results/runs/999999999/"),
    Page("policy:person-results", "/results/people/{worker_a}/", WHO_SEE_A),
    Page("policy:person-results", "/results/people/{worker_b}/", WHO_SEE_B),
    Page("policy:unit", "/results/units/999999999/"),
    Page("policy:result", "/results/999999999/"),
    Page("policy:why", "/results/999999999/why/tiers/"),
    Page("policy:pay", "/results/999999999/pay/"),
    Page("policy:month", "/results/999999999/pay/1/"),
]

# Views that the table leaves to other tests, each with its reason.
ELSEWHERE = {
    "policy:compare": "asks for two packs by name: the unit tests of packs",
    "policy:compute": "a POST of minutes: the unit tests of years; refusal in test_results",
    "policy:adopt": "a POST: refusal in test_results",
    "portal:setup": "only on an empty system: test_setup",
    "people:reveal": "a POST that shows a sealed value: test_reveal",
    "base:components": "for builders only: test_gallery",
    "base:sample-progress": "for builders only: test_gallery",
}
