"""An emulated Victron product on a serial line: a BMV battery monitor, or an MPPT solar charger, in text mode.

Source: Victron Energy, "VE.Direct Protocol" (text mode): each field is CR LF, name, tab, value; the last, Checksum,
is one byte that makes the block's sum 0 modulo 256. A charger sends a block each second; a monitor two in turn.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from appliance.sim import faults
from appliance.sim.wires import SerialWire

JOIN_LIMIT_S = 5.0
_HEX = b":A0102000543\n"  # an answer in the hex protocol, as a product sends it unasked


@dataclass(frozen=True)
class VictronState:
    """What the product measures."""

    charge_pct: float = 80.0
    charging: bool = False
    temperature_c: int = 21
    battery_mv: int = 12_800
    battery_ma: int = -700  # as the product has it: negative while the battery discharges
    panel_mv: int = 300
    panel_w: int = 0
    error: int = 0


class VictronProduct:
    """The product at the far end of `link`; `start` it. Faults:

    `silent`        it says nothing
    `bad_checksum`  every block's sum is wrong
    `garbage`       other bytes come in place of each block (wrong baud rate)
    `half_block`    each block breaks off in the middle
    `hex_between`   hex messages stand between the fields
    `unknown`       every value is `---`
    `unplugged`     the cable is out
    """

    FAULTS = ("silent", "bad_checksum", "garbage", "half_block", "hex_between", "unknown", "unplugged")

    def __init__(self, link: Path, product: str = "bmv", interval_s: float = 1.0, seed: int = 0) -> None:
        if product not in ("bmv", "mppt"):
            raise ValueError("a product is 'bmv' or 'mppt'")
        self.product = product
        self.fault: str | None = None
        self._state = VictronState()
        self._interval_s = interval_s
        self._random = random.Random(seed)
        self._wire = SerialWire(self, link)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._talk, name="victron", daemon=True)

    # What a hand does and an eye sees.

    @property
    def state(self) -> VictronState:
        """What the product measures now."""
        return self._state

    def start(self) -> None:
        """Begin to talk."""
        self._thread.start()

    def close(self) -> None:
        """Stop talking and pull the cable. Closing twice is fine."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(JOIN_LIMIT_S)
        self._wire.close()

    def set(self, **changes: Any) -> None:
        """Change what is measured: fields of VictronState. `charging` alone brings sun, or takes it."""
        if "charging" in changes:
            sun = {"battery_ma": 2_000, "panel_mv": 18_500, "panel_w": 37}
            for name, value in (sun if changes["charging"] else vars(VictronState())).items():
                if name in sun:
                    changes.setdefault(name, value)
        self._state = replace(self._state, **changes)

    def fail(self, fault: str | None) -> None:
        """Break in the way named, or heal (None). Raises ValueError."""
        faults.check(fault, self.FAULTS)
        self.fault = fault
        if fault == "unplugged":
            self._wire.unplug()
        else:
            self._wire.plug()

    # The product.

    def feed(self, data: bytes) -> bytes:
        """Take what the box wrote: nothing is asked in text mode."""
        return b""

    def say(self) -> None:
        """Send what comes once a second."""
        for fields in self._blocks():
            self._wire.send(self._spoilt(fields))

    def _talk(self) -> None:
        while not self._stop.wait(self._interval_s):
            self.say()

    def _blocks(self) -> tuple[Mapping[str, object], ...]:
        state = self._state
        if self.product == "mppt":
            tracking = {"CS": 3 if state.charging else 0, "MPPT": 2 if state.charging else 0, "ERR": state.error}
            panel = {"VPV": state.panel_mv, "PPV": state.panel_w}
            head = {"PID": "0xA053", "FW": "159", "SER#": "HQ2026ABCDE", "V": state.battery_mv, "I": state.battery_ma}
            return ({**head, **panel, **tracking, "LOAD": "ON", "IL": 700, "H19": 12},)
        now = {"PID": "0xA389", "V": state.battery_mv, "T": round(state.temperature_c), "I": state.battery_ma}
        charge = {"CE": -20_000, "SOC": round(state.charge_pct * 10), "TTG": -1 if state.charging else 900}
        return ({**now, **charge, "Alarm": "OFF", "AR": 0, "FW": "0413"}, {"H1": -55_000, "H2": -20_000, "H4": 3})

    def _spoilt(self, fields: Mapping[str, object]) -> bytes:
        if self.fault == "silent":
            return b""
        if self.fault == "unknown":
            fields = {name: value if name == "PID" else "---" for name, value in fields.items()}
        block = frame(fields)
        if self.fault == "bad_checksum":
            return block[:-1] + bytes((block[-1] ^ 0x55,))
        if self.fault == "garbage":
            return bytes(self._random.randrange(0x80, 0x100) for _ in block)
        if self.fault == "half_block":
            return block[: len(block) // 2]
        if self.fault == "hex_between":
            middle = block.index(b"\r\n", len(block) // 3)
            return _HEX + block[:middle] + _HEX + block[middle:] + _HEX
        return block


def frame(fields: Mapping[str, object]) -> bytes:
    """Write one block with its checksum."""
    body = b"".join(f"\r\n{name}\t{value}".encode() for name, value in fields.items()) + b"\r\nChecksum\t"
    return body + bytes((-sum(body) % 256,))
