"""The recipe, looked at without building: lists, scripts, units, firewall, what is kept and what is not."""

from __future__ import annotations

import configparser
import importlib.machinery
import importlib.util
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from appliance.config import load
from appliance.firstboot.network import cable_firewall
from appliance.firstboot.steps import Places
from appliance.rootly import SHARED
from appliance.runtime.starts import WELL_AFTER_S
from appliance.settings.schema import PanelSettings
from appliance.slots import ENV_BYTES
from tests.image.recipe import IMAGE, OVERLAY, SOURCE, SYSTEMD, told_by_recipe

SCRIPTS = sorted(
    path
    for folder in (IMAGE, OVERLAY / "usr/lib/stallbox", SOURCE / ".ci")
    for path in (folder.rglob("*") if folder is IMAGE else folder.glob("*"))
    if path.is_file() and path.read_bytes()[:2] == b"#!" and b"sh" in path.read_bytes().split(b"\n", 1)[0]
)
UNITS = sorted(path for path in SYSTEMD.iterdir() if path.suffix in (".service", ".socket", ".timer", ".mount"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
needs_shellcheck = pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")


def tool(name: str) -> ModuleType:
    """Load one of the recipe's own tools, which are scripts and no package."""
    loader = importlib.machinery.SourceFileLoader(f"image_{Path(name).stem}", str(IMAGE / "tools" / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module  # dataclasses look there
    loader.exec_module(module)
    return module


def of_list(name: str) -> list[str]:
    return [line for line in (IMAGE / name).read_text().splitlines() if not line.startswith("#")]


def test_the_packages_are_sorted_and_named_once() -> None:
    packages = of_list("packages.list")
    assert packages == sorted(set(packages))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", package) for package in packages)


@pytest.mark.parametrize("variant", ["", "pi5", "raspios"])
def test_a_variant_has_the_same_packages_but_for_those_of_its_own_list(variant: str) -> None:
    told = told_by_recipe("packages", variant)
    own = of_list(f"packages-{variant}.list") if variant == "raspios" else []
    gone = {name.removeprefix("-") for name in own if name.startswith("-")}
    assert gone <= set(of_list("packages.list"))
    assert told == sorted(({*of_list("packages.list"), *own} - gone) - {f"-{name}" for name in gone})


def test_what_would_open_a_door_or_a_shell_is_not_among_them() -> None:
    assert not {"openssh-server", "sudo", "telnetd", "docker.io", "apt", "curl", "netcat-openbsd"} & set(
        of_list("packages.list")
    )


@needs_shellcheck
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_has_nothing_against_a_script(script: Path) -> None:
    done = subprocess.run(["shellcheck", "-x", str(script)], cwd=SOURCE, capture_output=True, text=True, timeout=60)
    if script.parent.name != ".ci":
        assert done.stdout == ""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_run(script: Path) -> None:
    assert script.stat().st_mode & stat.S_IXUSR or script.name == "init"  # steps/40-boot installs that one


def test_every_step_stops_at_its_first_failure() -> None:
    assert "set -euo pipefail" in (IMAGE / "common.sh").read_text()
    assert all("common.sh" in step.read_text() for step in (IMAGE / "steps").iterdir())


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_a_unit_is_no_more_exposed_than_it_must_be(unit: Path) -> None:
    asked = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout.splitlines()[-1]


@needs_systemd
def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    for unit in UNITS:  # what they start is not installed here: any program that is will do
        text = re.sub(r"^(Exec\w+=[-+]*)\S+", r"\1/bin/true", unit.read_text(), flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text)
    for unit in UNITS:
        name = unit.name.replace("@.", "@1.")
        asked = ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=60)
        assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or unit.stem in line] == []


SPOILT = {
    "nothing": ("", ""),
    "key": ("etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_ed25519_key would be the same on every box"),
    "id": ("var/lib/dbus/machine-id", "/var/lib/dbus/machine-id would be the same on every box"),
    "machine id": ("etc/machine-id", "/etc/machine-id is not empty"),
    "wifi": ("etc/NetworkManager/system-connections/x.nmconnection", "x.nmconnection would be the same on every box"),
    "password": ("etc/shadow", "root has a password"),
    "open": ("usr/lib/stallbox/open", "/usr/lib/stallbox/open can be written by everybody"),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_root_with_a_secret_or_an_open_file_is_refused(tmp_path: Path, spoilt: str) -> None:
    for name in (
        "etc/fstab",
        "etc/machine-id",
        "opt/stallbox/bin/stallbox",
        "usr/lib/stallbox/state.tmpfiles",
        "sbin/init",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "etc/shadow").write_text("root:*:1::::::\ndaemon:!*:1::::::\n")
    name, said = SPOILT[spoilt]
    if name:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("root:$y$j9T$abc:1::::::\n")
        (tmp_path / name).chmod(0o666 if spoilt == "open" else 0o600)
    done = subprocess.run([IMAGE / "tools/check-root", tmp_path], capture_output=True, text=True, timeout=60)
    assert said in done.stderr
    assert done.returncode == bool(name)


def test_the_firewall_is_one_that_nft_takes(tmp_path: Path) -> None:
    if shutil.which("nft") is None or shutil.which("unshare") is None:
        pytest.skip("nft is not installed")
    (tmp_path / "firewall.d").mkdir()
    (tmp_path / "firewall.d/cable.nft").write_text(cable_firewall(of_stall=True))
    (tmp_path / "firewall.d/share.nft").write_text(SHARED)
    text = (OVERLAY / "etc/nftables.conf").read_text().replace("/etc/stallbox", str(tmp_path))
    (tmp_path / "nftables.conf").write_text(text)
    asked = ["unshare", "--net", "nft", "--check", "--file", str(tmp_path / "nftables.conf")]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    if "Operation not permitted" in done.stderr:
        pytest.skip("only root may ask nft")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_firewall_drops_what_it_does_not_name() -> None:
    text = (OVERLAY / "etc/nftables.conf").read_text()
    assert text.count("policy drop;") == 2
    stall = text.split("chain stall {")[1].split("}\n    \n")[0].split("chain opened")[0]
    assert re.findall(r"(\w+) dport (.+) accept", stall) == [
        ("udp", "{ 53, 67 }"),
        ("tcp", "{ 53, 80 }"),
        ("udp", "5353"),
    ]


def test_everything_that_the_first_start_writes_is_kept() -> None:
    kept = {line.place for line in tool("state").read((IMAGE / "state.conf").read_text())}
    places = Places.below()
    assert {str(getattr(places, name)) for name in ("box", "settings", "connections", "firewall", "data")} <= kept


def test_what_is_kept_becomes_mounts_and_folders(tmp_path: Path) -> None:
    state = tool("state")
    lines = list(state.read("/etc/a  a 0700 root # why\n\n# remark\n/var/b  b 0755 stallbox\n/etc/c c 0444 root %m"))
    table = [line.split() for line in state.fstab(lines).splitlines() if not line.startswith("#")]
    assert all(len(fields) == 6 for fields in table)
    assert [fields[:3] for fields in table[-2:]] == [["/data/b", "/var/b", "none"], ["/data/c", "/etc/c", "none"]]
    assert state.tmpfiles(lines) == (
        "d /data/a 0700 root root\nd /data/b 0755 stallbox stallbox\nf /data/c 0444 root root - %m\n"
    )
    with pytest.raises(ValueError, match="line 1"):
        list(state.read("/etc/a a"))


def test_a_unit_may_write_only_where_something_is_kept() -> None:
    kept = {line.place for line in tool("state").read((IMAGE / "state.conf").read_text())} | {"/data", "/boot/firmware"}
    for unit in SERVICES:
        for line in unit.read_text().splitlines():
            if line.startswith("ReadWritePaths="):
                assert {path.lstrip("-") for path in line.partition("=")[2].split()} <= kept, unit.name


def test_the_images_settings_are_in_order() -> None:
    settings = load([OVERLAY / "etc/stallbox/stallbox.toml"])
    assert settings.http.public_url == "http://stall.box"
    assert settings.printer.port == "/dev/stallbox/printer"


def test_partitions_begin_at_erase_blocks_and_only_the_last_one_grows() -> None:
    text = (IMAGE / "genimage.cfg").read_text()
    assert "align = 8M" in text
    assert re.findall(r"partition (\w+) {", text) == [
        "boot", "bootstate", "boot_a", "boot_b", "system_a", "system_b", "data",
    ]  # fmt: skip
    linux_generic = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"  # the type that repart.d/50-data.conf grows
    assert text.split("partition data {")[1].count(linux_generic) == 1 == text.count(linux_generic)


def test_the_boot_script_counts_only_a_slot_on_trial() -> None:
    lines = (IMAGE / "boot/boot.cmd").read_text().splitlines()
    trial = next(number for number, line in enumerate(lines) if '"${slot}" = "${BOOT_TRIAL}"' in line)
    writes = [number for number, line in enumerate(lines) if "${devtype} write" in line]
    boots = [number for number, line in enumerate(lines) if "booti" in line]
    assert len(writes) == len(boots) == 1
    assert trial < writes[0] < boots[0]
    depth = sum(line.count("if test") + line.count("if ${") - line.count("fi") for line in lines[trial : writes[0]])
    assert depth > 0


def test_a_slot_on_trial_is_told_so_and_nobody_else() -> None:
    script = (IMAGE / "boot/boot.cmd").read_text()
    loop = script.split("for slot in ${BOOT_ORDER}; do")[1]
    cleared, asked, told = map(loop.index, ("setenv trial\n", '"${BOOT_TRIAL}"; then', "setenv trial stallbox.trial"))
    assert cleared < asked < told
    assert "${trial}" in next(line for line in loop.splitlines() if "setenv bootargs" in line)
    for name in ("trial", "keep"):
        unit = (SYSTEMD / f"stallbox-{name}.service").read_text().splitlines()
        assert "ConditionKernelCommandLine=stallbox.trial" in unit
        assert "RemainAfterExit=yes" in unit  # else whatever pulls in its target later starts it again


def test_a_trial_outlasts_the_crashes_that_make_a_daemon_start_safely() -> None:
    unit = (SYSTEMD / "stallbox-trial.service").read_text()
    well_s, limit_s = map(float, re.findall(r"http://127.0.0.1 (\d+) (\d+)", unit)[0])
    timeout_s = float(re.findall(r"TimeoutStartSec=(\d+)", unit)[0])
    daemon_start_s = float(re.findall(r"TimeoutStartSec=(\d+)", (SYSTEMD / "stallbox.service").read_text())[0])
    assert well_s >= WELL_AFTER_S
    assert daemon_start_s + well_s < limit_s < timeout_s


def test_linux_and_the_boot_script_look_for_the_slots_state_at_the_same_place() -> None:
    device, offset, size = of_list("overlay/etc/fw_env.config")[0].split()
    assert (device, int(offset, 16)) == ("/dev/stallbox/bootstate", 0)
    assert int(size, 16) == ENV_BYTES
    script = (IMAGE / "boot/boot.cmd").read_text()
    assert f"env import -c ${{state_at}} {size} " in script
    assert f"env export -c -s {size} " in script
    assert f"mkenvimage -p 0 -s {size} " in (IMAGE / "steps/50-disk").read_text()


def test_the_drivers_are_loaded_that_nobody_asks_for_in_time() -> None:
    assert of_list("overlay/etc/modules-load.d/stallbox.conf") == ["i2c-dev", "usbserial", "cdc-acm"]


def test_the_loader_on_a_pi_takes_no_key_and_never_stops_at_a_prompt() -> None:
    lines = (IMAGE / "boot/uboot.env.txt").read_text().splitlines()
    env = dict(line.split("=", 1) for line in lines)
    assert len(env) == len(lines)
    assert (env["bootdelay"], env["stdin"]) == ("-2", "serial")  # CONFIG_BOOTDELAY: -2 asks no key for an abort
    assert env["bootcmd"].endswith("; reset")


def test_the_bill_of_materials_names_each_thing_once_and_is_the_same_each_time(tmp_path: Path) -> None:
    sbom = tool("sbom.py")
    status = tmp_path / "status"
    status.write_text(
        "Package: a\nStatus: install ok installed\nVersion: 1:2.0-1\nArchitecture: arm64\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: arm64\n"
    )
    about = tmp_path / "site/Flask_Thing-3.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Name: Flask_Thing\nVersion: 3\nLicense-Expression: MIT\n\n")
    deb = tmp_path / "u-boot_2025.01%2bx-3_all.deb"
    made = [sbom.bill("1.0", 0, status, tmp_path / "site", [deb]) for _ in range(2)]
    assert made[0] == made[1]
    assert [component["name"] for component in made[0]["components"]] == ["a", "u-boot", "Flask_Thing"]
    assert made[0]["components"][0]["purl"] == "pkg:deb/debian/a@1%3A2.0-1?arch=arm64&distro=trixie"


def test_names_and_radio_are_what_the_rest_goes_by() -> None:
    link = configparser.RawConfigParser()
    link.read(OVERLAY / "etc/systemd/network/10-stallbox-hotspot.link")
    assert link["Link"]["Name"] == "hotspot0"
    assert 'iifname "hotspot0"' in (OVERLAY / "etc/nftables.conf").read_text()


def test_the_wiring_table_is_that_of_the_settings() -> None:
    text = (SOURCE / "docs/hardware.md").read_text(encoding="utf-8")
    documented = {
        setting: 0 if number == "none" else int(number)
        for setting, number in re.findall(r"\| `(\w+_pin)` \| (\w+) \|", text)
    }
    panel = PanelSettings()
    assert documented == {name: getattr(panel, name) for name in documented}
    assert len(documented) == 8
