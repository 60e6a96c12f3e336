"""What is asked for an erasure."""

from __future__ import annotations

from django import forms

from qinglan.apps.erasure.models import MOST_REASON
from qinglan.apps.erasure.states import Ground, State


class AskForm(forms.Form):
    """Ground and reason of an erasure."""

    ground = forms.ChoiceField(label="依据", choices=Ground.choices, initial=Ground.EXPIRED)
    reason = forms.CharField(
        label="理由",
        max_length=MOST_REASON,
        help_text="例如：本人书面申请，编号…。理由会一直保留，请不要写姓名、证件号、电话或账号名。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ChosenForm(forms.Form):
    """What narrows the list."""

    q = forms.CharField(
        label="查找", required=False, widget=forms.TextInput(attrs={"placeholder": "申请编号、档案编号或姓名"})
    )
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *State.choices])
