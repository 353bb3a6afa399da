"""Cameras: pictures in place of one, and picamera2's calls with a module of the same face in its place."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest
from PIL import Image

from appliance.core.errors import DeviceLost
from appliance.drivers.scanner.camera import CameraScanner
from appliance.drivers.scanner.frames import PiCameraSource, PictureSource
from appliance.sim.camera import CameraEmulator
from benchmarks.ticket_pictures import drawing

LIMIT_S = 10


def lost_while_reading(scanner: CameraScanner) -> DeviceLost:
    for _ in range(20):
        try:
            scanner.read(0.3)
        except DeviceLost as lost:
            return lost
    raise AssertionError("it went on reading")


@pytest.mark.parametrize("fault", ["stalled", "garbage"])
def test_faults_that_stop_the_pictures(tmp_path: Path, fault: str) -> None:
    emulator = CameraEmulator(tmp_path / "camera")
    scanner = CameraScanner(PictureSource(str(emulator.path), stall_s=0.2))
    scanner.open()
    emulator.scan("BEFORE")
    assert scanner.read(LIMIT_S) == b"BEFORE"
    emulator.fail(fault)
    emulator.scan("LOST")
    for file in emulator.path.glob("*"):  # what came before the fault may still be in view
        if fault == "garbage":
            file.write_bytes(b"P5 not a picture")
    assert lost_while_reading(scanner).code == "stalled"
    emulator.fail(None)
    scanner.open()
    emulator.scan("AFTER")
    assert scanner.read(LIMIT_S) == b"AFTER"
    scanner.close()


@pytest.mark.parametrize("fault", ["dark", "out_of_focus"])
def test_faults_that_only_blind_it(tmp_path: Path, fault: str) -> None:
    emulator = CameraEmulator(tmp_path / "camera")
    scanner = CameraScanner(PictureSource(str(emulator.path)))
    scanner.open()
    emulator.fail(fault)
    emulator.scan("UNSEEN")
    assert scanner.read(1.0) is None
    emulator.fail(None)
    emulator.scan("SEEN")
    assert scanner.read(LIMIT_S) == b"SEEN"
    scanner.close()


def test_unplugged_while_a_code_is_in_view_gives_no_half_code(tmp_path: Path) -> None:
    emulator = CameraEmulator(tmp_path / "camera")
    scanner = CameraScanner(PictureSource(str(emulator.path)))
    scanner.open()
    assert scanner.read(0) is None  # the table, as it was at the start
    emulator.scan("GOING")
    emulator.unplug()
    assert lost_while_reading(scanner).code == "unplugged"
    emulator.fail(None)
    scanner.open()
    assert scanner.read(0.5) is None
    scanner.close()


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp"])
def test_a_still_picture_is_one_read(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"ticket.{suffix}"
    code = drawing("short", "STILL")
    code.resize((code.width * 6, code.height * 6), Image.Resampling.NEAREST).save(file)
    scanner = CameraScanner(PictureSource(str(file)))
    scanner.open()
    assert [scanner.read(1.0), scanner.read(1.0)] == [b"STILL", None]
    scanner.close()


def test_a_code_too_large_for_any_ticket_is_left(tmp_path: Path) -> None:
    emulator = CameraEmulator(tmp_path / "camera")
    with pytest.raises(ValueError, match="no QR code holds"):
        emulator.scan("x" * 5000)


class StandIn:
    """A module with the calls of picamera2 0.3.38 that are used, and its errors; no camera was at hand."""

    def __init__(self, picture: Image.Image, stride: int, trouble: Exception | None = None) -> None:
        self.closed = self.flushed = 0
        self.camera_controls = dict.fromkeys(("FrameDurationLimits", "AfMode", "AfRange"), (0, 2, 0))
        self.controls: list[dict] = []
        rows = [picture.crop((0, row, picture.width, row + 1)).tobytes() for row in range(picture.height)]
        self.luma = b"".join(row.ljust(stride, b"\x55") for row in rows) + b"\x80" * (stride * picture.height // 2)
        self.stride, self.trouble, self.silent = stride, trouble, False
        self.Picamera2 = lambda number: self._opened(number)

    def _opened(self, number: int) -> StandIn:
        if self.trouble is not None:
            raise self.trouble
        return self

    def create_video_configuration(self, main, buffer_count, queue):
        assert main == {"size": (1280, 720), "format": "YUV420"}
        return {"main": main}

    def configure(self, configuration): ...
    def start(self): ...

    def camera_configuration(self):
        return {"main": {"stride": self.stride}}

    def set_controls(self, controls):
        if unknown := set(controls) - set(self.camera_controls):
            raise RuntimeError(f"Control {unknown.pop()} is not advertised by libcamera")
        self.controls.append(controls)

    def cancel_all_and_flush(self):
        self.flushed += 1

    def capture_buffer(self, name, wait):
        assert (name, wait) == ("main", False)
        return "job"

    def wait(self, job, timeout):
        if self.silent:
            raise TimeoutError
        return self.luma

    def close(self):
        self.closed += 1


def fitted(monkeypatch: pytest.MonkeyPatch, trouble: Exception | None = None) -> StandIn:
    picture = Image.new("L", (1280, 720), 200)
    code = drawing("short", "PI-CAMERA")
    picture.paste(code.resize((code.width * 8, code.height * 8), Image.Resampling.NEAREST), (400, 200))
    made = StandIn(picture, 1344, trouble)
    module = types.ModuleType("picamera2")
    module.Picamera2 = made.Picamera2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", module)
    return made


def test_the_pi_s_camera_is_read_by_its_luma_plane_and_slows_down(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = fitted(monkeypatch)
    scanner = CameraScanner(PiCameraSource())
    scanner.open()
    assert scanner.read(LIMIT_S) == b"PI-CAMERA"
    assert camera.controls == [{"AfMode": 2, "AfRange": 2}, {"FrameDurationLimits": (120_000, 120_000)}]
    camera.silent = True
    with pytest.raises(DeviceLost) as lost:
        scanner.read(LIMIT_S)
    assert lost.value.code == "stalled"
    assert (camera.flushed, camera.closed) == (1, 1)
    scanner.close()


def test_a_camera_without_a_control_goes_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Camera Module 2 has no moving lens, a USB camera under libcamera no frame rate to set."""
    camera = fitted(monkeypatch)
    camera.camera_controls = {}
    scanner = CameraScanner(PiCameraSource())
    scanner.open()
    assert scanner.read(LIMIT_S) == b"PI-CAMERA"
    assert not any(camera.controls)
    scanner.close()


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (RuntimeError("Failed to acquire camera: Device or resource busy"), "busy"),
        (RuntimeError("Camera __init__ sequence did not complete."), "not_found"),
        (IndexError("list index out of range"), "not_found"),
    ],
)
def test_why_the_pi_s_camera_does_not_start(monkeypatch: pytest.MonkeyPatch, trouble: Exception, code: str) -> None:
    fitted(monkeypatch, trouble)
    with pytest.raises(DeviceLost) as lost:
        CameraScanner(PiCameraSource()).open()
    assert lost.value.code == code


def test_without_picamera2_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(DeviceLost) as lost:
        CameraScanner(PiCameraSource()).open()
    assert lost.value.code == "no_picamera2"
    assert "python3-picamera2" in lost.value.advice
