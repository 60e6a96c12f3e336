"""The family kernels of a month called one after another in one compiled loop, as the twin calls them: nothing kept but totals."""

from qinglan.core.frame.missing import Reason, missing
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.insurance import (
    AnnuityInputs,
    FundInputs,
    InjuryInputs,
    annuity_kernel,
    fund_kernel,
    injury_kernel,
)
from qinglan.core.rules.insurance import Inputs as InsuranceInputs
from qinglan.core.rules.insurance import kernel as insurance_kernel
from qinglan.core.rules.pay_month import GrossInputs, NetInputs, gross_kernel, net_kernel
from qinglan.core.rules.pay_parts import CertificateInputs, DayInputs, certificate_kernel, day_kernel
from qinglan.core.rules.pay_parts import Inputs as PartInputs
from qinglan.core.rules.pay_parts import kernel as part_kernel
from qinglan.core.rules.tax import Inputs as TaxInputs
from qinglan.core.rules.tax import kernel as tax_kernel

ABSENT = missing(Reason.NOT_RECORDED)


@compiled
def one_month(person, since, length, month, before, t):
    """(gross, insurance, fund, tax, net, cost) of a whole month and the balances after it."""
    post, grade, certificate, star, additional = person
    months, income, special, added, withheld = before
    counted = day_kernel(DayInputs(since, since + length - 1, ABSENT), t[0])
    part = part_kernel(
        PartInputs(post, grade, star, counted.segment_days, counted.month_full_days, 0, counted.segment_days), t[1]
    )
    allowance = certificate_kernel(CertificateInputs(certificate, counted.segment_days, 0, part.days_divisor), t[2])
    gross = gross_kernel(
        GrossInputs(
            month, 1, part.segment_basic, part.segment_performance, part.segment_subsidy, part.segment_communications,
            allowance.segment_certificate_pay, 0, 0, ABSENT, ABSENT, 0,
        ), t[3],
    )  # fmt: skip
    injury = injury_kernel(InjuryInputs(1, ABSENT, ABSENT), t[4])
    insured = insurance_kernel(InsuranceInputs(1, ABSENT, ABSENT, gross.regular_pay, injury.injury_rate), t[5])
    fund = fund_kernel(FundInputs(1, ABSENT, ABSENT, ABSENT, gross.regular_pay), t[6])
    annuity = annuity_kernel(AnnuityInputs(insured.insurance_base, ABSENT), t[7])
    taxed = tax_kernel(
        TaxInputs(
            1, gross.gross_pay, ABSENT, insured.insurance_employee, fund.fund_employee, additional, annuity.annuity_deductible, ABSENT,
            months, income, 0, special, added, 0, withheld,
        ), t[8],
    )  # fmt: skip
    net = net_kernel(
        NetInputs(
            gross.gross_pay, insured.insurance_employee, fund.fund_employee, annuity.annuity_employee, taxed.tax_due, ABSENT,
            insured.insurance_employer, fund.fund_employer, annuity.annuity_employer,
        ), 0,
    )  # fmt: skip
    totals = (
        gross.gross_pay,
        insured.insurance_employee,
        fund.fund_employee,
        taxed.tax_due,
        net.net_pay,
        net.employer_cost,
    )
    after = (
        taxed.months_to_date,
        taxed.income_to_date,
        taxed.special_to_date,
        taxed.additional_to_date,
        taxed.withheld_to_date,
    )
    return totals, after


@compiled
def block_of_month(columns, first, last, since, length, month, balances, t, out):
    """One month of people first … last − 1. balances (5, block) are carried on in place; out (6, n)."""
    for index in range(first, last):
        person = (columns[0, index], columns[1, index], columns[2, index], columns[3, index], columns[4, index])
        at = index - first
        before = (balances[0, at], balances[1, at], balances[2, at], balances[3, at], balances[4, at])
        totals, after = one_month(person, since, length, month, before, t)
        for line in range(6):
            out[line, index] = totals[line]
        for line in range(5):
            balances[line, at] = after[line]
