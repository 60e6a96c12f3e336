"""What is asked when the tree changes."""

from collections.abc import Callable
from typing import Any

from django import forms

from qinglan.apps.people.forms.fields import day_field, note_field, place_choices
from qinglan.apps.people.models import Organisation, OrganisationKind, parent_of
from qinglan.apps.people.models.organisations import BODY_LETTERS

PARTS = 4  # as many parts as a split is asked for on the page


class AboutOne(forms.Form):
    """A form about the organisation `one`."""

    def __init__(self, *args: Any, one: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.one = one


class AddForm(AboutOne):
    """An organisation one level down, with its statistical code (our own below a community)."""

    code = forms.CharField(label="代码", max_length=15, help_text="统计用区划代码；网格为社区代码加三位序号。")
    name = forms.CharField(label="名称", max_length=100)
    short_name = forms.CharField(label="简称", required=False, max_length=60, help_text="名册里常写的短名。")
    since = day_field("从哪天起", required=False, help_text="早已有之、只是系统里没有的，不填。")
    source = note_field()

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip()
        try:
            above = parent_of(code)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        if above != self.one.code:
            raise forms.ValidationError(f"“{self.one.name}”的下级代码应以 {self.one.code} 开头、长一级，请核对。")
        return code


class BodyForm(AboutOne):
    """A bureau, social organisation, studio or assessing firm; its code is ours."""

    kind = forms.ChoiceField(
        label="类别", choices=[(kind.value, kind.label) for kind in OrganisationKind if kind in BODY_LETTERS]
    )
    name = forms.CharField(label="名称", max_length=100)
    since = day_field("从哪天起", required=False, help_text="早已有之的不填。")
    source = note_field(required=False)


class RenameForm(AboutOne):
    """Another name from a day on."""

    name = forms.CharField(label="新名称", max_length=100)
    on = day_field("生效日期")
    note = note_field()


class MergeOrganisationsForm(AboutOne):
    """This one and others become one."""

    codes = forms.MultipleChoiceField(
        label="与哪些机构合并", widget=forms.SelectMultiple(attrs={"size": 8}), help_text="可多选（按住 Ctrl）。"
    )
    into = forms.CharField(label="合并后的代码", max_length=24, help_text="用其中一个的代码，或填一个新代码。")
    name = forms.CharField(label="合并后的名称", required=False, max_length=100, help_text="沿用原名称则不填。")
    on = day_field("生效日期")
    note = note_field()

    def __init__(self, *args: Any, others: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["codes"].choices = [(other.code, f"{other.name}（{other.code}）") for other in others]  # type: ignore[attr-defined]

    def clean_codes(self) -> list[str]:
        return [self.one.code, *self.cleaned_data["codes"]]

    def clean_into(self) -> str:
        return self.cleaned_data["into"].strip().upper()


class SplitForm(AboutOne):
    """This one becomes several; cleaned `into` is code -> name."""

    keep = forms.ChoiceField(
        label="在任人员先归入",
        choices=[(str(i), f"第 {i} 个") for i in range(1, PARTS + 1)],
        help_text="之后可逐人调整任职。",
    )
    on = day_field("生效日期")
    note = note_field()

    def __init__(self, *args: Any, codes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = {}
        for i, code in enumerate([self.one.code, *codes], start=1):
            needed = i <= 2
            parts[f"code_{i}"] = forms.CharField(label=f"第 {i} 个：代码", max_length=24, initial=code, required=needed)
            parts[f"name_{i}"] = forms.CharField(
                label=f"第 {i} 个：名称",
                max_length=100,
                initial=self.one.name if i == 1 else "",
                required=needed,
                help_text="" if needed else "不用则名称留空。",
            )
        self.fields = parts | self.fields

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        into: dict[str, str] = {}
        keep = ""
        for i in range(1, PARTS + 1):
            code, name = (data.pop(f"code_{i}", "") or "").strip().upper(), data.pop(f"name_{i}", "") or ""
            if not name:
                continue
            if code in into:
                self.add_error(f"code_{i}", "代码不能与前面的相同。")
            into[code] = name.strip()
            if data.get("keep") == str(i):
                keep = code
        if data.get("keep") and not keep:
            self.add_error("keep", "所选的一个没有填写名称。")
        return data | {"into": into, "keep": keep}


class MoveForm(AboutOne):
    """To another place of the tree, with all below."""

    parent = forms.ChoiceField(label="划转到")
    to_code = forms.CharField(
        label="新代码", required=False, max_length=24, help_text="不填则用新上级之下的下一个空代码。"
    )
    on = day_field("生效日期")
    note = note_field()

    def __init__(self, *args: Any, parents: list[Organisation], free: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].choices = place_choices(parents)  # type: ignore[attr-defined]
        self.free = free

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        parent = data.pop("parent", "")
        code = (data.get("to_code") or "").strip().upper()
        if parent and not code:
            code = self.free(parent)
        try:
            if parent and parent_of(code) != parent:
                self.add_error("to_code", f"新代码应以 {parent} 开头、长一级，请核对。")
        except ValueError as error:
            self.add_error("to_code", str(error))
        return data | {"to_code": code}


class CloseForm(AboutOne):
    """The end without a successor."""

    on = day_field("生效日期", help_text="从这一天起不再有。还有在任人员或下级机构时不能撤销。")
    note = note_field()
