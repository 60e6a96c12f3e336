"""Where a page of claims and proposals stands: the path above its heading."""

from __future__ import annotations

from django.urls import reverse

Path = list[tuple[str, str]]
LISTS = {"desk": "诉求办理", "mine": "我的诉求", "proposals": "处置建议"}


def trail(under: str, *last: tuple[str, str] | str) -> Path:
    """The path from the home page by a list of LISTS to what is named last: (name, address), or a name for this very page."""
    rest = [(one, "") if isinstance(one, str) else one for one in last]
    return [("总览", "/"), (LISTS[under], reverse(f"rights:{under}") if rest else ""), *rest]
