from __future__ import annotations

import os
import string
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from evdev import ecodes
from hypothesis import given
from hypothesis import strategies as st

from appliance.drivers.scanner.hid import HidScanner
from appliance.drivers.scanner.keymap import END, Keyboard
from appliance.sim.scanner import HidScannerEmulator, strokes_of

LIMIT_S = 5
TYPEABLE = string.ascii_letters + string.digits + string.punctuation + " "


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[HidScannerEmulator]:
    made = HidScannerEmulator(tmp_path / "scanner-event-kbd")
    yield made
    made.unplug()


@pytest.fixture
def scanner(emulator: HidScannerEmulator) -> Iterator[HidScanner]:
    made = HidScanner(str(emulator.path))
    made.open()
    yield made
    made.close()


def type_keys(path: Path, *strokes: tuple[int, int]) -> None:
    records = b"".join(struct.pack("llHHi", 0, 0, ecodes.EV_KEY, code, value) for code, value in strokes)
    fd = os.open(path, os.O_WRONLY)
    os.write(fd, records)
    scanner_fds.append(fd)


scanner_fds: list[int] = []


@pytest.fixture(autouse=True)
def _close_writers() -> Iterator[None]:
    yield
    while scanner_fds:
        os.close(scanner_fds.pop())


@given(st.text(TYPEABLE))
def test_what_the_emulator_types_the_key_map_reads(text: str) -> None:
    keyboard = Keyboard("us")
    assert b"".join(keyboard.key(code, value) for code, value in strokes_of(text)) == text.encode()


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        (["KEY_A"], b"a"),
        (["KEY_Z"], b"z"),
        (["KEY_0"], b"0"),
        (["KEY_MINUS"], b"-"),
        (["KEY_KP7", "KEY_KPDOT"], b"7."),
        (["KEY_F1", "KEY_CAPSLOCK", "KEY_ESC"], b""),
        (["KEY_ENTER"], END),
        (["KEY_KPENTER"], END),
        (["KEY_TAB"], END),
    ],
)
def test_keys_by_their_kernel_names(keys: list[str], typed: bytes) -> None:
    keyboard = Keyboard("us")
    assert b"".join(keyboard.key(ecodes.ecodes[key], value) for key in keys for value in (1, 0)) == typed


def test_either_shift_key_counts_until_both_are_up() -> None:
    keyboard = Keyboard("us")
    events = [("KEY_LEFTSHIFT", 1), ("KEY_RIGHTSHIFT", 1), ("KEY_2", 1), ("KEY_LEFTSHIFT", 0), ("KEY_A", 1)]
    events += [("KEY_RIGHTSHIFT", 0), ("KEY_A", 1)]
    assert b"".join(keyboard.key(ecodes.ecodes[name], value) for name, value in events) == b"@Aa"


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="there are: us"):
        HidScanner("/dev/null", layout="klingon")


@pytest.mark.parametrize("end", [ecodes.KEY_ENTER, ecodes.KEY_KPENTER, ecodes.KEY_TAB])
def test_each_end_key_ends_the_code(emulator: HidScannerEmulator, scanner: HidScanner, end: int) -> None:
    type_keys(emulator.path, (ecodes.KEY_7, 1), (ecodes.KEY_7, 0), (end, 1), (end, 0))
    assert scanner.read(LIMIT_S) == b"7"


def test_fault_repeat_types_each_key_once(emulator: HidScannerEmulator, scanner: HidScanner) -> None:
    emulator.fail("repeat")
    emulator.scan("AAbb!")
    assert scanner.read(LIMIT_S) == b"AAbb!"


def test_fault_overrun_loses_that_code_and_not_the_next(emulator: HidScannerEmulator, scanner: HidScanner) -> None:
    emulator.scan("FIRST")
    emulator.fail("overrun")
    emulator.scan("BROKEN")
    emulator.fail(None)
    emulator.scan("LAST")
    assert [scanner.read(LIMIT_S), scanner.read(LIMIT_S)] == [b"FIRST", b"LAST"]


def test_a_character_that_the_keyboard_has_not_is_refused(emulator: HidScannerEmulator) -> None:
    with pytest.raises(ValueError, match="é"):
        emulator.scan("café")


def test_a_long_code_goes_through_the_pipe_whole(emulator: HidScannerEmulator, scanner: HidScanner) -> None:
    code = (TYPEABLE * 2)[:150]
    emulator.scan(code)
    assert scanner.read(LIMIT_S) == code.encode()
