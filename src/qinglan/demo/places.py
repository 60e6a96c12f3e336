"""The invented places: province 99, city 9901, district 990101 with 12 sub-districts of nine communities each."""

from dataclasses import dataclass

PROVINCE, CITY, DISTRICT = "99", "9901", "990101"
SOURCE = "合成数据：虚构的桃源区"
SUBDISTRICTS = (
    "桃花渡街道", "清溪街道", "柳岸街道", "青石桥街道", "云水街道", "芳草洲街道",
    "东篱街道", "南浦街道", "望湖街道", "长亭街道", "竹里街道", "枫桥街道",
)  # fmt: skip
COMMUNITIES = ("春晓", "夏荷", "秋实", "冬青", "明月", "和风", "新雨", "晴川", "锦绣")


@dataclass(frozen=True)
class Place:
    code: str
    name: str


def tree(subdistricts: int = len(SUBDISTRICTS)) -> list[Place]:
    """All places from the province down, parents first."""
    places = [Place(PROVINCE, "桃源省（虚构）"), Place(CITY, "桃源市（虚构）"), Place(DISTRICT, "桃源区（虚构）")]
    for number, name in enumerate(SUBDISTRICTS[:subdistricts], start=1):
        street = f"{DISTRICT}{number:03d}"
        places.append(Place(street, name))
        places += [
            Place(f"{street}{index:03d}", f"{name[:2]}{word}社区居委会")
            for index, word in enumerate(COMMUNITIES, start=1)
        ]
    return places


def communities(subdistricts: int = len(SUBDISTRICTS)) -> list[Place]:
    return [place for place in tree(subdistricts) if len(place.code) == 12]
