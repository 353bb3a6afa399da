"""Every journey with trouble in the middle: nothing doubled, nothing lost, and nobody left in doubt.

Wi-Fi that goes before a request or before its answer, a line into nothing, the power cut before and after the act is on
the disk: the page says so, keeps what is on it, sends again under the same key, and in the end shows and has what it
has where all goes well. `make test` tries each journey with one trouble, `make soak` all with all, on every size.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.stall import SIZES, TROUBLES, Keys, Stall, open_stall
from tests.journeys.table import JOURNEYS
from tests.waiting import wait_until
from tests.web.tablets import chromium  # noqa: F401 - a fixture

pytestmark = [pytest.mark.system, pytest.mark.browser]
LOOK_MS = 50
OF_FORMS = ("lost request", "cut before")  # what is under way when all goes dark, nobody sends again by itself
CUT = {"order": "cut after", "pay by gift card": "cut after", "cash": "cut after", "refund": "cut before"}


@pytest.fixture(scope="module")
def stall(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Stall]:  # noqa: F811
    with open_stall(tmp_path_factory.mktemp("stall"), chromium) as opened:
        yield opened


def go(stall: Stall, name: str, trouble: str, size: str) -> None:
    journey = JOURNEYS[name]
    page = stall.page(journey.at, size, journey.who)
    try:
        journey.before(stall, page)
        held, keys = stall.entries(), Keys(journey.path)
        page.on("request", keys.note)
        TROUBLES[trouble](stall, page, journey.path, lambda: journey.press(page))
        expect(page.locator("#link")).to_be_hidden()
        if page.get_by_text("please press again").locator("visible=true").count():
            journey.press(page)  # a start of the box outlasts the page's patience: the same act under the same key
        journey.after(page)

        def is_written() -> bool:
            page.wait_for_timeout(LOOK_MS)  # what a page asks for is passed on meanwhile
            return stall.entries() - held == Counter(journey.leaves)

        with contextlib.suppress(AssertionError):  # it is told below, with what there is instead
            wait_until(is_written)
        assert stall.entries() - held == Counter(journey.leaves)
        assert len(set(keys.sent)) == 1, keys
        assert trouble == "nothing" or journey.is_form or len(keys.sent) > 1
    finally:
        stall.close_pages()
        if not stall.daemon.running:
            stall.daemon.start()


def short() -> list[tuple[str, str, str]]:
    """One trouble for each journey, by turns; the power is cut where it costs most."""
    turns, sizes = ("lost answer", "lost request"), list(SIZES)
    return [
        (name, "lost request" if one.is_form else CUT.get(name, turns[at % 2]), sizes[at % len(sizes)])
        for at, (name, one) in enumerate(JOURNEYS.items())
    ]


def whole() -> list[tuple[str, str, str]]:
    """All journeys where all goes well on every size, and each with every trouble, the sizes by turns."""
    sizes = list(SIZES)
    well = [(name, "nothing", size) for size in sizes for name in JOURNEYS]
    badly = [
        (name, trouble, sizes[(at + turn) % len(sizes)])
        for turn, trouble in enumerate(TROUBLES)
        for at, (name, one) in enumerate(JOURNEYS.items())
        if trouble in OF_FORMS or (trouble != "nothing" and not one.is_form)
        if one.outlives_cut or trouble != "cut before"
    ]
    return well + badly


@pytest.mark.parametrize(("name", "trouble", "size"), short())
def test_a_journey_with_trouble_in_the_middle(stall: Stall, name: str, trouble: str, size: str) -> None:
    go(stall, name, trouble, size)


@pytest.mark.soak
@pytest.mark.parametrize(("name", "trouble", "size"), whole())
def test_every_journey_with_every_trouble(stall: Stall, name: str, trouble: str, size: str) -> None:
    go(stall, name, trouble, size)
