"""The layers, as every import in the product is read: who may know whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "appliance"
COMPOSITION = {"bootstrap", "parts", "aftermath", "fleet", "equipment", "counter", "cli", "commands", "__main__"}
MAY_IMPORT = {
    "core": set(),
    "services": {"core"},
    "store": {"core"},
    "runtime": {"core"},
    "drivers": {"core"},
    "uplink": {"core"},
    "paper": {"core"},  # PDF and HTML cards: files and fonts of this computer, so not core; no device, so no driver
    "web": {"core", "services", "paper"},  # of paper its QR codes, for screens
    "sim": set(),
    "settings": {"core"},
    "config": {"settings"},
    "client": set(),
    "office": {"core"},
    "firstboot": {"core"},
    "rootly": set(),  # runs as root: nothing of ours comes along
    "slots": set(),
    "trial": {"client"},
}
# Where a third-party package may be seen at all; the composition root may see Flask's types to mount pages.
HOME_OF = {
    "flask": {"web", "sim", "bootstrap"},
    "markupsafe": {"web"},  # Flask's own
    "werkzeug": {"web", "sim"},
    "waitress": {"web"},
    "itsdangerous": {"web"},  # Flask's own
    "jinja2": {"web"},
    "paho": {"uplink"},
    "sqlite_utils": {"store"},
    "sqlite3": {"store", "commands"},
    "serial": {"drivers"},
    "escpos": {"drivers"},
    "evdev": {"drivers"},
    "zxingcpp": {"drivers"},
    "pyzbar": {"drivers"},
    "picamera2": {"drivers"},
    "pijuice": {"drivers"},
    "smbus2": {"drivers"},
    "gpiozero": {"drivers", "sim"},
    "qrcode": {"sim", "drivers", "paper"},
    "fpdf": {"paper"},
    "PIL": {"drivers", "sim", "paper"},
    "amqtt": {"sim"},
    "cryptography": {"store"},
    "gsm0338": {"core"},  # pure tables, as are those of phonenumbers
    "phonenumbers": {"core"},
    "stdnum": {"core"},
    "click": {"cli", "commands"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Name every module that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively: name the whole module"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_knows_only_the_layers_below_it(path: Path) -> None:
    layer = layer_of(path)
    for name in imported(path):
        package, _, rest = name.partition(".")
        target = rest.split(".")[0]
        if package != "appliance" or target in ("", layer, "__version__"):
            continue
        assert layer in COMPOSITION or target in MAY_IMPORT[layer], f"{layer} must not import {target}: {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_third_party_package_stays_in_the_layer_it_serves(path: Path) -> None:
    for name in imported(path):
        home = HOME_OF.get(name.split(".")[0])
        assert home is None or layer_of(path) in home, f"{name} does not belong into {layer_of(path)}"


def test_every_third_party_package_has_a_home() -> None:
    import sys

    seen = {name.split(".")[0] for path in modules() for name in imported(path)}
    assert seen - set(sys.stdlib_module_names) - {"appliance"} <= set(HOME_OF)


def test_core_is_pure() -> None:
    impure = {
        "os",
        "io",
        "socket",
        "threading",
        "time",
        "subprocess",
        "random",
        "secrets",
        "logging",
        "pathlib",
        "queue",
    }
    for path in (PACKAGE / "core").rglob("*.py"):
        assert not {name.split(".")[0] for name in imported(path)} & impure, path.name
        assert "datetime.now" not in path.read_text(encoding="utf-8"), path.name


def test_every_module_is_of_a_size_to_be_read() -> None:
    too_long = {path.name: count for path in modules() if (count := len(path.read_text().splitlines())) > 400}
    assert not too_long
