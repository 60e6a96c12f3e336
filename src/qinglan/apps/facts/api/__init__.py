"""Facts as JSON: what each kind says (kinds) and the operations (doors)."""

from .doors import router

__all__ = ["router"]
