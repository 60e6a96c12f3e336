"""The reference page of `qinglan calc`: every table and column read and written, with type and unit, from the registries."""

from collections.abc import Iterator, Mapping

from qinglan.core.frame.missing import REASON_LABELS
from qinglan.core.frame.units import FLAG, Unit
from qinglan.core.year.files.layout import INPUTS, SCHEMAS, Given
from qinglan.core.year.files.outputs import REASON, TABLES, Kind, Out
from qinglan.core.year.files.writing import type_name, unit_words

HEAD = f"""# 由文件算到文件 / From files to files: `qinglan calc`

```bash
qinglan calc 我的表/ --pack taoyuan --year 2025 --out 结果/              # CSV in, CSV out
qinglan calc 我的表/ --pack ./我的政策包 --year 2025 --out 结果/ --format parquet --families pay
```

不用数据库。文件夹里每张表一个文件：`<表名>.csv`（UTF-8，第一行是列名）或 `<表名>.parquet`。只有 `people` 必须有；没有的表当作空表，
没有的列当作全空。有一处不对就什么都不写，并说明是哪个文件、哪一行、哪一列、该怎样写。结果先写在旁边的临时文件夹，全部写成后才改名；
已有内容的文件夹不会被覆盖。

No database. One file a table, CSV or Parquet; only `people` is required. Anything wrong: nothing is written, and each place is
named. The rules, the order and the numbers are those of the pages: equal to the last fen and the last step (a test holds it).

**写法 / how to write.** 金额是整数「分」；得分、学时、小时是百分之一；日期写 `2025-07-01`；编码写编号或名称都行；是否写 `是`/`否`、`true`/`false` 或 `1`/`0`。
`until` 是不再属于的第一天，空表示仍在。

**缺失 / missing.** 结果里缺失的值是空（null），原因在旁边的 `<列名>{REASON}` 列：{"、".join(f"{int(n)} {label}" for n, label in REASON_LABELS.items())}。
CSV 里原因写文字，并且只在有缺失的列旁边才有这一列；Parquet 里每列旁边都有（Int8），列因此不随数据改变。没有发工资的月份（不适用）没有行。

**文件 / files.** CSV：每张表一个 `<表名>.csv`。Parquet：每张表一个文件夹，里面是 `part-0001.parquet` 等若干份，合起来读
（如 `polars.read_parquet("结果/months/*.parquet")`）。整数用 16 或 32 位；只要有一个值放不下，所有整数列都改用 64 位。`about.json` 记政策包、版本、指纹和行数。

**多个区 / several districts.** 每人属于年末（或离岗时）所在的区（机构代码前 6 位）；名额、同岗比较都在区内，与各区分别计算的结果相同。
"""


def page() -> str:
    """The page as Markdown."""
    lines = [HEAD, "## 读的表 / tables read", ""]
    for name, (label, columns) in INPUTS.items():
        lines += [f"### {name}", "", label, "", "| 列 | 类型 | 单位或编号 | 意思 | 必填 |", "|---|---|---|---|---|"]
        lines += [_input(column, given, SCHEMAS[name][column]) for column, given in columns.items()]
        lines.append("")
    lines += ["## 写的表 / tables written", ""]
    for table in TABLES.values():
        lines += [
            f"### {table.name}",
            "",
            table.label,
            "",
            "| 列 | 类型 | 单位或编号 | 意思 | 规则 | 政策包条目 |",
            "|---|---|---|---|---|---|",
        ]
        lines += [f"| `{name}` | {type_name(kind)} | | {label} | | |" for name, (label, kind) in table.keys.items()]
        lines += list(_outputs(table.columns))
        lines.append("")
    return "\n".join(lines)


def _input(name: str, given: Given, kind: Kind) -> str:
    said = _codes(given.unit, given.codes)
    if given.words is not None:
        said = "、".join(word if word == label else f"{word} {label}" for word, label in given.words.items())
    return f"| `{name}` | {type_name(kind)} | {said} | {given.label} | {'是' if given.required else ''} |"


def _outputs(columns: tuple[Out, ...]) -> Iterator[str]:
    for one in columns:
        item = f"`{one.item}`" if one.item else ""
        family = f"`{one.family}`" if one.family else "（输入）"
        yield f"| `{one.name}` | {type_name(one.kind())} | {_codes(one.unit, one.codes)} | {one.label} | {family} | {item} |"


def _codes(unit: Unit | None, codes: Mapping[int, str] | None) -> str:
    if codes is not None and len(codes) <= 20:
        return "、".join(f"{number} {label}" for number, label in codes.items())
    if unit is None:
        return ""
    return "是 / 否" if unit is FLAG else unit_words(unit)
