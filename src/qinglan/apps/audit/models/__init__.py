"""What the log is made of: actions, looks and refusals, and the chain that all rows which only grow hang in."""

from .chain import ChainCheck, ChainLink, ChainPending, chained_models, columns_of, sealed_columns
from .log import AccessDenied, AccessRecord, AuditEvent, protect

__all__ = [
    "AccessDenied",
    "AccessRecord",
    "AuditEvent",
    "ChainCheck",
    "ChainLink",
    "ChainPending",
    "chained_models",
    "columns_of",
    "protect",
    "sealed_columns",
]
