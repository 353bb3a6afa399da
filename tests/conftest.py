"""Fixtures that every layer may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.books import Box
from tests.upstream import finding

settings.register_profile(  # examples without a stopwatch: a slow machine is no fault
    "stallbox", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("stallbox")


def pytest_report_header() -> str:
    """Say in the report's head what this machine cannot compare."""
    return finding.report()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A desk over a real store with the example event and its tickets."""
    with Box(tmp_path) as opened:
        yield opened
