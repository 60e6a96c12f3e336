"""What stands in the form of a new rehearsal before anybody types: nothing, an earlier rehearsal, a scenario file, an address.

All of them become one mapping of field names to lists of texts, as a form sends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from django.http import QueryDict

from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries.scenarios import Chosen, chosen_of, parameters, written_keys

CANDIDATE, BASE = "p_", "b_"
MOST_BYTES = 200_000
MONTHS = 12
Rows = list[tuple[str, str, str]]


class _Plain(yaml.SafeDumper):
    """Writes numbers in texts without quotes, as people do."""

    yaml_implicit_resolvers: dict[Any, Any] = {}


class FileProblem(ValueError):
    """A scenario file cannot be taken. Its text is for people."""


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
        data = yaml.load(text, yaml.BaseLoader)
    except yaml.YAMLError:
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


def filled_from_file(raw: bytes, run: int) -> QueryDict:
    """The form's fields as a scenario file has them (that of the page, or of `qinglan twin`). FileProblem in a sentence.

    People and pack are those of the chosen year: a file names them, it does not bring them.
    """
    if len(raw) > MOST_BYTES:
        raise FileProblem(f"文件太大（{len(raw) // 1000} KB）；情景文件只有几 KB，请选从推演页下载的 .yaml 文件。")
    try:
        data = yaml.safe_load(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FileProblem("文件不是 UTF-8 文字；请选从推演页下载的 .yaml 文件。") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        at = getattr(getattr(error, "problem_mark", None), "line", None)
        raise FileProblem(
            f"文件{'' if at is None else f'第 {at + 1} 行'}写法不对，读不出来；请照下载的样子改。"
        ) from None
    if not isinstance(data, dict):
        raise FileProblem("文件里没有「名称: 内容」；请选从推演页下载的 .yaml 文件。")
    if unknown := [str(key) for key in data if key not in written_keys()]:
        raise FileProblem(f"文件里有不认识的键「{'」「'.join(unknown[:5])}」；可用：{'、'.join(written_keys())}。")
    try:
        return _from(data, run)
    except FileProblem:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise FileProblem("文件里的内容不全或写法不对；请照从推演页下载的文件改。") from None


def _from(data: Mapping[str, Any], run: int) -> QueryDict:
    months = int(data.get("months", 120))
    if months % MONTHS:
        raise FileProblem(f"文件里 months 写的是 {months}；名额、等次和工资按年算，请写 12 的倍数。")
    known = {one.name for one in parameters()}
    given = {str(name): float(value) for name, value in (data.get("parameters") or {}).items()}
    if unknown := [name for name in given if name not in known]:
        raise FileProblem(f"文件里有不认识的行为参数「{'」「'.join(unknown[:5])}」；参数表里有的才能用。")
    chosen = Chosen(
        str(data.get("name", ""))[:80], int(data.get("year", 0)), str(data.get("place") or ""), str(data.get("pack", "")),
        dict(data.get("diff") or {}), given, months, int(data.get("replicates", 100)), int(data.get("seed", 1)),
    )  # fmt: skip
    return filled(chosen, run)
