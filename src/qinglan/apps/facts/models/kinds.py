"""The eight kinds of fact about people and units, and the opening balances. Hours and scores are hundredths, money is fen."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from qinglan.apps.base.models import Privacy
from qinglan.core.frame.codes import Ability

from .base import Fact

P = Privacy.PERSONAL


def _points(hundredths: int | None) -> str:
    """Hundredths as people write them: 850 -> 8.5; missing as a dash."""
    return "—" if hundredths is None else f"{Decimal(hundredths) / 100:f}"


class TrainingKind(models.TextChoices):
    ANNUAL = "annual", "年度培训"
    ONBOARDING = "onboarding", "岗前培训"
    CONTINUING = "continuing", "继续教育"


class ScoreSource(models.IntegerChoices):
    """四位一体, as core.frame.codes.Source numbers them; months stand beside."""

    RESIDENTS = 1, "群众评议"
    PROFESSIONAL = 2, "专业评估"
    PROCESS = 3, "过程考核"
    INNOVATION = 4, "创新贡献"
    MONTHLY = 10, "月度考核"
    INTERVIEW = 11, "人才面试"
    SATISFACTION = 12, "满意度调查"
    INDEX_WORKERS = 13, "社区工作者专业化指数"
    INDEX_STUDIO = 14, "社区社会工作室指数"
    INDEX_RESIDENTS = 15, "社区居民组织化指数"


class AwardLevel(models.IntegerChoices):
    """As core.frame.codes.Level numbers them."""

    NATIONAL = 1, "国家"
    PROVINCE = 2, "省"
    CITY = 3, "市"
    DISTRICT = 4, "区"
    SUBDISTRICT = 5, "街道"


class WarningKind(models.TextChoices):
    MONTH_FAILED = "month_failed", "月度不合格"
    WARNING = "warning", "警告"
    TALK = "talk", "诫勉谈话"
    YEAR_INCOMPETENT = "year_incompetent", "年度不称职"


class TrainingRecord(Fact):
    """Training attended, one of three ledgers (`train.annual_days`, `train.onboarding_30h`, `credit.continuing_education`)."""

    privacy = {"kind": P, "course": P, "hours": P, "days": P}
    kind = models.CharField("类别", max_length=12, choices=TrainingKind)
    course = models.CharField("课程", max_length=120)
    hours = models.PositiveIntegerField("学时（百分之一）", null=True)
    days = models.PositiveIntegerField("天数（百分之一）", null=True)  # what a day is worth is the pack's to say
    IDENTITY = ("kind", "course", "valid_on")
    VALUES = ("hours", "days")

    class Meta(Fact.Meta):
        verbose_name = verbose_name_plural = "培训"
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                condition=Q(hours__isnull=False, days__isnull=True) | Q(hours__isnull=True, days__isnull=False),
                name="facts_training_hours_or_days",
            ),
        ]

    def summary(self) -> str:
        amount = f"{_points(self.hours)} 学时" if self.hours is not None else f"{_points(self.days)} 天"
        return f"{self.get_kind_display()} {self.course} {amount}"


class ShadowingRecord(Fact):
    """Hours of shadowing with a mentor (`train.shadowing_200h`)."""

    privacy = {"mentor": P, "hours": P}
    mentor = models.CharField("带教人", max_length=60)
    hours = models.PositiveIntegerField("小时（百分之一）")
    IDENTITY = ("mentor", "valid_on")
    VALUES = ("hours",)

    class Meta(Fact.Meta):
        verbose_name = verbose_name_plural = "跟岗"

    def summary(self) -> str:
        return f"跟岗 {_points(self.hours)} 小时，带教 {self.mentor}"


class ExamRecord(Fact):
    """A paper sat, or the certificate that came of it (policy_facts §3)."""

    privacy = {"level": P, "subject": P, "score": P, "passed": P, "certificate_number": Privacy.PERSONAL}
    level = models.CharField("级别", max_length=4)
    subject = models.CharField("科目", max_length=40, blank=True)
    score = models.PositiveIntegerField("成绩（百分之一）", null=True)
    passed = models.BooleanField("通过", null=True)
    certificate_number = models.CharField("证书编号", max_length=40, blank=True)
    IDENTITY = ("level", "subject", "valid_on")
    VALUES = ("score", "passed", "certificate_number")

    class Meta(Fact.Meta):
        verbose_name = verbose_name_plural = "考试与证书"

    def summary(self) -> str:
        result = "" if self.passed is None else "通过" if self.passed else "未通过"
        score = "" if self.score is None else f"{_points(self.score)} 分"
        told = "，".join(one for one in (score, result) if one)
        return " ".join(one for one in (self.level, self.subject, told) if one)


class EvaluationScore(Fact):
    """A score of one source for a person, or for a unit (`person` empty); `ballots` only where people vote."""

    privacy = {"source": P, "score": P, "ballots": P, "favourable": P}
    source = models.PositiveSmallIntegerField("来源", choices=ScoreSource)
    score = models.PositiveIntegerField("得分（百分之一）", null=True)
    ballots = models.PositiveIntegerField("有效票数", null=True)
    favourable = models.PositiveIntegerField("满意票数", null=True)
    IDENTITY = ("source", "valid_on")
    VALUES = ("score", "ballots", "favourable")

    class Meta(Fact.Meta):
        verbose_name = verbose_name_plural = "评价得分"
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__lte=10_000), name="facts_score_upto_100"),
        ]

    def summary(self) -> str:
        if self.source == ScoreSource.SATISFACTION:
            return f"满意度 {self.favourable}/{self.ballots}"
        votes = f"（{self.ballots} 票）" if self.ballots is not None else ""
        return f"{self.get_source_display()} {_points(self.score)} 分{votes}"


class AbilityRating(Fact):
    """The six abilities of one person, 0–100 in hundredths, in the order of core.frame.codes.Ability; null = not rated."""

    privacy = {"ratings": P}
    ratings = ArrayField(models.PositiveIntegerField(null=True), size=6, verbose_name="六能力")
    IDENTITY = ("valid_on",)
    VALUES = ("ratings",)

    class Meta(Fact.Meta):
        verbose_name = verbose_name_plural = "能力评定"

    def summary(self) -> str:
        return "、".join(f"{one.label} {_points(rating)}" for one, rating in zip(Ability, self.ratings, strict=True))


class Award(Fact):
    privacy = {"title": P, "level": P, "issuer": P}
    title = models.CharField("荣誉", max_length=120)
    level = models.PositiveSmallIntegerField("级别", choices=AwardLevel)
    issuer = models.CharField("授予单位", max_length=80, blank=True)
    IDENTITY = ("title", "valid_on")
    VALUES = ("level", "issuer")

    class Meta(Fact.Meta):
        verbose_name = verbose_name_plural = "荣誉"

    def summary(self) -> str:
        return f"{self.get_level_display()}级 {self.title}"


class WarningRecord(Fact):
    """A step of the warning ladder that people took (`exit.xuhui`); rules only propose."""

    privacy = {"kind": P, "cause": P}
    kind = models.CharField("类别", max_length=20, choices=WarningKind)
    cause = models.CharField("事由", max_length=300)
    IDENTITY = ("kind", "valid_on")
    VALUES = ("cause",)

    class Meta(Fact.Meta):
        verbose_name = verbose_name_plural = "警示"

    def summary(self) -> str:
        return f"{self.get_kind_display()}：{self.cause}"


class ProjectRecord(Fact):
    """A project: the money and prize behind `pay.project_allowance`, volume and quality of `assess.volume_vs_quality`."""

    privacy = {"title": P, "role": P, "prize_level": P, "fund": P, "volume": P, "quality": P}
    title = models.CharField("项目", max_length=120)
    role = models.CharField("角色", max_length=20, blank=True)
    prize_level = models.PositiveSmallIntegerField("获奖级别", choices=AwardLevel, null=True)
    fund = models.BigIntegerField("项目资金（分）", default=0)
    volume = models.PositiveIntegerField("工作量（件）", null=True)
    quality = models.PositiveIntegerField("质量分（百分之一）", null=True)
    IDENTITY = ("title", "valid_on")
    VALUES = ("role", "prize_level", "fund", "volume", "quality")

    class Meta(Fact.Meta):
        verbose_name = verbose_name_plural = "项目"

    def summary(self) -> str:
        prize = f"，{self.get_prize_level_display()}级获奖" if self.prize_level else ""
        return f"{self.title} 资金 {_points(self.fund)} 元{prize}"


class OpeningBalance(Fact):
    """What a district that goes live in mid-year brings along, as of the end of the month of `valid_on`.

    Hours that nobody wrote are null and say nothing; hours written (also 0) are all of that ledger up to then.
    """

    privacy = {
        "income": P,
        "special_deductions": P,
        "additional_deductions": P,
        "tax_withheld": P,
        "months_employed": P,
        "training_hours": P,
        "onboarding_hours": P,
        "shadowing_hours": P,
        "service_months": P,
        "ladder_grade": P,
        "additional_monthly": P,
    }
    income = models.BigIntegerField("累计收入（分）", default=0)
    special_deductions = models.BigIntegerField("累计专项扣除（分）", default=0)
    additional_deductions = models.BigIntegerField("累计专项附加扣除（分）", default=0)
    tax_withheld = models.BigIntegerField("已预扣税额（分）", default=0)
    months_employed = models.PositiveSmallIntegerField("本年任职月数", default=0)
    training_hours = models.PositiveIntegerField("年度学时（百分之一）", null=True)
    onboarding_hours = models.PositiveIntegerField("岗前学时（百分之一）", null=True)
    shadowing_hours = models.PositiveIntegerField("跟岗小时（百分之一）", null=True)
    service_months = models.PositiveSmallIntegerField("认定服务月数", null=True)
    ladder_grade = models.PositiveSmallIntegerField("职级（档）", null=True)
    additional_monthly = models.BigIntegerField("每月专项附加扣除（分）", default=0)
    IDENTITY = ("valid_on",)
    VALUES = tuple(privacy)

    class Meta(Fact.Meta):
        verbose_name = verbose_name_plural = "期初数"

    def summary(self) -> str:
        return f"累计收入 {_points(self.income)} 元，已扣税 {_points(self.tax_withheld)} 元"
