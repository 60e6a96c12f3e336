"""`qinglan verify-runs` (also `qinglan run verify`): computes years again from what they froze and compares."""

import time

import click

from qinglan.apps.policy import states
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries.verifying import verify


@click.command()
@click.option("--district", default="", help="只核对这个区（六位代码） / only this district")
@click.option("--year", type=click.IntRange(2000, 2100), help="只核对这一年 / only this year")
@click.option("--all", "everything", is_flag=True, help="草案也核对 / drafts as well")
def verify_runs(district: str, year: int | None, everything: bool) -> None:
    """由保存的输入和政策包重算年度结果，与保存的逐个数比较；有一处不同就以退出码 1 结束。

    Compute years again from their frozen inputs and packs; exit 1 when anything differs.
    """
    runs = Run.objects.filter(input__isnull=False) if everything else Run.objects.filter(state__in=states.CLOSED)
    if district:
        runs = runs.filter(org_code=district)
    if year:
        runs = runs.filter(year=year)
    runs = runs.select_related("input", "pack_text").order_by("org_code", "year", "pk")
    bad = total = 0
    for run in runs.iterator(chunk_size=1):  # the inputs of one run at a time
        started = time.perf_counter()
        found = verify(run)
        total += 1
        bad += bool(found)
        said = "一致" if not found else "不一致"
        click.echo(
            f"{run.org_code} {run.year} 年，第 {run.pk} 次计算（{run.get_state_display()}）：{run.people} 人，{said}，{time.perf_counter() - started:.1f} 秒。"
        )
        for sentence in found:
            click.echo(f"  {sentence}")
    if not total:
        click.echo("没有已签署或已公布的年度结果；草案用 --all 核对。")
    if bad:
        raise click.ClickException(f"{total} 次计算里有 {bad} 次不一致。")
