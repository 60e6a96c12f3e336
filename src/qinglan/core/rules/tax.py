"""Income tax on wages, withheld cumulatively month by month (国家税务总局公告2018年第61号 第六条).

Cumulative taxable = income − exempt − 5,000 × months employed here this year − special − special additional − other
deductions. Month's tax = cumulative tax − withheld before; never below 0: what was withheld too much waits for the yearly
settlement. Rounding: the cumulative tax, half up to the fen.
"""

from typing import Any, NamedTuple

from qinglan.core.frame import units
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import bracket_row, first_missing, is_missing, or_zero, share
from qinglan.core.rules.shapes import Brackets, Scalar

ITEMS = (
    Item("pay.income_tax.monthly_deduction", "减除费用（每月）", Scalar(units.FEN, maximum=10**8), "pay.three_plus_x"),
    Item("pay.income_tax.brackets", "综合所得预扣率表", Brackets(units.FEN), "pay.three_plus_x"),
)


class Inputs(NamedTuple):
    employed: int
    gross_pay: int
    exempt_income: int
    insurance_employee: int
    fund_employee: int
    additional_deduction: int
    annuity_deductible: int
    other_deduction: int
    months_before: int
    income_before: int
    exempt_before: int
    special_before: int
    additional_before: int
    other_before: int
    withheld_before: int


class Steps(NamedTuple):
    income_to_date: int
    exempt_to_date: int
    months_to_date: int
    basic_deduction: int
    special_to_date: int
    additional_to_date: int
    other_to_date: int
    taxable_to_date: int
    tax_rate: int
    quick_deduction: int
    tax_to_date: int
    tax_due: int
    withheld_to_date: int
    tax_overpaid: int
    tax_row: int


class Tables(NamedTuple):
    monthly_deduction: int
    brackets: object


WIDTH = len(Inputs._fields)


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack["pay.income_tax.monthly_deduction"], pack["pay.income_tax.brackets"])


@compiled
def kernel(x, t):
    absent = first_missing((
        x.gross_pay, x.insurance_employee, x.fund_employee, x.annuity_deductible, x.months_before, x.income_before,
        x.exempt_before, x.special_before, x.additional_before, x.other_before, x.withheld_before,
    ))  # fmt: skip
    income, exempt, months, basic, special, additional, other = absent, absent, absent, absent, absent, absent, absent
    taxable, rate, quick, tax, due, withheld, overpaid, bracket = (
        absent,
        absent,
        absent,
        absent,
        absent,
        absent,
        absent,
        -1,
    )
    if not is_missing(absent):
        income = x.income_before + x.gross_pay
        exempt = x.exempt_before + or_zero(x.exempt_income)
        months = x.months_before + x.employed
        basic = t.monthly_deduction * months
        special = x.special_before + x.insurance_employee + x.fund_employee
        additional = x.additional_before + or_zero(x.additional_deduction)
        other = x.other_before + x.annuity_deductible + or_zero(x.other_deduction)
        taxable = max(income - exempt - basic - special - additional - other, 0)
        bracket = bracket_row(t.brackets.upto, taxable)
        rate = t.brackets.rate[bracket]
        quick = t.brackets.quick[bracket]
        tax = share(taxable, rate) - quick
        due = max(tax - x.withheld_before, 0)
        withheld = x.withheld_before + due
        overpaid = withheld - tax
    return Steps(
        income,
        exempt,
        months,
        basic,
        special,
        additional,
        other,
        taxable,
        rate,
        quick,
        tax,
        due,
        withheld,
        overpaid,
        bracket,
    )


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


CITED: dict[str, Any] = {"item": "pay.income_tax.brackets", "row": "tax_row"}
FAMILY = Family(
    id="pay.income_tax",
    label="个人所得税（累计预扣）",
    mechanisms=("pay.three_plus_x",),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "income_to_date": Step("累计收入", units.FEN),
        "exempt_to_date": Step("累计免税收入", units.FEN),
        "months_to_date": Step("任职受雇月份数", units.MONTHS),
        "basic_deduction": Step("累计减除费用", units.FEN, "pay.income_tax.monthly_deduction"),
        "special_to_date": Step("累计专项扣除（社会保险、住房公积金个人部分）", units.FEN),
        "additional_to_date": Step("累计专项附加扣除", units.FEN),
        "other_to_date": Step("累计依法确定的其他扣除", units.FEN),
        "taxable_to_date": Step("累计预扣预缴应纳税所得额", units.FEN),
        "tax_rate": Step("预扣率", units.PERCENT, **CITED),
        "quick_deduction": Step("速算扣除数", units.FEN, **CITED),
        "tax_to_date": Step("累计应预扣税额", units.FEN, **CITED),
        "tax_due": Step("本月应预扣税额（不足零按零，年度汇算清缴）", units.FEN),
        "withheld_to_date": Step("累计已预扣税额", units.FEN),
        "tax_overpaid": Step("多预扣、待汇算", units.FEN),
        "tax_row": Step("税率行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
    headline="tax_due",
)

FAMILIES = (FAMILY,)
