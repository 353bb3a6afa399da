"""Where a camera scanner's frames come from: the Pi's camera, or pictures in its place.

A source opens and closes as devices do and gives one grey frame (mode L) after the other.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from PIL import Image

from appliance.drivers.scanner.codes import open_failed, scanner_lost

STALL_S = 3.0  # a camera that gives no frame for this long is not working
_POLL_S = 0.05
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".pgm", ".bmp", ".webp"})
_MAX_PIXELS = 4096 * 4096
# A lens that moves rests at the horizon by itself. Continuous, over its full range: libcamera's control_ids.h.
_AUTOFOCUS = {"AfMode": 2, "AfRange": 2}


class FrameSource(Protocol):
    """Something that takes pictures."""

    @property
    def path(self) -> str:
        """Name of the camera for people."""

    def open(self) -> None:
        """Take hold of the camera, for this process alone. Raises DeviceLost."""

    def frame(self) -> Image.Image:
        """Return the newest frame; waits for it up to STALL_S. Raises DeviceLost."""

    def pace(self, interval_s: float) -> None:
        """Say how often frames will be asked for, so that the camera need not take more."""

    def close(self) -> None:
        """Let go of the camera. Never raises; closing twice is fine."""


class PictureSource:
    """A still picture, or a folder of frames, in place of a camera.

    A folder is a film: each frame is the next picture by name that came since it was opened, and the last one stays
    in view. What is no picture is passed over.
    """

    def __init__(self, path: str, stall_s: float = STALL_S) -> None:
        self.path = path
        self._stall_s = stall_s
        self._fd = -1
        self._last = ""
        self._closed = threading.Event()

    def open(self) -> None:
        """Take hold of the picture or folder. Raises DeviceLost."""
        self.close()
        self._closed.clear()
        try:
            self._fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            names = self._names()
        except OSError as error:
            self.close()
            raise open_failed(error, self.path) from error
        if not names and Path(self.path).is_file():
            self.close()
            raise scanner_lost("unusable", self.path)
        self._last = names[-2] if len(names) > 1 else ""  # what is in view now, and nothing from before

    def frame(self) -> Image.Image:
        """Return the next picture, or the last one again. Raises DeviceLost."""
        give_up_s = time.monotonic() + self._stall_s
        while self._fd >= 0:
            try:
                found = self._next()
            except OSError as error:
                self.close()
                raise scanner_lost("unplugged", self.path) from error
            if found is not None:
                return found
            if time.monotonic() >= give_up_s:
                self.close()
                raise scanner_lost("stalled", self.path)
            self._closed.wait(_POLL_S)
        raise scanner_lost("not_open", self.path)

    def pace(self, interval_s: float) -> None:
        """Do nothing: pictures cost nothing until they are asked for."""

    def close(self) -> None:
        """Let go of it."""
        self._closed.set()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _names(self) -> list[str]:
        """Return the pictures by name; a still picture is the only one of its own. Raises OSError."""
        path = Path(self.path)
        files = [path] if stat.S_ISREG(path.stat().st_mode) else path.iterdir()
        return sorted(file.name for file in files if file.suffix.lower() in _SUFFIXES)

    def _next(self) -> Image.Image | None:
        names = self._names()
        newer = [name for name in names if name > self._last]
        for name in newer or names[-1:]:
            self._last = name
            picture = _picture(Path(self.path, name) if Path(self.path).is_dir() else Path(self.path))
            if picture is not None:
                return picture
        return None


def _picture(path: Path) -> Image.Image | None:
    """Read a picture as grey; None if it is none, or gone already."""
    # OSError: no picture, cut short, or gone; ValueError, SyntaxError: Pillow's readers on damaged headers.
    with contextlib.suppress(OSError, ValueError, SyntaxError), Image.open(path) as picture:
        if picture.width * picture.height <= _MAX_PIXELS:
            return picture.convert("L")
    return None


class PiCameraSource:
    """The Pi's camera by picamera2: the luma plane of its video stream.

    Methods and their exceptions: picamera2 0.3.38, Picamera2.capture_buffer and Job.get_result. A frame's rows may
    be longer than it is wide (`stride`), and its first plane is the grey picture (YUV420, Picamera2 manual, 4.2.2).
    A control that this camera has not may not be set (Controls.set_controls raises RuntimeError).
    """

    def __init__(self, number: int = 0, size: tuple[int, int] = (1280, 720), stall_s: float = STALL_S) -> None:
        self.path = f"camera {number}"
        self._number = number
        self._size = size
        self._stall_s = stall_s
        self._camera: _Camera | None = None
        self._stride = size[0]

    def open(self) -> None:
        """Start the camera. Raises DeviceLost."""
        self.close()
        try:
            from picamera2 import Picamera2
        except ImportError as error:
            raise scanner_lost("no_picamera2", self.path) from error
        try:
            self._camera = Picamera2(self._number)
            main = {"size": self._size, "format": "YUV420"}
            self._camera.configure(self._camera.create_video_configuration(main=main, buffer_count=3, queue=False))
            self._stride = self._camera.camera_configuration()["main"]["stride"]
            self._set(_AUTOFOCUS)
            self._camera.start()
        except (RuntimeError, IndexError, OSError) as error:
            self.close()
            code = "busy" if "busy" in _told(error) else "not_found"
            raise scanner_lost(code, self.path) from error

    def frame(self) -> Image.Image:
        """Return the next frame. Raises DeviceLost."""
        if self._camera is None:
            raise scanner_lost("not_open", self.path)
        try:
            buffer = self._camera.wait(self._camera.capture_buffer("main", wait=False), timeout=self._stall_s)
        except (TimeoutError, RuntimeError, OSError) as error:
            self._camera.cancel_all_and_flush()  # else the job that never ended stands before the end itself
            self.close()
            raise scanner_lost("stalled", self.path) from error
        wide, high = self._size
        return Image.frombytes("L", (wide, high), bytes(buffer[: self._stride * high]), "raw", "L", self._stride)

    def pace(self, interval_s: float) -> None:
        """Have the sensor take a frame each `interval_s`."""
        duration_us = round(interval_s * 1_000_000)
        self._set({"FrameDurationLimits": (duration_us, duration_us)})

    def close(self) -> None:
        """Stop the camera."""
        camera, self._camera = self._camera, None
        if camera is not None:
            with contextlib.suppress(RuntimeError, OSError):  # it is gone already
                camera.close()

    def _set(self, controls: Mapping[str, object]) -> None:
        """Set those of the controls that this camera has."""
        if self._camera is not None:
            known = self._camera.camera_controls
            self._camera.set_controls({name: value for name, value in controls.items() if name in known})


class _Camera(Protocol):
    """What is used of picamera2's Picamera2."""

    @property
    def camera_controls(self) -> Mapping[str, object]: ...

    def create_video_configuration(self, **kind: object) -> dict[str, object]: ...
    def configure(self, configuration: dict[str, object]) -> None: ...
    def camera_configuration(self) -> dict[str, dict[str, int]]: ...
    def start(self) -> None: ...
    def capture_buffer(self, name: str, wait: bool) -> object: ...
    def wait(self, job: object, timeout: float) -> bytes: ...
    def set_controls(self, controls: dict[str, object]) -> None: ...
    def cancel_all_and_flush(self) -> None: ...
    def close(self) -> None: ...


def _told(error: BaseException | None) -> str:
    """Return what an error and its causes say, in small letters: picamera2 wraps what libcamera told it."""
    return f"{error} {_told(error.__cause__ or error.__context__)}".lower() if error is not None else ""
