"""Choosing a year to compute, and a pack to go by."""

from datetime import date

from django import forms

from qinglan.core.packs.loading import shipped


class YearForm(forms.Form):
    """`today` bounds the years that can be computed."""

    year = forms.TypedChoiceField(label="年度", coerce=int)

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["year"].choices = [(year, f"{year} 年") for year in range(today.year, today.year - 8, -1)]  # type: ignore[attr-defined]
        self.fields["year"].initial = today.year - 1  # the last year that is over


class AdoptForm(forms.Form):
    pack = forms.ChoiceField(label="政策包")
    since = forms.DateField(label="自哪天起", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["pack"].choices = [(name, name) for name in shipped() if name != "national"]  # type: ignore[attr-defined]
