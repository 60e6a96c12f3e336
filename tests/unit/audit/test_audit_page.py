"""What the audit page says of the chain: of the rows on it at once, of everything by what the night found."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories import organisation
from tests.unit.audit.tampering import tampered

from qinglan.apps.audit.actions import chain, entry_row, heads
from qinglan.apps.audit.models import AuditEvent, ChainLink
from qinglan.apps.audit.queries import page
from qinglan.apps.audit.tasks import check_all

CODE = "990103001001"


@pytest.fixture(autouse=True)
def own_heads(settings: Any, tmp_path: Path) -> None:
    settings.QINGLAN_AUDIT_HEADS = tmp_path / "keys" / "heads.jsonl"


def said(number: int) -> AuditEvent:
    return entry_row("test.chain", by=None, target=None, org_code=CODE, after={"n": number})


@pytest.fixture
def life(db: None) -> None:
    organisation(CODE)
    AuditEvent.objects.bulk_create([said(n) for n in range(5)])


def test_rows_of_a_page_are_proved_by_themselves(life: None) -> None:
    """Only the rows asked for: another tampered row does not show; deleted, moved and rewritten ones do."""
    first, second, *others = AuditEvent.objects.filter(action="test.chain").order_by("pk")
    chain.seal()
    AuditEvent.objects.bulk_create([said(9)])
    late = AuditEvent.objects.latest("pk")
    proof = page.prove(AuditEvent, [first.pk, late.pk])
    assert (proof.count, proof.wrong, proof.waiting) == (2, [], True)
    assert proof.links == list(
        ChainLink.objects.filter(table_name="audit_auditevent", keys__contains=[str(first.pk)]).values_list(
            "number", flat=True
        )
    )

    def rewrite() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_auditevent SET org_code = '990102' WHERE id = %s", [first.pk])
            cursor.execute("DELETE FROM audit_auditevent WHERE id = %s", [second.pk])

    with tampered(rewrite):
        assert page.prove(AuditEvent, [one.pk for one in others]).wrong == []
        assert "被改动" in page.prove(AuditEvent, [first.pk]).wrong[0]
        assert "被删除" in page.prove(AuditEvent, [second.pk]).wrong[0]

    def rehash() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE audit_chainlink SET at = at + interval '1 second' WHERE %s = ANY (keys)", [str(first.pk)]
            )

    with tampered(rehash):
        assert "节被改动" in page.prove(AuditEvent, [first.pk]).wrong[-1]


def test_the_site_verifies_itself_at_night_and_keeps_what_it_found(life: None) -> None:
    heads.seal_and_export()
    check_all(timestamp=0)
    good = page.last_check()
    assert good is not None
    assert (good.wrong, good.said, good.heads, good.number) == (0, [], 1, ChainLink.objects.count())
    with tampered(lambda: AuditEvent.objects.filter(action="test.chain").update(by_name="别人")):
        check_all(timestamp=0)
        found = page.last_check()
        assert found is not None
        assert found.wrong == len(found.said) == 5


def test_the_rows_of_a_page_are_found_by_the_index_of_their_table(life: None) -> None:
    """A log grows for years; a page must not read all of it to prove five rows."""
    chain.seal()
    keys = list(AuditEvent.objects.filter(action="test.chain").values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as asked:
        page.prove(AuditEvent, keys)
    (question,) = [one["sql"] for one in asked.captured_queries if "FULL JOIN" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {question}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "audit_auditevent_pkey" in plan
    assert "Seq Scan on audit_auditevent" not in plan
