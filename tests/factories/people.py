"""Organisations, persons, posts and roster rows, as small as a test can do with."""

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any

from qinglan.apps.base.models import span
from qinglan.apps.people.models import Employment, Organisation, Person, Posting, PostKind, Sex
from qinglan.core.intake.idnumber import check_digit

_serial = count(1)
NAMES = (
    "王芳",
    "李娜",
    "张伟",
    "刘洋",
    "陈静",
    "杨敏",
    "赵磊",
    "黄丽",
    "周强",
    "吴婷",
    "仇英",
    "单雄",
    "尉迟敏",
    "曾国",
)


def id_number(serial: int, birth: date = date(1990, 1, 2), sex: str = Sex.FEMALE) -> str:
    """A sound synthetic ID number; `serial` below 500 for each birth date and sex gives another one."""
    first = f"990101{birth:%Y%m%d}{serial * 2 + (sex == Sex.MALE):03d}"
    return first + check_digit(first)


def organisation(code: str, name: str = "", **more: Any) -> Organisation:
    """An organisation that stands since before our records."""
    return Organisation.objects.create(
        code=code, name=name or f"机构{code}", valid=more.pop("valid", span(None)), synthetic=True, **more
    )


def person(org_code: str, **more: Any) -> Person:
    """A person at an organisation; every one with an ID number of her own."""
    n = next(_serial)
    birth = more.pop("birth", date(1970 + n // 400 % 30, 1 + n % 12, 1 + n % 28))
    sex = more.pop("sex", Sex.FEMALE)
    fields = {
        "name": NAMES[n % len(NAMES)],
        "id_number": id_number(100 + n % 400, birth, sex),  # those below 100 are for roster rows
        "phone": f"1390000{n:04d}",
        "synthetic": True,
    } | more
    return Person.objects.create(org_code=org_code, birth=birth, sex=sex, **fields)


def posted(org_code: str, kind: PostKind = PostKind.WORKER, since: date = date(2020, 1, 1), **more: Any) -> Person:
    """A person with a main post and an employment since the same day."""
    someone = person(org_code, **more)
    Employment.objects.create(person=someone, org_code=org_code[:6], span=span(since))
    Posting.objects.create(person=someone, org_code=org_code, kind=kind, elected=kind.elected, span=span(since))
    return someone


def roster_rows(codes: list[str], n: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """`n` canonical roster rows of different people over the communities `codes`."""
    for i in range(n):
        birth = date(1965 + i // 336 % 35, 1 + i % 12, 1 + i // 12 % 28)
        sex = Sex.FEMALE if i % 3 else Sex.MALE
        yield (
            i + 4,
            {
                "name": NAMES[i % len(NAMES)],
                "sex": sex.label,
                "id": id_number(i // 336 % 100, birth, sex),
                "birth": birth.isoformat(),
                "nation": "汉族",
                "party": "群众",
                "edu": "本科" if i % 2 else "大专",
                "post": "网格员" if i % 4 else "社区工作者",
                "start": f"20{10 + i % 15:02d}-07-01",
                "cert": "助理社会工作师" if i % 5 == 0 else "无",
                "cd": "2019-09-01" if i % 5 == 0 else None,
                "phone": f"139{i:08d}",
                "org": codes[i % len(codes)],
            },
        )
