"""The lists of the log: actions, looks at sealed values, refusals."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.audit.models import AccessDenied, AccessRecord, AuditEvent
from qinglan.apps.audit.models.words import words_of
from qinglan.apps.audit.queries import target_word
from qinglan.apps.base.tables import NumberColumn, Table
from qinglan.apps.base.templatetags.figures import moment

_DESK_ONLY = {"td": {"class": "ql-desk-only"}}


class _Log(Table):
    """Rows with a moment, a place and somebody. Give `names` (code -> name) so that no row asks for it."""

    exportable = True

    at = tables.Column(verbose_name="时间", attrs={"td": {"class": "ql-nowrap"}})

    class Meta(Table.Meta):
        order_by = "-at"

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_at(self, value: Any) -> str:
        return moment(value)

    def render_org_code(self, value: str) -> str:
        return self.names.get(value, value)


class EventTable(_Log):
    """Actions."""

    caption = "操作记录"

    action = tables.Column(verbose_name="操作")
    by_name = tables.Column(verbose_name="操作人")
    target_type = tables.Column(verbose_name="对象", orderable=False, empty_values=())
    org_code = tables.Column(verbose_name="机构", attrs=_DESK_ONLY)

    class Meta(_Log.Meta):
        sequence = ("at", "action", "by_name", "target_type", "org_code")
        empty_text = "没有符合条件的操作记录。可放宽日期或清除条件再试。"

    def render_action(self, record: AuditEvent) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("people:log-event", args=[record.pk]), words_of(record.action)
        )

    def value_action(self, record: AuditEvent) -> str:
        return words_of(record.action)

    def render_target_type(self, record: AuditEvent) -> str:
        return f"{target_word(record.target_type)} {record.target_key}".strip() or "—"


class LookTable(_Log):
    """Who saw which full value of whom, and why."""

    caption = "查看记录"
    FIELDS = {"id_number": "身份证号", "phone": "手机号"}

    by_name = tables.Column(verbose_name="查看人")
    person_id = tables.Column(verbose_name="被查看人", orderable=False)
    field = tables.Column(verbose_name="内容")
    reason = tables.Column(verbose_name="理由", orderable=False)
    org_code = tables.Column(verbose_name="机构", attrs=_DESK_ONLY)

    class Meta(_Log.Meta):
        sequence = ("at", "by_name", "person_id", "field", "reason", "org_code")
        empty_text = "没有人查看过完整证件号或手机号，或没有符合条件的记录。"

    def __init__(self, *args: Any, people: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people

    def render_person_id(self, record: AccessRecord) -> str:
        return self.people.get(record.person_id, f"编号 {record.person_id}")

    def render_field(self, value: str) -> str:
        return self.FIELDS.get(value, value)


class DeniedTable(_Log):
    """Who asked for what was not hers."""

    caption = "拒绝记录"

    by_name = tables.Column(verbose_name="访问人")
    path = tables.Column(verbose_name="地址", orderable=False, attrs={"td": {"class": "ql-code"}})
    status = tables.Column(verbose_name="答复", orderable=False)
    more = NumberColumn(verbose_name="另有", orderable=False)
    org_code = tables.Column(verbose_name="访问人所在机构", attrs=_DESK_ONLY)

    class Meta(_Log.Meta):
        sequence = ("at", "by_name", "path", "status", "more", "org_code")
        empty_text = "没有被拒绝的访问，或没有符合条件的记录。"

    def render_path(self, record: AccessDenied) -> str:
        return record.path if record.method == "GET" else f"{record.method} {record.path}"

    def render_status(self, value: int) -> str:
        return {403: "没有权限", 404: "当作不存在"}.get(value, str(value))
