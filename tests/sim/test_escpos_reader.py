from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.sim.escpos.paper import Paper
from appliance.sim.escpos.reader import FIXED, VARIABLE, Operation, Reader

LEADS = sorted(FIXED.keys() | VARIABLE.keys())
# Bytes that look like ESC/POS find more of the reader than plain noise does.
command_soup = st.lists(
    st.one_of(st.sampled_from(LEADS), st.binary(max_size=6), st.sampled_from([b"\x1dv0\x00\x01\x00\x01\x00", b"\n"])),
    max_size=30,
).map(b"".join)


def names(data: bytes) -> list[str]:
    return [operation.name for operation in Reader().feed(data)]


@given(st.one_of(st.binary(max_size=300), command_soup))
def test_no_bytes_make_the_reader_or_the_paper_raise(data: bytes) -> None:
    paper = Paper(384)
    operations = Reader().feed(data)
    paper.apply(operations)
    paper.text()
    assert data.startswith(b"".join(operation.raw for operation in operations))


@given(st.one_of(st.binary(max_size=300), command_soup), st.randoms(use_true_random=False))
def test_where_the_bytes_are_cut_does_not_matter(data: bytes, chance: random.Random) -> None:
    whole, pieces = Paper(384), Paper(384)
    whole.apply(Reader().feed(data))
    reader, start = Reader(), 0
    while start < len(data):
        end = start + chance.randint(1, 5)
        pieces.apply(reader.feed(data[start:end]))
        start = end
    assert pieces.text() == whole.text()
    assert pieces.raw() == whole.raw()
    assert pieces.sheets == whole.sheets


@settings(max_examples=50)
@given(st.sampled_from(LEADS), st.binary(max_size=20))
def test_text_after_a_reset_is_read_again_once_a_command_is_over(lead: bytes, parameters: bytes) -> None:
    # Any finished command leaves the reader at a command boundary: what follows is text again.
    operations = Reader().feed(lead + parameters)
    rest = b"".join(operation.raw for operation in operations)
    if rest != lead + parameters:
        return
    assert names(rest + b"\x1b@hello\n")[-3:] == ["init", "text", "line_feed"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x1b@", "init"),
        (b"\x1bt\x13", "code_page"),
        (b"\x1ba\x01", "align"),
        (b"\x1bE\x01", "bold"),
        (b"\x1bG\x01", "double_strike"),
        (b"\x1b!\x30", "print_mode"),
        (b"\x1d!\x11", "size"),
        (b"\x1bM\x01", "font"),
        (b"\x1b-\x02", "underline"),
        (b"\x1dB\x01", "reverse"),
        (b"\x1bd\x03", "feed_lines"),
        (b"\x1bJ\x20", "feed_dots"),
        (b"\x1b2", "default_spacing"),
        (b"\x1b3\x18", "line_spacing"),
        (b"\x1d(k\x04\x001A2\x00", "qr_model"),
        (b"\x1d(k\x03\x001C\x06", "qr_size"),
        (b"\x1d(k\x03\x001E1", "qr_level"),
        (b"\x1d(k\x08\x001P0hello", "qr_store"),
        (b"\x1d(k\x03\x001Q0", "qr_print"),
        (b"\x1dv0\x00\x02\x00\x03\x00\n\n\n\n\n\n", "raster"),
        (b"\x1b*\x21\x02\x00\n\n\n\n\n\n", "bit_image"),
        (b"\x1b*\x00\x02\x00\n\n", "bit_image"),
        (b"\x1dV\x00", "cut"),
        (b"\x1dV\x01", "cut"),
        (b"\x1dVA\x03", "cut"),
        (b"\x1dVB\x00", "cut"),
        (b"\x1bp\x00\x32\x32", "drawer"),
        (b"\x10\x14\x01\x00\x01", "drawer"),
        (b"\x10\x04\x01", "realtime_status"),
        (b"\x1da\x0f", "auto_status"),
        (b"\x1dr\x01", "ordered_status"),
        (b"\x1d(H\x06\x00000001", "process_id"),
        (b"\x1dI\x01", "printer_id"),
        (b"\x1dk\x04ABC\x00", "barcode"),
        (b"\x1dkI\x03ABC", "barcode"),
        (b"\x1bD\x08\x10\x00", "ignored"),
        (b"\x1b&\x03AB\x01\n\n\n\x02\n\n\n\n\n\n", "ignored"),
        (b"\x1b\x01", "unknown"),
        (b"\x1dv1", "unknown"),
    ],
)
def test_each_command_is_one_operation_of_its_own_length(data: bytes, expected: str) -> None:
    assert Reader().feed(data + b"x")[:-1] == [Operation(expected, *_parts(data))]
    assert names(data + b"x") == [expected, "text"]


def _parts(data: bytes) -> tuple[tuple[int, ...], bytes, bytes]:
    operation = Reader().feed(data)[0]
    return operation.values, operation.data, data


def test_a_command_waits_for_its_last_byte() -> None:
    reader = Reader()
    assert reader.feed(b"\x1dv0\x00\x01\x00\x02") == []
    assert reader.feed(b"\x00\xaa") == []
    assert [operation.data for operation in reader.feed(b"\x55ok")] == [b"\xaa\x55", b"ok"]


def test_unknown_commands_are_recorded() -> None:
    paper = Paper()
    paper.apply(Reader().feed(b"\x1b\x01ok\n\x07"))
    assert paper.unknown == [b"\x1b\x01", b"\x07"]
    assert paper.text() == "ok\n"
