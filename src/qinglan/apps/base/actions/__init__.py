"""Actions that any app may need: many rows at once by COPY; work that waits for the background."""

from .copying import copy_in, copy_text
from .queued import Queued, Stopped, name_of

__all__ = ["Queued", "Stopped", "copy_in", "copy_text", "name_of"]
