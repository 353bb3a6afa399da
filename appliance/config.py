"""Configuration: TOML layers become frozen, typed settings; every error at once, each with what to write instead.

    settings = load(layers(config_option))

The tables and keys are declared in `appliance.settings.schema`; `document()` writes them out.
"""

from __future__ import annotations

from appliance.settings.counter import PrinterSettings
from appliance.settings.explain import Change, changes, document
from appliance.settings.loader import DEFAULT_FILE, ConfigError, Problem, layers, load, load_anyhow
from appliance.settings.offered import mistakes
from appliance.settings.own import FILE as OWN_FILE
from appliance.settings.own import OwnSettings
from appliance.settings.schema import (
    BatterySettings,
    BoxSettings,
    HttpSettings,
    LogSettings,
    OrdersSettings,
    Origin,
    PanelSettings,
    PowerSettings,
    ScannerSettings,
    Settings,
    StoreSettings,
    UplinkSettings,
)

__all__ = [
    "DEFAULT_FILE",
    "OWN_FILE",
    "BatterySettings",
    "BoxSettings",
    "Change",
    "ConfigError",
    "HttpSettings",
    "LogSettings",
    "OrdersSettings",
    "Origin",
    "OwnSettings",
    "PanelSettings",
    "PowerSettings",
    "PrinterSettings",
    "Problem",
    "ScannerSettings",
    "Settings",
    "StoreSettings",
    "UplinkSettings",
    "changes",
    "document",
    "layers",
    "load",
    "load_anyhow",
    "mistakes",
]
