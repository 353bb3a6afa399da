"""One connection to a broker on trial: made for real, and let go of again."""

from __future__ import annotations

import threading
from dataclasses import replace

from appliance.core.errors import DeviceLost
from appliance.uplink.connect import Connector
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.topics import Topics

LIMIT_S = 20.0
_SUFFIX = "-trial"
_SLUG_CHARS = 40


def try_broker(settings: UplinkSettings, limit_s: float = LIMIT_S) -> None:
    """Connect and sign in under another name than the box's, whose own connection goes on. Raises DeviceLost."""
    name = settings.box[: _SLUG_CHARS - len(_SUFFIX)].rstrip("-") + _SUFFIX
    trial = replace(settings, box=name)
    stop = threading.Event()
    timer = threading.Timer(limit_s, stop.set)
    timer.daemon = True
    timer.start()
    try:
        connection = Connector(trial, Topics(trial.fleet, trial.box)).connect(stop, lambda: None)
    finally:
        timer.cancel()
    if connection is None:
        message = f"The broker {trial.broker().host}:{trial.broker().port} gives no answer within {limit_s:.0f} s."
        raise DeviceLost("broker_silent", message, "Check the address, and whether a firewall is in between.")
    link, _ = connection
    link.close()  # in good order: no last will
    link.abandon()
