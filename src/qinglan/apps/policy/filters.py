"""What the list of results can be narrowed by."""

import django_filters
from django.db.models import QuerySet

from qinglan.apps.people.models import Person
from qinglan.apps.people.queries.people import search
from qinglan.apps.policy.models import PersonResult
from qinglan.core.frame.codes import Grade, Star, Tier


class ResultFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="姓名、拼音", method="by_words")
    place = django_filters.CharFilter(label="所在机构代码", method="by_place")
    tier = django_filters.ChoiceFilter(label="层级", choices=[(int(t), t.label) for t in Tier], empty_label="全部")
    grade = django_filters.ChoiceFilter(label="等次", choices=[(int(g), g.label) for g in Grade], empty_label="全部")
    star = django_filters.ChoiceFilter(label="星级", choices=[(int(s), s.label) for s in Star], empty_label="全部")

    class Meta:
        model = PersonResult
        fields = ("q", "place", "tier", "grade", "star")

    def by_words(self, queryset: QuerySet[PersonResult], name: str, value: str) -> QuerySet[PersonResult]:
        return queryset.filter(person__in=search(Person.objects.all(), value).order_by().values("pk"))

    def by_place(self, queryset: QuerySet[PersonResult], name: str, value: str) -> QuerySet[PersonResult]:
        return queryset.within(value) if value.isascii() and value.isalnum() else queryset.none()  # type: ignore[attr-defined]
