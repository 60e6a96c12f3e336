"""What the commands of `qinglan twin` share: options, a progress bar, troubles told in sentences, where lists are worked off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce
from qinglan.core.twin.outcomes import Indicator
from qinglan.core.twin.parameters import ParameterError
from qinglan.core.twin.scenario import Scenario, ScenarioError, people_of, read_scenario
from qinglan.core.twin.working import Each, SpreadError, here
from qinglan.core.twin.year import TwinError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
WORKERS_OPTION = click.option(
    "--workers",
    type=click.IntRange(0, 256),
    default=0,
    help="几个同时算，不写按本机核数（至多 4） / workers, default: the cores",
)
DASK_OPTION = click.option(
    "--dask",
    metavar="local|地址",
    help="分到多进程或多台机器：local 为本机，或写调度器地址 tcp://… / a Dask cluster: local, or a scheduler's address",
)
NO_FORECAST = "这不是预测：行为参数多为假设（qinglan twin parameters），区间只含偶然，不含假设本身的不确定。"
SHARES = ("比例",)
WIDE = 130


def spoken(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose known troubles become sentences."""

    @wraps(command)
    def speaking(*given: Any, **named: Any) -> None:
        try:
            command(*given, **named)
        except (ParameterError, ScenarioError) as error:
            raise click.ClickException("\n".join(error.problems)) from None
        except PackError as error:
            raise click.ClickException("\n".join(map(str, error.problems))) from None
        except (NotInForce, SpreadError, TwinError) as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            raise click.ClickException(f"没有写成（{error.strerror}：{error.filename}）；请检查磁盘与权限。") from None

    return speaking


def opened(file: Path) -> Scenario:
    """The scenario in a file, when there is somebody to rehearse with. Raises ScenarioError."""
    one = read_scenario(file)
    people = people_of(one)
    if not len(people):
        place = f"组织代码 {one.place} 开头的范围" if one.place else "人员文件里"
        more = "；请改 place，或换人员文件"
        if people.without_post:
            more = f"：{people.without_post} 人都没有岗位记录；请先补录岗位（postings 表）"
        raise ScenarioError([f"{place} {one.year} 年末没有在岗的人，没有可以推演的队伍{more}。"])
    return one


def spread(address: str, workers: int) -> Any:
    """A `core.twin.spreading.Spread`; Dask is imported only when it is asked for (a second)."""
    return import_module("qinglan.core.twin.spreading").Spread(address, workers)


@contextmanager
def working(dask: str | None, workers: int) -> Iterator[Each]:
    """Where a list of scenarios is worked off: on a cluster, or here."""
    if dask:
        with spread(dask, workers) as cluster:
            yield cluster.each
    else:
        yield here(workers)


class bar:
    """A bar on the terminal's error stream; called with (done, all)."""

    def __init__(self, name: str) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeRemainingColumn(),
        )
        self.bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self.task = self.bar.add_task(f"{name}，第一次要先编译，约半分钟 …", total=None)

    def __enter__(self) -> Callable[[int, int], None]:
        self.bar.start()
        return lambda done, every: self.bar.update(self.task, completed=done, total=every)

    def __exit__(self, *_: object) -> None:
        self.bar.stop()


def said(one: Indicator, value: float) -> str:
    """One figure in its unit's places; −0 is 0."""
    scale, places = (100, 1) if one.unit in SHARES else (1, {"程度": 3, "倍": 3, "元": 0}.get(one.unit, 1))
    return f"{round(value * scale, places) + 0.0:,.{places}f}"


def show(table: Table) -> None:
    console = Console(highlight=False, markup=False)
    columns = max(console.width, WIDE, 40 + 34 * len(table.columns))  # numbers are never cut
    Console(highlight=False, markup=False, width=columns).print(table)
