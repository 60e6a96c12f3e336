"""The overview offers each account what it may do."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("name", "offered"), [("district_a", True), ("finance_a", False), ("auditor_a", False)])
def test_only_who_may_import_is_sent_to_the_imports(sign_in, name: str, offered: bool) -> None:
    client = sign_in(name)
    assert (client.get("/imports/").status_code == 200) == offered
    assert ('href="/imports/"' in client.get("/").content.decode()) == offered
