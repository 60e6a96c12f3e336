"""What is asked when accounts are opened and roles granted."""

from typing import Any

from django import forms

from qinglan.apps.people.forms.fields import day_after, day_field, place_choices
from qinglan.apps.people.models import Organisation, Person, Role


class _Place(forms.Form):
    """A form with a scope: a choice where the officer's organisations are few enough to list, else a code."""

    org_code = forms.CharField(label="机构")

    def __init__(self, *args: Any, places: list[Organisation] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.fields["org_code"]
        if places is None:
            known.label, known.help_text = "机构代码", "6 位区、9 位街道或 12 位社区代码，可在“组织”里查到。"
        else:
            self.fields["org_code"] = forms.ChoiceField(
                label="机构", required=known.required, choices=place_choices(places)
            )


class GrantForm(_Place):
    """A role at an organisation for a span of days."""

    role = forms.ChoiceField(label="角色", choices=[("", "请选择"), *Role.choices])
    since = day_field("从哪天起")
    until = day_field("最后一天", required=False, help_text="长期则不填。")
    field_order = ("role", "org_code", "since", "until")

    def clean_until(self) -> Any:
        return day_after(self.cleaned_data["until"])


class AccountForm(_Place):
    """A new account; role and organisation may be left out for a person of the roster."""

    username = forms.RegexField(
        r"^[\w.@+-]+$",
        label="账号名",
        max_length=40,
        help_text="登录时用，可用字母、数字或中文，中间不留空格；可以用工号或手机号。",
        error_messages={"invalid": "账号名只能用字母、数字、中文和 @ . + - _，不能有空格。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(label="姓名", max_length=40)
    role = forms.ChoiceField(label="角色", required=False, choices=[("", "暂不授予"), *Role.choices])
    field_order = ("username", "name", "role", "org_code")

    def __init__(self, *args: Any, person: Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org_code"].required = False
        if person is not None:
            del self.fields["name"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("role") and not data.get("org_code") and "org_code" not in self.errors:
            self.add_error("org_code", "授予角色须同时选择机构。")
        return data


class EndGrantForm(forms.Form):
    """The first day without the role."""

    on = day_field("从哪天起不再有", help_text="今天起收回就填今天。")
