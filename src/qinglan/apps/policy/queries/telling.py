"""What a district's pack in force says, in words, for the assistant's cards (core.retrieval.cards.PACK_PARTS)."""

from __future__ import annotations

from datetime import date

from qinglan.apps.policy.queries.packs import adoption_for


def pack_words(district: str, on: date) -> dict[str, str]:
    """A sentence or two a part, made from the values of the pack in force, so that they cannot go stale; empty without a pack."""
    if adoption_for(district, on) is None:
        return {}
    return {}
