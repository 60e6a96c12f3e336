"""A checkpoint: the state's arrays and what was gathered, with the scenario's key. Resuming gives the bytes of an uninterrupted run.

One .npz file (numpy's own format, no pickles), whole numbers and single precision: it can be taken to another machine.
"""

import os
import zlib
from dataclasses import fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from qinglan.core.twin.ensemble import Result
from qinglan.core.twin.gathering import Gathered
from qinglan.core.twin.scenario import Scenario, ScenarioError
from qinglan.core.twin.starting import State

STATE = ("whole", "real", "pool", "colour", "ability")
VERSION = 1


def save(file: Path, scenario: Scenario, result: Result) -> None:
    """Writes the checkpoint whole or not at all."""
    arrays = {f"state_{name}": getattr(result.state, name) for name in STATE}
    arrays |= {f"gathered_{one.name}": getattr(result.gathered, one.name) for one in fields(Gathered)}
    head = np.array([VERSION, result.state.first, result.state.year], np.int64)
    beside = file.with_name(file.name + ".part")
    with beside.open("wb") as stream:
        np.savez_compressed(stream, head=head, key=np.frombuffer(scenario.key.encode(), np.uint8), **arrays)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(file)


def load(file: Path, scenario: Scenario) -> Result:
    """The checkpoint of this very scenario. Raises ScenarioError when it is another's, or cannot be read."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            version, first, year = (int(one) for one in kept["head"])
            key = kept["key"].tobytes().decode()
            state = State(first, year, *(kept[f"state_{name}"] for name in STATE))
            gathered = Gathered(**{one.name: kept[f"gathered_{one.name}"] for one in fields(Gathered)})
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise ScenarioError([f"续跑文件「{file.name}」读不出来（{type(error).__name__}）；请重新推演。"]) from None
    if version != VERSION or key != scenario.key:
        raise ScenarioError(
            [
                f"续跑文件「{file.name}」不是这个情景存下的（人员、政策包、改动、参数、次数或种子不同）；请用原情景，或重新推演。"
            ]
        )
    return Result(gathered, state)
