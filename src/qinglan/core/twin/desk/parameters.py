"""The desk's behavioural coefficients by name (parameters.yaml), read and checked as the twin's own are."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from qinglan.core.twin.parameters import Parameter, chosen, read

FILE = Path(__file__).parent / "parameters.yaml"


class Behaviour(NamedTuple):
    """All coefficients, in the file's order and units."""

    general_factor: float
    general_start: float
    learning_months: float
    handover_share: float
    intake_share: float
    handover_minutes: float
    later_share: float
    overflow_length: float
    patience: float
    service_cv: float
    day_spread: float

    def general(self, month: int) -> float:
        """How much longer a generalist takes in the `month`-th month (from 0): the surplus falls by half in learning_months."""
        surplus = self.general_start - self.general_factor
        return float(self.general_factor + surplus * 2.0 ** (-(month + 0.5) / self.learning_months))


@cache
def catalogue() -> dict[str, Parameter]:
    """All parameters by name, in the file's order. Raises ParameterError when the file itself is wrong."""
    return read(yaml.safe_load(FILE.read_text(encoding="utf-8")), Behaviour._fields)


def behaviour(changes: Mapping[str, object] | None = None) -> Behaviour:
    """The defaults with `changes` by name. Raises ParameterError naming every unknown name and value out of range."""
    return Behaviour(**chosen(catalogue(), changes))
