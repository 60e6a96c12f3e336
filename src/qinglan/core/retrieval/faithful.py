"""Whether a rephrased answer says only what its cards say: numbers, days, names of laws and bodies, articles.

Numbers are compared as numbers, in figures or in Chinese (十五 = 15). In doubt a text is unfaithful: its card's own text is shown instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from qinglan.core.retrieval.cards import Card

FIGURES = re.compile(r"\d[\d,]*(?:\.\d+)?")
CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?|半|[廿卅]")
DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1_000}
GREAT = {"万": 10_000, "亿": 100_000_000}
# One that is a word, not a number: 一样, 统一, 一下 …
WORDS = re.compile(
    r"统一|一(样|下|起|定|般|些|点|直|律|次性|旦|边|并|致|同|切|概)|之一|唯一|第一时间|万一|一一|三方|千万别|百姓|老百姓|四处|十分(?!之)|万能|半(夜|天)|周(一|二|三|四|五|六)|星期(一|二|三|四|五|六)"
)
LAW = re.compile(r"《([^》]+)》")
NAMED = re.compile(r"[一-鿿]{2,14}(?:法|条例|办法|规定|决定|意见|通知|司法解释)(?=第|规定|的|，|。|；|、|$)")
ARTICLE = re.compile(r"第([\d零〇一二两三四五六七八九十百千]+)(?:条|款|项)")
BODIES = re.compile(
    r"[一-鿿]{0,8}?(?:民政局|公安局|派出所|法院|检察院|司法局|司法所|卫健委|卫生健康委|医保局|医疗保障局|人社局|人力资源社会保障局|社保局|税务局|住建局|"
    r"城管局|城管|消防救援|教育局|残联|妇联|工会|公证处|街道办事处|居委会|居民委员会|村委会|政府|法律援助中心|仲裁委|仲裁委员会|劳动监察|"
    r"受理窗口|热线|医院|银行|公司|协会|中心)"
)
LINK = re.compile(r"https?://|www\.|[\w.]+@[\w.]+|\.(?:com|cn|org|net)\b", re.IGNORECASE)
CORE = 3  # characters at the end of a body's name that name its kind


def faithful(text: str, cards: Sequence[Card]) -> list[str]:
    """What stands in `text` and in none of the cards; [] when it says nothing new."""
    said = unicodedata.normalize("NFKC", text)
    known = unicodedata.normalize("NFKC", " ".join(_all(card) for card in cards))
    found = [f"数字 {one}" for one in sorted(numbers(said) - numbers(known))]
    found += [f"法律 《{name}》" for name in LAW.findall(said) if name not in known]
    found += [f"法律 {name}" for name in NAMED.findall(said) if not _named(name, known)]
    articles = {number(one) for one in ARTICLE.findall(known)}
    found += [f"第{one}条" for one in ARTICLE.findall(said) if number(one) not in articles]
    found += [f"单位 {one}" for one in BODIES.findall(said) if one[-CORE:] not in known]
    found += [f"网址 {one}" for one in LINK.findall(said) if one not in known]
    return list(dict.fromkeys(found))


def numbers(text: str) -> set[str]:
    """Every number of a text, written one way: 3,600 and 三千六百 are 3600, 六成 is 6. Of a day each part."""
    plain = WORDS.sub("。", text)
    found = {_tidy(one) for one in FIGURES.findall(plain)}
    return found | {number(one) for one in CHINESE.findall(plain)}


def number(text: str) -> str:
    """A number in figures or in Chinese as figures; of what is neither, the text."""
    if FIGURES.fullmatch(text):
        return _tidy(text)
    if text == "半":
        return "0.5"
    if text in ("廿", "卅"):
        return {"廿": "20", "卅": "30"}[text]
    whole, _, rest = text.partition("点")
    if not any(char in UNITS or char in GREAT for char in whole):  # read out: 二〇二六
        value = "".join(str(DIGITS[char]) for char in whole if char in DIGITS)
        plain = value.lstrip("0") or "0"
    else:
        plain = str(_value(whole))
    return _tidy(f"{plain}.{''.join(str(DIGITS[char]) for char in rest)}") if rest else plain


def _value(text: str) -> int:
    total = part = digit = 0
    for char in text:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in UNITS:
            part += (digit or 1) * UNITS[char]
            digit = 0
        else:
            total = (total + part + digit or 1) * GREAT[char]
            part = digit = 0
    return total + part + digit


def _tidy(figures: str) -> str:
    plain = figures.replace(",", "")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain.lstrip("0") or "0" if "." not in plain else plain


def _named(name: str, known: str) -> bool:
    """Whether a law's name without 《》, or a tail of it that is still a name, stands in the cards."""
    return any(name[at:] in known for at in range(max(1, len(name) - 3)))


def _all(card: Card) -> str:
    laws = " ".join(f"{law} {' '.join(f'第{one}条' for one in law.articles)}" for law in card.law)
    return " ".join((
        card.title, card.answer, card.next, card.decides, card.accepts, card.helps, card.limit, card.fee, card.must_not,
        card.changed, *card.materials, laws, " ".join(card.emergency),
    ))  # fmt: skip
