"""The pictures of an event's offers, on their way into the data folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.commands import pictures
from appliance.core.event import read_event
from tests.books import EVENT_TEXT


def test_pictures_beside_the_event_are_taken_and_missing_ones_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MAX_BYTES", 1000)
    event = read_event(EVENT_TEXT)
    names = dict(zip(("cup", "print-a4", "postcard"), ("cup.jpg", "print.jpg", "huge.png"), strict=True))
    event = replace(event, offers=tuple(replace(offer, photo=names.get(offer.id, "")) for offer in event.offers))
    beside, data = tmp_path / "events", tmp_path / "data"
    beside.mkdir()
    data.mkdir()
    (beside / "cup.jpg").write_bytes(b"a cup")
    (beside / "huge.png").write_bytes(b"x" * 1001)
    told = pictures.take_pictures(event, beside, data)
    assert [path.name for path in (data / "media").iterdir()] == ["cup.jpg"]
    assert (data / "media" / "cup.jpg").read_bytes() == b"a cup"
    assert [sentence.split(":")[0] for sentence in told] == [
        "The picture 'huge.png' is left out",
        "The picture 'print.jpg' is left out",
    ]


def test_an_event_without_pictures_makes_no_folder(tmp_path: Path) -> None:
    assert pictures.take_pictures(read_event(EVENT_TEXT), tmp_path, tmp_path) == []
    assert list(tmp_path.iterdir()) == []
