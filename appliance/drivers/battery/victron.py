"""Victron solar chargers (MPPT) and battery monitors (BMV, SmartShunt) on a VE.Direct cable."""

from __future__ import annotations

import errno
import termios
import time

import serial

from appliance.core.devices import BatteryReading, PowerSource
from appliance.core.errors import DeviceLost
from appliance.drivers.battery.plain import MeasuringBoard
from appliance.drivers.battery.vedirect import Block, BlockReader

BAUD_RATE = 19200  # 8N1 without flow control: "VE.Direct Protocol", physical layer
PATIENCE_S = 3.5  # a block comes each second, and a monitor sends two kinds in turn
_READ_S = 0.25
_READ_BYTES = 4096
_WIRING = "Check the VE.Direct cable at both ends; the product must be on."
_CHARGING = ("3", "4", "5", "7", "245", "247")  # CS: bulk, absorption, float, equalise, starting up, auto equalise
_CHARGING_MA = 100  # a monitor has no word for it; less is the noise of its shunt
_SUN_MV = 1000  # a panel in the dark still gives some hundred millivolts
_ERRORS = {  # ERR, as the protocol paper lists them
    "2": "battery_voltage_too_high",
    "17": "charger_too_hot",
    "18": "charger_over_current",
    "19": "charger_current_reversed",
    "20": "bulk_time_limit",
    "26": "terminals_overheated",
    "28": "converter_issue",
    "33": "panel_voltage_too_high",
    "34": "panel_current_too_high",
    "38": "input_shut_down",
    "116": "calibration_lost",
    "117": "wrong_firmware",
    "119": "settings_invalid",
}


class Victron(MeasuringBoard):
    """A product on the serial line `port`. Fields of its blocks are joined: a monitor sends them in two halves."""

    model = "victron"

    def __init__(self, port: str) -> None:
        self._path = port
        self._blocks = BlockReader()
        self._port: serial.Serial | None = None

    def open(self) -> None:
        """Open the line for this process alone. Raises DeviceLost."""
        self.close()
        self._blocks.clear()
        try:
            self._port = serial.Serial(self._path, BAUD_RATE, timeout=_READ_S, exclusive=True)
        except (OSError, termios.error) as error:
            raise _open_failed(error, self._path) from error

    def close(self) -> None:
        """Let go of the line."""
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def read(self) -> BatteryReading:
        """Wait for the next whole reading, at most 3.5 s. Raises DeviceLost."""
        port = self._port
        if port is None:
            raise DeviceLost("not_open", "The VE.Direct cable is not open.", "Open it before reading.")
        try:
            port.reset_input_buffer()  # the reading must be of now, not of the time since the last one
        except (OSError, termios.error) as error:
            raise self._unplugged() from error
        self._blocks.clear()
        found: dict[str, str] = {}
        give_up_s = time.monotonic() + PATIENCE_S
        heard_s = 0.0
        while time.monotonic() < give_up_s:
            received = self._receive(port)
            if received:
                heard_s = time.monotonic()
            for block in self._blocks.feed(received):
                found.update(block)
                if is_whole(found):
                    return reading_of(found)
        if "V" in found:
            return reading_of(found)
        if give_up_s - heard_s < PATIENCE_S / 2:  # earlier it may be the tail of what was good, and then silence
            raise DeviceLost("bad_checksum", "What comes over the VE.Direct cable is garbled.", _WIRING)
        raise DeviceLost("silent", "Nothing comes over the VE.Direct cable.", _WIRING)

    def _receive(self, port: serial.Serial) -> bytes:
        try:
            return bytes(port.read(max(1, min(port.in_waiting, _READ_BYTES))))
        except (OSError, termios.error, TypeError) as error:  # TypeError: pyserial reads a port that just went
            raise self._unplugged() from error

    def _unplugged(self) -> DeviceLost:
        self.close()
        return DeviceLost("unplugged", f"The VE.Direct cable at {self._path} was pulled.", _WIRING)


def _open_failed(error: Exception, path: str) -> DeviceLost:
    """Say why a line could not be opened, by the system's error number in `error.args`."""
    number = error.args[0] if error.args else None
    if number in (errno.EACCES, errno.EPERM):
        advice = "Let the user of the service read the port: group dialout."
        return DeviceLost("no_permission", f"The VE.Direct cable at {path} may not be read by this user.", advice)
    if number in (errno.EAGAIN, errno.EBUSY):
        advice = "Stop the other program, or correct the port."
        return DeviceLost("busy", f"The VE.Direct cable at {path} is in use by another program.", advice)
    return DeviceLost("unplugged", f"There is no VE.Direct cable at {path}.", _WIRING)


def is_whole(fields: Block) -> bool:
    """Tell whether fields hold all that this kind of product tells: a charger `CS`, a monitor `SOC`, beside `V`."""
    return "V" in fields and ("CS" in fields or "SOC" in fields)


def reading_of(fields: Block) -> BatteryReading:
    """Read the fields of a charger or a monitor; a value that is no number counts as not measured.

    V, I battery mV and mA (I positive while it charges), VPV mV and PPV W of the panel, CS state of operation,
    ERR error, SOC charge in tenths of a percent, T battery °C, Alarm and AR of a monitor.
    """
    charge_promille, battery_ma = _number(fields, "SOC"), _number(fields, "I")
    panel_mv, panel_w = _number(fields, "VPV"), _number(fields, "PPV")
    is_charger = "CS" in fields
    charging = fields["CS"] in _CHARGING if is_charger else (battery_ma or 0) >= _CHARGING_MA
    return BatteryReading(
        charge_pct=None if charge_promille is None else charge_promille / 10,
        charging=charging,
        battery_mv=_number(fields, "V"),
        battery_ma=None if battery_ma is None else -battery_ma,
        temperature_c=_number(fields, "T"),
        input_source=_input(charging, panel_mv),
        input_mv=panel_mv,
        input_ma=round(panel_w * 1_000_000 / panel_mv) if panel_w and panel_mv else None,
        input_kind="sun" if is_charger else "",
        faults=_faults(fields),
    )


def _input(charging: bool, panel_mv: int | None) -> PowerSource:
    if charging:
        return PowerSource.PRESENT
    return PowerSource.WEAK if panel_mv is not None and panel_mv >= _SUN_MV else PowerSource.ABSENT


def _faults(fields: Block) -> tuple[str, ...]:
    error = fields.get("ERR", "0")
    found = [] if error == "0" else [_ERRORS.get(error, f"charger_error_{error[:8]}")]
    if fields.get("Alarm", "OFF").upper() == "ON":
        found.append(f"monitor_alarm_{fields.get('AR', '0')[:8]}")
    return tuple(found)


def _number(fields: Block, name: str) -> int | None:
    try:
        return int(fields[name])
    except (KeyError, ValueError):  # `---` stands for a value that is not known
        return None
