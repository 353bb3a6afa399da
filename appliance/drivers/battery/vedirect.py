"""The text protocol of VE.Direct: bytes in, whole blocks of fields out. Pure.

Source: Victron Energy, "VE.Direct Protocol" (text mode). Fields come as CR LF, name, tab, value; the field
`Checksum` ends a block, and its value is one byte that makes the sum of all the block's bytes 0 modulo 256. Answers
in the hex protocol (a colon up to a line feed) may stand between and are in no sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

MAX_BLOCK_BYTES = 1024  # the longest block of any product has 22 fields of at most 43 bytes
MAX_FIELDS = 22
_CHECKSUM = b"\r\nChecksum\t"

Block = Mapping[str, str]


class BlockReader:
    """Finds blocks in a stream. What does not fit is dropped up to the next block, without a word."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._in_hex = False

    def clear(self) -> None:
        """Forget what was read so far."""
        self._block.clear()
        self._in_hex = False

    def feed(self, data: bytes) -> Iterator[Block]:
        """Take bytes as they come and yield every whole block."""
        for byte in data:
            if self._is_hex(byte):
                continue
            self._block.append(byte)
            if len(self._block) > MAX_BLOCK_BYTES:
                del self._block[: -len(_CHECKSUM)]  # a beginning of the end may be among the last of them
            if self._block[-len(_CHECKSUM) - 1 : -1] == _CHECKSUM:
                block, self._block = bytes(self._block), bytearray()
                if sum(block) % 256 == 0:
                    yield _fields(block[: -len(_CHECKSUM) - 1])

    def _is_hex(self, byte: int) -> bool:
        """Tell whether a byte belongs to a hex message. A colon may also be the checksum itself."""
        if self._in_hex:
            self._in_hex = byte != ord("\n")
            return True
        self._in_hex = byte == ord(":") and not self._block.endswith(_CHECKSUM)
        return self._in_hex


def _fields(block: bytes) -> Block:
    lines = block.decode("ascii", "replace").split("\r\n")
    pairs = (line.partition("\t") for line in lines[-MAX_FIELDS:])
    return {name: value for name, tab, value in pairs if name and tab}
