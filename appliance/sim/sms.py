"""What a network makes of PDUs: SMS-SUBMIT read, SMS-STATUS-REPORT written (3GPP TS 23.040, TS 23.038).

On its own from the bits up, so that it finds mistakes of whoever wrote the PDU.
"""

from __future__ import annotations

from dataclasses import dataclass

_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}


@dataclass(frozen=True)
class Submitted:
    """A message as the network reads it; `part` of `parts` with one `reference` belong together."""

    number: str
    text: str
    reference: int = 0
    part: int = 1
    parts: int = 1
    wants_report: bool = False


def read_submit(pdu: str, tpdu_bytes: int) -> Submitted:
    """Read a PDU. Raises ValueError, IndexError where it is none, or its length is not `tpdu_bytes`."""
    data = bytes.fromhex(pdu)
    tpdu = data[1 + data[0] :]
    if len(tpdu) != tpdu_bytes or tpdu[0] & 3 != 1:
        raise ValueError("this is no SMS-SUBMIT of that length")
    digits = tpdu[2]
    at = 4 + (digits + 1) // 2
    number = "".join(f"{octet % 16:x}{octet // 16:x}" for octet in tpdu[4:at])[:digits]
    coding, validity = tpdu[at + 1], {0: 0, 0x10: 1}.get(tpdu[0] & 0x18, 7)
    at += 2 + validity
    length, body = tpdu[at], tpdu[at + 1 :]
    header = body[: body[0] + 1] if tpdu[0] & 0x40 else b""
    reference, parts, part = (header[3], header[4], header[5]) if header[1:3] == b"\0\3" else (0, 1, 1)
    text = _ucs2(body, length, header) if coding & 0x0C == 8 else _gsm7(body, length, header)
    plus = "+" if tpdu[3] & 0x70 == 0x10 else ""
    return Submitted(plus + number, text, reference, part, parts, bool(tpdu[0] & 0x20))


def status_report(number: str, reference: int, status: int) -> tuple[str, int]:
    """Write a status report as +CDS brings it; return it and its length without the service centre."""
    digits = number.lstrip("+")
    swapped = bytes.fromhex("".join(b + a for a, b in zip(digits[::2], (digits + "F")[1::2], strict=True)))
    stamp = bytes.fromhex("62215021300000")  # 2026-12-05 12:03, as semi-octets
    tpdu = bytes((0x06, reference, len(digits), 0x91)) + swapped + stamp * 2 + bytes((status,))
    return (bytes.fromhex("07919471060040F0") + tpdu).hex().upper(), len(tpdu)


def _ucs2(body: bytes, length: int, header: bytes) -> str:
    if len(body) != length:
        raise ValueError("the length is not that of the text")
    return body[len(header) :].decode("utf-16-be")


def _gsm7(body: bytes, length: int, header: bytes) -> str:
    if len(body) != (length * 7 + 7) // 8:
        raise ValueError("the length is not that of the text")
    bits = "".join(f"{octet:08b}"[::-1] for octet in body)
    septets = [int(bits[place * 7 : place * 7 + 7][::-1], 2) for place in range(length)]
    text, escaped = "", False
    for septet in septets[-(-len(header) * 8 // 7) :]:
        if septet == 27 and not escaped:
            escaped = True
            continue
        text += _EXTENSION[septet] if escaped else _ALPHABET[septet]
        escaped = False
    return text
