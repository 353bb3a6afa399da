"""The composition root: settings and a data folder become a running box."""

from __future__ import annotations

import fcntl
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance import __version__
from appliance.config import ScannerSettings, Settings
from appliance.core.devices import Battery, Panel, Printer, Scanner
from appliance.core.errors import StallboxError
from appliance.core.power import PowerLimits
from appliance.runtime.board import Board
from appliance.runtime.clock import SystemClock
from appliance.runtime.desk import Desk
from appliance.runtime.device_worker import DeviceWorker
from appliance.runtime.notify import Notifier
from appliance.runtime.supervisor import Supervised, Supervisor
from appliance.runtime.worker import Worker
from appliance.services import overview
from appliance.services.housekeeping import Housekeeping, on_start
from appliance.services.stations import PanelStation, PowerStation, PrintStation, ScanStation
from appliance.store import keys
from appliance.store.books import Ledger, Readers
from appliance.uplink.settings import UplinkSettings
from appliance.uplink.worker import Uplink
from appliance.web.app import create_app
from appliance.web.context import WebContext
from appliance.web.server import WebServer
from appliance.web.tokens import Tokens, load_or_create

STORE = "stallbox.db"
LOCK_WAIT_S = 5.0  # a predecessor that was just killed may still be letting go


@dataclass(frozen=True, slots=True)
class Wires:
    """What devices hang on, where it is not a path: both None on a real box."""

    i2c_bus: Any = None  # an object with smbus2's methods
    pin_factory: Any = None  # a gpiozero pin factory
