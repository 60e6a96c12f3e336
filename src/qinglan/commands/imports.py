"""`qinglan import KIND FILE`: the same dry run and the same transaction as the import page."""

from pathlib import Path

import click
from django.core.exceptions import ValidationError
from django.utils import timezone

from qinglan.apps.facts.actions import imports, reading
from qinglan.apps.facts.models import ImportBatch
from qinglan.commands.saving import NEW_FILE, save
from qinglan.commands.start import say
from qinglan.core.intake import IntakeError, json_array, mark


@click.command("import")
@click.argument("kind", type=click.Choice(list(imports.TITLES)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--district", required=True, help="区的六位代码 / six-digit code of the district")
@click.option("--dry-run", is_flag=True, help="只核对，不导入 / check only")
@click.option("--json", "json_file", type=NEW_FILE, help="逐行结果 / one object a row")
@click.option("--marked", type=NEW_FILE, help="标注了退回原因的工作簿 / marked workbook")
def import_(kind: str, file: Path, district: str, dry_run: bool, json_file: Path | None, marked: Path | None) -> None:
    """导入名册或事实表：先核对每一行，再一次导入。 / Import a roster or a fact workbook: check every row, then load at once.

    退回的行不影响其他行；改好后整个文件可以再导入，不会重复。
    """
    today = timezone.localdate()
    data = file.read_bytes()
    say(f"核对 {file.name} …")
    try:
        tried = imports.read(kind=kind, filename=file.name, data=data, district=district, today=today, by=None)
    except IntakeError as error:
        raise click.ClickException(error.sentence) from None
    report = tried.report
    for line in reading.remarks(report).splitlines():
        say(line)
    if json_file:
        reading.tell_ids(report)
        save(json_file, json_array(report).encode())
    if marked:
        save(marked, mark(tried.workbook, report))
    if not dry_run and not report.problems:
        _apply(kind, file, data, district)
    counts = report.counts()
    click.echo(
        f"读到 {counts['read']} 行 = 接受 {counts['accepted']} + 未变 {counts['unchanged']} + 退回 {counts['refused']}"
        f" + 略过 {counts['skipped']}{'（只核对，未导入）' if dry_run else ''}"
    )
    for row in [row for row in report.rows if row.outcome == "refused"][:20]:
        click.echo(f"  {row.sheet} 第 {row.row} 行：{'；'.join(reason.sentence() for reason in row.reasons)}")
    if counts["refused"] > 20:
        click.echo(f"  …… 共 {counts['refused']} 行退回，全部见 --marked 或 --json。")
    if report.problems:
        raise click.ClickException("有工作表没有读懂，未导入。")


def _apply(kind: str, file: Path, data: bytes, district: str) -> None:
    """Bring the file in at once, however large: a command can wait."""
    today = timezone.localdate()
    say("导入 …")
    try:
        batch = imports.submit(kind=kind, filename=file.name, data=data, district=district, today=today, by=None)
        batch = imports.check_now(batch=batch, today=today, by=None)
        if batch.state == ImportBatch.State.TRIED:
            imports.apply(batch=batch, today=today, by=None)
    except ValidationError as error:
        raise click.ClickException("；".join(error.messages)) from None
