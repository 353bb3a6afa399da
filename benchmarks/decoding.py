"""Who reads what of spoilt pictures of tickets: zxing-cpp, pyzbar, and the cascade of both that the camera uses.

All get the same pictures (benchmarks/ticket_pictures.py), made from a seed that no try was chosen on, and look for
the same formats. Processor time is that of the process, so other work on the machine does not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from appliance.core.symbologies import IN_USE
from appliance.drivers.scanner.decoding import Cascade, Engine, zbar_engine, zxing_engine
from benchmarks.figures import Figure
from benchmarks.ticket_pictures import CASES, USABLE, Picture, empty_pictures, pictures

SEED = 20261205  # the tries were chosen on seeds 1 to 5
ROUNDS = 2
EMPTY = 40
QUICK_EVERY = 3
NOT_READ_AT_MOST_PCT = 5.0


@dataclass
class Score:
    """What one reader made of the pictures."""

    reader: Engine
    read: set[int] = field(default_factory=set)  # by the number of the picture
    wrong: int = 0
    cpu_s: float = 0.0

    def take(self, number: int, picture: Picture) -> None:
        began_s = time.process_time()
        found = [reading.code for reading in self.reader(picture.image)]
        self.cpu_s += time.process_time() - began_s
        if picture.text and picture.text.encode() in found:
            self.read.add(number)
        self.wrong += any(code != picture.text.encode() for code in found)

    def not_read_pct(self, numbers: Sequence[int]) -> float:
        return 100 * sum(number not in self.read for number in numbers) / len(numbers)


def run(quick: bool = False) -> list[Figure]:
    """Let all three read; a picture that a person would call usable should be read."""
    cascade = Cascade()
    readers: dict[str, Engine | None] = {
        "zxing-cpp": zxing_engine(IN_USE),
        "pyzbar": zbar_engine(IN_USE),
        "cascade": cascade.read,
    }
    scores = {name: Score(reader) for name, reader in readers.items() if reader}
    about = watched(scores.values(), pictures(SEED, 1 if quick else ROUNDS), QUICK_EVERY if quick else 1)
    empty = {"first try": Score(cascade.tries[0][1]), "frame": Score(cascade.glance), "all tries": Score(cascade.read)}
    count = len(watched(empty.values(), empty_pictures(SEED, EMPTY // 4 if quick else EMPTY), 1))
    made_up = sum(one.wrong for one in empty.values())
    return [
        *shares(scores, about),
        *(Figure(f"processor a picture, {name}", ms(one, len(about)), "ms", "") for name, one in scores.items()),
        *(Figure(f"processor without a code, {name}", ms(one, count), "ms", "") for name, one in empty.items()),
        Figure("codes read where there are none", made_up, "codes", f"{count} pictures", 0),
        *by_case(scores, about),
    ]


def watched(scores: Iterable[Score], some: Iterable[Picture], every: int) -> list[tuple[str, bool]]:
    """Show each picture to each reader; return case and whether it is usable."""
    about = []
    for number, picture in enumerate(some):
        if number % every:
            continue
        for score in scores:
            score.take(len(about), picture)
        about.append((picture.case, picture.strength in USABLE))
    return about


def shares(scores: dict[str, Score], about: list[tuple[str, bool]]) -> list[Figure]:
    found = []
    for usable, words in ((True, "usable pictures"), (False, "pictures beyond use")):
        numbers = having(about, lambda case, is_usable, wanted=usable: is_usable is wanted)  # type: ignore[misc]
        for name, score in scores.items():
            at_most = NOT_READ_AT_MOST_PCT if usable and name == "cascade" else None
            pct = score.not_read_pct(numbers)
            found.append(Figure(f"{words} not read, {name}", pct, "%", f"of {len(numbers)}", at_most))
    of = f"of {len(about)}; the box wants a linear code twice"
    return found + [Figure(f"codes read wrong, {name}", score.wrong, "codes", of) for name, score in scores.items()]


def by_case(scores: dict[str, Score], about: list[tuple[str, bool]]) -> list[Figure]:
    found = []
    for case in CASES:
        numbers = having(about, lambda name, usable, wanted=case: usable and name == wanted)  # type: ignore[misc]
        others = [f"{name} {one.not_read_pct(numbers):.0f} %" for name, one in scores.items() if name != "cascade"]
        found.append(
            Figure(f"usable, {case}: not read", scores["cascade"].not_read_pct(numbers), "%", "; ".join(others))
        )
    return found


def having(about: list[tuple[str, bool]], wanted: Callable[[str, bool], bool]) -> list[int]:
    return [number for number, (case, usable) in enumerate(about) if wanted(case, usable)]


def ms(score: Score, count: int) -> float:
    return 1000 * score.cpu_s / count
