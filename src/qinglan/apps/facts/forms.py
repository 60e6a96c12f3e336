"""Uploading a file to bring in, mapping its columns by hand, the district's header words, correcting one fact."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField

from qinglan.apps.facts.actions.reading import TITLES
from qinglan.apps.facts.models import DistrictFigure, Fact
from qinglan.core.intake import ColumnMapping, layout_of
from qinglan.core.intake.fact_layouts import ABILITIES
from qinglan.core.intake.figures import MOST_FEN, MOST_PEOPLE

MAX_BYTES = 30_000_000
MOST_YUAN = MOST_FEN // 100
_HUNDREDTHS, _FEN = "（百分之一）", "（分）"


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label="种类")
    district = forms.ChoiceField(label="区")
    file = forms.FileField(label="文件", help_text="xlsx、xls 或 csv，不超过 30 MB", allow_empty_file=False)

    def __init__(self, *args: Any, districts: dict[str, str], kinds: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds.items())  # type: ignore[attr-defined]
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
    """What each column of one sheet holds. `sheet` is what the dry run made of it, `letters` its columns. Prefix by sheet."""

    header_row = forms.IntegerField(label="表头在第几行", min_value=1, max_value=300, required=False)
    ignore = forms.BooleanField(label="不读取这个工作表", required=False)

    def __init__(
        self, *args: Any, kind: str, name: str, letters: list[str], sheet: dict[str, Any] | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.name = kind, name
        found = sheet or {"columns": {}, "headers": {}, "header_row": None}
        self.known: dict[str, str] = found["columns"]
        self.fields["header_row"].initial = found["header_row"]
        self.letters = list(dict.fromkeys([*letters, *found["headers"]]))
        choices = [("", "（不用）"), *((field.key, field.label) for field in layout_of(kind).fields)]
        for letter in self.letters:
            self.fields[f"column_{letter}"] = forms.ChoiceField(
                label=f"{letter} 列是什么",
                choices=choices,
                required=False,
                initial=self.known.get(letter, ""),
                widget=forms.Select(attrs={"class": "w-auto"}),
            )

    def columns(self) -> list[tuple[str, forms.BoundField]]:
        """Each column's letter with its choice."""
        return [(letter, self[f"column_{letter}"]) for letter in self.letters]

    def chosen(self) -> dict[str, str]:
        """Letter -> field, as chosen; '' where a column is not used."""
        return {letter: self.cleaned_data.get(f"column_{letter}", "") for letter in self.letters}

    def clean(self) -> dict[str, Any] | None:
        """One column a field."""
        for field, times in Counter(filter(None, self.chosen().values())).items():
            if times > 1:
                label = layout_of(self.kind).field(field).label
                raise forms.ValidationError(f"有 {times} 列都选了〈{label}〉，请只留一列。")
        return self.cleaned_data

    def mapping(self) -> ColumnMapping:
        """What was told. A column that was not known before and stays so is left for the header to say."""
        told = {letter: key for letter, key in self.chosen().items() if key or letter in self.known}
        return ColumnMapping(told, self.name, self.cleaned_data["header_row"], self.cleaned_data["ignore"])


class WordForm(forms.Form):
    """A header word and what it means."""

    district = forms.ChoiceField(label="区")
    word = forms.CharField(label="表头里的词", max_length=40, help_text="例：工号、到居时间")
    meaning = forms.ChoiceField(label="对应的字段")

    def __init__(self, *args: Any, districts: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = list(districts.items())  # type: ignore[attr-defined]
        if len(districts) == 1:
            self.fields["district"].widget = forms.HiddenInput()
            self.fields["district"].initial = next(iter(districts))
        self.fields["meaning"].choices = [  # type: ignore[attr-defined]
            (title, [(f"{kind}:{field.key}", f"{title} · {field.label}") for field in layout_of(kind).fields])
            for kind, title in TITLES.items()
        ]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=300, help_text="例：签到表漏记 2 学时，见补正说明")


class CorrectionForm(ReasonForm):
    """The values of one fact to correct, in the units people write (hours, points, yuan), and why."""

    field_order = ("reason",)

    def __init__(self, *args: Any, fact: Fact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fact = fact
        self.scaled: set[str] = set()
        for name in fact.VALUES:
            self._add(name)
        for name in ("evidence", "recorder"):
            column: Any = fact._meta.get_field(name)
            field = column.formfield()
            field.required, field.initial = True, getattr(fact, name)
            self.fields[name] = field
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def _add(self, name: str) -> None:
        if isinstance(self.fact, DistrictFigure):
            self._add_figure(self.fact)
            return
        column: Any = self.fact._meta.get_field(name)
        value = getattr(self.fact, name)
        if isinstance(column, ArrayField):
            for place, label in enumerate(ABILITIES.values()):
                self._add_scaled(f"{name}_{place}", label, value[place], required=False, most=100)
            return
        label = str(column.verbose_name)
        if label.endswith((_HUNDREDTHS, _FEN)):
            plain = label.removesuffix(_HUNDREDTHS)
            plain = f"{plain.removesuffix(_FEN)}（元）" if plain.endswith(_FEN) else plain
            self._add_scaled(
                name, plain, value, required=not column.null, most=100 if name in ("score", "quality") else None
            )
            return
        field = column.formfield(required=not (column.null or column.blank))
        field.initial = value
        self.fields[name] = field

    def _add_scaled(self, name: str, label: str, value: int | None, *, required: bool, most: int | None) -> None:
        self.scaled.add(name)
        self.fields[name] = forms.DecimalField(
            label=label, min_value=0, max_value=most or 100_000_000, decimal_places=2, required=required,
            initial=None if value is None else Decimal(value) / 100,
        )  # fmt: skip

    def _add_figure(self, fact: DistrictFigure) -> None:
        """Its amount in its own unit: yuan, people, or yes and no."""
        figure = fact.figure
        if figure.unit == "元":
            self._add_scaled("amount", f"{figure.label}（元）", fact.amount, required=True, most=MOST_YUAN)
        elif figure.unit == "人":
            self.fields["amount"] = forms.IntegerField(
                label=f"{figure.label}（人）", min_value=0, max_value=MOST_PEOPLE, initial=fact.amount
            )
        else:
            self.fields["amount"] = forms.TypedChoiceField(
                label=figure.label, choices=[(1, "是"), (0, "否")], coerce=int, initial=fact.amount
            )

    def clean(self) -> dict[str, Any] | None:
        """Hours or days."""
        data = self.cleaned_data
        either = {"hours", "days"} <= set(self.fact.VALUES) and not self.errors
        if either and (data.get("hours") is None) == (data.get("days") is None):
            raise forms.ValidationError("学时和天数请填其中一项。")
        return data

    def values(self) -> dict[str, Any]:
        """The fields of the fact as they would be, in our units."""
        data: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            if name != "reason":
                data[name] = int(value * 100) if name in self.scaled and value is not None else value
        if "ratings" in self.fact.VALUES:
            data["ratings"] = [data.pop(f"ratings_{place}") for place in range(len(ABILITIES))]
        for name in self.fact.VALUES:
            column = self.fact._meta.get_field(name)
            if data[name] in (None, "") and not getattr(column, "null", False):
                data[name] = ""
        return data
