"""How the log is narrowed."""

from typing import Any

from django import forms

from qinglan.apps.audit.models.words import choices
from qinglan.apps.audit.queries import targets


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class _Filter(forms.Form):
    """Everything may stay empty. Give `places`: (code, name) of the organisations in scope."""

    q = forms.CharField(
        label="内容", required=False, max_length=60,
        widget=forms.TextInput(attrs={"data-search": True, "autocomplete": "off", "type": "search"}),
    )  # fmt: skip
    org = forms.ChoiceField(label="机构", required=False)
    since = _day("从")
    until = _day("到")

    def __init__(self, data: Any, *, places: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["org"].choices = places  # type: ignore[attr-defined]


class EventFilterForm(_Filter):
    """Actions: also by who, which action, about what."""

    who = forms.CharField(label="操作人", required=False, max_length=40)
    action = forms.ChoiceField(label="操作", required=False)
    target = forms.CharField(label="对象", required=False)
    field_order = ("q", "who", "action", "target", "org", "since", "until")

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["q"].label = "前后内容或对象编号"
        self.fields["action"].choices = [("", "全部"), *choices()]  # type: ignore[attr-defined]
        asked = str((data or {}).get("target", ""))
        known = targets()
        if ":" in asked:  # a link from one row's page: all that was done to it
            known = [(asked, f"{dict(known).get(asked.split(':')[0], '')} {asked.split(':')[1]}"), *known]
        self.fields["target"] = forms.ChoiceField(label="对象", required=False, choices=[("", "全部"), *known])
        self.order_fields(self.field_order)


class LookFilterForm(_Filter):
    """Looks and refusals."""

    field_order = ("q", "org", "since", "until")

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["q"].label = "姓名、理由或地址"
