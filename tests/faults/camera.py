"""The camera as a scanner; the work at hand is a ticket held before it."""

from __future__ import annotations

import threading
from typing import Any

from appliance.core.devices import Health
from appliance.drivers.scanner.camera import CameraScanner
from appliance.drivers.scanner.frames import STALL_S, PictureSource
from appliance.drivers.scanner.sight import SAVING, SLOW_S
from appliance.sim.camera import CameraEmulator
from tests.faults.scanners import NO_NAK, NONE, ScannerRig, _absent, _deny
from tests.faults.table import Cell, Impossible, Row
from tests.faults.wrongs import locked

HURRIED_STALL_S = 0.5
SLOW_FRAME_S = 0.3  # ten times what a sensor takes at 30 frames a second


class SlowPictures(PictureSource):
    """Pictures that take their time."""

    is_on = False

    def frame(self) -> Any:
        """Return the next picture, late."""
        if self.is_on:
            threading.Event().wait(SLOW_FRAME_S)
        return super().frame()


class CameraRig(ScannerRig):
    def plug(self) -> Any:
        self.scanner = CameraEmulator(self.port)
        self.pictures = SlowPictures(str(self.port), HURRIED_STALL_S)
        return CameraScanner(self.pictures)

    def pull_in_the_scan(self) -> None:
        self.cut_a_frame_short()
        self.scanner.fail("unplugged")
        self.sell()

    def cut_a_frame_short(self) -> None:
        newest = max(self.port.glob("frame-*.pgm"))
        short = newest.with_name(f"{newest.stem}-half.pgm")
        short.write_bytes(newest.read_bytes()[:100_000])

    def scan_half(self) -> None:
        self.cut_a_frame_short()
        self.scan()

    def scan_slowly(self) -> None:
        self.pictures.is_on = True
        self.scan()

    def flood(self) -> None:
        self.scanner.film(200)
        self.scan()

    def take_by_another_program(self) -> None:
        self.step_aside(lambda: self.held.enter_context(locked(self.port)))

    def be_a_text(self) -> None:
        self.scanner.fail("unplugged")
        self.port.write_text("no camera")

    def be_a_camera(self) -> None:
        self.port.unlink()
        self.heal()

    def heal(self) -> None:
        self.pictures.is_on = False
        super().heal()


OFF, READY = Health.OFFLINE, Health.READY
C = CameraRig
CAMERA: dict[str, Cell | Impossible] = {
    "absent at start": Cell(_absent, C.heal, OFF, NONE, at_start=True),
    "unplugged while used": Cell(C.pull_in_the_scan, C.heal, OFF, NONE, work_is_at_hand=True),
    "replugged elsewhere": Cell(C.replug, C.heal, READY, note="the camera has its number, whichever socket it is in"),
    "silent": Cell(lambda rig: rig.scanner.fail("stalled"), C.heal, OFF, "gives no pictures"),
    "slow by 10x": Cell(C.scan_slowly, C.heal, READY),
    "garbage": Cell(C.garble, C.heal, OFF, "gives no pictures"),
    "half a frame": Cell(C.scan_half, C.heal, READY),
    "flood": Cell(C.flood, C.heal, READY),
    "NAK": NO_NAK,
    "busy": Cell(C.take_by_another_program, C.heal, OFF, "another program"),
    "permission denied": Cell(_deny, C.heal, OFF, "may not be read", at_start=True),
    "wrong device": Cell(C.be_a_text, C.be_a_camera, OFF, "does not work as a scanner"),
    "power cut between bytes": Cell(C.pull_in_the_scan, C.heal, OFF, NONE, work_is_at_hand=True),
}
ROWS = (Row("Scanner, camera", CameraRig, CAMERA, noticed_s=STALL_S + SAVING * SLOW_S),)
