"""Every item can be explained, and its example can be loaded as it stands."""

import pytest

from qinglan.core.packs.located import parse
from qinglan.core.packs.reading import EntryReader
from qinglan.core.rules.explaining import KIND_LABELS, example, example_value, what_may_be_written
from qinglan.core.rules.registry import FAMILIES, ITEMS


@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS)
def test_item_is_explained_and_its_example_loads(item) -> None:
    assert item.label
    assert item.shape.kind in KIND_LABELS
    assert all(part and words for part, words in what_may_be_written(item))
    reader = EntryReader(parse(example(item).encode(), "样例.yaml"), ITEMS, {"TY1": "办法"}, "sample")
    entries = reader.entries()
    assert reader.problems == []
    assert entries[item.id].values[0].value == item.shape.adapter.validate_python(example_value(item))


def test_item_ids_begin_with_their_mechanism_or_share_its_group() -> None:
    for item in ITEMS.values():
        assert item.id.partition(".")[0] in {"diagnose", "train", "credit", "assess", "career", "pay", "honour", "exit",
                                             "budget", "recruit", "practise", "mentor", "rights"}, item.id  # fmt: skip
        assert "." in item.mechanism, item.id


def test_every_item_cited_by_a_step_exists() -> None:
    cited = {(family.id, step.item) for family in FAMILIES.values() for step in family.steps.values() if step.item}
    assert [one for one in sorted(cited) if one[1] not in ITEMS] == []
