"""Reads the input tables of `qinglan calc` from CSV or Parquet, and says of each wrong value where it is and what to write.

Nothing is guessed: a column nobody knows, a word outside the closed list, a person without a row in `people` are refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from qinglan.core.frame import units
from qinglan.core.frame.records import TABLES, Records
from qinglan.core.year.files.layout import DISTRICT, INPUTS, SCHEMAS, SPANS, Given

SHOWN = 20  # sentences a table; more say the same
FLAGS = {"是": 1, "否": 0, "true": 1, "false": 0, "1": 1, "0": 0}
ENDINGS = (".parquet", ".csv")


class FilesError(ValueError):
    """What is wrong with the files. `problems`: one sentence each, with file, row, column and what to write."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Inputs:
    """`records` for the year's computation; `figures` (organisation and columns of DISTRICT_YEAR), possibly empty."""

    records: Records
    figures: pl.DataFrame


def read(folder: Path) -> Inputs:
    """All tables in `folder`. Raises FilesError with every problem found."""
    problems: list[str] = []
    files = list(_files(folder, problems))
    tables: dict[str, pl.DataFrame] = {}
    for name, path in files:
        table, wrong = _table(name, path)
        problems += wrong
        if not wrong:
            tables[name] = table
    if "people" in tables:
        for name, path in files:
            if name in tables:
                problems += _relations(name, path.name, tables[name], tables["people"])
    if problems:
        raise FilesError(problems)
    figures = tables.pop(DISTRICT, pl.DataFrame(schema=SCHEMAS[DISTRICT]))
    return Inputs(Records({name: tables[name] for name in TABLES if name in tables}), figures)


def _files(folder: Path, problems: list[str]) -> Iterator[tuple[str, Path]]:
    if not folder.is_dir():
        raise FilesError([f"没有文件夹「{folder}」；请写放着 people.csv 等表的文件夹。"])
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in ENDINGS or path.name.startswith("."):
            continue
        name = path.stem
        if name not in INPUTS:
            problems.append(f"{path.name}：没有叫「{name}」的表；可用的表名：{'、'.join(INPUTS)}。")
        elif name in found:
            problems.append(f"{path.name}：同一张表已有 {found[name].name}；请只留一个。")
        else:
            found[name] = path
    if "people" not in found:
        problems.append(f"文件夹「{folder}」里没有 people.csv 或 people.parquet；人员表必须有。")
    yield from found.items()


def _table(name: str, path: Path) -> tuple[pl.DataFrame, list[str]]:
    """The table with the columns and types of its schema, and what is wrong with it."""
    try:
        raw = pl.read_csv(path, infer_schema=False) if path.suffix.lower() == ".csv" else pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        wanted = "UTF-8 编码的 CSV" if path.suffix.lower() == ".csv" else "Parquet 文件"
        return pl.DataFrame(), [f"{path.name}：读不出来（{str(error).splitlines()[0]}）；请存成{wanted}。"]
    columns = INPUTS[name][1]
    usable = "、".join(columns)
    wrong = [
        f"{path.name}：不认识「{column}」这一列；可用的列：{usable}。"
        for column in raw.columns
        if column not in columns
    ]
    wrong += [
        f"{path.name}：缺「{column}」（{given.label}）这一列；请补上。"
        for column, given in columns.items()
        if given.required and column not in raw.columns
    ]
    if wrong:
        return raw, wrong
    first = 2 if path.suffix.lower() == ".csv" else 1
    done: dict[str, pl.Series] = {}
    for column, given in columns.items():
        kind = SCHEMAS[name][column]
        if column not in raw.columns:
            done[column] = pl.Series(column, [None], dtype=kind).new_from_index(0, raw.height)
            continue
        values, hint = _column(raw[column], given, kind)
        bad = values.is_null() & _filled(raw[column])
        if given.required:
            bad = bad | values.is_null()
        rows = bad.arg_true()
        for row in rows.head(SHOWN):
            wrong.append(f"{path.name} 第 {row + first} 行「{column}」：{_shown(raw[column][row])}；请写{hint}。")
        if len(rows) > SHOWN:
            wrong.append(f"{path.name}「{column}」：同样的问题共 {len(rows)} 处。")
        done[column] = values.alias(column).cast(kind)
    return pl.DataFrame(done), wrong


def _shown(value: object) -> str:
    return "空着" if value is None or value == "" else f"「{value}」不对"


def _filled(values: pl.Series) -> pl.Series:
    filled = values.is_not_null()
    return filled & (values.str.strip_chars() != "") if values.dtype == pl.String else filled


def _column(values: pl.Series, given: Given, kind: pl.DataType | type[pl.DataType]) -> tuple[pl.Series, str]:
    """The values as the schema has them, null where they cannot be read; and what should be written."""
    text = values.str.strip_chars() if values.dtype == pl.String else None
    if given.words is not None:
        words = {**{word: word for word in given.words}, **{label: word for word, label in given.words.items()}}
        known = text if text is not None else values.cast(pl.String, strict=False)
        hint = "、".join(word if word == label else f"{word}（{label}）" for word, label in given.words.items())
        return _replaced(known, words, pl.String), f"{hint} 之一"
    if kind == pl.String:
        plain = text if text is not None else values.cast(pl.String, strict=False)
        return plain.replace("", None), given.label
    if kind == pl.Date:
        read = text.str.to_date("%Y-%m-%d", strict=False) if text is not None else values.cast(pl.Date, strict=False)
        return read, "日期，如 2025-07-01"
    if given.unit is units.FLAG:
        if values.dtype == pl.Boolean:
            return values, "是 或 否"
        plain = (text if text is not None else values.cast(pl.String, strict=False)).str.to_lowercase()
        return _replaced(plain, FLAGS, pl.Int64).cast(kind), "是 或 否（true/false、1/0 也可）"
    if given.codes is not None:
        return _coded(values, text, given.codes)
    number = text.cast(pl.Int64, strict=False) if text is not None else _whole(values)
    number = pl.select(pl.when(number >= (given.low or 0)).then(number)).to_series()
    return number, _amount(given)


def _whole(values: pl.Series) -> pl.Series:
    """Integers of a typed column; a fraction is no integer."""
    number = values.cast(pl.Int64, strict=False)
    if values.dtype.is_float():
        return pl.select(pl.when(number.cast(values.dtype) == values).then(number)).to_series()
    return number


def _coded(values: pl.Series, text: pl.Series | None, codes: Mapping[int, str]) -> tuple[pl.Series, str]:
    hint = "、".join(f"{label}（{number}）" for number, label in codes.items()) + " 之一"
    if text is None:
        number = _whole(values)
        return pl.select(pl.when(number.is_in(list(codes))).then(number)).to_series(), hint
    words = {str(number): number for number in codes} | {label: number for number, label in codes.items()}
    return _replaced(text, words, pl.Int64), hint


def _replaced(values: pl.Series, words: dict, kind: type[pl.DataType]) -> pl.Series:
    return values.replace_strict(words, default=None, return_dtype=kind)


def _amount(given: Given) -> str:
    unit = given.unit
    if unit is None or unit.scale == 1:
        return "不带小数的非负整数"
    part = "分" if unit is units.FEN else f"百分之一{unit.label}"
    return f"以{part}为单位的非负整数（1 {unit.label} 写 {unit.scale}）"


def _relations(name: str, file: str, table: pl.DataFrame, people: pl.DataFrame) -> list[str]:
    """Persons without a row in people, persons twice in it, spans that overlap or end before they begin."""
    first = 2 if file.lower().endswith(".csv") else 1
    if name in ("people", DISTRICT):
        key = table.columns[0]
        rows = table.select(pl.col(key).is_duplicated()).to_series().arg_true().head(SHOWN)
        return [f"{file} 第 {row + first} 行「{key}」：「{table[key][row]}」不止一行；请只留一行。" for row in rows]
    wrong = []
    if "person" in table.columns:
        unknown = table["person"].is_not_null() & ~table["person"].is_in(people["person"].implode())
        wrong = [
            f"{file} 第 {row + first} 行「person」：people 表里没有「{table['person'][row]}」这个人；请补上这个人，或改编号。"
            for row in unknown.arg_true().head(SHOWN)
        ]
    if "until" in table.columns:
        ends = (table["until"] <= table["since"]).arg_true().head(SHOWN)
        wrong += [
            f"{file} 第 {row + first} 行「until」：不晚于 since；请写不再属于的第一天（晚于 since），仍在的留空。"
            for row in ends
        ]
    if name in SPANS and not wrong:
        ordered = table.with_row_index("row").sort("person", "since")
        before = pl.col("until").shift(1)  # of the same person, as the next condition asks
        clash = ordered.filter(
            (pl.col("person") == pl.col("person").shift(1)) & (before.is_null() | (before > pl.col("since")))
        )["row"].head(SHOWN)
        wrong += [
            f"{file} 第 {row + first} 行「since」：同一个人的前一段还没有结束；请给前一段写 until，或改这一段的 since。"
            for row in clash
        ]
    return wrong
