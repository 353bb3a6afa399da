"""A HID scanner is found again under another number: by its by-id path, or by its name as the kernel lists it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from appliance.core.errors import DeviceLost
from appliance.drivers.scanner.hid import HidScanner, find_by_name
from appliance.sim.scanner import HidScannerEmulator

LIMIT_S = 5
LETTERS = "1 0 0 7 ff9f207ac14057ff ffbeffdfffffefff fffffffffffffffe"  # as a USB keyboard has it
MEDIA_KEYS = "3f 303ff 0 0 483ffff17aff32d bfd4444600000000 1 130ff38b17c000 677bfad9415fed 0"


@pytest.fixture
def list_device(tmp_path: Path) -> Callable[[int, str, str], None]:
    def add(number: int, name: str, keys: str) -> None:
        device = tmp_path / "sys" / f"event{number}" / "device"
        (device / "capabilities").mkdir(parents=True)
        (device / "name").write_text(name + "\n")
        (device / "capabilities" / "key").write_text(keys + "\n")

    (tmp_path / "dev").mkdir()
    return add


def test_by_name_under_whatever_number(tmp_path: Path, list_device: Callable[[int, str, str], None]) -> None:
    list_device(0, "Power Button", "10000000000000 0")
    list_device(1, "Netum C750", MEDIA_KEYS)  # the same scanner's other face
    list_device(7, "Netum C750", LETTERS)
    find = partial(find_by_name, "Netum C750", tmp_path / "sys", tmp_path / "dev")
    assert find() == str(tmp_path / "dev" / "event7")
    first = HidScannerEmulator(tmp_path / "dev" / "event7")
    scanner = HidScanner("Netum C750", find=find)
    scanner.open()
    first.scan("BEFORE")
    assert scanner.read(LIMIT_S) == b"BEFORE"
    first.unplug()
    with pytest.raises(DeviceLost):
        scanner.read(LIMIT_S)
    with pytest.raises(DeviceLost):
        scanner.open()

    (tmp_path / "sys" / "event7").rename(tmp_path / "sys" / "event9")
    second = HidScannerEmulator(tmp_path / "dev" / "event9")
    scanner.open()
    second.scan("AFTER")
    assert scanner.read(LIMIT_S) == b"AFTER"
    scanner.close()
    second.unplug()


def test_a_name_that_nothing_has(tmp_path: Path, list_device: Callable[[int, str, str], None]) -> None:
    list_device(0, "Keyboard", LETTERS)
    scanner = HidScanner("Netum C750", find=partial(find_by_name, "Netum C750", tmp_path / "sys", tmp_path / "dev"))
    with pytest.raises(DeviceLost) as lost:
        scanner.open()
    assert lost.value.code == "not_found"
    assert "Netum C750" in lost.value.message


def test_by_its_by_id_path(tmp_path: Path) -> None:
    by_id = tmp_path / "usb-Netum-event-kbd"
    scanner = HidScanner(str(by_id))
    for number in (3, 8):
        emulator = HidScannerEmulator(tmp_path / f"event{number}")
        by_id.unlink(missing_ok=True)
        by_id.symlink_to(emulator.path)
        scanner.open()
        emulator.scan(f"AT-{number}")
        assert scanner.read(LIMIT_S) == f"AT-{number}".encode()
        emulator.unplug()
        with pytest.raises(DeviceLost):
            scanner.read(LIMIT_S)
    scanner.close()


if os.access("/dev/uinput", os.W_OK):  # the kernel's own keyboard, where this machine has one to give

    def test_a_keyboard_of_the_kernel() -> None:
        from evdev import InputDevice, UInput, ecodes

        from tests.waiting import wait_until

        for _ in range(2):
            with UInput({ecodes.EV_KEY: range(1, 120)}, name="Stallbox test scanner") as keyboard:
                path = keyboard.device.path
                scanner = HidScanner("Stallbox test scanner", find=partial(find_by_name, "Stallbox test scanner"))
                wait_until(lambda path=path: os.access(path, os.R_OK))
                scanner.open()
                with InputDevice(path) as other, pytest.raises(OSError, match="busy"):
                    other.grab()
                for key in (ecodes.KEY_7, ecodes.KEY_ENTER):
                    for value in (1, 0):
                        keyboard.write(ecodes.EV_KEY, key, value)
                        keyboard.syn()
                assert scanner.read(LIMIT_S) == b"7"
            with pytest.raises(DeviceLost):
                scanner.read(LIMIT_S)
