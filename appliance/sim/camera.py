"""An emulated camera: a folder that its frames go into, in the order of their names.

It stands where the sensor does: what the box makes of a frame - finding the code, in light and blur as they are - is
the box's own. A scan is a hand that holds a code before the camera for a moment and takes it away.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import qrcode
from PIL import Image, ImageChops, ImageFilter
from qrcode.exceptions import DataOverflowError

from appliance.sim import faults

SIZE = (1280, 720)
HELD_FRAMES = 4
KEPT_FRAMES = 64  # a reader that is further behind misses the oldest, as with a camera
_CODE_PX = 420
_TABLE, _GRAIN = 90, 6  # grey levels


class CameraEmulator:
    """A camera whose frames appear in `folder`. Faults:

    `unplugged`   the camera is gone
    `stalled`     no frame comes any more
    `garbage`     what comes are no pictures
    `dark`        there is no light
    `out_of_focus`  the lens is turned so far that nothing can be read
    """

    FAULTS = ("unplugged", "stalled", "garbage", "dark", "out_of_focus")

    def __init__(self, folder: Path | str, seed: int = 0) -> None:
        self.path = Path(folder)
        self.fault: str | None = None
        self._random = random.Random(seed)
        self._number = max((int(file.stem[-8:]) for file in self.path.glob("frame-*.pgm")), default=0)
        self._plug()

    def fail(self, fault: str | None) -> None:
        """Break in the way named, or heal (None). Raises ValueError."""
        faults.check(fault, self.FAULTS)
        self.fault = fault
        if fault == "unplugged":
            self.unplug()
        elif fault == "stalled":
            self._forget(0)
        else:
            self._plug()

    def unplug(self) -> None:
        """Take the camera away; twice is fine."""
        shutil.rmtree(self.path, ignore_errors=True)

    def scan(self, code: str | bytes) -> None:
        """Hold a code before the camera and take it away. Raises ValueError for one that no QR code can hold."""
        picture = _code(code.encode() if isinstance(code, str) else code)
        if self.fault in ("unplugged", "stalled"):
            return
        for _ in range(HELD_FRAMES):
            self._frame(picture)
        self._frame(None)

    def film(self, frames: int) -> None:
        """Take frames of the empty table, as fast as they can be kept."""
        for _ in range(frames):
            self._frame(None)

    def _plug(self) -> None:
        if not self.path.exists():
            self.path.mkdir(mode=0o700)
        self._frame(None)

    def _frame(self, code: Image.Image | None) -> None:
        """Take one frame: the table, and the code on it where a hand that shakes holds it."""
        frame = Image.new("L", SIZE, _TABLE)
        if code is not None:
            left, top = ((SIZE[place] - _CODE_PX) // 2 + self._random.randint(-9, 9) for place in (0, 1))
            frame.paste(code, (left, top))
        if self.fault == "dark":
            frame = frame.point([grey // 60 for grey in range(256)])
        if self.fault == "out_of_focus":
            frame = frame.filter(ImageFilter.BoxBlur(20))
        grain = Image.frombytes("L", (160, 90), self._random.randbytes(14_400)).resize(SIZE, Image.Resampling.NEAREST)
        frame = ImageChops.add(frame, grain.point([grey * _GRAIN // 255 for grey in range(256)]))
        self._number += 1
        file = self.path / f"frame-{self._number:08}.pgm"
        new = file.with_suffix(".new")
        if self.fault == "garbage":
            new.write_bytes(self._random.randbytes(5_000))
        else:
            frame.save(new, format="PPM")
        new.replace(file)
        self._forget(KEPT_FRAMES)

    def _forget(self, kept: int) -> None:
        frames = sorted(self.path.glob("frame-*.pgm"))
        for file in frames[: len(frames) - kept]:
            file.unlink()


def _code(data: bytes) -> Image.Image:
    """Draw a QR code on white paper."""
    drawn = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    try:
        drawn.add_data(data, optimize=0)
        matrix = drawn.get_matrix()
    except (DataOverflowError, ValueError) as error:
        raise ValueError("no QR code holds as much as that") from error
    image = Image.new("L", (len(matrix), len(matrix)))
    image.putdata([20 if dark else 235 for row in matrix for dark in row])
    return image.resize(
        (_CODE_PX, _CODE_PX), Image.Resampling.BILINEAR if len(matrix) > 100 else Image.Resampling.NEAREST
    )
