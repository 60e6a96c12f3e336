"""A later question of a talk: whether it hangs on the one before, changes the matter, or lies outside what is known at all.

What names only an aspect (材料, 时限, 费用 …) or a kin (那我妈呢) hangs on. Of the rest two lines decide, fitted on tests/data/assistant/turns_training.csv:
whether it is nearer to what is refused than to the card before, and whether another card is much nearer to it than that card.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qinglan.core.retrieval.index import Index
from qinglan.core.retrieval.ranking import Ranked, side, told
from qinglan.core.retrieval.text import grams, normalise

# What a follow-up asks about; what is left of it when these are taken out says whether it stands by itself.
ASPECTS = {
    "materials": re.compile(
        r"(要|需要|得|该)?(带|拿|准备|交|提供|备)(些|点|哪些|什么|啥|几样)*(材料|资料|证件|东西|手续)?(什么|啥|哪些)?"
        r"|什么(材料|资料|证件|手续)|啥(材料|证件|手续)|(材料|资料|证件|手续)"
    ),
    "limit": re.compile(
        r"从?(哪|几|什么)(一|个)?(月|年|天|时候)(开始|起)?(算|发|领)|有结果|有消息|多久|多长时间|几天|几个月|多少天|啥时候|什么时候|何时|时限|期限|等多长|快不快|办好|办下来|批下来|下来|拿到"
    ),
    "fee": re.compile(r"(要|收|花|交)?(多少)?(钱|费用|手续费|收费)(吗|不|么|多少)?|免费|收费"),
    "where": re.compile(
        r"(在|去|到|上|找)?(哪里|哪儿|哪个地方|哪个窗口|哪个部门|哪办|哪|谁)(办理|办|交|申请|找|领|开|弄)?|打?(哪个|什么)?电话|地址|窗口"
    ),
    "online": re.compile(r"(能|可以)?(网上|手机|线上|微信|app|小程序)(上)?(能|可以)?(办|申请|弄)?"),
    "agent": re.compile(
        r"(能|可以)?(别人|家里人|家人|孩子|子女|亲戚|我儿子|我女儿)?(帮我|替我|代)(办|领|去|交)*|代办|委托"
    ),
    "refused": re.compile(r"不给(办|批|发|开)|被拒|拒绝|不(同意|批准|受理|通过)|没(通过|批)|批不下来|不行(的话)?"),
    "law": re.compile(r"(什么|哪条|哪个|有)?(依据|法律|规定|条文|哪一条)"),
}
FILLER = re.compile(
    r"[那这它呢吗么啊呀吧的了，。？！?!、\s]|如果|要是|请问|还|也|又|办这个|这个|那个|我|要|能|是|有|会|可以|需要|应该|该|怎么|办|申请|一下|大概|一般|一共|就|得"
)
KIN = re.compile(
    r"^(那么?)?(我|他|她|俺|咱)?(们|家)?(爸爸?|妈妈?|爷爷?|奶奶?|外公|外婆|姥姥|姥爷|老婆|老公|媳妇|爱人|丈夫|妻子|孩子|儿子|女儿|"
    r"闺女|孙子|孙女|哥哥?|弟弟?|姐姐?|妹妹?|父母|老人|公公|婆婆|岳父|岳母|叔叔?|舅舅?|姑姑?|姨|自己|本人)?(呢|行不行|行吗|可以吗|能吗)[?？]?$"
)
FOLLOWS = re.compile(
    r"^(那|这|它|还有|另外|如果|要是|然后|再问|具体|我爸|我妈|我爷|我奶|我老婆|我老公|我孩子|孩子呢)|呢[？?]?$"
)
WRAPPED = re.compile(r"^那么?(?=.{2,}呢[？?]?$)|(?<=.{2})呢[？?]?$|^那么?(?=.{4})")
SHORT = 14  # characters of a follow-up that may hang on what was asked before
# Which is best to buy, eat or visit: no card recommends anything.
ADVICE = re.compile(
    r"哪(家|个|款|种|只|部|里)?(牌子|品牌)?[^，。]{0,2}(好(?!办)|强|便宜|划算|好吃|好玩|好看|靠谱)|推荐"
)
SAME = 0.985  # cosine from which two texts are the same question
# Lines over what is left of a question. Outside: how far on the refused side, nearer to the card before than to a refused example,
# how much of it that card knows. Changed: how much nearer its best card is than the card before, how much more of it that one knows.
OUTSIDE = (-3.9, -12.25, -2.0, -1.5)
CHANGED = (45.0, 2.7, -3.9)


@dataclass(frozen=True)
class Hanging:
    """How a question relates to the card before: `outside` and `changed` above 0 speak against its hanging on it."""

    outside: float
    changed: float


def may_follow(text: str) -> bool:
    """Whether a question is short enough, or begins like one that goes on."""
    return len(text) <= SHORT or bool(FOLLOWS.search(text))


def bare(text: str) -> str:
    """A question without what only ties it to the one before: 那产假呢 -> 产假."""
    return WRAPPED.sub("", text) or text


def of_kin(text: str) -> bool:
    """那我妈呢, 我老公行吗: the same matter for another person."""
    return bool(KIN.match(normalise(text)))


def only_aspects(question: str) -> bool:
    """Whether a question names nothing but an aspect (that the card before is asked about)."""
    plain = normalise(question)
    return len(_rest(plain)) <= 1 and any(pattern.search(plain) for pattern in ASPECTS.values())


def hanging(index: Index, text: str, alone: Ranked, before: int) -> Hanging:
    """`text` normalised and bare, `alone` its own ranking; `before`: the number of the card that answered last."""
    rows = index.rows[index.starts[before] : index.starts[before + 1]]
    held = max(float((rows @ alone.vector).max()), float(index.titles[before] @ alone.vector))
    best = int(alone.order[0])
    tokens = frozenset(grams(_rest(text)))
    knows = told(index, tokens, index.words(before)) if tokens else 1.0
    other = told(index, tokens, index.words(best)) if tokens else 1.0
    named = best != before and alone.near >= SAME  # another card is asked by just these words
    a, b, c, start = OUTSIDE
    d, e, begin = CHANGED
    return Hanging(
        outside=1.0
        if ADVICE.search(text)
        else a * side(index, alone.vector) + b * (held - alone.refused_near) + c * knows + start,
        changed=1.0 if named else d * (alone.near - held) + e * (other - knows) + begin if best != before else -1.0,
    )


def _rest(plain: str) -> str:
    """What is left of a question without aspects and fillers."""
    for pattern in ASPECTS.values():
        plain = pattern.sub("", plain)
    return FILLER.sub("", plain)
