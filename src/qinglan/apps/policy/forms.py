"""Choosing a year to compute and a pack to go by; deciding on a run and marking its rows."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from qinglan.apps.base.models import ReleaseMove
from qinglan.apps.people.models import Person
from qinglan.apps.people.queries.people import search
from qinglan.apps.policy.models import ReviewItem
from qinglan.apps.policy.states import Move


class YearForm(forms.Form):
    """`today` bounds the years that can be computed."""

    year = forms.TypedChoiceField(label="年度", coerce=int)

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["year"].choices = [(year, f"{year} 年") for year in range(today.year, today.year - 8, -1)]  # type: ignore[attr-defined]
        self.fields["year"].initial = today.year - 1  # the last year that is over


class AdoptForm(forms.Form):
    """A year is computed by one pack, so a pack is taken up from the first day of a year. `packs`: name → title.

    `districts` (code → name) is asked for when there are several.
    """

    district = forms.ChoiceField(label="区")
    pack = forms.ChoiceField(label="政策包")
    year = forms.TypedChoiceField(label="自哪一年起", coerce=int)

    def __init__(
        self, *args: object, packs: dict[str, str], districts: dict[str, str], today: date, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if len(districts) > 1:
            self.fields["district"].choices = list(districts.items())  # type: ignore[attr-defined]
        else:
            del self.fields["district"]
        self.fields["pack"].choices = list(packs.items())  # type: ignore[attr-defined]
        years = range(today.year + 1, today.year - 8, -1)
        self.fields["year"].choices = [(year, f"{year} 年 1 月 1 日") for year in years]  # type: ignore[attr-defined]
        self.fields["year"].initial = today.year


PACK_BYTES = 5_000_000


class PackUploadForm(forms.Form):
    """A pack as a zip, or the values that amend the one in force. `districts` (code → name) is asked for when there are several."""

    district = forms.ChoiceField(label="区")
    file = forms.FileField(
        label="文件", help_text="政策包文件夹的 zip，或只写要改的几个值的 yaml；不超过 5 MB", max_length=200
    )
    title = forms.CharField(
        label="名称", max_length=120, required=False, help_text="只改几个值时填写，例如“桃源区政策包（2027 年修订）”"
    )
    version = forms.CharField(label="版本", max_length=40, required=False, help_text="只改几个值时填写，例如“2027.1”")
    year = forms.TypedChoiceField(label="自哪一年起", coerce=int)

    def __init__(self, *args: Any, districts: dict[str, str], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(districts) > 1:
            self.fields["district"].choices = list(districts.items())  # type: ignore[attr-defined]
        else:
            del self.fields["district"]
        self.fields["file"].widget.attrs["accept"] = ".zip,.yaml,.yml"
        years = range(today.year + 1, today.year - 3, -1)
        self.fields["year"].choices = [(year, f"{year} 年 1 月 1 日") for year in years]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > PACK_BYTES:
            raise forms.ValidationError("文件超过 5 MB；政策包只有 yaml 文件，请不要放别的。")
        if not file.name.lower().endswith((".zip", ".yaml", ".yml")):
            raise forms.ValidationError("请上传 zip 或 yaml 文件。")
        return file


class ReleaseForm(forms.Form):
    """One move of a proposed pack, with what is said of it."""

    move = forms.ChoiceField(choices=ReleaseMove.choices)
    note = forms.CharField(max_length=500, required=False)


class DecisionForm(forms.Form):
    """One move of a run, with what is said of it."""

    move = forms.ChoiceField(choices=Move.choices)
    note = forms.CharField(max_length=500, required=False)


class MarkForm(forms.Form):
    """What a reviewer says of the rows she chose."""

    fine = forms.TypedChoiceField(
        label="结论", choices=[("1", "核对无误"), ("0", "有疑问")], coerce=lambda value: value == "1", initial="1"
    )
    comment = forms.CharField(
        label="意见（有疑问的必填）",
        max_length=500,
        required=False,
        error_messages={"max_length": "意见太长，请不超过 500 字。"},
    )


class ReviewFilterForm(forms.Form):
    """Which rows of the review are shown."""

    OPEN, DOUBTED, FINE = "open", "doubted", "fine"

    state = forms.ChoiceField(
        label="核对情况",
        required=False,
        choices=[("", "全部"), (OPEN, "还没有核对"), (DOUBTED, "有疑问"), (FINE, "核对无误")],
    )
    q = forms.CharField(label="姓名、拼音", required=False, max_length=40)

    def narrow(self, rows: QuerySet[ReviewItem]) -> QuerySet[ReviewItem]:
        """The rows asked for; all when the address makes no sense."""
        if not self.is_valid():
            return rows
        given: dict[str, Any] = self.cleaned_data
        conditions = {self.OPEN: Q(fine=None), self.DOUBTED: Q(fine=False), self.FINE: Q(fine=True)}
        if given["state"]:
            rows = rows.filter(conditions[given["state"]])
        if given["q"]:
            found = search(Person.objects.all(), given["q"]).order_by().values("pk")
            rows = rows.filter(result__person__in=found)
        return rows
