"""What residents of the fictional district asked, through the same actions as real ones: answered, liked or not, waiting for a person,
answered by one; and some of what varies by city filled in with invented values."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from qinglan.apps.assistant.actions import asking, city, handing
from qinglan.apps.assistant.models import CityValue, Question
from qinglan.apps.assistant.states import Channel, Thumb
from qinglan.apps.people.models import RoleGrant, User
from qinglan.demo import places

INVENTED = "合成数据，演示用，不是真实标准"
CITY = {
    "gaoling_age": "80", "gaoling_amount": "100", "night_hours": "晚22时至次日6", "dog_number": "1", "dibao_days_county": "15",
    "marriage_office": "桃源区政务服务中心二楼，可网上预约",
}  # fmt: skip
# Talks: each a channel and questions that follow each other, with what the asker thought of the reply.
TALKS = (
    (Channel.PAGE, (("邻居半夜唱歌吵得睡不着怎么办", Thumb.UP), ("那要带什么材料？", Thumb.NONE))),
    (Channel.PAGE, (("老人八十了有没有补贴", Thumb.UP), ("到哪里办", Thumb.NONE))),
    (Channel.PAGE, (("帮我开个无犯罪记录证明", Thumb.NONE),)),
    (Channel.PAGE, (("小区充电桩总是跳闸找谁", Thumb.DOWN),)),
    (Channel.PAGE, (("充电桩老跳闸谁来修", Thumb.DOWN),)),
    (Channel.PAGE, (("电动车充电的桩子坏了找哪个", Thumb.DOWN),)),
    (Channel.KIOSK, (("低保到哪里申请", Thumb.NONE), ("多久能批下来", Thumb.UP))),
    (Channel.KIOSK, (("养狗要办证吗", Thumb.UP),)),
    (Channel.PAGE, (("明天会下雨吗", Thumb.NONE),)),
)  # fmt: skip
# Questions that go to a person, with what the resident adds.
HANDED = (
    ("我家楼上漏水，物业说等下周，能不能有人来看看", "3 栋，白天都在家"),
    ("社区的老年食堂周末开不开", "给我妈问的"),
)
ANSWERED = ("活动室什么时候能借来排练", "周一至周五晚上七点到九点，请提前一天到社区服务站登记。")


def asked(*, today: date) -> tuple[int, int]:
    """This will fill in and ask all of it, once; (questions, hand-overs)."""
    if CityValue.objects.within(places.DISTRICT).exists():
        return 0, 0
    officer, secretary = (User.objects.get(username=name) for name in ("qu", "shuji"))
    home = RoleGrant.objects.filter(user=secretary).earliest("pk").org_code
    with transaction.atomic():
        for field, text in CITY.items():
            city.fill(
                district=places.DISTRICT,
                field=field,
                text=text,
                since=date(today.year, 1, 1),
                source=INVENTED,
                by=officer,
            )
        for channel, turns in TALKS:
            talk = asking.begin(channel=channel, place=home)
            for text, thumb in turns:
                row = asking.ask(talk=talk, text=text)
                if thumb:
                    asking.rate(question=row, thumb=thumb)
        for text, note in HANDED:
            handing.hand_over(question=_alone(home, text), note=f"{note}（合成数据）")
        text, answer = ANSWERED
        handed = handing.hand_over(question=_alone(home, text))
        handing.answer(
            hand_over=handing.take(hand_over=handed, by=secretary), text=f"{answer}（合成数据）", by=secretary
        )
    return sum(len(turns) for _, turns in TALKS) + len(HANDED) + 1, len(HANDED) + 1


def _alone(place: str, text: str) -> Question:
    return asking.ask(talk=asking.begin(channel=Channel.PAGE, place=place), text=text)
