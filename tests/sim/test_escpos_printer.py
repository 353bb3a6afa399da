from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.sim.escpos.printer import BUFFER_BYTES, FAULTS, EmulatedPrinter

CUT = b"\x1dV\x00"
PROCESS_ID = b"\x1d(H\x06\x00000042"
PROCESS_ANSWER = b"\x37\x220042\x00"


def ask_all(printer: EmulatedPrinter) -> list[int]:
    return list(printer.feed(b"".join(b"\x10\x04" + bytes([question]) for question in (1, 2, 3, 4))))


@pytest.mark.parametrize(
    ("fault", "answers"),
    [
        (None, [0x12, 0x12, 0x12, 0x12]),
        ("paper_out", [0x1A, 0x32, 0x12, 0x7E]),
        ("paper_near_end", [0x12, 0x12, 0x12, 0x1E]),
        ("cover_open", [0x1A, 0x16, 0x12, 0x12]),
        ("cutter", [0x1A, 0x52, 0x1A, 0x12]),
        ("silent", []),
        ("power_lost", []),
    ],
)
def test_realtime_status(fault: str | None, answers: list[int]) -> None:
    printer = EmulatedPrinter()
    printer.set_fault(fault)
    assert ask_all(printer) == answers


@given(st.lists(st.integers(1, 4), max_size=6))
def test_realtime_status_may_come_in_single_bytes_and_inside_data(questions: list[int]) -> None:
    printer = EmulatedPrinter()
    data = b"".join(b"ab\x10\x04" + bytes([question]) for question in questions)
    answers = b"".join(printer.feed(data[index : index + 1]) for index in range(len(data)))
    assert answers == b"\x12" * len(questions)


@pytest.mark.parametrize("fault", ["paper_out", "cover_open", "cutter"])
def test_offline_it_holds_the_job_and_answers_in_order_when_it_is_back(fault: str) -> None:
    printer = EmulatedPrinter()
    printer.set_fault(fault)
    assert printer.feed(b"hello\n\x1dr\x01" + PROCESS_ID) == b""
    assert printer.text() == ""
    said: list[bytes] = []

    class Cable:
        def send(self, data: bytes) -> None:
            said.append(data)

        def plug(self) -> None: ...

        def unplug(self) -> None: ...

    printer.connect(Cable())
    printer.set_fault(None)
    assert said == [b"\x00" + PROCESS_ANSWER]
    assert printer.text() == "hello\n"


def test_its_buffer_is_full_when_paper_is_out_long_enough() -> None:
    printer = EmulatedPrinter()
    printer.set_fault("paper_out")
    assert printer.room() == BUFFER_BYTES
    printer.feed(b"x" * 4000)
    assert printer.room() == BUFFER_BYTES - 4000
    printer.set_fault(None)
    assert printer.room() == BUFFER_BYTES


def test_paper_runs_out_after_so_many_bytes() -> None:
    printer = EmulatedPrinter()
    printer.fail_after("paper_out", 4)
    printer.feed(b"one\ntwo\n")
    assert (printer.text(), printer.fault) == ("one\n", "paper_out")
    printer.set_fault(None)
    assert printer.text() == "one\ntwo\n"


def test_power_lost_forgets_buffer_and_styles() -> None:
    printer = EmulatedPrinter()
    printer.lose_power_after(4)
    printer.feed(b"one\ntwo\n")
    assert printer.feed(b"three\n\x10\x04\x01") == b""
    printer.set_fault(None)
    printer.feed(b"four\n")
    assert printer.text() == "one\nfour\n"


def test_automatic_status_is_sent_on_change_only() -> None:
    printer = EmulatedPrinter()
    assert printer.feed(b"\x1da\x0f") == b"\x10\x00\x00\x00"
    assert printer.feed(b"x\n") == b""
    printer.set_fault("paper_near_end")
    printer.set_fault("cover_open")
    assert printer.feed(b"y") == b""
    assert printer.feed(b"\x1da\x00") == b""


def test_garbage_answers_are_never_a_status() -> None:
    printer = EmulatedPrinter()
    printer.set_fault("garbage")
    assert all(byte & 0x93 != 0x12 for byte in printer.feed(b"\x10\x04\x01"))


def test_paper_is_restored_from_its_bytes() -> None:
    kept = bytearray()
    told: list[None] = []
    first = EmulatedPrinter(on_bytes=kept.extend, on_paper=lambda: told.append(None))
    first.feed(b"\x1b@\x1bE\x01one\n" + CUT + b"\x1bp\x00\x32\x32two\n\x1dv0\x00\x02")
    assert told
    second = EmulatedPrinter()
    second.restore(bytes(kept))
    assert second.text() == first.text()
    assert second.drawer_pulses == 1
    second.feed(b"three\n")
    assert second.text(last=1) == "two\nthree\n"
    assert second.raw() == bytes(kept) + b"three\n"


def test_identity_and_drawer() -> None:
    printer = EmulatedPrinter()
    assert printer.feed(b"\x1dIC") == b"_EMULATED\x00"
    printer.feed(b"\x1bp\x00\x32\x32")
    assert printer.drawer_pulses == 1


def test_unknown_faults_are_refused_by_name() -> None:
    printer = EmulatedPrinter()
    with pytest.raises(ValueError, match="paper_out"):
        printer.set_fault("on_fire")
    with pytest.raises(ValueError, match="cannot come by itself"):
        printer.fail_after("unplugged", 3)
    for fault in FAULTS:
        printer.set_fault(fault)
        assert printer.fault == fault


@given(st.lists(st.binary(max_size=80), max_size=10), st.sampled_from([None, *FAULTS]))
def test_no_bytes_and_no_fault_make_it_raise(pieces: list[bytes], fault: str | None) -> None:
    printer = EmulatedPrinter(384)
    for piece in pieces:
        printer.feed(piece)
        printer.set_fault(fault)
    printer.set_fault(None)
    printer.png()
