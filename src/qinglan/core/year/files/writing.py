"""Columns of a computation into Parquet parts or one CSV a table; a missing value is null, its reason stands beside it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from qinglan.core.frame import units
from qinglan.core.frame.missing import MISSING, REASON_LABELS
from qinglan.core.year.files.outputs import REASON, Kind, Table

Array = np.ndarray
NUMPY: dict[Kind, type[np.signedinteger]] = {
    pl.Int8: np.int8,
    pl.Int16: np.int16,
    pl.Int32: np.int32,
    pl.Int64: np.int64,
    pl.Date: np.int32,
}


class TooNarrow(ValueError):
    """A value does not fit the small integer type of its column; the computation is written anew with wide ones."""


def frame(table: Table, keys: Mapping[str, object], columns: Mapping[str, Array], wide: bool) -> pl.DataFrame:
    """The rows as data frame: keys, then each column and `<column>__reason`. Raises TooNarrow."""
    done = [pl.Series(name, keys[name], dtype=kind) for name, (_, kind) in table.keys.items()]  # type: ignore[arg-type]
    for one in table.columns:
        values, reasons = _pair(columns[one.name], one.kind(wide))
        done += [values.alias(one.name), reasons.alias(one.name + REASON)]
    return pl.DataFrame(done)


def _pair(values: Array, kind: Kind) -> tuple[pl.Series, pl.Series]:
    """The values (null where missing) and the numbers of their reasons (null where present)."""
    rows = len(values)
    low, high = (int(values.min()), int(values.max())) if rows else (0, 0)
    none = pl.repeat(None, rows, dtype=pl.Int8, eager=True)
    if low > MISSING:
        return _narrow(values, low, high, kind), none
    if high <= MISSING:
        reasons = pl.Series(MISSING - values, dtype=pl.Int8) if low != high else None
        constant = pl.repeat(MISSING - low, rows, dtype=pl.Int8, eager=True)
        return pl.repeat(None, rows, dtype=kind, eager=True), constant if reasons is None else reasons
    absent = values <= MISSING
    present = np.where(absent, 0, values)
    narrow = _narrow(present, int(present.min()), high, kind)
    why = pl.Series(np.where(absent, MISSING - values, 0).astype(np.int8))
    mask = pl.Series(absent)
    both = pl.select(
        pl.when(~mask).then(narrow).alias("values"), pl.when(mask).then(why).alias("reasons")
    )  # fmt: skip
    return both["values"], both["reasons"]


def _narrow(values: Array, low: int, high: int, kind: Kind) -> pl.Series:
    to = NUMPY[kind]
    bounds = np.iinfo(to)
    if low < bounds.min or high > bounds.max:
        raise TooNarrow
    series = pl.Series(values.astype(to))
    return series.cast(pl.Date) if kind == pl.Date else series


def write_part(rows: pl.DataFrame, folder: Path, number: int) -> None:
    """One part of a table: folder/part-0001.parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    rows.write_parquet(folder / f"part-{number:04d}.parquet", compression="lz4", statistics=False)


def to_csv(folder: Path, target: Path, table: Table) -> None:
    """The parts as one CSV: reasons in words, and only where any value is missing; dates ISO."""
    parts = pl.scan_parquet(folder / "*.parquet")
    reasons = [one.name + REASON for one in table.columns]
    needed = parts.select(pl.col(reasons).is_not_null().any()).collect().row(0, named=True) if reasons else {}
    words = {int(reason): label for reason, label in REASON_LABELS.items()}
    kept = parts.drop([name for name, any_missing in needed.items() if not any_missing])
    named = [pl.col(n).replace_strict(words, return_dtype=pl.String) for n, some in needed.items() if some]
    kept.with_columns(named).collect().write_csv(target)


def type_name(kind: Kind) -> str:
    return str(kind) if isinstance(kind, pl.DataType) else kind.__name__


def unit_words(unit: units.Unit) -> str:
    """「分（100 = 1 元）」: what the integers count."""
    if unit.scale == 1:
        return {"date": "日期", "flag": "1 = 是，0 = 否", "code": "编号", "row": "政策包表格行号"}.get(
            unit.name, unit.label or "个"
        )
    part = "分" if unit is units.FEN else f"1/{unit.scale} {unit.label}"
    return f"{part}（{unit.scale} = 1 {unit.label}）"
