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
        r"从?(哪|几|什么)(一|个)?(月|年|天|时候)(开始|起)?(算|发|领)|有结果|有消息|等?多久|等?多长(时间)?|能好(?=$|[吗呢?？])|弄好|几天|几个月|多少天|啥时候|什么时候|何时|时限|期限|快不快|办好|办下来|批下来|下来|拿到"
    ),
    "fee": re.compile(r"(要|收|花|交)?(多少)?(钱|费用|手续费|收费)(吗|不|么|多少)?|免费|收费"),
    "decides": re.compile(r"(谁|哪个部门|哪一?级|哪里)(来)?(说了算|决定|审批|审核|批准|批(?!发))"),
    "where": re.compile(
        r"(在|去|到|上|找)?(哪里|哪儿|哪个地方|哪个窗口|哪个部门|哪办|哪|谁)(办理|办|交|申请|找|领|开|弄)?|打?(哪个|什么)?电话|地址|窗口"
    ),
    "online": re.compile(r"(能|可以)?(网上|手机|线上|微信|app|小程序)+(上)?(能|可以)?(办|申请|弄|搞)?"),
    "agent": re.compile(
        r"(能|可以)?(别人|家里人|家人|孩子|子女|亲戚|我儿子|我女儿)?(帮我|替我|代)(办|领|去|交)*|代办|委托"
    ),
    "refused": re.compile(
        r"不给(办|批|发|开)|被拒|拒绝|不(同意|批准|受理|通过)|没(通过|批)|不(肯|愿意?|答应|配合|让|收|理)|批不下来|不行(的话)?"
    ),
    "law": re.compile(r"(凭|为)?(什么|啥|哪条|哪个|有)?(依据|法律|规定|条文|哪一条)"),
    "papers": re.compile(
        r"(要|用|几)?(不要|不用|张|份)?(复印件?(的)?|原件|照片|相片|签字|签名|盖章|按手印|填表|写申请)(要|几|多少|行)?|"
        r"(没带|忘(了)?带|缺|少)了?(一?[样张个份])?(身份证|户口[本簿]|材料|证件|照片|证明)|"
        r"没有?(身份证|户口[本簿]|材料|证件|照片|证明)(?=的话|呢|咋|怎|行|可以|能)|"
        r"(材料|证件|手续)(不[全齐够]|没带|缺)|(用什么|怎么|咋)证明(?!书)"
    ),
    "steps": re.compile(
        r"(具体)?(怎么|咋|如何)(操作|弄|搞|走|填|写|开始)|操作|步骤|流程|程序|(别的|其他|其它)(办法|途径|渠道|法子)|第一步|先(干|做|办|去|找)(什么|啥|哪)|下一步"
    ),
    "trips": re.compile(
        r"(要|得)?(跑|去|来)(几|多少)(趟|次|回)|(周末|星期[一二三四五六日天]|礼拜[一二三四五六天]|节假日|中午)(上不上班|上班吗|开门|办不办|能办|行)|"
        r"上班时间|(要|用|需要)?(提前|先)?(预约|约(?=[吗不])|排队|取号)|几楼|哪一?层楼?"
    ),
    "late": re.compile(
        r"(超过|过了|错过|误了|超了|赶不上|来不及)了?(规定)?(时间|期限|日子|时限|期|点|日期)(了)?|逾期|晚了|错过了(还能补)?|来不及了?"
    ),
    "again": re.compile(
        r"(第二|下|再|每)(次|回|年)(还)?(要)?|(以前|之前|原来|上次)(那个|的)?(办过?)?(的)?(还)?(算|有效|能用)|重新(办|申请)|再(办|申请|来)"
    ),
    "age": re.compile(r"(年龄|岁数|年纪|户籍|户口)?(上)?(有|没有)?(什么|啥)?(限制|要求|条件)"),
    "self": re.compile(
        r"(要|得|用|需要)?(不用|不要)?(我|他|她)?(们)?(本人|自己|亲自)(去|到场|到|来|跑)?|(两个人|夫妻俩?|一家人)(都|一起)(要)?(去|来|到场)?|"
        r"(能|可以|能不能|可不可以)?(让|叫|请)(我)?(老婆|老公|儿子|女儿|爱人|家属|亲戚|朋友|家里人|孩子)(替|帮|代)?(我)?(去|办|来|交)?(可以|行)?|"
        r"(老婆|老公|儿子|女儿|爱人|家属|亲戚|朋友|家里人)(替|帮|代|能去|去行)(我)?(去|办|来|交)?"
    ),
    "effect": re.compile(r"(会)?(有)?(什么|啥)(后果|影响|坏处|好处|用处)"),
    "hands": re.compile(
        r"(社区|居委会|居委|你们|街道)(能|可以|能不能|可不可以)?(管不管|管吗|管|帮我?|代)(办|交|弄|忙|写)?|不会(写字|用手机|上网|弄|填)"
    ),
}
# Taken out before the others, which would leave a part of them.
FIRST = re.compile(
    r"(钱|款)?(什么时候|啥时候|几时|几号)?(打|发|汇|转|到)(到|给|在)?(谁的|哪张|什么|哪个|我的)?(卡|账|账户|账号|存折)(上|里)?|到账|贵不贵|收不收(钱|费)|"
    r"(找|去|向)?(哪个|什么|哪|啥)(部门|单位|地方)?(举报|投诉|反映|管(?!理)|负责)|(能|可以|怎么|去哪里?|找谁|向谁)(举报|投诉|反映)"
)
FILLER = re.compile(
    r"[那这它呢吗么啊呀吧的了，。？！?!、\s]|如果|要是|请问|还|也|又|办这个|这个|那个|我|要|能|是|有|会|可以|需要|应该|该|怎么|办|申请|一下|大概|一般|一共|就|得|"
    r"的话|具体|咋办|咋整|咋|啥|什么|哪个|行|先|再|给|去|来|用|让|他们|他|她|你们|人家|不|没|都|是|电话|多少"
)
KIN = re.compile(
    r"^(那么?)?(我|他|她|俺|咱)?(们|家)?(爸爸?|妈妈?|爷爷?|奶奶?|外公|外婆|姥姥|姥爷|老婆|老公|媳妇|爱人|丈夫|妻子|孩子|儿子|女儿|老[爸妈爹娘公婆]|老头子?|老太太|"
    r"闺女|孙子|孙女|哥哥?|弟弟?|姐姐?|妹妹?|父母|老人|公公|婆婆|岳父|岳母|叔叔?|舅舅?|姑姑?|姨|自己|本人)?(呢|行不行|行吗|可以吗|能吗)[?？]?$"
)
# The same matter for other kinds of people.
SORT = re.compile(
    r"^(那么?)?(如果|要是|假如)?(我|他|她)?(是|的)?(外地人?|外省|本地人?|农村|城里|农民工?|学生|老人|小孩子?|孩子|年轻人|女的|男的|没工作|没有工作|退休|灵活就业|单身|离异|残疾人|低保户|"
    r"(外地|外省|农村|城镇|老家的?|集体)户口|(我)?户口(不在(这边|这里|本地|这)|在(外地|老家))|人(在|不在)(外地|本地|老家|这边)|租房)(的|了|人)?(也)?(呢|行不行|行不|行吗|可以吗|能吗|能办吗|怎么办|咋办|咋弄|可以|算吗)*[?？]?$"
)
FOLLOWS = re.compile(
    r"^(那|这|它|还有|另外|如果|要是|然后|再问|具体|我爸|我妈|我爷|我奶|我老婆|我老公|我孩子|孩子呢)|呢[？?]?$"
)
WRAPPED = re.compile(r"^那么?(?=.{2,}呢[？?]?$)|(?<=.{2})呢[？?]?$|^那么?(?=.{4})")
A_FEW = 4  # characters of a question that names nothing else if nothing at all is left of it
SHORT = 14  # characters of a follow-up that may hang on what was asked before
# Which is best to buy, eat or visit: no card recommends anything.
ADVICE = re.compile(
    r"哪(家|个|款|种|只|部|里)?(牌子|品牌)?[^，。]{0,2}(好(?!办)|强|便宜|划算|好吃|好玩|好看|靠谱)|推荐"
)
SAME = 0.985  # cosine from which two texts are the same question
# Lines over what is left of a question. Outside: how far on the refused side, nearer to the card before than to a refused example,
# how much of it that card knows. Changed: how much nearer its best card is than the card before, how much more of it that one knows.
OUTSIDE = (-3.9, -12.25, -2.0, -1.35)
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
    """那我妈呢, 我老公行吗, 外地人呢: the same matter for somebody else."""
    plain = normalise(text)
    return bool(KIN.match(plain) or SORT.match(plain))


def only_aspects(question: str) -> bool:
    """Whether a question names nothing but an aspect (that the card before is asked about)."""
    plain = normalise(question)
    asks = FIRST.search(plain) or any(pattern.search(plain) for pattern in ASPECTS.values())
    return bool(asks) and len(_rest(plain)) <= (1 if len(plain) > A_FEW else 0)


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
    plain = FIRST.sub("", plain)
    for pattern in ASPECTS.values():
        plain = pattern.sub("", plain)
    return FILLER.sub("", plain)
