"""The list of the places at which residents ask, with their addresses."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.base.tables import Table
from qinglan.apps.people.models import Organisation


class PlaceTable(Table):
    """Give `home`, the site's address."""

    exportable = True
    caption = "提问二维码"

    name = tables.Column(verbose_name="地方")
    level = tables.Column(verbose_name="层级", accessor="get_level_display", order_by="level")
    address = tables.Column(verbose_name="提问地址", empty_values=(), orderable=False)
    kiosk = tables.Column(verbose_name="自助屏地址", empty_values=(), orderable=False)

    class Meta(Table.Meta):
        sequence = ("name", "level", "address", "kiosk")
        empty_text = "没有符合条件的地方。可换个名称或代码再查。"

    def __init__(self, *args: Any, home: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home = home

    def render_name(self, record: Organisation) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("assistant:qr-sheet", args=[record.code]), record.name)

    def value_name(self, record: Organisation) -> str:
        return record.name

    def render_address(self, record: Organisation) -> SafeString:
        return self._link("assistant:resident", record)

    def value_address(self, record: Organisation) -> str:
        return self.home + reverse("assistant:resident", args=[record.code])

    def render_kiosk(self, record: Organisation) -> SafeString:
        return self._link("assistant:kiosk", record)

    def value_kiosk(self, record: Organisation) -> str:
        return self.home + reverse("assistant:kiosk", args=[record.code])

    def _link(self, view: str, record: Organisation) -> SafeString:
        path = reverse(view, args=[record.code])
        return format_html('<a href="{}" target="_blank" rel="noopener">{}{}</a>', path, self.home, path)
