"""What the first run asks for."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

ANOTHER = "another"  # a district whose tree does not come with Qinglan


class FirstRunForm(forms.Form):
    """The administrator's account, the district to work for, the pack to begin with."""

    name = forms.CharField(label="您的姓名", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    username = forms.RegexField(
        r"^[\w.@+-]+$",
        label="账号名",
        max_length=40,
        help_text="登录时用，可用字母、数字或中文，中间不留空格。",
        error_messages={"invalid": "账号名只能用字母、数字、中文和 @ . + - _，不能有空格。"},
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label="密码",
        help_text="至少 8 位，不能全是数字，也不能是常见密码。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(label="再输一次密码", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    district = forms.ChoiceField(label="本区", help_text="机构树会一并装好；不在表里的区，先选最后一项，之后导入。")
    pack = forms.ChoiceField(
        label="政策包", help_text="选最接近本区的；以后可以在「政策包」里换一个。每个数都写着出处。"
    )

    def __init__(
        self, *args: Any, districts: list[tuple[str, str]], packs: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *districts,
            (ANOTHER, "都不是，稍后导入"),
        ]
        self.fields["pack"].choices = packs  # type: ignore[attr-defined]
        if not packs:
            del self.fields["pack"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("district") == ANOTHER:
            data["district"] = ""
        password, again = data.get("password"), data.get("again")
        if password and again and password != again:
            self.add_error("again", "两次输入的密码不一样，请重新输入。")
        elif password:
            try:
                validate_password(password)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data
