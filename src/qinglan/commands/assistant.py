"""`qinglan assistant check|index|tune|eval`: the cards checked, their vectors stored, the weights tuned, the answers measured."""

import json
import time
from datetime import date
from pathlib import Path

import click
import yaml

from qinglan.core.retrieval.cards import CardError, read_cards
from qinglan.core.retrieval.encoding import local
from qinglan.core.retrieval.evaluating import REFUSE, TARGET, Evaluation, QuestionsError, evaluate, read_questions
from qinglan.core.retrieval.index import build, texts
from qinglan.core.retrieval.shipped import CARDS, VECTORS, WEIGHTS, answerer, cards, refusals
from qinglan.core.retrieval.tuning import Example, tune
from qinglan.core.retrieval.vectors import Store

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
THRESHOLDS = {"refuse": -1.0, "sure": 4.5, "answer": 0.7, "tie": 0.6}


@click.group()
def assistant() -> None:
    """助手：检查卡片、存向量、调权重、评测。 / The assistant: check cards, store vectors, tune, evaluate."""


@assistant.command()
@click.argument("folder", default=CARDS, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(folder: Path) -> None:
    """检查知识卡文件。 / Check files of cards."""
    try:
        found = read_cards(folder)
    except CardError as error:
        raise click.ClickException("\n".join(error.problems)) from None
    click.echo(f"{len(found)} 张卡片，{sum(len(card.asked) for card in found):,} 种问法，没有问题。")


@assistant.command()
def index() -> None:
    """为卡片里新的文字存下向量。 / Store the vectors of the cards' new texts."""
    encoder = local()
    store = Store.read(VECTORS, encoder)
    every = texts(cards(), refusals())
    new = store.missing(every)
    started = time.perf_counter()
    store.vectors(every, encoder)
    VECTORS.parent.mkdir(exist_ok=True)
    store.write(VECTORS, every)
    click.echo(f"{len(every):,} 段文字，新算 {len(new):,} 段，用时 {time.perf_counter() - started:.0f} 秒。")


@assistant.command("tune")
@click.argument("files", nargs=-1, required=True, type=FILE)
def tune_(files: tuple[Path, ...]) -> None:
    """由训练集调权重（不得用留出的评测集）。 / Tune the weights on the training split, never on the held-out set."""
    encoder = local()
    store = Store.read(VECTORS, encoder)
    made = build(cards(), refusals(), encoder, store)
    asked = [one for file in files for one in _questions(file)]
    examples = [
        Example(
            one.question,
            frozenset(number for number, card in enumerate(made.cards) if one.expected in card.items),
        )
        for one in asked
        if not one.context
    ]
    before = yaml.safe_load(WEIGHTS.read_text(encoding="utf-8")) if WEIGHTS.exists() else {}
    found = tune(made, encoder, store, examples)
    found |= {name: before.get(name, value) for name, value in THRESHOLDS.items()}
    head = "# How signs weigh (core/retrieval/ranking.py); made by `qinglan assistant tune`, thresholds by hand on the training split.\n"
    WEIGHTS.parent.mkdir(exist_ok=True)
    WEIGHTS.write_text(head + yaml.safe_dump(found, sort_keys=False, default_flow_style=None), encoding="utf-8")
    click.echo(f"{len(examples):,} 个问题，权重写入 {WEIGHTS.name}。")


@assistant.command("eval")
@click.argument("file", type=FILE, metavar="文件/FILE.csv")
@click.option("--json", "as_json", is_flag=True, help="印出 JSON / print JSON")
@click.option(
    "--misses", type=click.IntRange(0), default=20, show_default=True, help="列出几个没有答对的 / misses to list"
)
def eval_(file: Path, as_json: bool, misses: int) -> None:
    """用一批问题评测：覆盖、正确、出处、拒答、用时，先列没答对的。 / Evaluate on a file of questions."""
    answerer().ask("先问一句", today=date.today())  # what is loaded at the first question is not this file's
    found = evaluate(answerer(), _questions(file), date.today())
    if as_json:
        click.echo(json.dumps(_as_data(found), ensure_ascii=False))
        return
    for one in found.misses[:misses]:
        card = one.reply.card.title if one.reply.card else one.reply.refusal.title if one.reply.refusal else ""
        click.echo(f"× {one.question.question} 〔应为 {one.question.expected}；{one.reply.outcome}：{card}〕")
    if len(found.misses) > misses:
        click.echo(f"… 另有 {len(found.misses) - misses} 个没有答对，--misses 可多列。")
    for label, share in found.shares.items():
        click.echo(f"{label}：{share}")
    click.echo(
        f"目标 {TARGET:.0%}（assistant.ai98）。用时中位 {found.latency(0.5) * 1000:.0f} 毫秒，95% 在 {found.latency(0.95) * 1000:.0f} 毫秒内。"
    )


def _questions(file: Path) -> list:
    try:
        return read_questions(file.read_text(encoding="utf-8-sig"), cards())
    except UnicodeDecodeError:
        raise click.ClickException(f"{file.name} 不是 UTF-8 编码；请另存为 CSV UTF-8。") from None
    except QuestionsError as error:
        raise click.ClickException("\n".join(f"{file.name} {one}" for one in error.problems)) from None


def _as_data(found: Evaluation) -> dict[str, object]:
    return {
        "questions": len(found.asked),
        "target": TARGET,
        "shares": {
            label: {"good": one.good, "all": one.all, "interval": list(one.interval)} for label, one in found.shares.items()
        },
        "median_ms": round(found.latency(0.5) * 1000, 1),
        "p95_ms": round(found.latency(0.95) * 1000, 1),
        "misses": [
            {
                "question": one.question.question, "expected": one.question.expected, "outcome": str(one.reply.outcome),
                "item": one.reply.card.items[0] if one.reply.card else (REFUSE if one.turned_away else None),
            }
            for one in found.misses
        ],
    }  # fmt: skip
