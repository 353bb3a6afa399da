"""What a camera scanner makes of frame after frame, counted in frames and codes, never in time that passes."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageChops

from appliance.core.errors import DeviceLost
from appliance.core.power import PowerState
from appliance.drivers.scanner.camera import CameraScanner
from appliance.drivers.scanner.decoding import Cascade, Reading
from appliance.drivers.scanner.sight import ACTIVE_S, FAST_S, GONE_S, SLOW_S, Motion, Pace, View
from appliance.runtime.board import Board
from appliance.services.power import saves_power
from benchmarks.ticket_pictures import drawing

SIZE = (1280, 720)
TABLE = Image.new("L", SIZE, 90)


def with_code(text: str, shift: int = 0) -> Image.Image:
    frame = TABLE.copy()
    code = drawing("short", text)
    frame.paste(code.resize((code.width * 8, code.height * 8), Image.Resampling.NEAREST), (300 + shift, 200))
    return frame


class Film:
    """A camera over a time that only the film moves: each frame is what `scene` shows at that second."""

    path = "film"

    def __init__(self, scene) -> None:
        self.now_s = 0.0
        self.taken = 0
        self.paces: list[float] = []
        self._scene = scene

    def open(self) -> None: ...
    def close(self) -> None: ...

    def pace(self, interval_s: float) -> None:
        self.paces.append(interval_s)

    def frame(self) -> Image.Image:
        self.taken += 1
        return self._scene(self.now_s)

    def sleep(self, wait_s: float) -> None:
        self.now_s += wait_s

    def watch(self, length_s: float) -> list[bytes]:
        """Let a scanner watch the film; return the codes that it read."""
        scanner = CameraScanner(self, clock=lambda: self.now_s, sleep=self.sleep)
        scanner.open()
        codes = []
        while self.now_s < length_s:
            code = scanner.read(1.0)
            codes += [code] if code else []
        return codes


def test_a_still_scene_is_looked_at_seldom_and_a_lively_one_often() -> None:
    still = Film(lambda now_s: TABLE)
    assert still.watch(60) == []
    assert still.taken <= ACTIVE_S / FAST_S + 60 / SLOW_S + 2

    lively = Film(lambda now_s: ImageChops.offset(with_code("MOVING"), round(now_s * 100) % 400, 0))
    lively.watch(6)
    assert lively.taken >= 6 / FAST_S - 2
    assert still.paces == [FAST_S, SLOW_S]
    assert lively.paces == [FAST_S]


def test_a_still_scene_is_not_even_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    film, looks = Film(lambda now_s: TABLE), []
    glance = Cascade.glance
    monkeypatch.setattr(Cascade, "glance", lambda self, frame: looks.append(film.now_s) or glance(self, frame))
    film.watch(60)
    assert looks
    assert max(looks) <= ACTIVE_S


def test_a_code_that_stays_in_view_is_one_read_for_as_long_as_it_stays() -> None:
    assert Film(lambda now_s: with_code("STAYS")).watch(60) == [b"STAYS"]
    assert Film(lambda now_s: with_code("SHAKEN", round(now_s * 50) % 40)).watch(10) == [b"SHAKEN"]


def test_a_code_that_left_and_came_back_is_read_again() -> None:
    shown = Film(lambda now_s: with_code("TWICE") if now_s < 1 or now_s > 1 + 3 * GONE_S else TABLE)
    assert shown.watch(8) == [b"TWICE", b"TWICE"]


def test_one_code_after_the_other_without_a_gap() -> None:
    assert Film(lambda now_s: with_code(f"CODE-{min(int(now_s), 4)}")).watch(5) == [b"CODE-%d" % n for n in range(5)]


def test_two_codes_at_once_are_two_reads() -> None:
    both = ImageChops.darker(with_code("LEFT"), ImageChops.offset(with_code("RIGHT"), 400, 0))
    both.paste(with_code("LEFT").crop((300, 200, 600, 500)), (300, 200))
    both.paste(with_code("RIGHT").crop((300, 200, 600, 500)), (800, 200))
    assert sorted(Film(lambda now_s: both).watch(3)) == [b"LEFT", b"RIGHT"]


def test_a_linear_code_counts_when_two_frames_agree() -> None:
    view = View()
    line = [Reading(b"4006381333931", sure=False)]
    assert view.new(line, 0.0) == []
    assert view.new([Reading(b"4006381333948", sure=False)], 0.1) == []  # one frame took it for another product
    assert view.new(line, 0.2) == [b"4006381333931"]
    assert view.new(line, 0.3) == []


def test_a_code_has_not_left_before_every_try_was_made() -> None:
    view, code = View(round_=5), [Reading(b"HARD", sure=True)]
    assert view.new(code, 0.0) == [b"HARD"]
    for look in range(1, 5):  # a slow computer: seconds a frame
        assert view.new([], look * 2.0) == []
    assert view.new(code, 10.0) == []
    for look in range(6):
        view.new([], 11.0 + look)
    assert view.new(code, 20.0) == [b"HARD"]


def test_grain_is_no_movement_and_a_hand_is() -> None:
    chance, motion = random.Random(1), Motion()

    def grainy(frame: Image.Image) -> Image.Image:
        grain = Image.frombytes("L", SIZE, chance.randbytes(SIZE[0] * SIZE[1])).point([v // 4 for v in range(256)])
        return ImageChops.add(frame, grain)

    assert motion.moved(grainy(TABLE))  # the first frame
    assert not any(motion.moved(grainy(TABLE)) for _ in range(10))
    assert motion.moved(grainy(with_code("HAND")))
    assert motion.moved(Image.new("L", (640, 480), 90))  # another camera


def test_the_pace_is_fast_at_first_and_after_each_movement() -> None:
    pace = Pace()
    assert pace.interval_s == FAST_S
    pace.looked(10.0, moved=True)
    assert pace.due_s == 10.0 + FAST_S
    pace.looked(10.0 + ACTIVE_S, moved=False)
    assert (pace.interval_s, pace.due_s) == (SLOW_S, 10.0 + ACTIVE_S + SLOW_S)
    pace.looked(20.0, moved=True)
    assert pace.interval_s == FAST_S


def test_without_any_engine_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zxingcpp", None)
    monkeypatch.setitem(__import__("sys").modules, "pyzbar", None)
    with pytest.raises(DeviceLost) as lost:
        CameraScanner(Film(lambda now_s: TABLE)).open()
    assert lost.value.code == "not_installed"
    assert "zxing-cpp" in lost.value.advice


def test_a_camera_looks_half_as_often_while_the_box_saves_power() -> None:
    pace = Pace()
    pace.saving = True
    pace.looked(10.0, moved=True)
    assert pace.due_s == 10.0 + 2 * FAST_S
    pace.saving = False
    pace.looked(11.0, moved=False)
    assert pace.due_s == 11.0 + FAST_S


def test_power_is_saved_in_every_state_but_the_normal_one() -> None:
    board = Board()
    assert not saves_power(board)
    for state in PowerState:
        board.set("battery", {"state": state.value})
        assert saves_power(board) == (state is not PowerState.NORMAL)
