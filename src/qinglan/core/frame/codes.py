"""Closed lists: the code stored in a frame, its name in packs and on pages. Numbers are stored; never renumber."""

from enum import IntEnum


class Code(IntEnum):
    """An int with a Chinese label: the member's name is for code, the label for packs and people."""

    label: str

    def __new__(cls, value: int, label: str) -> "Code":
        member = int.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def labels(cls) -> dict[int, str]:
        return {int(member): member.label for member in cls}

    @classmethod
    def by_label(cls) -> dict[str, int]:
        return {member.label: int(member) for member in cls}


class Sex(Code):
    MALE = 1, "男"
    FEMALE = 2, "女"


class Education(Code):
    SECONDARY = 1, "高中"
    COLLEGE = 2, "大专"
    BACHELOR = 3, "本科"
    MASTER = 4, "硕士研究生"
    DOCTOR = 5, "博士研究生"


class Certificate(Code):
    """Social-worker qualification (policy_facts §3)."""

    NONE = 0, "无"
    ASSISTANT = 1, "初级"
    INTERMEDIATE = 2, "中级"
    SENIOR = 3, "高级"


class Post(Code):
    SECRETARY_DIRECTOR = 1, "党组织书记兼居委会主任"
    SECRETARY = 2, "党组织书记"
    DIRECTOR = 3, "居委会主任"
    DEPUTY_SECRETARY = 4, "副书记"
    DEPUTY_DIRECTOR = 5, "副主任"
    COMMITTEE_MEMBER = 6, "两委委员"
    WORKER = 7, "社区工作者"
    GRID_WORKER = 8, "网格员"
    STUDIO_WORKER = 9, "专职社工室社工"


class Band(Code):
    """三岗: the pay band of a post."""

    HEAD = 1, "正职"
    DEPUTY = 2, "副职"
    WORKER = 3, "工作人员"


class Tier(Code):
    """三层级 (diagnose.tier3_ability6)."""

    NONE = 0, "未分层"
    NOVICE = 1, "新手"
    BACKBONE = 2, "骨干"
    PILLAR = 3, "中坚"


class Ability(Code):
    """六能力 (S0, S1)."""

    SERVE = 1, "为民服务力"
    MOBILISE = 2, "居民动员力"
    DELIBERATE = 3, "协商议事力"
    PROJECT = 4, "项目运营力"
    COORDINATE = 5, "统筹协调力"
    INNOVATE = 6, "治理创新力"


class Source(Code):
    """四位一体 (assess.four_in_one)."""

    RESIDENTS = 1, "群众评议"
    PROFESSIONAL = 2, "专业评估"
    PROCESS = 3, "过程考核"
    INNOVATION = 4, "创新贡献"


class Grade(Code):
    """江汉四等次, as the source names them (assess.jh_grades); 1 is best."""

    EXCELLENT = 1, "优秀"
    COMPETENT = 2, "比较称职"
    BASIC = 3, "基本称职"
    INCOMPETENT = 4, "不称职"


class Colour(Code):
    """红黄蓝 (assess.traffic_light)."""

    BLUE = 1, "蓝"
    YELLOW = 2, "黄"
    RED = 3, "红"


class Rank(Code):
    """五级 (career.five_rank_nine_grade)."""

    JUNIOR = 1, "初级"
    INTERMEDIATE = 2, "中级"
    SENIOR = 3, "高级"
    EXPERT = 4, "专家"
    LEADER = 5, "领军人才"


class Track(Code):
    MANAGEMENT = 1, "管理序列"
    PROFESSIONAL = 2, "专业序列"


class Level(Code):
    """The level of a body that gives an award or prize; 1 is highest."""

    NATIONAL = 1, "国家"
    PROVINCE = 2, "省"
    CITY = 3, "市"
    DISTRICT = 4, "区"
    SUBDISTRICT = 5, "街道"


class ExitReason(Code):
    NONE = 0, "在岗"
    VOLUNTARY = 1, "自愿离职"
    DISMISSED = 2, "解聘"
    RETIRED = 3, "退休"
    PROMOTED_OUT = 4, "向上流出"
    DECEASED = 5, "去世"


class Tie(Code):
    """What happens to those equal at the cut when not all of them fit (assess.jh_grades)."""

    NONE_ENTERS = 1, "并列全不入"
    ALL_ENTER = 2, "并列全入"


class Rounding(Code):
    UP = 1, "进一"
    DOWN = 2, "舍去"
    HALF_UP = 3, "四舍五入"
