"""Fixtures of the people tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cast import Cast


@pytest.fixture
def cast(db: None) -> Cast:
    """Two districts and one of each role."""
    from tests.cast import build  # noqa: PLC0415  models need Django, which is set up after this file is read

    return build()
