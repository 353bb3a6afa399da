"""A real ext4 on a disk that records what reaches it.

The chain: a program -> ext4 of this computer's kernel -> loop device -> `disk.img` of flushlog. The loop driver
turns the file system's flushes into fsync of its file, so a flush in the log is a flush that a card would get.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from tests.powercut.host import Cleaner, run
from tests.powercut.recording import DISK_NAME, Recording
from tests.waiting import wait_until

PROJECT = Path(__file__).parents[2]
TOOLS = ("mkfs.ext4", "losetup", "mount", "umount", "mountpoint")
CAP_SYS_ADMIN = 21  # linux/capability.h
MOUNT_OPTIONS = "data=ordered,commit=5"  # ext4's own defaults, said aloud

# A lazy unmount frees loop device and FUSE as soon as the last program lets go of the disk.
CLEAN_UP = """
if mountpoint -q "$1"; then umount "$1" 2>/dev/null || umount -l "$1"; fi
loop=$(losetup --noheadings --output NAME --associated "$2/disk.img")
if [ -n "$loop" ]; then losetup --detach "$loop"; fi
if mountpoint -q "$2"; then umount "$2" 2>/dev/null || umount -l "$2"; fi
rmdir "$1" "$2" "$3"
"""


CLEAN_UP_FILE = """
if mountpoint -q "$1"; then umount "$1" 2>/dev/null || umount -l "$1"; fi
rmdir "$1"
"""


def unavailable_reason() -> str | None:
    """Why power cuts cannot be tried on this machine, as a sentence; None if they can."""
    if not sys.platform.startswith("linux"):
        return "power cuts need Linux"
    if not has_admin_capability():
        return "power cuts need root (CAP_SYS_ADMIN) to mount a file system"
    for device in ("/dev/fuse", "/dev/loop-control"):
        if not os.access(device, os.R_OK | os.W_OK):
            return f"power cuts need {device}, which is missing or closed to us"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"power cuts need {', '.join(missing)}: install the Debian packages e2fsprogs and mount"
    if find_spec("mfusepy") is None:
        return "power cuts need the Python package mfusepy: install the extra [dev]"
    if not any(find_library(name) for name in ("fuse", "fuse3")):
        return "power cuts need libfuse: install the Debian package fuse3"
    return None


def has_admin_capability() -> bool:
    """Whether this process may mount; root inside a container often may not."""
    lines = Path("/proc/self/status").read_text().splitlines()
    effective = next(line.split()[1] for line in lines if line.startswith("CapEff:"))
    return bool(int(effective, 16) >> CAP_SYS_ADMIN & 1)


def make_ext4(image: Path, size_mib: int) -> None:
    """Make an empty ext4 of `size_mib` with nothing left to initialise in the background."""
    with image.open("wb") as file:
        file.truncate(size_mib * 1024 * 1024)
    run("mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", image)


class _Recorded(ABC):
    """What is served by FUSE and recorded, for as long as the context lasts."""

    recording: Recording
    _cleaner: Cleaner
    _server: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def _open(self) -> None:
        """Begin to serve."""

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def mark(self) -> int:
        """How many operations the disk has got so far: a place in the log."""
        return self.recording.length()

    def close(self) -> None:
        """Unmount and give everything back; calling it again does nothing."""
        self._cleaner.finish()
        if self._server is not None:
            stop(self._server)


class RecordedFile(_Recorded):
    """An image of a whole disk, served as the file `path` and recorded in `recording`: a disk for a virtual machine.

    `directory` must exist; it gets a copy of the image, which is left as it is, and the log. Use as a context manager.
    """

    def __init__(self, directory: Path, image: Path) -> None:
        self.recording = Recording(directory)
        self._image = image
        self._fuse_path = Path(tempfile.mkdtemp(prefix="powercut-"))
        self.path = self._fuse_path / DISK_NAME
        self._cleaner = Cleaner(CLEAN_UP_FILE, self._fuse_path)

    def _open(self) -> None:
        for copy in (self.recording.base, self.recording.current):
            run("cp", "--sparse=always", "--reflink=auto", self._image, copy)
        self._server = serve(self.recording, self._fuse_path)


class RecordedDisk(_Recorded):
    """An ext4 mounted at `path`, whose writes and flushes are recorded in `recording`.

    `start` is the mark of the freshly mounted, flushed disk. `directory` (must exist) keeps the images and the
    log after the disk is gone; they are the caller's to delete. Use as a context manager. Raises RuntimeError
    where `unavailable_reason()` has an answer.
    """

    def __init__(self, directory: Path, size_mib: int = 48) -> None:
        self.recording = Recording(directory)
        self.start = 0
        self._size_mib = size_mib
        self._places = Path(tempfile.mkdtemp(prefix="powercut-"))
        self.path = self._places / "disk"
        self._fuse_path = self._places / "fuse"
        self.path.mkdir()
        self._fuse_path.mkdir()
        self._cleaner = Cleaner(CLEAN_UP, self.path, self._fuse_path, self._places)

    def _open(self) -> None:
        reason = unavailable_reason()
        if reason is not None:
            raise RuntimeError(reason)
        make_ext4(self.recording.base, self._size_mib)
        run("cp", "--sparse=always", self.recording.base, self.recording.current)
        self._server = serve(self.recording, self._fuse_path)
        served = self._fuse_path / DISK_NAME
        # Direct I/O: the loop driver hands on each request whole, and does not keep a second copy in memory.
        loop = run("losetup", "--find", "--show", "--direct-io=on", served)
        run("mount", "-t", "ext4", "-o", MOUNT_OPTIONS, loop, self.path)
        run("sync", "--file-system", self.path)
        self.start = self.mark()


def serve(recording: Recording, mountpoint: Path) -> subprocess.Popen[bytes]:
    """Start flushlog over a recording; return once its file is there."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.powercut.flushlog", recording.directory, mountpoint],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until((mountpoint / DISK_NAME).exists, timeout_s=10)
    return server


def stop(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that is about to end by itself; kill it if it does not."""
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
