"""The person: who she is, where she stands now, and how she is found (name, pinyin, initials, sealed ID number)."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left, Now
from pypinyin import Style, lazy_pinyin

from qinglan.apps.base.models import OrgCodeField, Privacy, ScopedQuerySet, SealedTextField

from .words import EducationLevel, Party, Sex

# Surnames whose reading as a surname is not the everyday one. Two-character ones before one-character ones.
_SURNAMES = {
    "尉迟": "yu chi", "单于": "chan yu", "长孙": "zhang sun", "澹台": "tan tai", "万俟": "mo qi", "令狐": "ling hu",
    "宿": "su", "仇": "qiu", "单": "shan", "解": "xie", "查": "zha", "曾": "zeng", "任": "ren", "朴": "piao", "盖": "ge",
    "华": "hua", "区": "ou", "乐": "yue", "翟": "zhai", "缪": "miao", "谌": "chen", "逄": "pang", "过": "guo", "员": "yun",
    "黑": "he", "秘": "bi", "冼": "xian", "种": "chong", "繁": "po", "燕": "yan", "折": "she", "那": "na", "隗": "wei",
    "洗": "xian", "召": "shao", "句": "gou", "覃": "qin", "尹": "yin", "应": "ying", "葛": "ge", "纪": "ji", "贾": "jia",
    "牟": "mu", "祭": "zhai", "眭": "sui", "晁": "chao", "车": "che", "柏": "bai", "哈": "ha", "盛": "sheng", "石": "shi",
    "沈": "shen", "尤": "you", "干": "gan", "都": "du", "能": "nai", "俞": "yu", "卜": "bu", "杜": "du", "丁": "ding",
    "薄": "bo", "郇": "xun", "重": "chong", "粘": "nian", "莘": "shen", "乜": "nie", "阚": "kan", "么": "yao",
}  # fmt: skip


def person_names(name: str) -> tuple[str, str]:
    """(pinyin without tones or blanks, initials) of a name: 仇英 -> ("qiuying", "qy"). Latin letters stay."""
    surname = next((name[:n] for n in (2, 1) if name[:n] in _SURNAMES), "")
    syllables = _SURNAMES[surname].split() if surname else []
    syllables += lazy_pinyin(name[len(surname) :], style=Style.NORMAL)
    words = ["".join(c for c in s.lower() if c.isascii() and c.isalnum()) for s in syllables]
    return "".join(words), "".join(word[:1] for word in words)


class PersonQuerySet(ScopedQuerySet):
    """People, scoped by where they stand now."""

    def living_records(self) -> PersonQuerySet:
        """Without the records that were found to be duplicates and merged away."""
        return self.filter(merged_into__isnull=True)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    append_only=True,
    level=pgtrigger.Statement,
)
class Person(models.Model):
    """A community worker. `org_code` is where her main post is (or last was): it carries her scope."""

    privacy = {
        "id": Privacy.INTERNAL,
        "org_code": Privacy.INTERNAL,
        "name": Privacy.PERSONAL,
        "pinyin": Privacy.PERSONAL,
        "initials": Privacy.PERSONAL,
        "sex": Privacy.PERSONAL,
        "birth": Privacy.PERSONAL,
        "nation": Privacy.PERSONAL,
        "party": Privacy.PERSONAL,
        "education": Privacy.PERSONAL,
        "degree": Privacy.PERSONAL,
        "sw_major": Privacy.PERSONAL,
        "willing": Privacy.PERSONAL,
        "synthetic": Privacy.INTERNAL,
        "id_number": Privacy.SENSITIVE,
        "id_number_index": Privacy.SENSITIVE,
        "phone": Privacy.SENSITIVE,
        "phone_index": Privacy.SENSITIVE,
        "merged_into": Privacy.INTERNAL,
        "created_at": Privacy.INTERNAL,
        "erased_at": Privacy.INTERNAL,
    }

    org_code = OrgCodeField("所在机构")
    name = models.CharField("姓名", max_length=40)
    pinyin = models.CharField("拼音", max_length=120, db_collation="C", editable=False)
    initials = models.CharField("拼音首字母", max_length=20, db_collation="C", editable=False)
    sex = models.CharField("性别", max_length=6, choices=Sex)
    birth = models.DateField("出生日期")
    nation = models.CharField("民族", max_length=20, blank=True)
    party = models.CharField("政治面貌", max_length=12, choices=Party, blank=True)
    education = models.CharField("最高学历", max_length=8, choices=EducationLevel, blank=True)
    degree = models.CharField("学位", max_length=20, blank=True)
    sw_major = models.BooleanField("社会工作及相关专业", default=False)
    willing = models.BooleanField("志愿进入骨干培养", default=False)
    synthetic = models.BooleanField("合成数据", default=False)
    # an index column stands before its sealed field: setting the sealed one fills it
    id_number_index = models.CharField("身份证号索引", max_length=64, null=True, blank=True, editable=False)
    id_number = SealedTextField("身份证号", purpose="person.id_number", index="id_number_index", null=True, blank=True)
    phone_index = models.CharField("手机号索引", max_length=64, null=True, blank=True, editable=False)
    phone = SealedTextField("手机号", purpose="person.phone", index="phone_index", null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from")
    created_at = models.DateTimeField("建档时间", db_default=Now(), editable=False)
    # who she was is gone (app erasure); the row and its number stay, for what was computed from it
    erased_at = models.DateTimeField("删除时间", null=True, blank=True, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering = ["org_code", "id"]
        indexes = [
            models.Index(fields=["org_code", "id"], name="people_person_scope"),
            models.Index(fields=["name", "birth"], name="people_person_name"),
            models.Index(fields=["pinyin"], name="people_person_pinyin"),
            models.Index(fields=["initials"], name="people_person_initials"),
            models.Index(fields=["id_number_index"], name="people_person_id_index"),
            models.Index(fields=["phone_index"], name="people_person_phone"),
        ]
        constraints = [
            # within a district only: another district must not learn from a refusal that the person is known elsewhere
            models.UniqueConstraint(
                Left("org_code", 6),
                F("id_number_index"),
                condition=Q(merged_into__isnull=True),
                name="people_person_id_once",
                violation_error_message="本区已有使用这个身份证号的人员。",
            ),
            models.CheckConstraint(
                condition=Q(id_number__isnull=True, id_number_index__isnull=True)
                | Q(id_number__isnull=False, id_number_index__isnull=False),
                name="people_person_id_indexed",
            ),
            models.CheckConstraint(
                condition=Q(phone__isnull=True, phone_index__isnull=True)
                | Q(phone__isnull=False, phone_index__isnull=False),
                name="people_person_phone_indexed",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="people_person_not_into_self"),
            models.CheckConstraint(condition=Q(org_code__regex=r"^[0-9]{6}"), name="people_person_in_district"),
            models.CheckConstraint(condition=~Q(name=""), name="people_person_named"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.spell()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def spell(self) -> None:
        """Fill pinyin and initials from the name; for those who write in bulk past `save`."""
        self.pinyin, self.initials = person_names(self.name)

    @property
    def district_code(self) -> str:
        """The first six digits of her organisation's code."""
        return self.org_code[:6]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True, level=pgtrigger.Statement)
class PersonMerge(models.Model):
    """Two records found to be one person: which was kept, and which rows moved, so that the merge can be undone."""

    privacy = {
        "id": Privacy.INTERNAL,
        "kept": Privacy.PERSONAL,
        "dropped": Privacy.PERSONAL,
        "org_code": Privacy.INTERNAL,
        "moved": Privacy.INTERNAL,
        "left": Privacy.INTERNAL,
        "reason": Privacy.PERSONAL,
        "at": Privacy.INTERNAL,
        "undone_at": Privacy.INTERNAL,
    }

    kept = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="保留的档案")
    dropped = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="并入的档案")
    org_code = OrgCodeField("机构代码")
    moved = models.JSONField("移到保留档案的记录")  # {"people.posting": [ids], ...}
    left = models.JSONField("因时间重叠留在原档案的记录")
    reason = models.CharField("理由", max_length=200)
    at = models.DateTimeField("时间", db_default=Now())
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重复档案合并"
        constraints = [
            models.UniqueConstraint(
                fields=["dropped"], condition=Q(undone_at__isnull=True), name="people_merge_dropped_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dropped_id} → {self.kept_id}"
