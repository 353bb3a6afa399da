"""The pictures of offers: from beside the event file into the data folder, where the pages fetch them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from appliance.core.trade import Event

FOLDER = "media"
MAX_BYTES = 2_000_000  # a tablet loads a dozen of them over one small radio


def take_pictures(event: Event, beside: Path, data: Path) -> Sequence[str]:
    """Copy the pictures that an event names; return a sentence about each that is missing. Raises OSError."""
    names = sorted({offer.photo for offer in event.offers if offer.photo})
    wrong = {name: why for name in names if (why := _wrong(beside / name))}
    good = [name for name in names if name not in wrong]
    if good:
        (data / FOLDER).mkdir(mode=0o700, exist_ok=True)
    for name in good:
        shutil.copyfile(beside / name, data / FOLDER / name)
    return [f"The picture '{name}' is left out: {why}." for name, why in wrong.items()]


def _wrong(file: Path) -> str:
    if not file.is_file():
        return "it is not beside the event file"
    if file.stat().st_size > MAX_BYTES:
        return f"it has more than {MAX_BYTES // 1_000_000} MB; make it smaller"
    return ""
