"""Fixtures of the facts tests: the cast, and 江汉区 with the people of the fact workbooks."""

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


@pytest.fixture
def jianghan(db: None) -> None:
    """The organisations of 420103."""
    from tests.unit.facts.workbooks import organisations  # noqa: PLC0415  as above

    organisations()


@pytest.fixture
def truth_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day that the truth files were written for: what lay in the future then must do so in every year."""
    from tests.unit.facts.workbooks import TODAY  # noqa: PLC0415  as above

    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: TODAY)
