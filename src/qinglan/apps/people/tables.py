"""The lists of people, of suspected duplicates and merges, of accounts."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from qinglan.apps.base.tables import DayColumn, Table
from qinglan.apps.base.templatetags.figures import masked, moment
from qinglan.apps.base.templatetags.parts import badge
from qinglan.apps.people.models import CertificateLevel, Person, PersonMerge, User

_DESK_ONLY = {"td": {"class": "ql-desk-only"}}  # a phone shows who, where, as what
_RANK = {level: at for at, level in enumerate(CertificateLevel)}


class PeopleTable(Table):
    """People with their main post of the day. Give `names` (code -> name) so that no row asks the database for it."""

    exportable = True
    caption = "人员"

    name = tables.Column(verbose_name="姓名", order_by="pinyin")
    sex = tables.Column(verbose_name="性别", attrs=_DESK_ONLY, accessor="get_sex_display", order_by="sex")
    birth = DayColumn(verbose_name="出生日期", attrs={"td": {"class": "ql-nowrap ql-desk-only"}})
    id_number = tables.Column(verbose_name="身份证号", orderable=False, visible=False)
    subdistrict = tables.Column(verbose_name="街道", accessor="org_code", order_by="org_code")
    org_code = tables.Column(verbose_name="社区")
    post = tables.Column(verbose_name="岗位", empty_values=(), orderable=False)
    since = tables.Column(verbose_name="任现岗", attrs=_DESK_ONLY, empty_values=(), orderable=False)
    certificate = tables.Column(verbose_name="证书", empty_values=(), orderable=False)
    education = tables.Column(
        verbose_name="学历", attrs=_DESK_ONLY, accessor="get_education_display", order_by="education"
    )
    party = tables.Column(verbose_name="政治面貌", attrs=_DESK_ONLY, accessor="get_party_display", order_by="party")
    status = tables.Column(verbose_name="状态", empty_values=(), orderable=False)

    class Meta(Table.Meta):
        sequence = (
            "name",
            "sex",
            "birth",
            "id_number",
            "subdistrict",
            "org_code",
            "post",
            "since",
            "certificate",
            "education",
            "party",
            "status",
        )

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_name(self, record: Person) -> SafeString:
        mark = mark_safe(' <span class="ql-synthetic">合成</span>') if record.synthetic else ""
        return format_html('<a href="{}">{}</a>{}', reverse("people:person", args=[record.pk]), record.name, mark)

    def value_name(self, record: Person) -> str:
        return record.name

    def render_id_number(self, record: Person) -> str:
        return masked(record.id_number)

    def render_subdistrict(self, record: Person) -> str:
        return self.names.get(record.org_code[:9], "—")

    def render_org_code(self, record: Person) -> str:
        return self.names.get(record.org_code, record.org_code) if len(record.org_code) > 9 else "—"

    def render_post(self, record: Person) -> str:
        return record.main_posts[0].get_kind_display() if record.main_posts else "—"  # type: ignore[attr-defined]

    def render_since(self, record: Person) -> str:
        return record.main_posts[0].span.lower.isoformat() if record.main_posts else "—"  # type: ignore[attr-defined]

    def render_certificate(self, record: Person) -> str:
        held = sorted(record.certificates.all(), key=lambda one: _RANK[CertificateLevel(one.level)])
        return held[-1].get_level_display() if held else "—"

    def render_status(self, record: Person) -> str:
        standing = record.standing  # type: ignore[attr-defined]
        if standing:
            return standing[0].get_kind_display()
        return "在岗" if record.main_posts else "不在岗"  # type: ignore[attr-defined]


def _person(record: Person) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("people:person", args=[record.pk]), record.name)


class DuplicateTable(Table):
    """Pairs of records that may be one person; `names` as in PeopleTable."""

    caption = "疑似重复"

    first = tables.Column(verbose_name="姓名", orderable=False)
    birth = DayColumn(verbose_name="出生日期", accessor="first__birth", orderable=False)
    ids = tables.Column(verbose_name="身份证号", empty_values=(), orderable=False, attrs=_DESK_ONLY)
    places = tables.Column(verbose_name="所在机构", empty_values=(), orderable=False)
    records = tables.Column(verbose_name="档案数", orderable=False)
    look = tables.Column(verbose_name="操作", empty_values=(), orderable=False)

    class Meta(Table.Meta):
        sequence = ("first", "birth", "ids", "places", "records", "look")

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_first(self, value: Person) -> SafeString:
        return _person(value)

    def render_ids(self, record: dict[str, Any]) -> str:
        return " / ".join(masked(record[key].id_number) for key in ("first", "second"))

    def render_places(self, record: dict[str, Any]) -> str:
        codes = dict.fromkeys(record[key].org_code for key in ("first", "second"))
        return " / ".join(self.names.get(code, code) for code in codes)

    def render_look(self, record: dict[str, Any]) -> SafeString:
        return format_html(
            '<a class="btn btn-sm btn-outline-primary" href="{}">比对<span class="visually-hidden">{}的两份档案</span></a>',
            reverse("people:compare", args=[record["first"].pk, record["second"].pk]),
            record["first"].name,
        )


class MergeTable(Table):
    """Merges done; those in force can be undone."""

    caption = "已合并的档案"

    kept = tables.Column(verbose_name="保留", orderable=False)
    dropped = tables.Column(verbose_name="并入", accessor="dropped_id", orderable=False)
    reason = tables.Column(verbose_name="理由", orderable=False)
    at = tables.Column(verbose_name="时间", attrs=DayColumn.attrs, orderable=False)
    undone = tables.Column(verbose_name="操作", accessor="undone_at", empty_values=(), orderable=False)

    class Meta(Table.Meta):
        sequence = ("kept", "dropped", "reason", "at", "undone")

    def render_kept(self, value: Person) -> SafeString:
        return _person(value)

    def render_dropped(self, value: int) -> str:
        return f"档案 {value}"

    def render_at(self, record: PersonMerge) -> str:
        return moment(record.at)

    def render_undone(self, record: PersonMerge) -> SafeString:
        if record.undone_at is not None:
            return badge(f"已于 {moment(record.undone_at)} 撤销", "plain")
        return format_html(
            '<a class="btn btn-sm" href="{}">撤销<span class="visually-hidden">{}的合并</span></a>',
            reverse("people:unmerge", args=[record.pk]),
            record.kept.name,
        )


class AccountTable(Table):
    """Accounts with their roles in force (`.in_force`), places by `names` (code -> name)."""

    caption = "账号"

    username = tables.Column(verbose_name="账号名")
    last_name = tables.Column(verbose_name="姓名")
    roles = tables.Column(verbose_name="角色", empty_values=(), orderable=False)
    last_login = tables.Column(verbose_name="最近登录", empty_values=(), attrs=_DESK_ONLY)
    is_active = tables.Column(verbose_name="状态")

    class Meta(Table.Meta):
        sequence = ("username", "last_name", "roles", "last_login", "is_active")

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_username(self, record: User) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("people:account", args=[record.pk]), record.username)

    def render_last_name(self, record: User) -> str:
        return record.get_full_name()

    def render_roles(self, record: User) -> str:
        words = [
            f"{grant.get_role_display()}（{self.names.get(grant.org_code, grant.org_code)}）"
            for grant in record.in_force  # type: ignore[attr-defined]
        ]
        return "、".join([*(["系统管理员"] if record.is_superuser else []), *words]) or "—"

    def render_last_login(self, record: User) -> str:
        return moment(record.last_login) if record.last_login else "从未登录"

    def render_is_active(self, record: User) -> SafeString:
        if not record.is_active:
            return badge("已停用", "bad")
        return badge("待换密码", "warn") if record.password_temporary else badge("可登录", "good")
