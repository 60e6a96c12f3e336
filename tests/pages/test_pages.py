"""Each role opens each page of the table: what is hers opens, what is another's does not exist."""

from collections.abc import Callable
from itertools import product

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from qinglan.apps.people.models import Posting, RoleGrant
from tests import cast as casting
from tests.pages.table import ELSEWHERE, EVERYBODY, PAGES, PUBLIC, Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cheap_refusals", "kept_accounts")]


@pytest.fixture(scope="module")
def module_ids(module_cast, django_db_blocker) -> dict[str, int]:
    """What the braces of the table stand for."""
    ids = {name: person.pk for name, person in module_cast.people.items()}
    ids |= {f"user_{name}": user.pk for name, user in module_cast.users.items()}
    with django_db_blocker.unblock():
        ids |= {f"grant_{grant.user.username}": grant.pk for grant in RoleGrant.objects.select_related("user")}
        posts = dict(Posting.objects.values_list("person_id", "pk"))
    return ids | {f"post_{name}": posts[person.pk] for name, person in module_cast.people.items()}


@pytest.fixture(scope="module")
def module_sessions(module_cast, django_db_blocker) -> dict[str, str]:
    """Account -> the key of its session, signed in once for the module."""
    keys = {}
    for name in EVERYBODY:
        client = Client()
        with django_db_blocker.unblock():
            client.force_login(module_cast.users[name])
        keys[name] = client.cookies["sessionid"].value
    return keys


@pytest.fixture
def sign_in(module_sessions, client) -> Callable[[str], None]:
    """sign_in(name) makes the client that account's."""

    def become(name: str) -> None:
        client.cookies.clear()
        client.cookies["sessionid"] = module_sessions[name]

    return become


@pytest.fixture(scope="module")
def module_texts() -> dict[str, dict[str, str]]:
    """Account -> address -> the page as that account sees it; filled by the first test that asks, the same for all."""
    return {}


def _ask(client: Client, page: Page, ids: dict[str, int]):
    return getattr(client, page.method)(page.address.format(**ids), page.data or None)


def _wanted(page: Page, name: str) -> int:
    answers = {200: page.opens, 302: page.turns, 403: page.refuses}
    return next((status for status, names in answers.items() if name in names), 404)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.address)
def test_page_opens_for_its_people_only(page, module_ids, sign_in, db, client):
    """Everybody who is turned away, and the first of those whom it opens for; the slow run asks all of them."""
    let_in = [name for name in EVERYBODY if _wanted(page, name) == 200]
    _ask_as([name for name in EVERYBODY if name not in let_in[1:]], page, module_ids, sign_in, client)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.address)
def test_page_opens_for_all_its_people(page, module_ids, sign_in, db, client):
    _ask_as(EVERYBODY, page, module_ids, sign_in, client)


def _ask_as(names, page, module_ids, sign_in, client):
    for name in names:
        sign_in(name)
        answer = _ask(client, page, module_ids)
        wanted = _wanted(page, name)
        assert answer.status_code == wanted, f"{name} {page.address}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.view in PUBLIC], ids=lambda page: page.address)
def test_public_page_opens_for_strangers_too(page, module_ids, db, client):
    assert _ask(client, page, module_ids).status_code == _wanted(page, EVERYBODY[0])


@pytest.mark.parametrize("page", [page for page in PAGES if page.view not in PUBLIC], ids=lambda page: page.address)
def test_page_sends_strangers_to_sign_in(page, module_ids, db, client):
    answer = _ask(client, page, module_ids)
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


@pytest.mark.parametrize("name", EVERYBODY)
def test_list_holds_exactly_whom_the_account_sees(name, cast, client):
    client.force_login(cast.users[name])
    page = client.get("/people/").content.decode()
    shown = {one for one, person in cast.people.items() if f'href="/people/{person.pk}/"' in page}
    assert shown == casting.SEES[name]


@pytest.mark.parametrize(
    ("name", "other"), list(product(["district_a", "secretary_a", "worker_a"], ["乙区", "乙一", "陈静", "杨洋"]))
)
def test_other_district_is_never_named(name, other, module_texts, module_ids, sign_in, db, client):
    if name not in module_texts:
        sign_in(name)
        answers = {page.address: _ask(client, page, module_ids) for page in PAGES}
        module_texts[name] = {
            address: answer.content.decode()
            for address, answer in answers.items()
            if answer.status_code == 200 and not answer.headers["Content-Type"].startswith("application")
        }
    assert len(module_texts[name]) > 10
    for address, text in module_texts[name].items():
        assert other not in text, address


def _views(resolver: URLResolver, prefix: str = "") -> set[str]:
    names = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            names |= _views(pattern, f"{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern):
            names.add(f"{prefix}{pattern.name}")
    return names


def test_no_view_is_missing_from_the_table():
    found = {name for name in _views(get_resolver()) if ":" in name}
    ours = {name for name in found if not name.startswith("api:")}  # those have a table of their own
    known = {page.view for page in PAGES} | set(ELSEWHERE)
    assert ours - known == set(), "views without a row in tests/pages/table.py"
    assert known - ours == set(), "rows of views that do not exist"
