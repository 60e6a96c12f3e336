"""An independent plain-Python reference of every rule family: no import from the kernels, no int64, no numba.

Each module has functions rows, values -> list of {step: number}; REFERENCES names them by family id. They are written from
the spec (mechanism, law), not from the kernel.
"""

from tests.reference import (
    abilities,
    budgets,
    careers,
    contributions,
    exams,
    exits,
    hours,
    ladders,
    outcomes,
    pay,
    retirement,
    scores,
    tiers,
)

REFERENCES = {
    **tiers.REFERENCES,
    **retirement.REFERENCES,
    **scores.REFERENCES,
    **ladders.REFERENCES,
    **hours.REFERENCES,
    **careers.REFERENCES,
    **outcomes.REFERENCES,
    **pay.REFERENCES,
    **contributions.REFERENCES,
    **budgets.REFERENCES,
    **exits.REFERENCES,
    **exams.REFERENCES,
    **abilities.REFERENCES,
}
