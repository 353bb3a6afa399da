"""A disk of a few megabytes with a real ext4, to be filled up."""

from __future__ import annotations

import errno
import itertools
import os
from pathlib import Path
from typing import Self

import pytest

from tests.powercut.disk import make_ext4
from tests.powercut.host import Cleaner, run

CLEAN_UP = 'if mountpoint -q "$1"; then umount "$1" 2>/dev/null || umount -l "$1"; fi'
NO_ROOM = os.strerror(errno.ENOSPC)
BLOCK = b"\0" * 4096


class SmallDisk:
    """Mounted at `path` while the context lasts, and taken away however it ends."""

    def __init__(self, folder: Path, size_mib: int = 8) -> None:
        self.path = folder / "disk"
        self.path.mkdir()
        self._image = folder / "disk.img"
        self._ballast = self.path / "ballast"
        self._size_mib = size_mib
        self._cleaner = Cleaner(CLEAN_UP, self.path)

    def __enter__(self) -> Self:
        make_ext4(self._image, self._size_mib)
        run("mount", "-t", "ext4", "-o", "loop,errors=remount-ro", self._image, self.path)
        return self

    def __exit__(self, *_: object) -> None:
        self._cleaner.finish()

    @property
    def device(self) -> str:
        """Name of the block device, `loop0`."""
        number = self.path.stat().st_dev
        return Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve().name

    def fill(self) -> None:
        """Leave not one block free."""
        with self._ballast.open("ab", buffering=0) as file, pytest.raises(OSError, match=NO_ROOM):
            file.writelines(itertools.repeat(BLOCK))

    def make_room(self) -> None:
        """Take the ballast away."""
        self._ballast.unlink()
