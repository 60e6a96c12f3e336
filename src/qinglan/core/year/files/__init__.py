"""`qinglan calc`: tables of people and facts in, results with every step out; CSV or Parquet, no database."""

from qinglan.core.year.files.calculating import FORMATS, Done, calculate
from qinglan.core.year.files.outputs import ALL_FAMILIES
from qinglan.core.year.files.reading import FilesError

__all__ = ["ALL_FAMILIES", "FORMATS", "Done", "FilesError", "calculate"]
