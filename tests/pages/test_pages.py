"""Each role opens each page of the table: what is hers opens, what is another's does not exist."""

from itertools import product

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from qinglan.apps.people.models import Posting, RoleGrant
from tests import cast as casting
from tests.pages.table import ELSEWHERE, EVERYBODY, PAGES, Page

pytestmark = pytest.mark.django_db


def _ids(cast: casting.Cast) -> dict[str, int]:
    ids = {name: person.pk for name, person in cast.people.items()}
    ids |= {f"user_{name}": user.pk for name, user in cast.users.items()}
    ids |= {f"grant_{grant.user.username}": grant.pk for grant in RoleGrant.objects.select_related("user")}
    posts = dict(Posting.objects.values_list("person_id", "pk"))
    return ids | {f"post_{name}": posts[person.pk] for name, person in cast.people.items()}


def _ask(client: Client, page: Page, cast: casting.Cast):
    address = page.address.format(**_ids(cast))
    return getattr(client, page.method)(address, page.data or None)


def _wanted(page: Page, name: str) -> int:
    answers = {200: page.opens, 302: page.turns, 403: page.refuses}
    return next((status for status, names in answers.items() if name in names), 404)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.address)
def test_page_opens_for_its_people_only(page, cast, client):
    for name in EVERYBODY:
        client.force_login(cast.users[name])
        answer = _ask(client, page, cast)
        wanted = _wanted(page, name)
        assert answer.status_code == wanted, f"{name} {page.address}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.address)
def test_page_sends_strangers_to_sign_in(page, cast, client):
    answer = _ask(client, page, cast)
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
def test_other_district_is_never_named(name, other, cast, client):
    client.force_login(cast.users[name])
    for page in PAGES:
        answer = _ask(client, page, cast)
        if answer.status_code == 200 and not answer.headers["Content-Type"].startswith("application"):
            assert other not in answer.content.decode(), page.address


def _views(resolver: URLResolver, prefix: str = "") -> set[str]:
    names = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            names |= _views(pattern, f"{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern):
            names.add(f"{prefix}{pattern.name}")
    return names


def test_no_view_is_missing_from_the_table():
    ours = {name for name in _views(get_resolver()) if ":" in name}
    known = {page.view for page in PAGES} | set(ELSEWHERE)
    assert ours - known == set(), "views without a row in tests/pages/table.py"
    assert known - ours == set(), "rows of views that do not exist"
