"""One try of a PIN, wherever it is typed: slowed down by device and overall, and a wrong one is journalled."""

from __future__ import annotations

import contextlib
import logging
import math

from flask import request

from appliance.core.errors import StoreUnavailable, TooManyTries
from appliance.web import access
from appliance.web.context import WebContext

_log = logging.getLogger(__name__)


def device() -> str:
    """Name the device that the request comes from: a paired tablet by its id, any other by its address."""
    tablet = access.tablet()
    return tablet.id if tablet else request.remote_addr or "unknown"


def take(context: WebContext) -> None:
    """Count a PIN that is tried. Raises TooManyTries."""
    wait_s = context.pin_guard.attempt(device())
    if wait_s > 0:
        raise TooManyTries(math.ceil(wait_s))


def right(context: WebContext) -> None:
    """The PIN was right: forget the device's tries."""
    context.pin_guard.succeeded(device())


def wrong(context: WebContext, where: str) -> None:
    """The PIN was wrong: note where and from which device. The delays keep the journal short as well."""
    data = {"where": where, "from": device()}
    _log.warning("a wrong PIN was typed: %s, from %s", where, data["from"])
    with contextlib.suppress(StoreUnavailable, TimeoutError):  # a full disk makes no PIN right
        context.desk.submit(lambda books: books.journal.append("pin.refused", data))
