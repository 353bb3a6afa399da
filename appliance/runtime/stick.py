"""A USB stick: mounted by root for as long as something is written to it, and read back before anybody relies on it.

udev names the partition (systemd/60-stallbox.rules), a mount unit says where it goes and how
(systemd/run-stallbox-stick.mount); root is only asked to start and to stop that. Source of the label: the format of
/run/udev/data, which `udevadm info` reads.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from appliance.core.errors import StallboxError
from appliance.core.ports.stick import StickFacts
from appliance.runtime.root import Root

DEVICE = Path("/dev/stallbox/stick")
PLACE = Path("/run/stallbox/stick")
PART = ".part"  # what is not whole yet; never taken for a backup
SECTOR_BYTES = 512  # of /sys/block/*/size, whatever the device's own are
_CHUNK_BYTES = 1024 * 1024
_log = logging.getLogger(__name__)


class Stick:
    """See StickPort in core/ports."""

    def __init__(
        self,
        root: Root,
        device: Path = DEVICE,
        place: Path = PLACE,
        sys: Path = Path("/sys"),
        udev: Path = Path("/run/udev/data"),
    ) -> None:
        self._root = root
        self._device = device
        self._place = place
        self._sys = sys
        self._udev = udev
        self._one = threading.Lock()

    def look(self) -> StickFacts | None:
        """Return the stick that is there, by its label or its make."""
        try:
            number = self._device.stat().st_rdev
        except OSError:
            return None
        name = f"{os.major(number)}:{os.minor(number)}"
        partition = (self._sys / "dev/block" / name).resolve()
        make = (_text(folder / "device" / what) for folder in (partition.parent, partition) for what in _MAKE)
        known = _label(_text(self._udev / f"b{name}")) or " ".join(filter(None, make)) or "USB stick"
        return StickFacts(known, int(_text(partition / "size") or 0) * SECTOR_BYTES)

    def keep(self, file: BinaryIO, name: str) -> int:
        """Copy a file onto the stick and prove it; see StickPort."""
        if not self._one.acquire(blocking=False):
            raise StallboxError("stick_busy", "The stick is being written to: wait until that is done.")
        try:
            with self._mounted():
                self._copy(file, self._place / name)
                room = os.statvfs(self._place)
                return room.f_bavail * room.f_frsize
        except OSError as error:
            _log.warning("the stick failed: %s", error)
            raise _gone() from error
        finally:
            self._one.release()

    @contextlib.contextmanager
    def _mounted(self) -> Iterator[None]:
        if self.look() is None:
            raise StallboxError("no_stick", "There is no stick: plug one in (FAT or exFAT), and wait a moment.")
        self._root.do("stick mount", "stick_unreadable", "The stick cannot be read: it has to be FAT or exFAT.")
        try:
            yield
        except BaseException:
            with contextlib.suppress(StallboxError):  # what went wrong first is what is told
                self._root.do("stick unmount", "stick_in_use", "")
            raise
        still_busy = "The stick is still busy: switch the box off before you pull it out."
        self._root.do("stick unmount", "stick_in_use", still_busy)

    def _copy(self, source: BinaryIO, target: Path) -> None:
        for stale in self._place.glob(f"*{PART}"):  # of a stick that was pulled out
            stale.unlink()
        size = source.seek(0, os.SEEK_END)
        room = os.statvfs(self._place)
        if size > (free := room.f_bavail * room.f_frsize):
            what = f"The stick has {_mb(free)} free, and the backup takes {_mb(size)}: make room on it."
            raise StallboxError("stick_full", what)
        source.seek(0)
        draft = target.with_name(target.name + PART)
        with draft.open("wb") as out:
            wanted = hashlib.sha256()
            while chunk := source.read(_CHUNK_BYTES):
                wanted.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
            os.posix_fadvise(out.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # read back from the stick, not from memory
        with draft.open("rb") as written:
            if hashlib.file_digest(written, "sha256").digest() != wanted.digest():
                draft.unlink()
                raise StallboxError("stick_broken", "The stick does not give back what was written: use another one.")
        draft.rename(target)
        descriptor = os.open(self._place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


_MAKE = ("vendor", "model")


def _gone() -> StallboxError:
    what = "The stick was pulled out, or it is broken: there is no new backup on it. Plug it in again, and once more."
    return StallboxError("stick_gone", what)


def _label(udev: str) -> str:
    return next((line[14:] for line in udev.splitlines() if line.startswith("E:ID_FS_LABEL=")), "")


def _mb(size_bytes: int) -> str:
    return f"{max(1, size_bytes // 1_000_000)} MB"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
