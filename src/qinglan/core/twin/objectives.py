"""What a scenario comes to, as one number an outcome and replicate: what sensitivity ranks and search weighs.

Every outcome is an indicator (outcomes.INDICATORS) as the mean of the lived years; months of money and of people coming and going are
first added up to the year. Scenarios that differ by levers are anchored on their baseline: what a lever changes, it changes against
this district as it is.
"""

from collections.abc import Sequence

import numpy as np

from qinglan.core.twin.ensemble import ensemble
from qinglan.core.twin.gathering import Gathered
from qinglan.core.twin.outcomes import INDICATORS, Indicator
from qinglan.core.twin.scenario import Scenario, anchored, run_of
from qinglan.core.twin.starting import Run


def by_year(one: Indicator, got: Gathered, run: Run) -> np.ndarray:
    """(R, N): months of money and of people coming and going add up to the year, the others are averaged."""
    values = one.of(got, run)
    if one.yearly:
        return values
    months = values.reshape(len(values), -1, 12)
    return months.sum(axis=2) if one.flow else months.mean(axis=2)


def measured(scenario: Scenario, names: Sequence[str], baseline: Scenario | None = None) -> np.ndarray:
    """(outcomes, R): mean of the lived years. Pure: the same scenario gives the same bytes anywhere.

    `baseline`: on whose anchor it is lived; None: its own. Raises NotInForce, PackError, ParameterError, TwinError.
    """
    run = run_of(scenario if baseline is None else anchored(scenario, baseline))
    got = ensemble(run, scenario.replicates, scenario.years).gathered
    return np.stack([by_year(INDICATORS[name], got, run).mean(axis=1) for name in names])
