"""`qinglan ask`: one question, one reply, from the cards that come with the program, without a database and without a network."""

import json
from datetime import date

import click

from qinglan.core.retrieval.deciding import City, Reply, Turn
from qinglan.core.retrieval.encoding import plain
from qinglan.core.retrieval.shipped import answerer_by

OUTCOMES = {"answered": "答", "asks_back": "请补充", "refused": "不答", "handed_over": "转人工"}


@click.command()
@click.argument("question", nargs=-1, required=True, metavar="问题/QUESTION")
@click.option("--json", "as_json", is_flag=True, help="印出 JSON / print JSON")
@click.option("--city", help="在哪个市、区 / which city or district")
@click.option("--context", help="上一句问的是什么 / what was asked before")
def ask(question: tuple[str, ...], as_json: bool, city: str | None, context: str | None) -> None:
    """问一个问题，给出回答与出处；不知道就说不知道。 / Ask one question; the answer cites its card and law, or says it does not know."""
    place = City(city) if city else None
    answerer = answerer_by(plain())  # one question does not wait for the kernels
    before: tuple[Turn, ...] = ()
    if context:
        first = answerer.ask(context, today=date.today(), city=place)
        before = (Turn(first.question, first.card.title if first.card else ""),)
    reply = answerer.ask(" ".join(question), today=date.today(), city=place, before=before)
    if as_json:
        click.echo(json.dumps(as_data(reply), ensure_ascii=False))
        return
    for number, label in reply.emergency:
        click.echo(f"【先打电话】{number} {label}")
    click.echo(f"〔{OUTCOMES[reply.outcome]}〕{reply.text}")
    for label, text in reply.lines:
        click.echo(f"  {label}：{text}")
    if reply.asks == "city":
        click.echo("  因地而异：请告诉我您在哪个市、区（--city），有本区填写的数字会一并给出。")
    if reply.masked:
        click.echo("  您写的证件号、电话已隐去；这里不需要写这些号码。")
    if reply.card:
        click.echo(f"  卡片：{reply.card.title}（{'、'.join(reply.card.items)}，核对于 {reply.card.checked}）")


def as_data(reply: Reply) -> dict[str, object]:
    """Plain data of a reply: outcome, item, card, text, citations and what stands beside them."""
    card = reply.card
    return {
        "outcome": str(reply.outcome),
        "item": card.items[0] if card else None,
        "items": list(card.items) if card else [],
        "card": {"title": card.title, "version": card.digest[:12], "checked": str(card.checked)} if card else None,
        "text": reply.text,
        "details": [{"label": label, "text": text} for label, text in reply.lines],
        "citations": list(reply.citations),
        "choices": [one.title for one in reply.choices],
        "emergency": [number for number, _ in reply.emergency],
        "asks": reply.asks,
        "masked": reply.masked,
        "certain": round(reply.certain, 3),
    }
