"""What is plugged in, on a table laid out as files, and the configuration that is written for it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.cli import cli
from appliance.config import load
from appliance.drivers.inventory import look

RULES = Path(__file__).parents[2] / "systemd" / "60-stallbox.rules"
TABLE = {
    "dev/usb/lp0": "",
    "sys/class/usbmisc/lp0/device/ieee1284_id": "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;\n",
    "dev/serial/by-id/usb-Datalogic_QuickScan_C123-if00": "",
    "dev/serial/by-id/usb-VictronEnergy_BV_VE_Direct_cable_VE6-if00-port0": "",
    "dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A9-if00-port0": "",
    "dev/serial/by-id/usb-SimTech_SIM7600_modem-if02": "",
    "dev/input/by-id/usb-Honeywell_Voyager_1450g_18-event-kbd": "",
    "dev/input/by-id/usb-Logitech_K120-event-kbd": "",
    "dev/input/by-id/usb-Logitech_K120-event-if01": "",
    "dev/i2c-1": "",
    "sys/class/i2c-dev/i2c-1/name": "bcm2835 (i2c@7e804000)\n",
    "proc/device-tree/hat/product": "PiJuice HAT\0",
    "sys/class/power_supply/max17040/type": "Battery\n",
    "sys/class/video4linux/video0/name": "unicam-image\n",
    "sys/class/video4linux/video0/index": "0\n",
    "sys/class/video4linux/video1/name": "unicam-embedded\n",
    "sys/class/video4linux/video1/index": "1\n",
}


def lay(root: Path, table: dict[str, str] = TABLE) -> Path:
    for name, text in table.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def run(tmp_path: Path, *options: str) -> Result:
    config = tmp_path / "stallbox.toml"
    config.touch()
    arguments = ["devices", "--root", str(tmp_path / "root"), "--config", str(config), "--data", str(tmp_path)]
    return CliRunner().invoke(cli, [*arguments, *options])


def test_each_thing_is_told_apart(tmp_path: Path) -> None:
    assert [(thing.kind, thing.port, thing.name) for thing in look(lay(tmp_path))] == [
        ("printer", "/dev/usb/lp0", "EPSON TM-T20II"),
        ("scanner", "/dev/serial/by-id/usb-Datalogic_QuickScan_C123-if00", "Datalogic QuickScan C123"),
        ("serial", "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A9-if00-port0", "FTDI FT232R USB UART A9"),
        ("modem", "/dev/serial/by-id/usb-SimTech_SIM7600_modem-if02", "SimTech SIM7600 modem"),
        (
            "solar",
            "/dev/serial/by-id/usb-VictronEnergy_BV_VE_Direct_cable_VE6-if00-port0",
            "VictronEnergy BV VE Direct cable VE6",
        ),
        ("scanner", "/dev/input/by-id/usb-Honeywell_Voyager_1450g_18-event-kbd", "Honeywell Voyager 1450g 18"),
        ("keyboard", "/dev/input/by-id/usb-Logitech_K120-event-kbd", "Logitech K120"),
        ("hat", "the header", "PiJuice HAT"),
        ("i2c", "/dev/i2c-1", "bcm2835 (i2c@7e804000)"),
        ("power_supply", "/sys/class/power_supply/max17040", "Battery"),
        ("camera", "/dev/video0", "unicam-image"),
    ]


def test_a_name_by_role_is_preferred(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "dev/stallbox").mkdir()
    (tmp_path / "dev/stallbox/printer").symlink_to("../usb/lp0")
    assert look(tmp_path)[0].port == "/dev/stallbox/printer"


def test_the_list_reads_well_and_pipes_as_json(tmp_path: Path) -> None:
    lay(tmp_path / "root")
    told = run(tmp_path)
    assert told.exit_code == 0
    assert "printer       /dev/usb/lp0 " in told.output
    assert json.loads(run(tmp_path, "--json").output)[0]["kind"] == "printer"


def test_a_bare_table_says_so(tmp_path: Path) -> None:
    assert run(tmp_path).output == "Nothing is plugged in that a stall could use.\n"
    refused = run(tmp_path, "--write")
    assert "Nothing was found" in str(refused.exception)
    assert not (tmp_path / "conf.d").exists()


def test_what_is_written_is_a_configuration_that_uses_it(tmp_path: Path) -> None:
    lay(tmp_path / "root")
    assert run(tmp_path, "--write").exit_code == 0
    settings = load([tmp_path / "conf.d" / "devices.toml"])
    assert (settings.printer.driver, settings.printer.port) == ("escpos", "/dev/usb/lp0")
    assert settings.scanners["door"].driver == "serial"
    assert settings.scanners["till"].port == "/dev/input/by-id/usb-Honeywell_Voyager_1450g_18-event-kbd"
    assert settings.battery.driver == "pijuice"


def test_a_file_that_exists_is_never_written_over(tmp_path: Path) -> None:
    lay(tmp_path / "root")
    run(tmp_path, "--write")
    path = tmp_path / "conf.d" / "devices.toml"
    path.write_text("# mine\n")
    refused = run(tmp_path, "--write")
    assert refused.exit_code == 1
    assert "move it away" in str(refused.exception)
    assert path.read_text() == "# mine\n"


def rules() -> list[str]:
    lines = RULES.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_udev_rules_are_well_formed() -> None:
    """As udev(7) has it: keys, an operator, a quoted value, commas between; a match before every assignment."""
    part = r'(?:[A-Z]+(?:\{[A-Za-z_]+\})?)\s*(?:==|!=|\+=|:=|=)\s*"[^"]*"'
    for rule in rules():
        assert re.fullmatch(rf"{part}(?:\s*,\s*{part})*", rule), rule
    labels = [rule for rule in rules() if rule.startswith("LABEL=")]
    assert [label.partition("=")[2] for label in labels] == ['"stallbox_end"']
    named = [found for rule in rules() for found in re.findall(r'SYMLINK\+="([^"]*)"', rule)]
    assert set(named) == {"stallbox/printer", "stallbox/scanner", "stallbox/solar", "stallbox/stick"}


def test_udev_finds_nothing_wrong_where_it_can_tell() -> None:
    """`udevadm verify` came with systemd 254; an older one knows no such verb and says so."""
    udevadm = shutil.which("udevadm")
    if udevadm is None:
        pytest.fail("install udev")
    told = subprocess.run([udevadm, "verify", str(RULES)], capture_output=True, text=True, timeout=30)
    assert told.returncode == 0 or "Unknown command verb" in told.stderr, told.stdout + told.stderr
