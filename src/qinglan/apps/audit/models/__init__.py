"""What the log is made of: actions, looks and refusals, and the chain that all rows which only grow hang in."""

from .chain import ChainLink, ChainPending, chained_models, columns_of, sealed_columns
from .log import AccessDenied, AccessRecord, AuditEvent, protect

__all__ = [
    "AccessDenied",
    "AccessRecord",
    "AuditEvent",
    "ChainLink",
    "ChainPending",
    "chained_models",
    "columns_of",
    "protect",
    "sealed_columns",
]
