"""Sealed records of a list while it is read: on the disk once they are many, so that a small box takes a long list."""

from __future__ import annotations

import os
import struct
import tempfile
import weakref

IN_MEMORY_BYTES = 4_000_000
_LENGTHS = struct.Struct(">II")

Record = tuple[bytes, bytes | None]  # a holder's record, and the copy for the search by name


class Spill:
    """Records by ticket id. Nothing in it is in the clear; the file has no name and is gone with the process."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  # closed with this object
        self._places: dict[str, int] = {}
        weakref.finalize(self, self._file.close)

    def __setitem__(self, id: str, record: Record) -> None:
        sealed, search = record
        self._places[id] = self._file.seek(0, os.SEEK_END)
        self._file.write(_LENGTHS.pack(len(sealed), len(search or b"")) + sealed + (search or b""))

    def __getitem__(self, id: str) -> Record:
        """Return a record. Raises KeyError."""
        self._file.seek(self._places[id])
        sealed_bytes, search_bytes = _LENGTHS.unpack(self._file.read(_LENGTHS.size))
        sealed = self._file.read(sealed_bytes)
        return sealed, self._file.read(search_bytes) or None
