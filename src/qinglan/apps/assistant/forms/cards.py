"""What the list of cards is narrowed by."""

from __future__ import annotations

from django import forms

from qinglan.apps.assistant.queries.card_words import AUDIENCES, KINDS

SHOWS = [
    ("", "全部"), ("unfilled", "因地而异未填"), ("old", "超过一年未核对"), ("own", "本区改过"), ("updated", "程序已更新"), ("waiting", "有草稿或待发布"),
    ("retired", "已停用"),
]  # fmt: skip


class CardFilterForm(forms.Form):
    """`districts`: (code, name) of those whose cards she keeps; one alone is not asked for."""

    q = forms.CharField(label="编号、标题、内容、问法", max_length=60, required=False)
    show = forms.ChoiceField(label="看哪些", required=False, choices=SHOWS)
    kind = forms.ChoiceField(label="类型", required=False, choices=[("", "全部"), *KINDS.items()])
    audience = forms.ChoiceField(
        label="对谁说", required=False, choices=[("", "全部"), *((key, AUDIENCES[key]) for key in ("resident", "worker"))]
    )  # fmt: skip
    district = forms.ChoiceField(label="区", required=False)

    def __init__(self, *args: object, districts: dict[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["district"].choices = list(districts.items())  # type: ignore[attr-defined]
        if len(districts) < 2:
            self.fields["district"].widget = forms.HiddenInput()

    def given(self) -> dict[str, str]:
        """What was asked for; nothing where the address makes no sense."""
        return dict(self.cleaned_data) if self.is_valid() else {}
