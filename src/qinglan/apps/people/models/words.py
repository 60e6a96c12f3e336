"""The closed lists of the personnel office: each value in English for the code, in Chinese for the page.

`from_words` of a list reads the words that rosters use for it (the label and the other names given here).
"""

from __future__ import annotations

from typing import Self

from django.db import models


class Spoken(models.TextChoices):
    """A closed list that can be read from office words."""

    @classmethod
    def other_names(cls) -> dict[str, str]:
        """Words beside the labels -> value."""
        return {}

    @classmethod
    def from_words(cls, words: str) -> Self:
        """The member that `words` name. ValueError in Chinese lists what would be understood."""
        by_words = {**cls.other_names(), **{member.label: member.value for member in cls}}
        try:
            return cls(by_words["".join(words.split())])
        except KeyError:
            raise ValueError(f"不认识“{words}”，可以填写：{'、'.join(cls.labels)}。") from None


class Level(models.TextChoices):
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    DISTRICT = "district", "区县"
    SUBDISTRICT = "subdistrict", "街道"
    COMMUNITY = "community", "社区"
    GRID = "grid", "网格"
    BODY = "body", "单位"  # a body with a code of our own


class OrganisationKind(models.TextChoices):
    STATISTICAL = "statistical", "行政区划与自治组织"
    BUREAU = "bureau", "职能部门"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织"
    STUDIO = "studio", "工作室"
    ASSESSING_FIRM = "assessing_firm", "评估机构"


class ChangeKind(models.TextChoices):
    MERGE = "merge", "合并"
    SPLIT = "split", "拆分"
    RENAME = "rename", "更名"
    MOVE = "move", "划转"
    CLOSE = "close", "撤销"


class Sex(Spoken):
    FEMALE = "female", "女"
    MALE = "male", "男"


class Party(Spoken):
    MEMBER = "member", "中共党员"
    PROBATIONARY = "probationary", "中共预备党员"
    LEAGUE = "league", "共青团员"
    MINGE = "minge", "民革党员"
    MINMENG = "minmeng", "民盟盟员"
    MINJIAN = "minjian", "民建会员"
    MINJIN = "minjin", "民进会员"
    NONGGONG = "nonggong", "农工党党员"
    ZHIGONG = "zhigong", "致公党党员"
    JIUSAN = "jiusan", "九三学社社员"
    TAIMENG = "taimeng", "台盟盟员"
    INDEPENDENT = "independent", "无党派人士"
    MASSES = "masses", "群众"

    @classmethod
    def other_names(cls) -> dict[str, str]:
        return {"党员": "member", "预备党员": "probationary", "团员": "league", "无党派": "independent"}


class EducationLevel(Spoken):
    JUNIOR = "junior", "初中及以下"
    SENIOR = "senior", "高中"
    COLLEGE = "college", "大专"
    BACHELOR = "bachelor", "本科"
    MASTER = "master", "硕士研究生"
    DOCTOR = "doctor", "博士研究生"

    @classmethod
    def other_names(cls) -> dict[str, str]:
        return {"初中": "junior", "小学": "junior", "中专": "senior", "硕士": "master", "博士": "doctor"}


class CertificateLevel(Spoken):
    JUNIOR = "junior", "助理社会工作师"
    MIDDLE = "middle", "社会工作师"
    SENIOR = "senior", "高级社会工作师"

    @classmethod
    def other_names(cls) -> dict[str, str]:
        return {"初级": "junior", "中级": "middle", "高级": "senior"}


class Band(models.TextChoices):
    HEAD = "head", "正职"
    DEPUTY = "deputy", "副职"
    STAFF = "staff", "工作人员"


class PostKind(Spoken):
    SECRETARY_DIRECTOR = "secretary_director", "党组织书记兼居委会主任（一肩挑）"
    SECRETARY = "secretary", "党组织书记"
    DIRECTOR = "director", "居委会主任"
    DEPUTY_SECRETARY = "deputy_secretary", "党组织副书记"
    DEPUTY_DIRECTOR = "deputy_director", "居委会副主任"
    COMMITTEE = "committee", "两委委员"
    WORKER = "worker", "社区工作者"
    GRID = "grid", "网格员"
    STUDIO = "studio", "专职社工室社工"
    ASSISTANT = "assistant", "协管员"
    OTHER = "other", "其他岗位"  # the posting's title says which

    @classmethod
    def other_names(cls) -> dict[str, str]:
        return {
            "党委书记、居委会主任": "secretary_director",
            "书记、主任": "secretary_director",
            "书记兼主任": "secretary_director",
            "书记主任一肩挑": "secretary_director",
            "书记、主任一肩挑": "secretary_director",
            "社区书记兼主任": "secretary_director",
            "社区书记、主任": "secretary_director",
            "一肩挑": "secretary_director",
            "党委书记": "secretary",
            "党总支书记": "secretary",
            "党支部书记": "secretary",
            "社区书记": "secretary",
            "社区党委书记": "secretary",
            "社区党总支书记": "secretary",
            "社区党支部书记": "secretary",
            "社区党组织书记": "secretary",
            "书记": "secretary",
            "社区主任": "director",
            "主任": "director",
            "党委副书记": "deputy_secretary",
            "党总支副书记": "deputy_secretary",
            "党支部副书记": "deputy_secretary",
            "社区副书记": "deputy_secretary",
            "社区党委副书记": "deputy_secretary",
            "副书记": "deputy_secretary",
            "社区副主任": "deputy_director",
            "副主任": "deputy_director",
            "居委会委员": "committee",
            "社区两委委员": "committee",
            "党委委员": "committee",
            "委员": "committee",
            "社区专职工作者": "worker",
            "专职社区工作者": "worker",
            "社区网格员": "grid",
            "专职网格员": "grid",
        }

    @property
    def band(self) -> Band:
        """正职, 副职 or 工作人员: what tiers and pay ask of a post."""
        return _BANDS.get(self, Band.STAFF)

    @property
    def elected(self) -> bool:
        """Whether such a post is filled by election as a rule; a posting may say otherwise."""
        return self in _ELECTED


_BANDS = {
    PostKind.SECRETARY_DIRECTOR: Band.HEAD,
    PostKind.SECRETARY: Band.HEAD,
    PostKind.DIRECTOR: Band.HEAD,
    PostKind.DEPUTY_SECRETARY: Band.DEPUTY,
    PostKind.DEPUTY_DIRECTOR: Band.DEPUTY,
}
_ELECTED = {*_BANDS, PostKind.COMMITTEE}


class Track(models.TextChoices):
    MANAGEMENT = "management", "管理"
    PROFESSIONAL = "professional", "专业"


class ContractKind(Spoken):
    LABOUR = "labour", "劳动合同"
    DISPATCH = "dispatch", "劳务派遣"
    ELECTED = "elected", "选任（不签合同）"
    PUBLIC = "public", "事业编制"


class ExitReason(Spoken):
    """Why an employment ended; upward ways out are kept apart (`exit.upward`, `recruit.status_conversion`)."""

    VOLUNTARY = "voluntary", "自愿离职"
    DISMISSED = "dismissed", "解聘"
    EXPIRED = "expired", "合同到期不续"
    RETIRED = "retired", "退休"
    UPWARD = "upward", "提拔或转编"
    TRANSFERRED = "transferred", "调往外区"
    DIED = "died", "死亡"


class StatusKind(Spoken):
    NORMAL = "normal", "正常在岗"
    PROBATION = "probation", "试用期"
    MATERNITY = "maternity", "孕产哺乳期"
    SICK = "sick", "病假"
    SECONDED = "seconded", "借调"
    SUSPENDED = "suspended", "停职"


class Role(models.TextChoices):
    DISTRICT_OFFICER = "district_officer", "区级管理员"
    SUBDISTRICT_OFFICER = "subdistrict_officer", "街道管理员"
    COMMUNITY_SECRETARY = "community_secretary", "社区书记"
    WORKER = "worker", "社区工作者"
    MENTOR = "mentor", "导师"
    ASSESSOR = "assessor", "测评人"
    RESIDENT = "resident", "居民"
    FINANCE = "finance", "财务"
    AUDITOR = "auditor", "审计"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"
