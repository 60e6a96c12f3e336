"""The tables a frame is built from: what `qinglan calc` reads from files and the database hands over as rows.

Each table has one row a record; days are dates, `until` is the first day that no longer belongs (empty = still running), codes are
the numbers of core.frame.codes, money is fen, scores and hours are hundredths. Absent tables count as empty.
"""

from dataclasses import dataclass, field

import polars as pl

INT, DAY, TEXT, FLAG = pl.Int64, pl.Date, pl.String, pl.Boolean

TABLES: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    "people": {
        "person": INT, "sex": INT, "birth": DAY, "education": INT, "has_degree": FLAG, "social_work_major": FLAG,
        "willing": FLAG,
    },
    "employments": {
        "person": INT, "since": DAY, "until": DAY, "recognised_months": INT, "probation_until": DAY, "exit_reason": INT,
    },
    "postings": {
        "person": INT, "organisation": TEXT, "post": INT, "elected": FLAG, "track": INT, "since": DAY, "until": DAY,
    },
    "protections": {"person": INT, "kind": TEXT, "since": DAY, "until": DAY},
    "certificates": {"person": INT, "level": INT, "issued": DAY, "registered_until": DAY},
    "grades": {"person": INT, "grade": INT, "since": DAY, "until": DAY},
    "training": {"person": INT, "kind": TEXT, "day": DAY, "hours": INT},
    "shadowing": {"person": INT, "day": DAY, "hours": INT},
    "exams": {"person": INT, "level": INT, "subject": TEXT, "day": DAY, "score": INT},
    "scores": {
        "person": INT, "organisation": TEXT, "source": INT, "day": DAY, "score": INT, "ballots": INT, "favourable": INT,
    },
    "abilities": {
        "person": INT, "day": DAY, "serve": INT, "mobilise": INT, "deliberate": INT, "project": INT, "coordinate": INT,
        "innovate": INT,
    },
    "awards": {"person": INT, "level": INT, "day": DAY},
    "warnings": {"person": INT, "kind": TEXT, "day": DAY},
    "projects": {"person": INT, "prize_level": INT, "fund": INT, "volume": INT, "quality": INT, "day": DAY},
    "opening": {
        "person": INT, "day": DAY, "income": INT, "special_deductions": INT, "additional_deductions": INT,
        "tax_withheld": INT, "months_employed": INT, "training_hours": INT, "onboarding_hours": INT,
        "shadowing_hours": INT, "service_months": INT, "ladder_grade": INT, "additional_monthly": INT,
    },
    "history": {"person": INT, "year": INT, "grade": INT, "star": INT},
    "unit_history": {"organisation": TEXT, "year": INT, "colour": INT},
}  # fmt: skip


@dataclass(frozen=True)
class Records:
    """Data frames by table name, each with exactly the columns of TABLES (checked when made)."""

    tables: dict[str, pl.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, table in self.tables.items():
            if name not in TABLES:
                raise ValueError(f"没有「{name}」这张表；可用：{'、'.join(TABLES)}")
            absent = [column for column in TABLES[name] if column not in table.columns]
            if absent:
                raise ValueError(f"表「{name}」缺列：{'、'.join(absent)}")

    def __getitem__(self, name: str) -> pl.DataFrame:
        schema = TABLES[name]
        table = self.tables.get(name)
        if table is None:
            return pl.DataFrame(schema=schema)
        return table.select(pl.col(column).cast(kind) for column, kind in schema.items())
