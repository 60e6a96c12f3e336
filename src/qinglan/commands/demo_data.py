"""`qinglan demo-data`: loads the fictional district 桃源区 and walks its three years: one published, one corrected, one under review."""

import click
from django.utils import timezone
from rich.console import Console

from qinglan import server
from qinglan.apps.pay.models import PayMonth
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import Run
from qinglan.demo import disputes, loading, places, questions, workforce

ACCOUNTS_FILE = "demo-accounts.json"
CORRECTED = 2024
# The district pays by the month here since October 2024; what the correction owes is paid in February.
BEFORE, AFTER = [(2024, 10), (2024, 11), (2024, 12), (2025, 1)], [(2025, 2)]


@click.command()
def demo_data() -> None:
    """载入虚构的桃源区（合成数据），已有则不重复。 / Load the fictional district; does nothing when it is there."""
    console = Console(stderr=True)
    if not loading.loaded():
        with console.status("正在载入桃源区，约半分钟 …"):
            counts = loading.load(say=console.print)
        click.echo(f"桃源区（合成数据）已载入：{counts['organisations']} 个社区，{counts['people']} 人。")
    passwords = loading.accounts(server.data_dir() / ACCOUNTS_FILE)
    for year in range(workforce.FIRST_YEAR, workforce.LAST_YEAR + 1):
        _year(year, console)
        if year == CORRECTED:
            _pay_and_correct(console)
    if count := disputes.others(today=timezone.localdate()):
        click.echo(f"诉求：{count} 件，各种状态都有。")
    count, handed = questions.asked(today=timezone.localdate())
    if count:
        click.echo(
            f"问答助手：居民提问 {count} 个，其中转人工 {handed} 个；因地而异的值填了 {len(questions.CITY)} 项。"
        )
    click.echo("账号 / accounts:")
    for username, password in passwords.items():
        click.echo(f"  {loading.titles()[username]}：{username}  密码 {password}")


def _year(year: int, console: Console) -> None:
    """The year computed, and published; the last one is left under review."""
    if Run.objects.filter(org_code=places.DISTRICT, year=year).exists():
        return
    with console.status(f"正在计算 {year} 年，第一次要先编译规则，约一分钟 …"):
        run = years.compute(district=places.DISTRICT, year=year, by=None)
        run = loading.publish(run) if year < workforce.LAST_YEAR else loading.under_review(run)
    click.echo(f"{year} 年已算好（{run.get_state_display()}）：{run.people} 人，{run.seconds} 秒。")


def _pay_and_correct(console: Console) -> None:
    """Months paid, the year corrected and published again, and the difference paid in a later month."""
    if PayMonth.objects.filter(org_code=places.DISTRICT).exists():
        return
    with console.status("正在发放月度工资 …"):
        for year, month in BEFORE:
            loading.pay(year, month)
    with console.status(f"正在更正 {CORRECTED} 年 …"):
        doubt = disputes.doubt(year=CORRECTED)
        loading.certify_late()
        disputes.note_correction(doubt)
        loading.publish(years.compute(district=places.DISTRICT, year=CORRECTED, by=None))
        disputes.settle(doubt)
        for year, month in AFTER:
            paid = loading.pay(year, month)
    late = paid.slips.exclude(arrears=0).count()
    click.echo(
        f"{CORRECTED} 年已更正并重新公布；月度工资已关账 {len(BEFORE) + len(AFTER)} 个月，{paid} 补发 {late} 人。"
    )
