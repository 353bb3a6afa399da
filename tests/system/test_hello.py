"""The daemon tells what the first start left for it: once, whatever is cut off in between."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.bootstrap import Box
from appliance.config import Settings
from appliance.core.document import Document, plain_text
from appliance.core.hello import Hello
from appliance.core.trade import PrintStatus
from appliance.firstboot.steps import HELLO
from appliance.services import printing

HELLO_NOTE = Hello("a1b2", "Market", "lanterns-4-all")


class Stall:
    """A box in a folder whose printer is not plugged in, so that paper waits."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        at = replace(Settings().http, host="127.0.0.1", port=0, threads=4)
        printer = replace(Settings().printer, driver="escpos", port=str(folder / "lp0"))
        self._settings = replace(Settings(), http=at, printer=printer)

    def start(self, hello: Hello | None = None) -> Sequence[str]:
        """Start and stop the box; return the papers that wait since the first start, as text."""
        if hello is not None:
            (self.data / HELLO).write_text(json.dumps(hello.to_json()))
        box = Box(self._settings, self.data)
        box.start()
        try:
            with box.desk.reading() as books:
                jobs = books.prints.by_status([PrintStatus.QUEUED], 100)
                assert all(job.kind == printing.SECRET for job in jobs if job.subject == "hello")
                return [plain_text(Document.from_json(job.document or [])) for job in jobs]
        finally:
            box.stop()

    @property
    def pins(self) -> dict[str, str]:
        return dict(json.loads((self.data / "tokens.json").read_text())["pin"])


@pytest.fixture
def stall(tmp_path: Path) -> Stall:
    return Stall(tmp_path)


def test_the_slip_takes_the_place_of_the_welcome_and_the_note_goes(stall: Stall) -> None:
    [paper] = stall.start(HELLO_NOTE)
    for told in ("lanterns-4-all", stall.pins["staff"], stall.pins["owner"]):
        assert told in paper
    assert not (stall.data / HELLO).exists()
    assert len(stall.start()) == 1


def test_a_power_cut_before_the_note_was_taken_away_prints_nothing_twice(stall: Stall) -> None:
    stall.start(HELLO_NOTE)
    assert len(stall.start(HELLO_NOTE)) == 1


def test_pins_are_drawn_anew_if_the_button_was_held(stall: Stall) -> None:
    stall.start(HELLO_NOTE)
    before = stall.pins
    papers = stall.start(replace(HELLO_NOTE, id="c3d4", renew_pins=True))
    assert len(papers) == 2
    assert set(stall.pins.values()).isdisjoint(before.values())
    [paper] = [paper for paper in papers if stall.pins["staff"] in paper]
    assert stall.pins["owner"] in paper


def test_a_power_cut_after_new_pins_were_told_leaves_those_on_the_paper(stall: Stall) -> None:
    renewal = replace(HELLO_NOTE, renew_pins=True)
    [paper] = stall.start(renewal)
    assert stall.start(renewal) == [paper]
    assert stall.pins["staff"] in paper
    assert stall.pins["owner"] in paper


def test_a_spoilt_note_is_no_reason_to_stay_away(stall: Stall) -> None:
    stall.start()
    (stall.data / HELLO).write_text("{")
    assert len(stall.start()) == 1  # the welcome of the very first start
