"""The year as people read it: the list, a person's figures, and the steps of each."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.base.templatetags.navigation import address
from qinglan.apps.people.permissions import CHANGE_PEOPLE, can, get_person_for
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.policy import permissions, states
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.filters import ResultFilter
from qinglan.apps.policy.forms import YearForm
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries import deciding, rules
from qinglan.apps.policy.queries import inputs as behind
from qinglan.apps.policy.queries import results as queries
from qinglan.apps.policy.queries.reading import Reading, neighbours
from qinglan.apps.policy.tables import COLOUR_KINDS, ResultTable, RunTable, UnitTable
from qinglan.core.frame.codes import Ability, Colour, Grade, Star, Tier
from qinglan.core.frame.missing import MISSING
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce

ABILITIES = ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate")
MONTH_FIGURES = (
    ("应发合计", "pay.gross", "gross_pay"),
    ("社会保险（个人）", "pay.social_insurance", "insurance_employee"),
    ("住房公积金（个人）", "pay.housing_fund", "fund_employee"),
    ("职业年金（个人）", "pay.annuity", "annuity_employee"),
    ("个人所得税", "pay.income_tax", "tax_due"),
    ("实发", "pay.net", "net_pay"),
)


FEN_OF_WAN = 1_000_000  # 万元
YEAR_DIGITS, MOST_DIGITS = 4, 15
UNFINISHED = "年度未结束，按全年在岗试算"


def _shown(request: HttpRequest) -> Run | None:
    """The run that the address asks for by number or year, or the newest of a whole year that the user may see.

    Where a draft corrects a published year, the draft is shown; it names the other.
    """
    found = permissions.runs_for(request.user).shown()
    found = found.order_by(*queries.whole_years_first(), "org_code", "-created_at")
    number = request.GET.get("run", "")
    if number.isdecimal() and len(number) <= MOST_DIGITS:
        return permissions.runs_for(request.user).filter(pk=int(number)).first()
    year = request.GET.get("year", "")
    if year.isdecimal() and len(year) <= YEAR_DIGITS:
        found = found.filter(year=int(year))
    return found.first()


@login_required
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """People's figures of a year within the user's scope, with filters and export."""
    run = _shown(request)
    computable = permissions.districts_to_compute(request.user)
    context: dict[str, Any] = {
        "run": run,
        "computable": computable,
        "form": YearForm(today=timezone.localdate()),
    }
    if run is None:
        own = queries.latest_result(request.user.person_id) if request.user.person_id else None  # type: ignore[union-attr]
        return redirect("policy:result", own.pk) if own else render(request, "policy/results.html", context)
    names = _names(run)
    mine = permissions.results_for(request.user).filter(run=run)
    chosen = ResultFilter(
        request.GET,
        queryset=mine.select_related("person"),
        run=run,
        years=_years(request),
        organisations=permissions.in_scope(request.user, names),
    )
    rows = queries.with_leaving(queries.with_grade_score(chosen.qs, run), run).defer(
        "frame", "steps", "months", "segments"
    )
    table = page_of(request, ResultTable(rows, names=names, request=request))
    if request.GET.get("export"):
        state = "，".join([run.get_state_display(), *([UNFINISHED] if queries.unfinished(run) else [])])
        note = f"{state}，政策包「{run.pack_title}」{run.pack_version}，{len(table.rows)} 人"
        return workbook(table, f"{run.year}年度结果", note)
    context["unfinished"] = queries.unfinished(run) and UNFINISHED
    context |= {"table": table, "filter": chosen, "totals": _totals(mine), "whole": _whole(request, run)}
    return render(request, "policy/results.html", context)


def _whole(request: HttpRequest, run: Run) -> bool:
    return permissions.sees_whole_district(request.user, run.org_code)


def _years(request: HttpRequest) -> list[int]:
    """The years that have results, newest first."""
    runs = permissions.runs_for(request.user).shown()
    return list(runs.order_by("-year").values_list("year", flat=True).distinct())


def _names(run: Run) -> dict[str, str]:
    """Names of the district's organisations in the run's year, those merged or renamed in it by their last name."""
    return places.names_in_year(run.org_code, run.year)


def _totals(rows: Any) -> dict[str, Any]:
    sums: dict[str, Any] = rows.aggregate(
        people=Count("pk"),
        gross=Sum("gross"),
        excellent=Count("pk", filter=Q(grade=int(Grade.EXCELLENT))),
        incompetent=Count("pk", filter=Q(grade=int(Grade.INCOMPETENT))),
        graded=Count("grade"),
    )
    # A district's bill has too many digits for a tile on a phone; the exact sum stands below.
    wan = None if sums["gross"] is None else Decimal(sums["gross"]) / FEN_OF_WAN
    return sums | {"wan": "—" if wan is None else f"{wan.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"}


@login_required
@require_POST
def compute(request: HttpRequest) -> HttpResponse:
    """Compute a year anew for each district of the user."""
    form = YearForm(request.POST, today=timezone.localdate())
    districts = permissions.districts_to_compute(request.user)
    if not districts:
        raise PermissionDenied("计算年度结果由区级管理员办理。")
    if not form.is_valid():
        messages.error(request, "请选择要计算的年度。")
        return redirect("policy:results")
    year = form.cleaned_data["year"]
    for district in districts:
        try:
            run = years.compute(district=district, year=year, by=request.user)
        except (NotInForce, PackError) as error:
            messages.error(request, str(error))
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
        else:
            messages.success(request, f"{run.year} 年草案已算好：{run.people} 人，用时 {run.seconds} 秒。")
    return redirect(f"{reverse('policy:results')}?year={year}")


@login_required
@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """Every computation of the districts in scope."""
    rows = permissions.runs_for(request.user).defer("exceptions", "step_columns", "month_columns", "segment_columns")
    table = page_of(request, RunTable(rows, request=request))
    return render(request, "policy/runs.html", {"table": table})


@login_required
@require_GET
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One computation: what needs a person's eye, the units, the district's sums."""
    one = permissions.get_run_for(request.user, run_id)
    names = _names(one)
    units = permissions.units_for(request.user).filter(run=one)
    table = page_of(request, UnitTable(units.defer("frame", "steps"), names=names, request=request))
    if request.GET.get("export"):
        return workbook(table, f"{one.year}单位结果")
    whole = _whole(request, one)
    on = queries.pack_of(one)
    district = [
        queries.opened(family, values, on, one)
        for family, values in (queries.district_steps(one).items() if whole else ())
    ]
    return render(
        request,
        "policy/run.html",
        {
            "run": one,
            "unfinished": queries.unfinished(one) and UNFINISHED,
            "table": table,
            "colours": _colours(one),
            "district": district,
            "outdated": rules.outdated(one.rule_versions),
            "exceptions": _exceptions(one) if whole else [],
            "current": one.state in states.SHOWN,
            "deciding": deciding.card(request.user, one),
        },
    )


def _colours(one: Run) -> list[tuple[queries.ColourWords, str]]:
    """What the colours mean by the run's pack, each with its kind of badge."""
    return [(words, COLOUR_KINDS[words.code]) for words in queries.colour_words(queries.pack_of(one))]


def _exceptions(one: Run) -> list[dict[str, Any]]:
    """The run's exceptions with the first of the people concerned, each with her result."""
    wanted = {person for found in one.exceptions for person in found["people"][:20]}
    rows = PersonResult.objects.filter(run=one, person__in=wanted).select_related("person")
    by_person = {row.person_id: row for row in rows.defer("frame", "steps", "months", "segments")}
    return [
        {**found, "count": len(found["people"]), "rows": [by_person[p] for p in found["people"][:20] if p in by_person]}
        for found in one.exceptions
    ]


@login_required
@require_GET
def person_results(request: HttpRequest, person_id: int) -> HttpResponse:
    """The fragment of a person's page: her newest whole year in short, her years, the way to every step."""
    person = get_person_for(request.user, person_id)
    if not permissions.can_see_results_of(request.user, person):
        raise Http404
    rows = list(
        permissions.results_for(request.user)
        .filter(person=person, run__state__in=states.SHOWN)
        .select_related("run")
        .order_by(*queries.whole_years_first("run__"), "-run__created_at")
    )
    others = [(row, queries.unfinished(row.run)) for row in rows[1:]]
    context: dict[str, Any] = {"person": person, "rows": rows, "others": others}
    if rows:
        context |= _summary(rows[0])
    return render(request, "policy/_person_results.html", context)


def _summary(result: PersonResult) -> dict[str, Any]:
    return {
        "result": result,
        "unfinished": queries.unfinished(result.run) and UNFINISHED,
        "radar": radar(result),
        "tier": Tier.labels().get(result.tier, "—") if result.tier is not None else "—",
        "grade": Grade.labels().get(result.grade, "—") if result.grade else "—",
        "star": Star.labels().get(result.star, "—") if result.star is not None else "—",
    }


def radar(result: PersonResult) -> dict[str, Any]:
    """The six abilities beside what the tier asks, for the chart part."""
    frame = dict(zip(result.run.frame_columns, result.frame, strict=True))
    steps = {name: value for family in queries.year_steps(result).values() for name, value in family.items()}
    plain = [_points(frame[f"ability_{name}"]) for name in ABILITIES]
    asked = [_points(steps.get(f"floor_{name}", MISSING)) for name in ABILITIES]
    series = [{"name": "本人", "values": plain}]
    if None not in asked:  # a chart draws a missing requirement as nought: then only the table tells what is asked
        series.append({"name": "层级要求", "values": asked})
    return {"kind": "radar", "labels": [one.label for one in Ability], "series": series, "max": 100, "unit": "分"}


def _points(hundredths: int) -> float | None:
    return None if hundredths <= MISSING else hundredths / 100


@login_required
@require_GET
def result(request: HttpRequest, result_id: int) -> HttpResponse:
    """One person's year: every figure by topic, each leading to its steps."""
    one = permissions.get_result_for(request.user, result_id)
    context = {
        **_summary(one),
        "person": one.person,
        "topics": queries.topics(one),
        "outdated": rules.outdated(one.run.rule_versions),
        "changed": queries.pack_changed(one.run),
        "place": places.names_in_year(one.org_code, one.run.year).get(one.org_code, ""),
        "reading": Reading(one),
    }
    return render(request, "policy/result.html", context)


def _ask(request: HttpRequest, one: PersonResult, month: int = 0) -> dict[str, Any]:
    """`ask`: where a step is objected to, by herself or (?for=1) by who keeps her record; `may_ask`: whether the reader keeps it."""
    own = one.person_id == request.user.person_id  # type: ignore[union-attr]
    public = one.run.state in permissions.PUBLIC
    may_ask = public and not own and can(request.user, CHANGE_PEOPLE, one.person.org_code)
    url = address("rights:new") if public and (own or (may_ask and "for" in request.GET)) else ""
    more = {"result": one.pk, **({"month": month} if month else {}), **({} if own else {"person": one.person_id})}
    return {"ask": f"{url}?{urlencode(more)}" if url else "", "may_ask": may_ask}


@login_required
@require_GET
def why(request: HttpRequest, result_id: int, family: str) -> HttpResponse:
    """为什么是这个数: the steps of one figure, each with its clause, and the facts behind them."""
    one = permissions.get_result_for(request.user, result_id)
    steps = queries.year_steps(one)
    values = steps.get(family)
    if values is None:
        raise Http404
    on, versions = queries.pack_of(one.run), one.run.rule_versions
    near = [
        name and {"id": name, "label": queries.names_of(name, steps[name], versions)[0]}
        for name in neighbours(steps, family)
    ]
    context = {
        "result": one,
        "person": one.person,
        **queries.opened(family, values, on, one.run),
        "inputs": behind.inputs_of(one, family),
        "earlier": behind.earlier_of(one, family),
        "topic": queries.topic_of(family),
        "before": near[0],
        "after": near[1],
        "group": hasattr(rules.told(family, values, versions).rule, "prefix"),
        "changed": queries.pack_changed(one.run),
        **_ask(request, one),
    }
    return render(request, "policy/why.html", context)


@login_required
@require_GET
def pay(request: HttpRequest, result_id: int) -> HttpResponse:
    """The twelve months in a table; each month leads to its steps."""
    one = permissions.get_result_for(request.user, result_id)
    months: list[dict[str, Any]] = []
    for month in range(1, 13):
        steps = {name: v for family in queries.month_steps(one, month).values() for name, v in family.items()}
        figures = [steps.get(step, MISSING) for _, _, step in MONTH_FIGURES]
        months.append({"month": month, "figures": [None if value <= MISSING else value for value in figures]})
    heads = [label for label, _, _ in MONTH_FIGURES]
    sums = [_sum(column) for column in zip(*(row["figures"] for row in months), strict=True)]
    for row in months:
        row["figures"] = list(zip(heads, row["figures"], strict=True))
    return render(
        request,
        "policy/pay.html",
        {
            "result": one,
            "person": one.person,
            "unfinished": queries.unfinished(one.run) and UNFINISHED,
            "months": months,
            "heads": heads,
            "sums": list(zip(heads, sums, strict=True)),
            "complete": one.gross is not None,
        },
    )


def _sum(figures: Sequence[int | None]) -> int | None:
    """The sum of the months that have a figure; None when none has."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


@login_required
@require_GET
def month(request: HttpRequest, result_id: int, month: int) -> HttpResponse:
    """The steps of one month's pay: its segments, then the month."""
    one = permissions.get_result_for(request.user, result_id)
    if not 1 <= month <= 12:
        raise Http404
    segments = []
    for since, families in queries.segment_steps(one, month):
        on = queries.pack_of(one.run, since)
        segments.append({"since": since, "blocks": queries.blocks_of(families, on, one.run)})
    on = queries.pack_of(one.run, date(one.run.year, month, monthrange(one.run.year, month)[1]))
    blocks = queries.blocks_of(queries.month_steps(one, month), on, one.run)
    context = {"result": one, "person": one.person, "month": month, "segments": segments, "blocks": blocks}
    context["outdated"] = rules.outdated(one.run.rule_versions)
    context |= _ask(request, one, month)
    return render(request, "policy/month.html", context)


@login_required
@require_GET
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One unit's year with its steps."""
    one = permissions.get_unit_for(request.user, unit_id)
    on = queries.pack_of(one.run)
    blocks = [
        queries.opened(family, values, on, one.run) | {"inputs": behind.unit_inputs_of(one, family)}
        for family, values in queries.unit_steps(one).items()
    ]
    context = {
        "unit": one,
        "colour": one.colour and (Colour.labels()[one.colour], COLOUR_KINDS[one.colour]),
        "run": one.run,
        "colours": _colours(one.run),
        "blocks": blocks,
        "place": places.names_in_year(one.org_code, one.run.year).get(one.org_code, one.org_code),
    }
    return render(request, "policy/unit.html", context)
