"""What the list of results can be narrowed by."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet

from qinglan.apps.people.models import Person
from qinglan.apps.people.queries.people import search
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.core.frame.codes import Grade, Star, Tier
from qinglan.core.year.exceptions import KINDS

ALL = {"empty_label": "全部"}
GRADED = "any"


class ResultFilter(django_filters.FilterSet):
    """Give `run`, the `years` that there are, and `organisations` in scope as (code, name) in the order of the tree."""

    q = django_filters.CharFilter(label="姓名、拼音", method="by_words")
    year = django_filters.ChoiceFilter(label="年度", method="as_it_is", empty_label="最近已结束的一年")
    org = django_filters.ChoiceFilter(label="街道与社区", method="by_place", **ALL)
    tier = django_filters.ChoiceFilter(label="层级", choices=[(int(t), t.label) for t in Tier], **ALL)
    grade = django_filters.ChoiceFilter(
        label="等次", choices=[(GRADED, "已定等次"), *((int(g), g.label) for g in Grade)], method="by_grade", **ALL
    )
    star = django_filters.ChoiceFilter(label="星级", choices=[(int(s), s.label) for s in Star], **ALL)
    exception = django_filters.ChoiceFilter(
        label="例外", choices=[(kind.key, kind.label) for kind in KINDS], method="by_exception", **ALL
    )

    class Meta:
        model = PersonResult
        fields = ("q", "year", "org", "tier", "grade", "star", "exception")

    def __init__(
        self, *args: Any, run: Run, years: Sequence[int], organisations: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        shortest = min((len(code) for code, _ in organisations), default=0)
        self.filters["year"].extra["choices"] = [(year, f"{year} 年") for year in years]
        self.filters["org"].extra["choices"] = [
            (code, f"{'　' * ((len(code) - shortest) // 3)}{name}") for code, name in organisations
        ]

    def as_it_is(self, queryset: QuerySet[PersonResult], name: str, value: str) -> QuerySet[PersonResult]:
        """The year chooses the run before anything is filtered."""
        return queryset

    def by_words(self, queryset: QuerySet[PersonResult], name: str, value: str) -> QuerySet[PersonResult]:
        return queryset.filter(person__in=search(Person.objects.all(), value).order_by().values("pk"))

    def by_place(self, queryset: QuerySet[PersonResult], name: str, value: str) -> QuerySet[PersonResult]:
        return queryset.within(value)  # type: ignore[attr-defined]

    def by_grade(self, queryset: QuerySet[PersonResult], name: str, value: str) -> QuerySet[PersonResult]:
        return queryset.filter(grade__isnull=False) if value == GRADED else queryset.filter(grade=int(value))

    def by_exception(self, queryset: QuerySet[PersonResult], name: str, value: str) -> QuerySet[PersonResult]:
        people = [person for found in self.run.exceptions if found["key"] == value for person in found["people"]]
        return queryset.filter(person__in=people)
