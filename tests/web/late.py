"""A box whose answers come late, as over a Wi-Fi that many share: `make late` runs the tests of pages at it."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterable
from typing import Any

SEED = os.environ.get("STALLBOX_LATE", "")
LATE_S = (0, 0, 0.05, 0.3, 0.9)  # longer, and the banner rightly says that there is no answer

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def maybe_late(app: Wsgi) -> Wsgi:
    """Return the app as it is, or where a seed is set with each answer of its API a moment late."""
    chance = random.Random(SEED)

    def late(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/api/"):
            threading.Event().wait(chance.choice(LATE_S))
        return app(environ, start_response)

    return late if SEED else app
