"""A card in the office's words, field by field, and where two of them say something else."""

from __future__ import annotations

from dataclasses import dataclass

from qinglan.core.retrieval.cards import EMERGENCY, WAYS, Card

AUDIENCES = {"resident": "居民", "worker": "社区工作者", "both": "居民和社区工作者"}
KINDS = {"answer": "直接回答", "certificate": "不得开具的证明", "handover": "转人工"}
PACK_PARTS = {
    "allowance": "岗位津贴、职业资格津贴等", "hours": "学时", "newcomer": "新入职期", "post_grade": "岗位等级", "step": "薪级",
    "pay": "工资构成", "evaluation": "考核", "rotation": "轮岗", "rights_day": "权益保护日", "promotion": "晋升", "care_fund": "关爱金",
}  # fmt: skip
LABELS = {
    "title": "标题", "audience": "对谁说", "kind": "类型", "answer": "答复", "next": "下一步", "decides": "谁决定", "accepts": "谁受理",
    "helps": "谁协助", "materials": "材料", "limit": "时限", "fee": "费用", "law": "依据", "basis": "内容出处", "city": "因地而异的内容",
    "must_not": "社区不能做", "emergency": "先显示的紧急电话", "changed": "近期变化", "from_pack": "取自本区政策包",
    "checked": "最近核对", "questions": "问法",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One field of which two cards say something else: lines before and after; of lists only what went and what came."""

    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def in_words(card: Card) -> dict[str, tuple[str, ...]]:
    """Label -> lines, in the order of the page; empty fields are there, without lines."""
    said: dict[str, tuple[str, ...]] = {
        "title": (card.title,),
        "audience": (AUDIENCES[card.audience],),
        "kind": (KINDS[card.kind],),
        "answer": (card.answer,),
        "next": (card.next,),
        "decides": _some(card.decides),
        "accepts": _some(card.accepts),
        "helps": _some(card.helps),
        "materials": card.materials,
        "limit": _some(card.limit),
        "fee": _some(card.fee),
        "law": tuple(map(str, card.law)),
        "city": tuple(f"{one.label}（{one.unit}）" if one.unit else one.label for one in card.city),
        "must_not": _some(card.must_not),
        "emergency": tuple(f"{one} {EMERGENCY[one]}" for one in card.emergency),
        "changed": _some(card.changed),
        "from_pack": _some(PACK_PARTS.get(card.from_pack, card.from_pack)),
        "basis": (_named(card.basis),),
        "checked": (f"{card.checked:%Y年%-m月%-d日}",),
    }
    return {LABELS[name]: lines for name, lines in said.items()}


def ways(card: Card) -> list[tuple[str, tuple[str, ...]]]:
    """(way, its questions)."""
    return [(label, card.questions.get(way, ())) for way, label in WAYS.items()]


def compared(old: Card | None, new: Card | None) -> list[Change]:
    """Where `new` says something else than `old`; None where there is none."""
    before, after = (in_words(one) if one else {} for one in (old, new))
    found = []
    for name in LABELS.values():
        left, right = before.get(name, ()), after.get(name, ())
        if left != right:
            found.append(Change(name, *_only(left, right)))
    asked_before, asked_after = (dict(ways(one)) if one else {} for one in (old, new))
    for label in WAYS.values():
        left, right = asked_before.get(label, ()), asked_after.get(label, ())
        if left != right:
            gone, come = _only(left, right)
            found.append(Change(f"问法：{label}", gone or (("（次序不同）",) if not come else ()), come))
    return found


def _only(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    gone = tuple(one for one in left if one not in right)
    come = tuple(one for one in right if one not in left)
    return (gone, come) if gone or come else (left, right)


def _named(basis: str) -> str:
    """Where a card's facts come from; the program's own lists by their names in words."""
    return basis.replace("questions.md", "随系统的问题清单").replace("policy_facts", "随系统的政策要点")


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
