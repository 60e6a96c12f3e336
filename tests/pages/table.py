"""Every page of the site and who may reach it: the table that test_pages walks and test_guard holds complete.

An address is written with the cast's names in braces: {worker_a} is that person's id, organisations by their codes.
"""

from dataclasses import dataclass, field

OFFICES_A = ("district_a", "subdistrict_a")
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
    """One address of one view. `opens` for these accounts (200), `turns` sends these on (302); all others get 404."""

    view: str
    address: str
    opens: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
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
]

# Views that the table leaves to other tests, each with its reason.
ELSEWHERE = {
    "portal:setup": "only on an empty system: test_setup",
    "people:reveal": "a POST that shows a sealed value: test_reveal",
    "base:components": "for builders only: test_gallery",
    "base:sample-progress": "for builders only: test_gallery",
}
