"""What comes before all else: danger is told whom to call, personal numbers are masked, some questions are never answered.

Rules, not learning, because here a miss is worse than a false alarm; what these let through is judged by the index (ranking.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qinglan.core.retrieval.danger import numbers

ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)|(?<!\d)\d{15}(?!\d)")
CARD_NUMBER = re.compile(r"(?<!\d)\d{16,19}(?!\d)")
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
MASK = "〔已隐去〕"

# Commands to the assistant itself. Nothing is ever executed; they are refused so that the asker is not led to think otherwise.
ORDERS = re.compile(
    r"忽略(掉)?(以上|上面|之前|前面|所有|一切|你的)|无视(以上|上面|之前|前面|所有|你的)|忘(记|掉)(以上|之前|前面|所有|你的)|不要遵守|解除(所有)?限制|"
    r"系统(提示|指令|prompt)|提示词|(开发者|管理员|调试|上帝|越狱)模式|你现在(是|扮演|要扮演)|(请|来)?扮演(一个|一名|成)|假装你是|你的(规则|指令|设定|内部)|"
    r"ignore (all|any|the|your|previous|above)|disregard (all|the|previous)|system prompt|developer mode|jailbreak|you are now|act as|pretend (to be|you)|"
    r"reveal your|print your|<\s*(script|system|img|iframe|/)|\[\s*(system|inst)|\{\{|```|\"role\"\s*:|drop table|select \* from|</?prompt>",
    re.IGNORECASE,
)
# Somebody else's data: a search for it, or a person and what only she may know.
WHOM = (
    r"(邻居|隔壁|楼上|楼下|对门|同事|领导|老板|主任|书记|网格员|房东|租客|业主|住户|前妻|前夫|前女友|前男友|男朋友|女朋友|老赖|"
    r"[一-鿿]某|别人|人家(?!让|叫|说|告诉|要|不|都|给|跟)|他人|某人|谁家|哪家|[一二三四五六七八九\d]+(室|号楼|单元|栋|幢))"
)
WHAT = (
    r"(电话|手机号|联系方式|身份证号|身份证号码|住址|家庭住址|门牌|住哪|住几号|工资(是|有)?多少|收入(是|有)?多少|"
    r"考核(结果|等次|得分)|病历|得了什么病|征信|开房|行踪|户口信息|银行卡号|名单|密码)"
)
# Somebody by name, as neighbours call each other; not a kin (小孙子) and not a thing.
NAMED = r"((小|老|阿)[王李张刘陈杨赵黄周吴徐朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾](?![子女孩家路])|[一-鿿]某)"
PAID = r"((一个月|每个?月|一年)(能|要|可以)?(拿|挣|领|赚|发)|考核(排|得|第|评)|绩效(多少|第))"
# What is nobody's business but her own.
SECRET = r"(是不是|有没有|吃没吃|在不在|在没在).{0,4}(矫正|吸毒|戒毒|低保|坐过?牢|案底|前科|离婚|离了婚|结过?婚|艾滋|精神病|传染病|欠债|欠钱)"
WHO = (
    r"(信访|上访|举报|投诉|报警|告状|吸毒|戒毒|领养|抱养|收养|矫正|吃低保|欠费)(了|的|过)?(我|我们|物业)?的?(人|孩子)?是(谁|哪(家|户|个))|"
    r"(?<![向找跟和问])(谁|哪个)(举报|投诉|告)了?(的)?我"
)
OTHERS = re.compile(
    rf"{WHOM}.{{0,10}}{WHAT}|{NAMED}.{{0,6}}({PAID}|{WHAT})|({WHOM}|{NAMED}).{{0,4}}{SECRET}|{WHO}|"
    rf"(查|告诉我|给我|帮我找|发我|要一份|调出|打印).{{0,12}}{WHOM}.{{0,8}}(的)?(信息|资料|档案|情况|{WHAT})"
)
OWN = re.compile(r"没有(留)?|骚扰|被.{0,6}(泄露|公开)|怎么投诉")
COURT = re.compile(
    r"(案子|官司|案件).{0,14}(开庭|打赢|胜诉|赢|怎么判|会判|判几年|判多少|几成把握)|(开庭|一审|二审|上诉|再审|庭审|出庭|答辩|质证|庭上).{0,20}(怎么|如何|能|会|要不要|该|帮)|"
    r"(怎么|如何|帮我).{0,10}(打赢|胜诉|写答辩|写起诉状|写上诉状|反驳对方律师)"
)
# A claim of money that somebody has heard of; whether it stands in the card is looked up afterwards.
AMOUNT = re.compile(
    r"\d[\d,，]*(?:\.\d+)?\s*(?:元|块|万|千|百)|[一二两三四五六七八九十百千万]{1,6}(?:元|块钱|块|万块|万元|万)"
)
HEARSAY = re.compile(
    r"听说|听人说|听讲|据说|都说|网上说|不是说|说是|人人|每人|一律|统一发|国家发|政府发|全国|直接发|白给|自动(发|给)"
)
# What a rumour promises or threatens; whether it stands in the card is looked up as for amounts.
RUMOUR = re.compile(
    r"强制收|没收(?!入)|收走|判刑|坐牢|枪毙|罚金|一套房|送房|发房|一辆车|送车|别墅|百万|免刑|收归|充公|断电|全免|永久作废|终身不能|一辈子|转让|冒充"
)
CLAIMED = re.compile(
    r"听说|听人说|听讲|据说|都说|网上说|说是|规定|新规|新政策|必须|强制|国家|政府|社区(要|可以|能|有权)|居委会(要|可以|能|有权)|物业(要|可以|能|有权)|就(要|得|能|可以)|满.{1,6}就|[是对]吧|吧[?？。]?$|对不对"
)
# An order to do something, without any question in it.
ORDERED = re.compile(
    r"^(请|麻烦|马上|立刻|现在就?|快)?(你们?|社区)?(替我|帮我(?=报名|预约|提交|投票|转账|打电话|报警|请假|签到|交))(?![拿配问说想看查妈爸爷奶外老家儿女孩哥弟姐妹婆公媳爹娘伯叔舅姑姨岳])|"
    r"^(请|麻烦|马上|立刻|现在就?|快)?(你们?|社区)?(去|来)?(帮我|替我|给我)?把.{1,16}(关|停|抓|拆|挪|送|改|删|搬|赶|修|清|倒|划掉|打出来|导出|发给|发我|公开|取消)"
)
ASKING = re.compile(r"吗|么|怎|咋|谁|哪|如何|可以|能不能|能否|多少|几|何|啥|不行|行不|是不是|合法|办法|[?？]")


@dataclass(frozen=True)
class Guarded:
    """`text`: the question without personal numbers; `masked`: whether any were there. `danger`: numbers to call first.
    `refused`: the kind of refusal that rules alone decide, or ""."""

    text: str
    masked: bool
    danger: tuple[str, ...]
    refused: str


def guard(question: str) -> Guarded:
    """`question`: as it was typed."""
    text = question
    for pattern in (ID_NUMBER, CARD_NUMBER, PHONE):
        text = pattern.sub(MASK, text)
    return Guarded(text, text != question, numbers(text), _refused(text))


def _refused(text: str) -> str:
    if ORDERS.search(text):
        return "orders"
    if OTHERS.search(text) and not OWN.search(text):
        return "others"
    if COURT.search(text):
        return "court"
    return "act" if ORDERED.search(text) and not ASKING.search(text) else ""


def unknown_amount(question: str, known: str) -> str:
    """An amount of money that the question has heard of and that does not stand in `known` (a card's text); "" if none."""
    if not HEARSAY.search(question):
        return ""
    plain = known.replace(",", "").replace("，", "")
    for match in AMOUNT.finditer(question):
        said = match.group().replace(",", "").replace("，", "")
        if said not in plain:
            return match.group()
    return ""


def unknown_claim(question: str, known: str) -> str:
    """What a question takes for granted that does not stand in `known` (a card's text): a threat or a gift; "" if none."""
    if not CLAIMED.search(question):
        return ""
    return next((match.group() for match in RUMOUR.finditer(question) if match.group() not in known), "")
