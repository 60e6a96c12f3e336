"""What stands in the form of a new rehearsal before anybody types: nothing, an earlier rehearsal, an address; a scenario file
(queries.scenario_files).

All of them become one mapping of field names to lists of texts, as a form sends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from django.http import QueryDict

from qinglan.apps.policy.queries.rehearsing import PackError, read_value
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries.scenarios import Chosen, chosen_of

CANDIDATE, BASE = "p_", "b_"
MONTHS = 12
Rows = list[tuple[str, str, str]]


class _Plain(yaml.SafeDumper):
    """Writes numbers in texts without quotes, as people do."""

    yaml_implicit_resolvers: dict[Any, Any] = {}


def plain(value: object) -> str:
    """A value of a pack as it is written in one."""
    return (
        value
        if isinstance(value, str)
        else yaml.dump(value, Dumper=_Plain, allow_unicode=True, sort_keys=False).rstrip()
    )


def cells_of(text: str) -> list[tuple[str, str]]:
    """(name, value) of a value that is a plain table of one column; empty for any other: it is edited as it is written."""
    try:
        data = read_value(text)  # refuses aliases and what is nested deeply: the text is typed by somebody
    except PackError:
        return []
    if not isinstance(data, dict) or not all(isinstance(one, str) for one in (*data, *data.values())):
        return []
    return list(data.items())


def rows_of(sent: QueryDict) -> Rows:
    """(item id, first day, value): of each row either one text or the cells of its table. A row: its own number names its fields."""
    found = []
    numbers = sent.getlist("row")
    items, days = sent.getlist("item"), sent.getlist("since")
    if not numbers:
        return list(zip(items, days, sent.getlist("value"), strict=False))
    for item, day, number in zip(items, days, numbers, strict=False):
        names = sent.getlist(f"key-{number}")
        if names:
            cells = [one.strip() for one in sent.getlist(f"cell-{number}")]
            found.append((item, day, plain(dict(zip(names, cells, strict=False)))))
        else:
            found.append((item, day, sent.get(f"value-{number}", "")))
    return found


def filled(chosen: Chosen, run: int, *, base_text: int | None = None, other_text: int | None = None) -> QueryDict:
    """The form's fields as this scenario has them."""
    data = QueryDict(mutable=True)
    data.update(
        {
            "run": str(run), "name": chosen.name, "place": chosen.place, "years": str(chosen.months // MONTHS),
            "replicates": str(chosen.replicates), "seed": str(chosen.seed), "base_text": str(base_text or ""),
            "other_text": str(other_text or ""),
        }
    )  # fmt: skip
    for prefix, values in ((CANDIDATE, chosen.parameters), (BASE, chosen.base)):
        for name, number in values.items():
            data[prefix + name] = f"{number:.12g}"
    for item, since, value in diff_rows(chosen.diff):
        for key, text in (("item", item), ("since", since), ("value", value)):
            data.appendlist(key, text)
    return data


def diff_rows(diff: Mapping[str, Any]) -> Iterable[tuple[str, str, str]]:
    """A diff as the rows of the form."""
    for item, entry in diff.items():
        for dated in entry["values"]:
            yield item, str(dated["since"]), plain(dated["value"])


def filled_again(row: Rehearsal) -> QueryDict:
    """The form's fields as that rehearsal had them."""
    return filled(chosen_of(row), row.run_id, base_text=row.base_text_id, other_text=row.other_text_id)
