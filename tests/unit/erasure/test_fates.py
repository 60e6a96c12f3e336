"""Every personal field of every table is emptied, or kept with a reason; nothing is forgotten when a field is added."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps
from tests.cast import Cast
from tests.unit.erasure.life import Life, lived
from tests.unit.erasure.test_erasing import confirmed

from qinglan.apps.base.models import Privacy, class_of
from qinglan.apps.erasure.actions import carrying
from qinglan.apps.erasure.queries import fates, hers
from qinglan.apps.people.models import Person, User

FIELDS = {
    f"{model._meta.label}.{one.name}": (model, one) for model, one in fates.personal_fields() if not one.is_relation
}
REACHED = hers.reachable()


def test_there_are_fields_to_decide() -> None:
    assert len(FIELDS) > 200
    assert {"people.Person.name", "people.PersonEvent.name", "rights.Claim.text", "facts.Award.title"} <= set(FIELDS)


@pytest.mark.parametrize("label", FIELDS)
def test_each_personal_field_is_decided(label: str) -> None:
    """Reached from her: its fate is known. Not reached: said why, or a name with the number of an account beside it."""
    model, one = FIELDS[label]
    base = f"{fates.followed(model)._meta.label}.{one.name}"
    if model in REACHED:
        fate = fates.fate_of(model, one)
        if fate.kept:
            assert len(fate.kept) > 4, "a reason"
        assert base not in fates.ELSEWHERE, "it is reached: say its fate in DECIDED"
    else:
        assert base in fates.ELSEWHERE or fates.signature_number(model, one), (
            f"{base}: no link leads there from a person; say in erasure.queries.fates what is done about it"
        )


def test_the_tables_name_no_field_that_is_gone() -> None:
    known = {f"{fates.followed(model)._meta.label}.{one.name}" for model, one in fates.personal_fields()}
    assert set(fates.DECIDED) <= known
    assert set(fates.ELSEWHERE) <= known
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert labels >= fates.REMOVED


def test_every_table_that_refers_to_her_is_ours_or_removed() -> None:
    """A library's table that hangs on an account cannot say what is private in it: its rows go."""
    assert [
        model._meta.label for model in REACHED if not fates.is_ours(model) and model._meta.label not in fates.REMOVED
    ] == []


def test_every_other_link_to_an_account_is_said_to_be_work() -> None:
    """`user` (or the person) makes rows hers, and a question that she handed over herself; any other link must be named, or her file
    would swallow other people's rows."""
    links = {
        f"{model._meta.label}.{one.name}"
        for parent in (Person, User)
        for model, one in hers.links(parent)
        if one.name not in {"user", "person", "kept", "dropped"}
    }
    assert links == {"assistant.HandOver.asked_by"}


@isolate_apps("qinglan.apps.people")
def test_a_new_personal_number_that_nobody_decided_is_found() -> None:
    class Shoe(models.Model):  # noqa: DJ008
        privacy = {"id": Privacy.INTERNAL, "size": Privacy.PERSONAL, "colour": Privacy.PERSONAL}
        size = models.IntegerField()
        colour = models.CharField(max_length=20)

        class Meta:
            app_label = "people"

    with pytest.raises(fates.Undecided, match=r"people\.Shoe\.size"):
        fates.fate_of(Shoe, Shoe._meta.get_field("size"))
    assert not fates.fate_of(Shoe, Shoe._meta.get_field("colour")).kept


# --- and what is said is done -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def module_life(module_cast: Cast, django_db_blocker: Any) -> Life:
    with django_db_blocker.unblock():
        return lived(module_cast)


def _state(rows: hers.Rows) -> Iterator[tuple[str, Any, str, Any]]:
    """(label, key, field, value) of every personal field of her rows."""
    for model, keys in rows.items():
        if fates.is_ours(model):
            names = [
                one.attname for one in model._meta.concrete_fields if class_of(model, one.name) >= Privacy.PERSONAL
            ]
            for key, *values in model._base_manager.filter(pk__in=keys).values_list("pk", *names):
                yield from ((model._meta.label, key, name, value) for name, value in zip(names, values, strict=True))


@pytest.mark.django_db
def test_in_her_rows_each_field_is_as_its_fate_says(
    cast: Cast, module_life: Life, settings: Any, tmp_path: Any
) -> None:
    settings.QINGLAN_ERASED = tmp_path / "erased.jsonl"
    erasure = confirmed(module_life)
    rows = hers.whole(Person.objects.get(pk=module_life.person.pk)).rows
    before = {(label, key, name): value for label, key, name, value in _state(rows)}
    carrying.carry_out(erasure=erasure)
    after = {(label, key, name): value for label, key, name, value in _state(rows)}
    left = {**before, **after}
    tried = set()
    for (label, key, name), value in before.items():
        model = apps.get_model(label)
        if label in fates.REMOVED:
            assert (label, key, name) not in after
            continue
        one = next(field for field in model._meta.concrete_fields if field.attname == name)
        if fates.fate_of(model, one).kept:
            if not isinstance(
                value, str | list
            ):  # words may hold her name; numbers, dates and words of a list stay as they are
                assert left[label, key, name] == value, (label, name)
        elif value not in ("", None, b""):
            assert left[label, key, name] != value or name == "birth", (label, name)
            tried.add(f"{label}.{name}")
    assert len(tried) > 40
