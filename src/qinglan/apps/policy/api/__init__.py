"""The JSON API of policy: runs and results, packs."""

from .packs import packs
from .years import results, runs

__all__ = ["packs", "results", "runs"]
