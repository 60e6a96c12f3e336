"""What a reply says against what it may rest on: its card, its refusal, the district's values and the words of its pack."""

import re
from collections.abc import Mapping

from qinglan.core.retrieval.deciding import City, Reply

NUMBER = re.compile(r"\d[\d,，]*(?:\.\d+)?")
LAW = re.compile(r"《([^》]+)》")
CITED = re.compile(r"《([^》]+)》((?:、?第[\d\-–]+条)+)")
ARTICLE = re.compile(r"第([\d\-–]+)条")


def told(reply: Reply) -> str:
    """Everything that a reply shows."""
    return " ".join((reply.text, *(f"{label} {text}" for label, text in reply.lines)))


def ground(reply: Reply, city: City | None, pack: Mapping[str, str] | None) -> str:
    """Everything that it may rest on."""
    known = [one.title for one in reply.choices]
    if reply.card:
        known += [reply.card.model_dump_json(), *map(str, reply.card.law), f"{reply.card.checked:%Y %-m %-d}"]
        fields = {one.name for one in reply.card.city}
        for name, value in city.values.items() if city else ():
            if name in fields:
                known += [value.text, f"{value.since:%Y %-m %-d}"]
        known += [(pack or {}).get(reply.card.from_pack, "")]
    if reply.refusal:
        known.append(reply.refusal.says)
    if reply.asks == "choice":
        known.append(" ".join(map(str, range(1, len(reply.choices) + 1))))
    return " ".join([*known, city.name if city else ""])


def unfounded(reply: Reply, city: City | None = None, pack: Mapping[str, str] | None = None) -> list[str]:
    """Numbers, laws and articles of the reply that stand nowhere; [] when all is well."""
    said, known = told(reply), ground(reply, city, pack)
    numbers = set(NUMBER.findall(known))
    found = [one for one in NUMBER.findall(said) if one not in numbers and one.strip(",，") not in numbers]
    found += [f"《{name}》" for name in LAW.findall(said) if name not in known]
    laws = {(law.name, article) for law in (reply.card.law if reply.card else ()) for article in law.articles}
    for name, articles in CITED.findall(said):
        for one in ARTICLE.findall(articles):
            if (name, one) not in laws and f"《{name}》{articles}" not in known:
                found.append(f"《{name}》第{one}条")
    return found
