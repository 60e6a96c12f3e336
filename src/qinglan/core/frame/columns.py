"""What a column of a frame is; the frames themselves are listed in person_year, unit_year and month."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from qinglan.core.frame.codes import Code
from qinglan.core.frame.units import Unit


class Privacy(Enum):
    """How carefully a column is shown and exported (PIPL art. 28, 51)."""

    PUBLIC = "公开"
    INTERNAL = "内部"
    PERSONAL = "个人信息"
    SENSITIVE = "敏感个人信息"


@dataclass(frozen=True)
class Column:
    """One int64 column. `required` columns may not be missing; the frame builder refuses the row and says so."""

    label: str
    unit: Unit
    codes: type[Code] | None = None
    privacy: Privacy = Privacy.INTERNAL
    required: bool = False
    help: str = ""


Columns = Mapping[str, Column]
