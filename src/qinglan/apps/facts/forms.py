"""Uploading a file to bring in, and mapping its columns by hand."""

from typing import Any

from django import forms

from qinglan.apps.facts.actions.imports import TITLES
from qinglan.core.intake import ColumnMapping, layout_of

MAX_BYTES = 30_000_000


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label="种类", choices=list(TITLES.items()))
    district = forms.ChoiceField(label="区")
    file = forms.FileField(label="文件", help_text="xlsx、xls 或 csv，不超过 30 MB", allow_empty_file=False)

    def __init__(self, *args: Any, districts: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = list(districts.items())  # type: ignore[attr-defined]
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.xls,.csv"
        if len(districts) == 1:
            self.fields["district"].widget = forms.HiddenInput()
            self.fields["district"].initial = next(iter(districts))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError("文件超过 30 MB，请按街道拆开后分别导入。")
        return file


class MappingForm(forms.Form):
    """One choice a column of one sheet: which field it holds. Prefix the form by the sheet's number."""

    header_row = forms.IntegerField(label="表头在第几行", min_value=1, max_value=200, required=False)

    def __init__(self, *args: Any, kind: str, sheet: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        known = {letter: key for key, letter in sheet["columns"].items()}
        letters = list(dict.fromkeys([*sheet["headers"], *sheet["unknown"], *known]))
        choices = [("", "（不用）"), *((field.key, field.label) for field in layout_of(kind).fields)]
        for letter in sorted(letters, key=lambda one: (len(one), one)):
            word = sheet["headers"].get(letter) or sheet["unknown"].get(letter) or ""
            self.fields[f"column_{letter}"] = forms.ChoiceField(
                label=f"{letter} 列 {word}", choices=choices, required=False, initial=known.get(letter, "")
            )

    def mapping(self) -> ColumnMapping:
        columns = {
            name.removeprefix("column_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("column_")
        }
        return ColumnMapping(columns, self.sheet["name"], self.cleaned_data.get("header_row"))
