"""A whole afternoon by the public API: the box's figures are those that the visitors count themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.afternoon import WINDOWS, WITHOUT_MICROBUNDLE, Place, load_window, own_count, play
from tests.system.daemon import Daemon

pytestmark = pytest.mark.system
VISITORS = 600


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("afternoon")


@pytest.fixture(scope="module")
def box(folder: Path) -> Iterator[Daemon]:
    with Daemon(folder / "box") as daemon:
        load_window(daemon, folder, 0)
        yield daemon.start()


@pytest.fixture(scope="module")
def places(box: Daemon, folder: Path) -> dict[str, Place]:
    return play(box, folder, seed=1, visitors=VISITORS)


@pytest.fixture(scope="module")
def told(box: Daemon, places: dict[str, Place]) -> dict[str, Any]:
    with box.staff() as staff:
        return {window["id"]: window["figures"] for window in staff.get("/api/v1/windows").body["windows"]}


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_has_the_figures_that_its_visitors_count(
    places: dict[str, Place], told: dict[str, Any], window: str
) -> None:
    own = own_count(places, window)
    own["takings_minor"] = own["gross_minor"] - own["refunds_minor"]
    assert own["sales"] > 20, "an afternoon without sales proves nothing"
    assert own == Counter({name: count for name, count in told[window].items() if count})


def test_nothing_is_outside_of_the_windows(places: dict[str, Place], told: dict[str, Any]) -> None:
    assert set(told) == set(WINDOWS)


def test_the_microbundle_is_suggested_in_its_windows_alone(places: dict[str, Place]) -> None:
    offered = {window: own_suggested(places, window)["microbundle"] for window in WINDOWS}
    assert offered[WITHOUT_MICROBUNDLE] == 0
    assert all(count > 20 for window, count in offered.items() if window != WITHOUT_MICROBUNDLE)
    assert own_count(places, "noon")["with_microbundle"] > 0


def test_the_debrief_adds_the_windows_up(box: Daemon, places: dict[str, Place], told: dict[str, Any]) -> None:
    report = box.done("debrief")
    sales = sum(figures["sales"] for figures in told.values())
    assert f"conversion         {sales} of {VISITORS} visitors (" in report
    for window in WINDOWS:
        own = own_count(places, window)
        assert f"conversion       {own['sales']} of {own['browsed']} visitors (" in report
        assert f"microbundle      {own['with_microbundle']} of {own['sales']} sales (" in report
        assert f"members joined   {own['memberships']} of {own['sales']} sales (" in report
    assert "the journal is whole" in box.done("journal", "verify")


def own_suggested(places: dict[str, Place], window: str) -> Counter[str]:
    """Sum what was suggested in a window."""
    total: Counter[str] = Counter()
    for name, place in places.items():
        if name.startswith(f"{window}/"):
            total.update(place.suggested)
    return total
