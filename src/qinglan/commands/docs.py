"""`qinglan docs`: writes the reference pages that are made from code, or (--check) fails when one is out of date.

To add a page: write a function that returns its text, add it to PAGES.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from django.db.models import TextChoices

from qinglan import server
from qinglan.apps.assistant import states as assistant_states
from qinglan.apps.base.models import RELEASE_STEPS, ReleaseState
from qinglan.apps.policy import states
from qinglan.apps.rights import states as rights_states
from qinglan.commands import pack_pages
from qinglan.config.api import api
from qinglan.config.environment import FOR_PEOPLE
from qinglan.core.year.files import describing

CHECKOUT = server.PACKAGE_DIR.parent.parent
MADE = "<!-- 由 qinglan docs 生成，请勿手改 / made by `qinglan docs`, do not edit -->\n"


def _settings_page() -> str:
    rows = [
        f"| `{name}` | {one.default or '（空）'} | {one.chinese} | {one.english} |" for name, one in FOR_PEOPLE.items()
    ]
    head = ["# 环境变量 / Environment variables", "", "| 名称 | 默认 | 作用 | what it does |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _walk(command: click.Command, path: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(command, info_name=path.rsplit(" ", 1)[-1], parent=parent, terminal_width=100)
    if parent is not None:
        yield f"\n## {path}\n\n```text\n{command.get_help(context).rstrip()}\n```"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _walk(inner, f"{path} {name}", context)


def _commands_page() -> str:
    root = click.get_current_context().find_root().command
    return "\n".join(["# 命令 / Commands", *_walk(root, "qinglan", None), ""])


def _states_page() -> str:
    """The table of states, as a diagram and as a table."""
    arrows = [
        f"    {source.value} --> {step.target.value}: {move.label}"
        for move, step in states.STEPS.items()
        for source in step.sources
    ]
    arrows += [f"    {source.value} --> {target.value}" for source, target in states.FOLLOWING]
    rows = [
        f"| {move.label} `{move.value}` | {'、'.join(one.label for one in step.sources)} | {step.target.label} | "
        f"{'、'.join(f'{one.label}人' for one in step.apart_from) or '—'} | {'是' if step.note_needed else ''} |"
        for move, step in states.STEPS.items()
    ]
    named = [f"    {state.value}: {state.label}" for state in states.State]
    return "\n".join([
        "# 年度结果的状态 / States of a year", "",
        "```mermaid", "stateDiagram-v2", "    [*] --> draft", *named, *arrows, "```", "",
        "办理的人不能与「须不同于」的人相同，也不能有本人的结果在这次计算里（ADR 0008）。", "",
        "| 办理 | 由 | 到 | 须不同于 | 须写说明 |", "|---|---|---|---|---|", *rows, "",
    ])  # fmt: skip


def _rights_states_page() -> str:
    """The ways of a claim and of a proposal, each as a diagram."""
    lines = ["# 诉求与处置建议的状态 / States of claims and proposals", ""]
    parts: list[tuple[str, type[TextChoices], Mapping[Any, rights_states.Step]]] = [
        ("诉求 / Claims", rights_states.Claim, rights_states.CLAIM_STEPS),
        ("处置建议 / Proposals", rights_states.Proposal, rights_states.PROPOSAL_STEPS),
    ]
    for title, named, steps in parts:
        first = next(iter(named))
        lines += [f"## {title}", "", "```mermaid", "stateDiagram-v2", f"    [*] --> {first.value}"]
        lines += [f"    {state.value}: {state.label}" for state in named]
        lines += [
            f"    {one.value} --> {step.target.value}: {move.label}"
            for move, step in steps.items()
            for one in step.sources
        ]
        lines += ["```", ""]
    return "\n".join(lines)


def _assistant_states_page() -> str:
    """The ways of a hand-over, of a card's version and of an evaluation, each as a diagram; and why a hand-over ends without an answer."""
    handing = assistant_states.Handing
    parts: list[tuple[str, type[TextChoices], Iterable[tuple[str, str, str]]]] = [
        (
            "转人工 / Hand-overs",
            handing,
            (
                (one, to, move.label)
                for move, (sources, to) in assistant_states.HANDING_STEPS.items()
                for one in sources
            ),
        ),
        (
            "知识卡的版本 / Versions of a card",
            ReleaseState,
            ((one, to, move.label) for move, (sources, to) in RELEASE_STEPS.items() for one in sources),
        ),
        (
            "评测 / Evaluations",
            assistant_states.Measuring,
            ((*pair, "") for pair in assistant_states.MEASURING_TRANSITIONS),
        ),
    ]
    lines = ["# 问答助手的状态 / States of the assistant", ""]
    for title, named, steps in parts:
        lines += [f"## {title}", "", "```mermaid", "stateDiagram-v2", f"    [*] --> {next(iter(named)).value}"]
        lines += [f"    {state.value}: {state.label}" for state in named]
        lines += [f"    {one} --> {to}" + (f": {label}" if label else "") for one, to, label in steps]
        lines += ["```", ""]
        if named is handing:
            lines += [
                "接手、放回、答复、关闭由能答复那个地方的人办理，不能办自己转来的。放回的理由："
                + "；".join(one.label for one in assistant_states.PutBack) + "。", "",
                "| 关闭的理由 | 提问的人看到 |", "|---|---|",
                *(f"| {one.label} | {assistant_states.CLOSED_SAYS[one]} |" for one in assistant_states.Closing), "",
            ]  # fmt: skip
    return "\n".join(lines)


def _api_description() -> str:
    """What /api/v1/openapi.json serves, for those who write the other side without a running site."""
    return json.dumps(api.get_openapi_schema(path_prefix="api/v1/"), ensure_ascii=False, indent=1) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/commands.md": _commands_page,
    "docs/reference/settings.md": _settings_page,
    "docs/reference/calc.md": describing.page,
    "docs/reference/states.md": _states_page,
    "docs/reference/states-rights.md": _rights_states_page,
    "docs/reference/states-assistant.md": _assistant_states_page,
}


@click.command()
@click.option("--check", is_flag=True, help="只核对，不改 / compare only")
def docs(check: bool) -> None:
    """生成参考文档。 / Write the reference pages that are made from code."""
    stale = []
    pages = {CHECKOUT / name: MADE + page() for name, page in PAGES.items()} | pack_pages.pages(CHECKOUT / "docs")
    pages[CHECKOUT / "docs/reference/openapi.json"] = _api_description()
    for path, text in pages.items():
        if _read(path) != text:
            stale.append(str(path.relative_to(CHECKOUT)))
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if check and stale:
        raise click.ClickException(f"文档与程序不符：{'、'.join(stale)}；请运行 qinglan docs。")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
