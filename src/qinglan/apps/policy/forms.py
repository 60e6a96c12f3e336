"""Choosing a year to compute, and a pack to go by."""

from datetime import date

from django import forms


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
