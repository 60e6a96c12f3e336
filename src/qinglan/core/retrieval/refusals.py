"""What the assistant does not answer: kinds of questions, with what it says instead, and examples that it learns from (data/refusals.yaml)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Refusal(BaseModel):
    """`outcome`: refused, or handed over to a person. `says`: what the asker reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["outside", "near", "premise", "others", "orders", "court", "act"]
    title: Text
    outcome: Literal["refused", "handed_over"]
    says: Text
    questions: tuple[Text, ...] = Field(min_length=1)


def read_refusals(file: Path) -> list[Refusal]:
    """All kinds, in the order of the file."""
    return TypeAdapter(list[Refusal]).validate_python(
        yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    )
