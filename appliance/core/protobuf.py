"""Reading Protocol Buffers from the wire, as far as a ticket needs it.

Source: https://protobuf.dev/programming-guides/encoding/. A message is a row of fields: a tag (number << 3 | wire
type) and a value. What a reader does not know it skips.
"""

from __future__ import annotations

from collections.abc import Iterator

_MAX_FIELD = 2**29 - 1
_MAX_VARINT_BYTES = 10
_FIXED_BYTES = {1: 8, 5: 4}  # wire type -> bytes
_VARINT, _BYTES, _GROUP_START, _GROUP_END = 0, 2, 3, 4


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (field number, value) in the order of the wire: an int for a varint (unsigned, 64 bits), else bytes.

    Numbers of fixed size and groups are skipped: no ticket holds one. Raises ValueError where the message is cut off
    or broken.
    """
    at = 0
    groups: list[int] = []  # of unknown groups that are open; a list, because recursion has a limit
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire_type = tag >> 3, tag & 7
        if not 1 <= number <= _MAX_FIELD:
            raise ValueError(f"{number} is not a field number")
        if wire_type == _GROUP_START:
            groups.append(number)
        elif wire_type == _GROUP_END:
            if not groups or groups.pop() != number:
                raise ValueError("a group ends that did not begin")
        else:
            value, at = _value(message, at, wire_type)
            if not groups and wire_type in (_VARINT, _BYTES):
                yield number, value
    if groups:
        raise ValueError("a group does not end")


def signed_64(value: int) -> int:
    """Read a varint as an int64: two's complement."""
    return value - 2**64 if value >= 2**63 else value


def _value(message: bytes, at: int, wire_type: int) -> tuple[int | bytes, int]:
    if wire_type == _VARINT:
        return _varint(message, at)
    if wire_type == _BYTES:
        length, at = _varint(message, at)
    elif wire_type in _FIXED_BYTES:
        length = _FIXED_BYTES[wire_type]
    else:
        raise ValueError(f"there is no wire type {wire_type}")
    if at + length > len(message):
        raise ValueError("the message is cut off")
    return message[at : at + length], at + length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(message[at : at + _MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value & 2**64 - 1, at + index + 1
    raise ValueError("a number is cut off or too long")
