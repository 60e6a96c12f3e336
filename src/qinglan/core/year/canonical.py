"""The canonical bytes of a computation and their fingerprints (docs/reference/canonical.md)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qinglan.core.year.computing import Year

Columns = Mapping[str, np.ndarray]
Names = Sequence[Sequence[Any]]  # [[family, [step, …]], …] in the order computed


def fingerprint(said: Mapping[str, Any], *groups: Columns) -> str:
    """SHA-256 of the canonical bytes of a computation: `said` as JSON with sorted keys, then each column of each group.

    A column is its name and shape as JSON, then its int64 values, little-endian, row by row.
    """
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())
    for group in groups:
        for name, array in group.items():
            plain = np.ascontiguousarray(array, dtype="<i8")
            digest.update(json.dumps([name, list(plain.shape)], ensure_ascii=False).encode())
            digest.update(plain.tobytes())
    return digest.hexdigest()


def input_groups(result: Year) -> tuple[Columns, ...]:
    """What the computation read, group by group."""
    return result.frame.columns, result.units.columns, result.segment_frame, result.given.months, result.given.opening


def input_names(result: Year) -> list[list[str]]:
    """The columns of each group of inputs, in order: a run keeps them, because later releases read more."""
    return [list(group) for group in input_groups(result)]


def inputs_hash(result: Year, names: Sequence[Sequence[str]]) -> str:
    """The fingerprint of what was computed from; `names` are those of the run. KeyError when a column is gone."""
    said = {
        "year": result.frame.year,
        "people": result.frame.people.tolist(),
        "places": result.frame.organisations,
        "units": result.units.organisations,
        "district": result.district_frame,
        "pack": result.pack.hash,
    }
    groups = zip(input_groups(result), names, strict=True)
    return fingerprint(said, *({name: group[name] for name in chosen} for group, chosen in groups))


def results_hash(result: Year) -> str:
    """The fingerprint of all that was computed."""
    person = {**result.person, **result.pay_year}
    families = (*person.values(), *result.months.values(), *result.segments.values(), *result.unit.values())
    return fingerprint({"district": result.district}, *families)


def names_of(steps: Mapping[str, Columns]) -> list[list[Any]]:
    """[[family, [step, …]], …] in the order computed."""
    return [[family, list(columns)] for family, columns in steps.items()]
