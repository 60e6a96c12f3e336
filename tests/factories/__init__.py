"""Make rows for tests: synthetic people (ID area 990101, belonging to nobody) in fictional organisations."""

from .people import id_number, organisation, person, posted, roster_rows

__all__ = ["id_number", "organisation", "person", "posted", "roster_rows"]
