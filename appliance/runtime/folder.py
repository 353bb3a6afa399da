"""The data folder: made where it is missing, and held by one process at a time."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.core.errors import StallboxError

LOCK = "stallbox.lock"
LOCK_WAIT_S = 5.0  # a predecessor that was just killed may still be letting go


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold a data folder: two daemons must not share one store. Raises StallboxError if another holds it."""
    make_folder(data)
    give_up_s = time.monotonic() + LOCK_WAIT_S
    with (data / LOCK).open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up_s:
                    raise StallboxError("already_running", f"Another Stallbox runs on {data}: stop it first.") from None
                time.sleep(0.1)
        yield


def make_folder(data: Path) -> None:
    """Make a data folder that only its owner may read. Raises StallboxError."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StallboxError("data_folder", f"The data folder {data} cannot be used: {error}.") from error
