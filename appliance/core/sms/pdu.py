"""SMS-SUBMIT as it is sent, SMS-STATUS-REPORT as it comes back (3GPP TS 23.040, chapter 9), in hexadecimal."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from appliance.core.sms.parts import Alphabet, Part

_SUBMIT, _STATUS_REPORT = 0x01, 0x02  # TP-MTI; towards and from the network
_VALIDITY_RELATIVE, _REPORT_WANTED, _HAS_HEADER = 0x10, 0x20, 0x40
_INTERNATIONAL = 0x91  # type of address: international, ISDN numbering plan
_DCS = {Alphabet.GSM7: 0x00, Alphabet.UCS2: 0x08}
_VALID_24_H = 167  # TP-VP: 143 stands for 12 hours, each step for half an hour more
_DEFAULT_SMSC = b"\x00"  # the one that the SIM names
_E164 = re.compile(r"\+[1-9][0-9]{3,14}")
_TIMESTAMP_BYTES = 7


@dataclass(frozen=True, slots=True)
class Submit:
    """A PDU for the modem. `tpdu_bytes` is what AT+CMGS is told: without the service centre's address."""

    hex: str
    tpdu_bytes: int


class Outcome(enum.StrEnum):
    """What became of a part that the network took."""

    DELIVERED = "delivered"
    PENDING = "pending"  # the network still tries
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Report:
    """A status report: of which reference, to whom (as E.164, or digits), and what became of it."""

    reference: int
    number: str
    outcome: Outcome


def submit(number: str, part: Part) -> Submit:
    """Write a part for a number (E.164), valid for 24 hours, with a status report. Raises ValueError."""
    if not _E164.fullmatch(number):
        raise ValueError("the number is not E.164")
    header = bytes((5, 0, 3, part.reference, part.of, part.number)) if part.of > 1 else b""
    flags = _SUBMIT | _VALIDITY_RELATIVE | _REPORT_WANTED | (_HAS_HEADER if header else 0)
    length, user_data = _user_data(part, header)
    address = bytes((len(number) - 1, _INTERNATIONAL)) + _semi_octets(number[1:])
    tpdu = bytes((flags, 0)) + address + bytes((0, _DCS[part.alphabet], _VALID_24_H, length)) + user_data
    return Submit((_DEFAULT_SMSC + tpdu).hex().upper(), len(tpdu))


def read_report(text: str, tpdu_bytes: int) -> Report:
    """Read a status report of `tpdu_bytes` without the service centre's address. Raises ValueError."""
    data = bytes.fromhex(text)
    tpdu = data[len(data) - tpdu_bytes :] if 0 < tpdu_bytes <= len(data) else b""
    if len(tpdu) < 4 or tpdu[0] & 0x03 != _STATUS_REPORT:
        raise ValueError("this is no status report")
    digits = tpdu[2]
    end = 4 + (digits + 1) // 2
    status_at = end + 2 * _TIMESTAMP_BYTES
    if len(tpdu) <= status_at:
        raise ValueError("the status report is cut off")
    number = _digits(tpdu[4:end], digits)
    international = (tpdu[3] >> 4) & 0x07 == 1
    return Report(tpdu[1], f"+{number}" if international else number, _outcome(tpdu[status_at]))


def _outcome(status: int) -> Outcome:
    """Read TP-Status (9.2.3.15): below 0x20 done, up to 0x3F still trying, anything else given up."""
    if status < 0x20:
        return Outcome.DELIVERED
    return Outcome.PENDING if status < 0x40 else Outcome.FAILED


def _user_data(part: Part, header: bytes) -> tuple[int, bytes]:
    """Return TP-UDL and TP-UD: septets, packed so that they begin on a septet's border, or octets."""
    if part.alphabet is Alphabet.UCS2:
        return len(header) + len(part.data), header + part.data
    filled = (len(header) * 8 + 6) // 7  # septets that the header takes
    return filled + len(part.data), header + _packed(part.data, filled * 7 - len(header) * 8)


def _packed(septets: bytes, fill_bits: int) -> bytes:
    """Pack septets, lowest bit first (TS 23.038, 6.1.2.1), after `fill_bits` of nothing."""
    bits = 0
    for place, septet in enumerate(septets):
        bits |= septet << (fill_bits + 7 * place)
    return bits.to_bytes((fill_bits + 7 * len(septets) + 7) // 8, "little")


def _semi_octets(digits: str) -> bytes:
    padded = digits + "F" * (len(digits) % 2)
    return bytes.fromhex("".join(padded[place + 1] + padded[place] for place in range(0, len(padded), 2)))


def _digits(data: bytes, count: int) -> str:
    return "".join(f"{octet & 0x0F:X}{octet >> 4:X}" for octet in data)[:count]
