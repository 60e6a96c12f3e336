"""Making a token, naming an address to be told, narrowing their lists."""

from __future__ import annotations

from typing import Any

from django import forms

from qinglan.apps.exchange.models import Delivery, Event, Scope
from qinglan.apps.people.forms.fields import day_field

_PLACE = "机构代码，须在您的角色范围之内；越小越稳妥。"


class TokenForm(forms.Form):
    """What a token is for. `places`: the codes of the user's roles."""

    name = forms.CharField(label="用途", max_length=60, help_text="给哪个系统用，例：区政务协同平台")
    scopes = forms.MultipleChoiceField(label="可以做的事", choices=Scope.choices, widget=forms.CheckboxSelectMultiple)
    org_code = forms.RegexField(r"^[0-9]{6,15}([BSTF][0-9]{3})?$", label="限于机构", help_text=_PLACE)
    expires_on = day_field("有效至", help_text="最长一年。")

    def __init__(self, *args: Any, places: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(places) == 1:
            self.fields["org_code"].initial = places[0]


class WebhookForm(forms.Form):
    """Whom to tell of what."""

    name = forms.CharField(label="用途", max_length=60, help_text="通知哪个系统，例：区政务协同平台")
    url = forms.CharField(label="地址", max_length=300, help_text="例：https://oa.example.gov.cn/events")
    events = forms.MultipleChoiceField(label="事件", choices=Event.choices, widget=forms.CheckboxSelectMultiple)
    org_code = forms.RegexField(r"^[0-9]{6,15}$", label="范围", help_text="机构代码；只通知这里和下级的事。")

    def __init__(self, *args: Any, places: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(places) == 1:
            self.fields["org_code"].initial = places[0]


def _search(label: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"data-search": True, "autocomplete": "off", "type": "search"})
    return forms.CharField(label=label, required=False, max_length=40, widget=widget)


class TokenFilterForm(forms.Form):
    q = _search("用途、编号或账号")
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), ("open", "有效"), ("shut", "已停用或到期")]
    )


class DeliveryFilterForm(forms.Form):
    q = _search("用途或地址")
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *Delivery.State.choices])
    event = forms.ChoiceField(label="事件", required=False, choices=[("", "全部"), *Event.choices])
