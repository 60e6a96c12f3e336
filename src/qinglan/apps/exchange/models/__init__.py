"""What other systems leave here: tokens, answers kept by key, addresses to be told and what was told."""

from .answers import KeyConflict, StoredAnswer
from .tokens import Scope, Token, TokenUse
from .webhooks import Delivery, Event, Webhook

__all__ = ["Delivery", "Event", "KeyConflict", "Scope", "StoredAnswer", "Token", "TokenUse", "Webhook"]
