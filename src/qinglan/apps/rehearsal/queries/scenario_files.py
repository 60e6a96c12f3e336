"""A scenario as a file: what the page writes, and the form filled in from one. Read and checked by the reader of `qinglan twin`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from django.http import QueryDict

from qinglan.apps.policy.models import PackText, Run
from qinglan.apps.policy.queries.rehearsing import item_now
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries.bases import packs_of
from qinglan.apps.rehearsal.queries.filling import filled
from qinglan.apps.rehearsal.queries.places import places_of
from qinglan.apps.rehearsal.queries.scenarios import MONTHS, MOST_REPLICATES, MOST_SEED, MOST_YEARS, Chosen, chosen_of
from qinglan.core.twin.parameters import LEVERS
from qinglan.core.twin.scenario import Said, ScenarioError, parse_scenario

MOST_BYTES = 100_000
MOST_NAME, MOST_PROBLEMS = 80, 12
NAME = "情景文件"
RANGES = {"months": (MONTHS, MONTHS * MOST_YEARS), "replicates": (2, MOST_REPLICATES), "seed": (0, MOST_SEED)}
HEAD = "# 推演情景：可在「新的推演」里用「从情景文件开始」填好表单；命令行用 qinglan twin run，population 和 pack 换成自己的文件。\n"
PAGE_HEAD = (
    "# page 一段是推演页另记的（现行一边的做法、两边照的政策包），命令行不看；命令行要比较，另下载现行一边的文件。\n"
)


class FileProblem(ValueError):
    """A scenario file cannot be taken. `problems` are sentences for people."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def written(row: Rehearsal, base: bool) -> str:
    """The file of the candidate with all that the form needs to be as it was; `base`: that of the baseline, for the command line."""
    chosen = chosen_of(row)
    if base:
        return HEAD + chosen.base_text
    page: dict[str, Any] = {"base_parameters": dict(row.base_levers)} if row.base_levers else {}
    for key, text in (("base_pack", row.base_text), ("other_pack", row.other_text)):
        if text is not None:
            page[key] = text.digest
    if not page:
        return HEAD + chosen.text
    return HEAD + PAGE_HEAD + chosen.text + yaml.safe_dump({"page": page}, allow_unicode=True, sort_keys=False)


def filled_from_file(raw: bytes, run: Run) -> tuple[QueryDict, list[str]]:
    """(the form's fields as a scenario file has them, what people should know of it). FileProblem with every sentence.

    People and pack are those of the chosen year: a file names them, it does not bring them.
    """
    if len(raw) > MOST_BYTES:
        raise FileProblem([f"文件太大（{len(raw) // 1000} KB）；情景文件只有几 KB，请选从推演页下载的 .yaml 文件。"])
    try:
        said = parse_scenario(raw, NAME, RANGES)
    except ScenarioError as error:
        raise FileProblem(_some(error.problems)) from None
    place = said.place or run.org_code
    sides, problems = _packs(said, run)
    problems += list(_unfit(said, run, place))
    if problems:
        raise FileProblem(_some(problems))
    chosen = Chosen(
        said.name, run.year, place, "", said.diff, said.parameters, said.months, said.replicates, said.seed,
        said.page["base_parameters"] if said.page else {},
    )  # fmt: skip
    return filled(chosen, run.pk, base_text=sides[0], other_text=sides[1]), list(_notes(said, run))


def _some(problems: list[str]) -> list[str]:
    left = len(problems) - MOST_PROBLEMS
    return [*problems[:MOST_PROBLEMS], f"还有 {left} 处；请先改好上面的。"] if left > 0 else problems


def _unfit(said: Said, run: Run, place: str) -> Iterator[str]:
    """What the file asks for and this year has not."""
    if len(said.name) > MOST_NAME:
        yield f"{NAME}里 name（名称）有 {len(said.name)} 个字；请不多于 {MOST_NAME} 个字。"
    places = places_of(run)
    if place not in places:
        yield f"{NAME}里 place（组织代码）写的是「{place[:20]}」，{places[run.org_code]}没有这个范围；可写区（{run.org_code}）或其街道的代码。"
    for item in said.diff:
        if item_now(run, item) is None:
            yield f"{NAME}里的「{item}」，{run.year} 年的政策包「{run.pack_title}」没有这一项；请删去它，或换一个年度。"
    extra = [name for name in (said.page or {}).get("base_parameters", ()) if name not in LEVERS]
    if extra:
        yield f"{NAME}里 page 的 base_parameters 只可写做法（人手、培训、帮带、招聘），「{'」「'.join(extra[:5])}」不是。"


def _packs(said: Said, run: Run) -> tuple[tuple[int | None, int | None], list[str]]:
    """((text of the baseline, of the candidate), what is wrong): packs that the form can offer, by their digests."""
    found: list[int | None] = []
    problems = []
    numbers = {int(one) for one in packs_of(run)} | {run.pack_text_id}
    for key, side in (("base_pack", "现行"), ("other_pack", "方案")):
        digest = (said.page or {}).get(key)
        text = PackText.objects.filter(digest=digest).first() if digest else None
        if digest and (text is None or text.pk not in numbers):
            problems.append(
                f"{NAME}里{side}一边照的政策包（指纹 {digest[:12]}）不在本区用过、在拟的政策包里；请删去 page 里的 {key}，再在表里另选。"
            )
        found.append(None if text is None or text.pk == run.pack_text_id else text.pk)
    return (found[0], found[1]), problems


def _notes(said: Said, run: Run) -> Iterator[str]:
    """What the file names otherwise than the chosen year has it: the form goes by the chosen year."""
    if said.year and said.year != run.year:
        yield f"文件写的是 {said.year} 年末起，这里照所选的 {run.year} 年末起填；改动的起用日期请核对。"
    known = {run.pack, run.pack_text.name if run.pack_text else ""}
    if said.pack and said.pack not in known and not (said.page or {}).get("other_pack"):
        yield f"文件写的政策包是「{said.pack[:60]}」，这里照所选年度用的「{run.pack_title}」。"
