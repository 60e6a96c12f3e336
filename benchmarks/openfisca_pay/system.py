"""Pay, insurance, housing fund and cumulative income tax of a month, as variables and parameters of openfisca-core.

Amounts are int fen. Parameters come as data from the policy pack (same dates, same values); look-ups are by Enum, vectorial.
"""

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

MONTH = DateUnit.MONTH
Person = build_entity(key="person", plural="persons", label="社区工作者", is_person=True)

Post = Enum("Post", {f"post_{number}": f"post_{number}" for number in range(1, 10)})
Grade = Enum("Grade", {f"grade_{number}": f"grade_{number}" for number in range(1, 19)})
Certificate = Enum("Certificate", {f"certificate_{number}": f"certificate_{number}" for number in range(4)})


def half_up(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def to_unit(ten_thousandths, unit):
    """Rounded half up to whole multiples of `unit` fen."""
    return half_up(ten_thousandths, 10_000 * unit) * unit


def whole(values):
    return np.asarray(values).astype(np.int64)


def chosen(name: str, values: type) -> type[Variable]:
    body = {
        "value_type": Enum,
        "possible_values": values,
        "default_value": next(iter(values)),
        "entity": Person,
        "definition_period": MONTH,
    }
    return type(name, (Variable,), body)


post, grade, certificate = chosen("post", Post), chosen("grade", Grade), chosen("certificate", Certificate)


class star_coefficient(Variable):
    value_type, entity, definition_period = int, Person, MONTH


class additional_deduction(Variable):
    value_type, entity, definition_period = int, Person, MONTH


class standard(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        p = parameters(period)
        return to_unit(whole(p.scale.coefficient[person("grade", period)]) * p.start_level, p.round_to)


class full_performance(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        p = parameters(period)
        merit = to_unit(whole(person("standard", period)) * p.performance_share, p.round_to)
        return to_unit(merit * person("star_coefficient", period), p.round_to)


class full_basic(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        total = whole(person("standard", period))
        return total - to_unit(total * parameters(period).performance_share, parameters(period).round_to)


class special_subsidy(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        return whole(parameters(period).subsidy[person("post", period)])


class communications_pay(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        return whole(parameters(period).communications[person("post", period)])


class certificate_pay(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        return whole(parameters(period).certificate[person("certificate", period)])


class regular_pay(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period):
        parts = ("full_basic", "full_performance", "special_subsidy", "communications_pay", "certificate_pay")
        return sum(whole(person(part, period)) for part in parts)


class gross_pay(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        return person("regular_pay", period) + int(parameters(period).festival)


class insurance_base(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        p = parameters(period).insurance
        floor, ceiling = half_up(p.average_wage * p.floor, 10_000), half_up(p.average_wage * p.ceiling, 10_000)
        return np.clip(person("regular_pay", period), floor, ceiling)


LINES = {
    "employee": ("pension", "medical", "unemployment"),
    "employer": ("pension", "medical", "unemployment", "injury"),
}


def contributions(person, period, parameters, side):
    p = parameters(period).insurance
    base, unit, rates = whole(person("insurance_base", period)), p.round_to, getattr(p, side)
    return sum(half_up(base * getattr(rates, line), 10_000 * unit) * unit for line in LINES[side])


class insurance_employee(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        return contributions(person, period, parameters, "employee")


class insurance_employer(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        return contributions(person, period, parameters, "employer")


def fund(person, period, parameters, side):
    p = parameters(period).fund
    base = np.clip(whole(person("regular_pay", period)), p.floor, p.ceiling)
    return half_up(base * getattr(p, side), 10_000 * p.round_to) * p.round_to


class fund_employee(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        return fund(person, period, parameters, "employee")


class fund_employer(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        return fund(person, period, parameters, "employer")


def to_date(person, period, name, now):
    return now if period.start.month == 1 else whole(person(name, period.last_month)) + now


class income_to_date(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period):
        return to_date(person, period, "income_to_date", whole(person("gross_pay", period)))


class special_to_date(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period):
        now = whole(person("insurance_employee", period)) + person("fund_employee", period)
        return to_date(person, period, "special_to_date", now)


class additional_to_date(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period):
        return to_date(person, period, "additional_to_date", whole(person("additional_deduction", period)))


class tax_to_date(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period, parameters):
        tax = parameters(period).tax
        basic = tax.monthly_deduction * period.start.month
        taxable = whole(person("income_to_date", period)) - basic - person("special_to_date", period)
        taxable = np.maximum(taxable - person("additional_to_date", period), 0)
        upto = np.array([getattr(tax.upto, f"b{row}") for row in range(6)])
        rate = np.array([getattr(tax.rate, f"b{row}") for row in range(7)])
        quick = np.array([getattr(tax.quick, f"b{row}") for row in range(7)])
        bracket = np.searchsorted(upto, taxable, side="left")
        return half_up(taxable * rate[bracket], 10_000) - quick[bracket]


class withheld_to_date(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period):
        due = whole(person("tax_due", period))
        return to_date(person, period, "withheld_to_date", due)


class tax_due(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period):
        tax = whole(person("tax_to_date", period))
        return tax if period.start.month == 1 else np.maximum(tax - person("withheld_to_date", period.last_month), 0)


class net_pay(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period):
        taken = (
            whole(person("insurance_employee", period)) + person("fund_employee", period) + person("tax_due", period)
        )
        return person("gross_pay", period) - taken


class employer_cost(Variable):
    value_type, entity, definition_period = int, Person, MONTH

    def formula(person, period):
        return (
            whole(person("gross_pay", period)) + person("insurance_employer", period) + person("fund_employer", period)
        )


VARIABLES = (
    post, grade, certificate, star_coefficient, additional_deduction, standard, full_performance, full_basic, special_subsidy,
    communications_pay, certificate_pay, regular_pay, gross_pay, insurance_base, insurance_employee, insurance_employer, fund_employee,
    fund_employer, income_to_date, special_to_date, additional_to_date, tax_to_date, withheld_to_date, tax_due, net_pay, employer_cost,
)  # fmt: skip


def system(parameters: dict) -> TaxBenefitSystem:
    """The country: `parameters` is data as a folder of YAML files would give it."""
    made = TaxBenefitSystem([Person])
    for variable in VARIABLES:
        made.add_variable(variable)
    made.parameters = ParameterNode("", data=parameters)
    return made
