"""An emulated GSM modem on a serial line, and the network behind it.

Sources: ITU-T V.250, 3GPP TS 27.005 and 27.007; SIMCom's SIM800 AT command manual for what a module says unasked.
"""

from __future__ import annotations

import random
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from appliance.sim import faults, sms
from appliance.sim.wires import SerialWire

JOIN_LIMIT_S = 5.0
_NOISE = b"\r\nRING\r\n\r\n+CREG: 1\r\n"
_FLOOD_TIMES = 4000
_PLAIN = {"ATE0", "ATZ", "AT", "AT+CMEE=1"}


class EmulatedModem:
    """A modem at the far end of `link`. Faults:

    `silent`      it says nothing
    `slow`        each answer takes ten times as long as usual, a twentieth of a second
    `no_sim`      there is no SIM card
    `pin`         the SIM wants its PIN, 1234
    `no_network`  it looks for a network and finds none
    `nak`         the network takes no message now (CMS ERROR 42)
    `barred`      the network refuses each message for good (CMS ERROR 8)
    `no_answer`   it takes a message, sends it, and says nothing more
    `garbage`     other bytes come in place of each answer
    `half`        each answer breaks off in the middle
    `flood`       it rings without end
    `no_report`   the network brings no status report
    `undelivered` the telephone is off until the network gives up
    `unplugged`   the cable is out
    """

    FAULTS = (
        "silent", "slow", "no_sim", "pin", "no_network", "nak", "barred", "no_answer", "garbage", "half", "flood",
        "no_report", "undelivered", "unplugged",
    )  # fmt: skip

    def __init__(self, link: Path, seed: int = 0) -> None:
        self.fault: str | None = None
        self.keeps_reports = False  # only tells that there is one (+CDSI), as some modules do
        self.messages: list[sms.Submitted] = []  # what reached the network
        self.pins_tried = 0
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._typed = bytearray()
        self._length = 0  # of the PDU that is awaited; 0: a command is
        self._echo = True
        self._pin_given = False
        self._brings = ""  # mode of status reports, the fourth number of AT+CNMI
        self._reference = self._random.randrange(256)
        self._stored: dict[int, tuple[str, int]] = {}
        self._wire = SerialWire(self, link)

    # What a hand does and an eye sees.

    def close(self) -> None:
        """Pull the cable. Closing twice is fine."""
        self._wire.close()

    def fail(self, fault: str | None) -> None:
        """Break in the way named, or heal (None). Raises ValueError."""
        faults.check(fault, self.FAULTS)
        self.fault = fault
        if fault == "unplugged":
            self._wire.unplug()
            self._typed.clear()
            self._length, self._echo, self._pin_given, self._brings = 0, True, False, ""  # its power was the cable's
        else:
            self._wire.plug()
        if fault == "flood":
            self._wire.send(_NOISE * _FLOOD_TIMES)

    def sent(self) -> list[dict[str, Any]]:
        """Return what reached the network as plain values, the parts of a long message apart, oldest first."""
        with self._lock:
            return [asdict(message) for message in self.messages]

    def say(self, data: bytes) -> None:
        """Say something by itself."""
        self._wire.send(data)

    # The modem.

    def feed(self, data: bytes) -> bytes:
        """Take what the box wrote; return the answer."""
        answer = b""
        for byte in data:
            answer += self._key(byte)
        return self._spoilt(answer)

    def _key(self, byte: int) -> bytes:
        if byte == 0x1B:
            was_awaited, self._length = self._length, 0
            self._typed.clear()
            return b"\r\nOK\r\n" if was_awaited else b""
        if self._length and byte == 0x1A:
            pdu, self._typed = self._typed.decode("ascii", "replace"), bytearray()
            length, self._length = self._length, 0
            return self._submit(pdu, length)
        if not self._length and byte == 0x0D:
            command, self._typed = self._typed.decode("ascii", "replace").strip(), bytearray()
            return (command.encode() + b"\r" if self._echo else b"") + self._obey(command)
        self._typed.append(byte)
        return b""

    def _obey(self, command: str) -> bytes:
        if command == "ATE0":
            self._echo = False
        if command in _PLAIN:
            return _ok()
        if command.startswith("AT+CPIN"):
            return self._pin(command)
        if self.fault == "no_sim" or (self.fault == "pin" and not self._pin_given):
            return _error("CMS", 310 if self.fault == "no_sim" else 311)
        if command.startswith("AT+CMGS="):
            return self._await(command.removeprefix("AT+CMGS="))
        return self._tell(command)

    def _tell(self, command: str) -> bytes:
        if command == "AT+CREG?":
            return _ok(f"+CREG: 0,{2 if self.fault == 'no_network' else 1}")
        if command == "AT+CSQ":
            return _ok("+CSQ: 99,99" if self.fault == "no_network" else "+CSQ: 21,0")
        if command == "AT+CMGF=0" or command.startswith("AT+CPMS="):
            return _ok()
        if command.startswith("AT+CNMI="):
            mode = command.split(",")[3]
            if mode == "1" and self.keeps_reports:
                return _error("CMS", 303)
            self._brings = mode
            return _ok()
        if command.startswith(("AT+CMGR=", "AT+CMGD=")):
            return self._storage(command)
        return b"\r\nERROR\r\n"

    def _pin(self, command: str) -> bytes:
        if self.fault == "no_sim":
            return _error("CME", 10)
        if command == "AT+CPIN?":
            return _ok("+CPIN: SIM PIN" if self.fault == "pin" and not self._pin_given else "+CPIN: READY")
        self.pins_tried += 1
        self._pin_given = command == 'AT+CPIN="1234"'
        return _ok() if self._pin_given else _error("CME", 16)

    def _await(self, length: str) -> bytes:
        if not length.isdecimal() or not 7 <= int(length) <= 164:
            return _error("CMS", 304)
        self._length = int(length)
        return b"\r\n> "

    def _submit(self, pdu: str, length: int) -> bytes:
        try:
            message = sms.read_submit(pdu, length)
        except (ValueError, IndexError):
            return _error("CMS", 304)
        refusal = {"nak": 42, "barred": 8, "no_network": 331}.get(self.fault or "")
        if refusal:
            return _error("CMS", refusal)
        with self._lock:
            self.messages.append(message)
        self._reference = (self._reference + 1) % 256
        if self.fault == "no_answer":
            return b""
        return _ok(f"+CMGS: {self._reference}") + self._report(message)

    def _report(self, message: sms.Submitted) -> bytes:
        if self.fault == "no_report" or not message.wants_report or self._brings not in ("1", "2"):
            return b""
        pdu, length = sms.status_report(message.number, self._reference, 0x46 if self.fault == "undelivered" else 0)
        if self._brings == "1":
            return f"\r\n+CDS: {length}\r\n{pdu}\r\n".encode()
        place = len(self._stored) + 1
        self._stored[place] = (pdu, length)
        return f'\r\n+CDSI: "SR",{place}\r\n'.encode()

    def _storage(self, command: str) -> bytes:
        place = int(command.partition("=")[2])
        if place not in self._stored:
            return _error("CMS", 321)
        if command.startswith("AT+CMGD"):
            del self._stored[place]
            return _ok()
        pdu, length = self._stored[place]
        return _ok(f"+CMGR: 0,,{length}\r\n{pdu}")

    def _spoilt(self, answer: bytes) -> bytes:
        if self.fault == "silent":
            return b""
        if self.fault == "garbage":
            return bytes(self._random.randrange(0x80, 0x100) for _ in answer)
        if self.fault == "half":
            return answer[: len(answer) // 2]
        if self.fault == "slow" and answer:
            threading.Event().wait(0.05)
        return answer


def _ok(line: str = "") -> bytes:
    return (f"\r\n{line}\r\n" if line else "").encode() + b"\r\nOK\r\n"


def _error(kind: str, code: int) -> bytes:
    return f"\r\n+{kind} ERROR: {code}\r\n".encode()
