"""What the list of notices can be narrowed by."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet

from qinglan.apps.notices.models import Notice


class NoticeFilterForm(forms.Form):
    UNREAD = "unread"

    state = forms.ChoiceField(label="看哪些", choices=[("", "全部"), (UNREAD, "未读")], required=False)
    q = forms.CharField(label="内容", max_length=40, required=False)

    def narrow(self, rows: QuerySet[Notice]) -> QuerySet[Notice]:
        """The rows asked for; all when the address makes no sense."""
        if not self.is_valid():
            return rows
        if self.cleaned_data["state"] == self.UNREAD:
            rows = rows.filter(read_at__isnull=True)
        if self.cleaned_data["q"]:
            rows = rows.filter(text__icontains=self.cleaned_data["q"])
        return rows
