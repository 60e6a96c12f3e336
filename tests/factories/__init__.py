"""Make rows for tests: synthetic people (ID area 990101, belonging to nobody) in fictional organisations."""

from .decisions import deciders, published
from .people import id_number, organisation, person, posted, roster_rows

__all__ = ["deciders", "id_number", "organisation", "person", "posted", "published", "roster_rows"]
