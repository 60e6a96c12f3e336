"""Makes roster-jianghan.xls out of roster-jianghan.xlsx: the same cells in the old format, dates as date cells.

Needs xlwt 1.3.0 beside openpyxl (xlwt writes the old format and nothing else here does):
    python tests/data/intake/make_xls.py
"""

import datetime as dt
from pathlib import Path

import openpyxl
import xlwt

HERE = Path(__file__).resolve().parent

source = openpyxl.load_workbook(HERE / "roster-jianghan.xlsx").active
book = xlwt.Workbook(encoding="utf-8")
sheet = book.add_sheet(source.title)
day = xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"')
for r, row in enumerate(source.iter_rows(values_only=True)):
    for c, value in enumerate(row):
        if isinstance(value, dt.datetime):
            sheet.write(r, c, value, day)
        elif value is not None:
            sheet.write(r, c, value)
for merge in source.merged_cells.ranges:
    for r in range(merge.min_row, merge.max_row + 1):
        for c in range(merge.min_col, merge.max_col + 1):
            assert (r, c) == (merge.min_row, merge.min_col) or source.cell(r, c).value is None
    sheet.merge(merge.min_row - 1, merge.max_row - 1, merge.min_col - 1, merge.max_col - 1)
sheet.row(50).hidden = True
sheet.col(5).hidden = True
book.save(str(HERE / "roster-jianghan.xls"))

# A month typed into a sheet becomes its first day, shown without the day; a formula; a password is not something xlwt can set.
small = xlwt.Workbook(encoding="utf-8")
sheet = small.add_sheet("花名册")
for c, word in enumerate(("姓名", "身份证号码", "出生年月", "所属社区", "参加社区工作时间")):
    sheet.write(0, c, word)
sheet.write(1, 0, "张三")
sheet.write(1, 1, "990101199001151233")
sheet.write(1, 2, dt.datetime(1990, 1, 1), xlwt.easyxf(num_format_str='yyyy"年"m"月"'))
sheet.write(1, 3, "云天社区")
sheet.write(1, 4, dt.datetime(2019, 7, 1), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
small.save(str(HERE / "month-cells.xls"))
sheet.write(2, 4, xlwt.Formula("1+1"))
small.save(str(HERE / "formula.xls"))
far = xlwt.Workbook()
far.add_sheet("a").write(65535, 255, 1)
far.save(str(HERE / "far-cell.xls"))
