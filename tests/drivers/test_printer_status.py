from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.devices import Paper, PrinterStatus
from appliance.drivers.printer.status import AnswerReader, Kind, printer_status, trouble

VALID = [b"\x12", b"\x16", b"\x1a", b"\x7e", b"\x00", b"\x0f", b"\x37\x220042\x00", b"\x10\x00\x03\x00"]


@pytest.mark.parametrize(
    ("raw", "kind", "data"),
    [
        (b"\x12", Kind.REALTIME, b"\x12"),
        (b"\x7e", Kind.REALTIME, b"\x7e"),
        (b"\x00", Kind.ORDERED, b"\x00"),
        (b"\x0f", Kind.ORDERED, b"\x0f"),
        (b"\x37\x220042\x00", Kind.PROCESS_ID, b"0042"),
        (b"\x18\x00\x0f\x00", Kind.OTHER, b"\x18\x00\x0f\x00"),
        (b"\x37\x21abc\x00", Kind.OTHER, b"\x37\x21abc\x00"),
        (b"\xff", Kind.GARBAGE, b"\xff"),
        (b"\x80", Kind.GARBAGE, b"\x80"),
        (b"\x92", Kind.GARBAGE, b"\x92"),
    ],
)
def test_each_answer_is_told_by_its_fixed_bits(raw: bytes, kind: Kind, data: bytes) -> None:
    (answer,) = AnswerReader().feed(raw)
    assert (answer.kind, answer.data) == (kind, data)


@given(st.lists(st.sampled_from(VALID), max_size=8), st.randoms(use_true_random=False))
def test_answers_may_come_in_any_pieces(answers: list[bytes], chance: random.Random) -> None:
    data = b"".join(answers)
    reader, pieces, start = AnswerReader(), [], 0
    while start < len(data):
        end = start + chance.randint(1, 4)
        pieces += reader.feed(data[start:end])
        start = end
    assert pieces == AnswerReader().feed(data)
    assert len(pieces) == len(answers)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise_or_hang(data: bytes) -> None:
    AnswerReader().feed(data)


def test_flow_control_is_no_answer_and_an_endless_block_is_given_up() -> None:
    assert AnswerReader().feed(b"\x13\x11") == []
    assert AnswerReader().feed(b"\x37" + b"\x22" * 200)


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ((0x12, None, None, 0x12), PrinterStatus(True, Paper.OK)),
        ((0x12, None, None, 0x1E), PrinterStatus(True, Paper.NEAR_END)),
        ((0x12, None, None, None), PrinterStatus(True, Paper.UNKNOWN)),
        ((0x1A, 0x32, 0x12, 0x7E), PrinterStatus(False, Paper.OUT)),
        ((0x1A, 0x32, 0x12, None), PrinterStatus(False, Paper.OUT)),
        ((0x1A, 0x16, 0x12, 0x12), PrinterStatus(False, Paper.OK, cover_open=True)),
        ((0x1A, 0x52, 0x1A, 0x12), PrinterStatus(False, Paper.OK, error="cutter")),
        ((0x1A, 0x52, 0x52, 0x12), PrinterStatus(False, Paper.OK, error="overheated")),
        ((0x1A, 0x52, None, 0x12), PrinterStatus(False, Paper.OK, error="unknown")),
    ],
)
def test_status(answers: tuple[int, int | None, int | None, int | None], status: PrinterStatus) -> None:
    assert printer_status(*answers) == status
    assert (trouble(status) == ("", "")) is status.can_print


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (PrinterStatus(True, Paper.OUT), "printer_paper_out"),
        (PrinterStatus(False, Paper.OUT, cover_open=True), "printer_cover_open"),
        (PrinterStatus(False, Paper.OK, error="cutter"), "printer_error"),
        (PrinterStatus(False, Paper.OK), "printer_offline"),
    ],
)
def test_trouble_has_a_code_and_says_what_to_do(status: PrinterStatus, code: str) -> None:
    assert trouble(status)[0] == code
    assert "; " in trouble(status)[1]
