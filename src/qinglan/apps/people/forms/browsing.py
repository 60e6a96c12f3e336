"""How lists are narrowed, and why somebody looks at a full number."""

from typing import Any

from django import forms

from qinglan.apps.people.forms.fields import place_choices
from qinglan.apps.people.models import Organisation, Role
from qinglan.apps.people.models.words import CertificateLevel, EducationLevel, Party, PostKind, StatusKind


class PeopleFilterForm(forms.Form):
    """How a list of people is narrowed; everything may stay empty. Organisations are those of the user's scope."""

    q = forms.CharField(
        label="姓名、拼音、首字母或证件号",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"data-search": True, "autocomplete": "off", "type": "search"}),
    )
    org = forms.ChoiceField(label="街道与社区", required=False)
    post = forms.ChoiceField(label="岗位", required=False, choices=[("", "全部"), *PostKind.choices])
    certificate = forms.ChoiceField(label="证书", required=False, choices=[("", "全部"), *CertificateLevel.choices])
    education = forms.ChoiceField(label="学历", required=False, choices=[("", "全部"), *EducationLevel.choices])
    party = forms.ChoiceField(label="政治面貌", required=False, choices=[("", "全部"), *Party.choices])
    status = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *StatusKind.choices])

    def __init__(self, data: Any, *, organisations: list[Organisation]) -> None:
        super().__init__(data)
        self.fields["org"].choices = place_choices(organisations, "全部")  # type: ignore[attr-defined]


class AccountFilterForm(forms.Form):
    """How the list of accounts is narrowed."""

    q = forms.CharField(
        label="姓名或账号名",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"data-search": True, "autocomplete": "off", "type": "search"}),
    )
    role = forms.ChoiceField(label="角色", required=False, choices=[("", "全部"), *Role.choices, ("none", "没有角色")])
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), ("active", "可登录"), ("shut", "已停用")]
    )


class RevealForm(forms.Form):
    """Why somebody looks at a full number."""

    reason = forms.CharField(label="查看理由", max_length=200, help_text="例如：核对社保参保信息。理由与时间会留痕。")
