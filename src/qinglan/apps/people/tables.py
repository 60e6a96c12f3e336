"""The list of people."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from qinglan.apps.base.tables import DayColumn, Table
from qinglan.apps.base.templatetags.figures import masked
from qinglan.apps.people.models import CertificateLevel, Person

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
