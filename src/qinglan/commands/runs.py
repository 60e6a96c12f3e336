"""`qinglan verify-runs` (also `qinglan run verify`): computes years and pay months again from what they froze and compares."""

import time
from collections.abc import Iterator

import click
from django.db.models import QuerySet

from qinglan.apps.pay import queries as pay
from qinglan.apps.pay.models import PayMonth
from qinglan.apps.policy import states
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries.verifying import verify


@click.command()
@click.option("--district", default="", help="只核对这个区（六位代码） / only this district")
@click.option("--year", type=click.IntRange(2000, 2100), help="只核对这一年 / only this year")
@click.option("--all", "everything", is_flag=True, help="草案也核对 / drafts as well")
def verify_runs(district: str, year: int | None, everything: bool) -> None:
    """由保存的输入和政策包重算年度结果和月度工资，与保存的逐个数比较；有一处不同就以退出码 1 结束。

    Compute years and pay months again from their frozen inputs and packs; exit 1 when anything differs.
    """
    runs = Run.objects.filter(input__isnull=False) if everything else Run.objects.filter(state__in=states.CLOSED)
    months = PayMonth.objects.all() if everything else PayMonth.objects.filter(state=PayMonth.State.CLOSED)
    chosen = ({"org_code": district} if district else {}) | ({"year": year} if year else {})
    runs = runs.filter(**chosen).select_related("input", "pack_text").order_by("org_code", "year", "pk")
    months = months.filter(**chosen).select_related("input", "pack_text").order_by("org_code", "year", "month", "pk")
    bad = total = 0
    for sentence_of, people, found, seconds in _verified(runs, months):
        total += 1
        bad += bool(found)
        said = "不一致" if found else "一致"
        click.echo(f"{sentence_of}：{people} 人，{said}，{seconds:.1f} 秒。")
        for sentence in found:
            click.echo(f"  {sentence}")
    if not total:
        click.echo("没有已签署或已公布的年度结果，也没有已关账的月份；草案用 --all 核对。")
    if bad:
        raise click.ClickException(f"{total} 次计算里有 {bad} 次不一致。")


def _verified(runs: QuerySet[Run], months: QuerySet[PayMonth]) -> Iterator[tuple[str, int, list[str], float]]:
    """(which, people, what differs, seconds) of each; the inputs of one at a time."""
    for run in runs.iterator(chunk_size=1):
        started = time.perf_counter()
        found = verify(run)
        which = f"{run.org_code} {run.year} 年，第 {run.pk} 次计算（{run.get_state_display()}）"
        yield which, run.people, found, time.perf_counter() - started
    for month in months.iterator(chunk_size=1):
        started = time.perf_counter()
        found = pay.verify(month)
        which = f"{month.org_code} {month.year} 年 {month.month} 月工资（{month.get_state_display()}）"
        yield which, month.people, found, time.perf_counter() - started
