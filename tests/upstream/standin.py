"""A module with the face of the PiJuice's own, as far as the box calls it, written from what that answers (1.6, 1.8).

It stands in where the real one is not installed, so that the driver which calls it is tried everywhere. That the real
one answers so is shown by the same tests where it is.
"""

from __future__ import annotations

from typing import Any

from smbus import SMBus  # the emulated one: see finding.load

__version__ = "1.8"
_SOURCES = ("NOT_PRESENT", "BAD", "WEAK", "PRESENT")
_FLAGS = {
    0x01: "button_power_off",
    0x02: "forced_power_off",
    0x04: "forced_sys_power_off",
    0x08: "watchdog_reset",
    0x20: "battery_profile_invalid",
}
_TIME = ("second", "minute", "hour", "weekday", "day", "month", "year")
Answer = dict[str, Any]


class _Wire:
    """One transfer at a time; what goes wrong is in the answer, and then nothing is sent any more."""

    def __init__(self, bus: int, address: int) -> None:
        self._bus = SMBus(bus)
        self._address = address
        self._refuses = False  # the real one for 4 s

    def read(self, command: int, length: int) -> Answer:
        if self._refuses:
            return {"error": "COMMUNICATION_ERROR"}
        try:
            *data, last = self._bus.read_i2c_block_data(self._address, command, length + 1)
        except OSError:
            self._refuses = True
            return {"error": "COMMUNICATION_ERROR"}
        for first in (data[0], data[0] | 0x80):
            if _xor([first, *data[1:]]) == last:
                return {"error": "NO_ERROR", "data": [first, *data[1:]]}
        return {"error": "DATA_CORRUPTED"}

    def write(self, command: int, data: list[int]) -> Answer:
        if self._refuses:
            return {"error": "COMMUNICATION_ERROR"}
        try:
            self._bus.write_i2c_block_data(self._address, command, [*data, _xor(data)])
        except OSError:
            self._refuses = True
            return {"error": "COMMUNICATION_ERROR"}
        return {"error": "NO_ERROR"}

    def write_and_verify(self, command: int, data: list[int]) -> Answer:
        answer = self.write(command, data)
        if answer["error"] != "NO_ERROR":
            return answer
        held = self.read(command, len(data))
        return {"error": "WRITE_FAILED"} if held.get("data", data) != data else {"error": held["error"]}


class _Status:
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def GetStatus(self) -> Answer:
        def told(data: list[int]) -> dict[str, object]:
            battery = ("NORMAL", "CHARGING_FROM_IN", "CHARGING_FROM_5V_IO", "NOT_PRESENT")[data[0] >> 2 & 3]
            inputs = {"powerInput": _SOURCES[data[0] >> 4 & 3], "powerInput5vIo": _SOURCES[data[0] >> 6]}
            return {"isFault": bool(data[0] & 1), "isButton": bool(data[0] & 2), "battery": battery, **inputs}

        return _told(self._wire.read(0x40, 1), told)

    def GetChargeLevel(self) -> Answer:
        return _told(self._wire.read(0x41, 1), lambda data: data[0])

    def GetFaultStatus(self) -> Answer:
        def told(data: list[int]) -> dict[str, object]:
            flags: dict[str, object] = {name: True for bit, name in _FLAGS.items() if data[0] & bit}
            warmth = (None, "SUSPEND", "COOL", "WARM")[data[0] >> 6]
            return flags | ({"charging_temperature_fault": warmth} if warmth else {})

        return _told(self._wire.read(0x44, 1), told)

    def GetBatteryTemperature(self) -> Answer:
        return _told(self._wire.read(0x47, 2), lambda data: data[0] - (data[0] >> 7 << 8))

    def GetBatteryVoltage(self) -> Answer:
        return _told(self._wire.read(0x49, 2), _word)

    def GetBatteryCurrent(self) -> Answer:
        return _told(self._wire.read(0x4B, 2), _signed)

    def GetIoVoltage(self) -> Answer:
        return _told(self._wire.read(0x4D, 2), _word)

    def GetIoCurrent(self) -> Answer:
        return _told(self._wire.read(0x4F, 2), _signed)


class _Power:
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def SetPowerOff(self, delay: int) -> Answer:
        return self._wire.write(0x62, [delay])

    def GetPowerOff(self) -> Answer:
        return self._wire.read(0x62, 1)

    def SetWakeUpOnCharge(self, arg: int | str) -> Answer:
        return self._wire.write_and_verify(0x63, [0x7F if arg == "DISABLED" else int(arg)])

    def GetWakeUpOnCharge(self) -> Answer:
        return _told(self._wire.read(0x63, 1), lambda data: "DISABLED" if data[0] == 0x7F else data[0])

    def SetSystemPowerSwitch(self, state: int) -> Answer:
        return self._wire.write(0x64, [state // 100])

    def GetSystemPowerSwitch(self) -> Answer:
        return _told(self._wire.read(0x64, 1), lambda data: data[0] * 100)


class _RtcAlarm:
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def GetTime(self) -> Answer:
        def told(data: list[int]) -> dict[str, object]:
            values: dict[str, Any] = {name: _decimal(byte) for name, byte in zip(_TIME, data, strict=False)}
            if data[2] & 0x40:
                values["hour"] = f"{_decimal(data[2] & 0x1F)} {'PM' if data[2] & 0x20 else 'AM'}"
            return values | {"year": 2000 + values["year"], "subsecond": data[7] // 256, "daylightsaving": "NONE"}

        return _told(self._wire.read(0xB0, 9), told)

    def SetTime(self, wanted: dict[str, int]) -> Answer:
        values = wanted | {"year": wanted["year"] - 2000}
        data = [values[name] // 10 << 4 | values[name] % 10 for name in _TIME]
        answer = self._wire.write(0xB0, [*data, 0, 0])
        if answer["error"] != "NO_ERROR":
            return answer
        held = self._wire.read(0xB0, 9)
        same = held.get("data", [])[1:7] == data[1:]
        return {"error": held["error"] if same or held["error"] != "NO_ERROR" else "WRITE_FAILED"}


class PiJuice:
    """The board at an address of a bus."""

    def __init__(self, bus: int = 1, address: int = 0x14) -> None:
        wire = _Wire(bus, address)
        self.status, self.power, self.rtcAlarm = _Status(wire), _Power(wire), _RtcAlarm(wire)


def _told(answer: Answer, told: Any) -> Answer:
    return answer if answer["error"] != "NO_ERROR" else {"error": "NO_ERROR", "data": told(answer["data"])}


def _xor(data: list[int]) -> int:
    result = 0xFF
    for byte in data:
        result ^= byte
    return result


def _word(data: list[int]) -> int:
    return data[1] << 8 | data[0]


def _signed(data: list[int]) -> int:
    return _word(data) - (data[1] >> 7 << 16)


def _decimal(byte: int) -> int:
    return (byte >> 4) * 10 + (byte & 0xF)
