"""The cascade: what is read, by whom, and that nothing is made up."""

from __future__ import annotations

import random
import sys

import pytest
import qrcode
from PIL import Image, ImageOps

from appliance.core.symbologies import FORMATS, IN_USE, formats_of
from appliance.drivers.scanner.decoding import Cascade, Reading, zbar_engine, zxing_engine
from benchmarks.ticket_pictures import CASES, KINDS, Look, drawing, empty_pictures, picture, taken, text_of


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade()


def shown(kind: str, text: str, **look: float) -> Image.Image:
    return taken(drawing(kind, text), Look(**look), random.Random(7))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_read_each_kind_of_ticket(kind: str) -> None:
    text = text_of(kind, random.Random(3))
    expected = [Reading(text.encode(), sure=kind in ("own", "pretix", "short"))]
    for engine in (zxing_engine(IN_USE), zbar_engine(IN_USE)):
        assert engine is not None
        assert engine(shown(kind, text, module_px=4)) == expected


@pytest.mark.parametrize("case", ["noise", "low light", "inverted", "crumple", "small"])
@pytest.mark.parametrize("kind", ["own", "ean13"])
def test_usable_pictures_are_read(cascade: Cascade, case: str, kind: str) -> None:
    made = picture(random.Random(f"{case} {kind}"), case, "light", kind, CASES[case][0])
    # In a negative a linear code may pass for another one beside itself; the box wants it in two frames.
    assert made.text.encode() in [reading.code for reading in cascade.read(made.image)]


def test_each_try_is_made_in_turn_frame_by_frame(cascade: Cascade) -> None:
    upside = ImageOps.invert(shown("ean13", "4006381333931"))  # only one try reads this
    found = [cascade.glance(upside) for _ in range(2 * len(cascade.tries))]
    assert sum(bool(readings) for readings in found) >= 2
    assert {reading.code for readings in found for reading in readings} == {b"4006381333931"}


def test_nothing_is_read_where_nothing_is(cascade: Cascade) -> None:
    assert [cascade.read(made.image) for made in empty_pictures(11, 4)] == [[]] * 4


def test_only_the_formats_in_use_are_read() -> None:
    line, square = shown("code128", "TKT-1"), shown("short", "SQUARE")
    assert Cascade(("qr",)).read(line) == []
    assert Cascade(("code128",)).read(square) == []
    assert not {"negative", "turned left"} & {name for name, _ in Cascade(("qr",)).tries}


def test_every_format_has_a_reader() -> None:
    for name in FORMATS:
        assert zxing_engine((name,)) is not None
    assert zbar_engine(("aztec", "datamatrix")) is None


@pytest.mark.parametrize("text", ["grün€", "日本", "a\x1db", "\x00\x01"])
def test_what_zbar_takes_for_another_character_set_is_left_to_zxing(cascade: Cascade, text: str) -> None:
    image = qrcode.make(text.encode()).convert("L")
    zbar = zbar_engine(("qr",))
    assert zbar is not None
    assert [reading.code for reading in zbar(image)] in ([], [text.encode()])
    assert [reading.code for reading in cascade.read(image)] == [text.encode()]


def test_each_engine_does_alone_where_the_other_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    image = shown("short", "ALONE")
    for missing in ("zxingcpp", "pyzbar"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, missing, None)
            assert [reading.code for reading in Cascade().read(image)] == [b"ALONE"]


@pytest.mark.parametrize(("text", "wrong"), [("qr ean31", "names ean31"), ("  ", "names no format")])
def test_formats_that_there_are_not(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        formats_of(text)
    assert formats_of("qr  ean13 qr") == ("qr", "ean13")
