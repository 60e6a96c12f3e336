"""Fixtures of the facts tests: 江汉区 with the people of the fact workbooks, and the day of the truth files."""

import pytest
from tests.unit.facts.workbooks import TODAY, organisations


@pytest.fixture
def jianghan(db: None) -> None:
    """The organisations of 420103."""
    organisations()


@pytest.fixture
def truth_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day that the truth files were written for: what lay in the future then must do so in every year."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: TODAY)
