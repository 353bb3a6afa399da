"""The box's own network, as a guest's phone and the owner of a venue's cable see it. `make image-test` runs it.

Phones and venue are inside the guest, in network namespaces (air.py); what is asked of them goes by the hand (hand.py).
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.air import Phone, Venue, fill
from tests.image.card import Card
from tests.image.hand import Hand
from tests.image.machine import Machine
from tests.image.test_boot import REPORT

pytestmark = [pytest.mark.image, pytest.mark.timeout(3600)]
BOX = "10.42.0.1"
PORTSCAN = Path(__file__).with_name("portscan.py")
# Two network cards on one hub are the two ends of a cable: the box's, and the venue's.
CABLE = [
    "-netdev", "hubport,id=end1,hubid=7", "-device", "virtio-net-pci,netdev=end1,romfile=,mac=52:54:00:77:00:01",
    "-netdev", "hubport,id=end2,hubid=7", "-device", "virtio-net-pci,netdev=end2,romfile=,mac=52:54:00:77:00:02",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hotspot")


@pytest.fixture(scope="module")
def hand(folder: Path) -> Hand:
    return Hand(folder / "hand")


@pytest.fixture(scope="module")
def machine(folder: Path, hand: Hand) -> Iterator[Machine]:
    """Return a box with a new card that nobody prepared, and with radios in the air."""
    made = Machine(folder / "machine", Card(folder / "card.img"), more=[*hand.more, *CABLE])
    made.power_on()
    made.wait_for(REPORT)
    hand.reach_in(made)
    yield made
    hand.let_go()
    made.pull_the_plug()


@pytest.fixture(scope="module")
def slip(machine: Machine) -> tuple[str, str]:
    """Return name and password of the Wi-Fi, as they are on the slip."""
    machine.wait(lambda: "What the lights say" in machine.paper(), "hello slip")
    name, password = (re.search(rf"{word} +(\S+)", machine.paper()) for word in ("Name", "Password"))
    assert name is not None
    assert password is not None
    return name[1], password[1]


@pytest.fixture(scope="module")
def air(machine: Machine, hand: Hand) -> Hand:
    fill(hand, radios=3)
    machine.wait(
        lambda: "hotspot0" in hand.run("nmcli", "-g", "DEVICE", "connection", "show", "--active").out, "hotspot"
    )
    return hand


@pytest.fixture(scope="module")
def phone(air: Hand, slip: tuple[str, str]) -> Phone:
    """Return a phone that joined with what is on the slip."""
    made = Phone(air, 1)
    assert made.join(*slip)
    made.ask_for_address()
    return made


@pytest.fixture(scope="module")
def other_phone(air: Hand) -> Phone:
    """Return a phone that did not join yet."""
    return Phone(air, 2)


@pytest.fixture(scope="module")
def neighbour(other_phone: Phone, slip: tuple[str, str]) -> Phone:
    """Return the other phone once it joined."""
    if not other_phone.lease:
        assert other_phone.join(*slip)
        other_phone.ask_for_address()
    return other_phone


@pytest.fixture(scope="module")
def venue(machine: Machine, hand: Hand) -> Venue:
    """Return a venue that gave the box an address; its end of the cable is taken out of the box first."""
    ends = {link["address"]: link["ifname"] for link in json.loads(hand.check("ip", "-json", "link"))}
    made = Venue(hand, ends["52:54:00:77:00:02"])
    for up in (False, True):  # the venue's router was off when the box was started
        machine.qmp("set_link", name="end1", up=up)
    machine.wait(lambda: address_of(hand, ends["52:54:00:77:00:01"]), "address from the venue")
    made.box_address = address_of(hand, ends["52:54:00:77:00:01"])
    return made


def address_of(hand: Hand, device: str) -> str:
    """Return the address of one of the box's own interfaces."""
    shown = json.loads(hand.check("ip", "-4", "-json", "address", "show", "dev", device))
    return next((info["local"] for link in shown for info in link.get("addr_info", [])), "")


def scanned(place: Phone | Venue, address: str, source: str) -> dict[str, dict[str, str]]:
    place.hand.put("/tmp/portscan.py", PORTSCAN.read_bytes())
    return dict(json.loads(place.check("python3", "/tmp/portscan.py", address, source)))


def test_the_stalls_wifi_is_in_the_air_and_takes_no_wrong_password(
    machine: Machine, other_phone: Phone, slip: tuple[str, str]
) -> None:
    seen: list[str] = []

    def is_seen() -> bool:
        seen.append(other_phone.scan())
        return f"SSID: {slip[0]}" in seen[-1]

    machine.wait(is_seen, "the stall's Wi-Fi in the air", 300)
    station = seen[-1].split(f"SSID: {slip[0]}")[1].split("SSID:")[0]
    assert "RSN" in station
    assert "Pairwise ciphers: CCMP" in station
    assert "Authentication suites: PSK" in station
    assert "MFP" not in station  # the Pi's radio cannot have it
    assert not other_phone.join(slip[0], f"{slip[1]}x")
    assert other_phone.join(*slip)
    other_phone.ask_for_address()


def test_a_phone_that_joins_is_given_an_address_and_told_where_the_way_in_is(phone: Phone) -> None:
    assert phone.address.startswith("10.42.0.")
    assert (phone.lease["router"], phone.lease["dns"]) == (BOX, BOX)
    assert bytes.fromhex(phone.lease["opt114"]).decode() == "http://stall.box/captive-portal"


@pytest.mark.parametrize("name", ["stall.box", "captive.apple.com", "connectivitycheck.gstatic.com"])
def test_the_box_answers_for_its_own_names_and_those_that_phones_probe(phone: Phone, name: str) -> None:
    assert re.search(rf"Name:\s+{name}\s+Address:\s+{BOX}", phone.busybox("nslookup", name).out)


def test_the_box_is_found_by_its_multicast_name(phone: Phone) -> None:
    ask = (
        "import socket\n"
        "wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"wire.bind(('{phone.address}', 0))\n"
        "wire.settimeout(5)\n"
        "question = bytes(5) + b'\\1' + bytes(6) + b'\\10stallbox\\5local\\0' + bytes((0, 1, 0, 1))\n"
        "for _ in range(5):\n"
        "    wire.sendto(question, ('224.0.0.251', 5353))\n"
        "    try:\n"
        "        print(wire.recv(2000).hex())\n"
        "        break\n"
        "    except TimeoutError: pass\n"
    )
    assert phone.check("python3", "-c", ask).strip().endswith(bytes(map(int, BOX.split("."))).hex())


def test_a_phone_is_shown_what_to_open_and_then_let_stay(phone: Phone) -> None:
    probe = "http://captive.apple.com/hotspot-detect.html"
    shown = phone.fetch(probe)
    assert "http://stall.box/join" in shown.err  # where it was led to
    assert "http://stall.box" in shown.out
    assert phone.fetch("http://stall.box/join/stay", "--post-data", "stay=1").code == 0
    assert "Success" in phone.fetch(probe).out


def test_the_kiosk_opens_on_the_phone(phone: Phone) -> None:
    assert "<html" in phone.fetch("http://stall.box/").out


def test_nothing_else_answers_on_the_hotspot(phone: Phone) -> None:
    found = scanned(phone, BOX, phone.address)
    assert found["tcp"] == {"53": "open", "80": "open"}
    assert found["udp"] == {"53": "answers"}  # DHCP answers only who asks for an address, 5353 only multicast
    assert phone.busybox("ping", "-c", "2", "-W", "2", BOX).code != 0
    assert "inet6" not in phone.hand.check("ip", "address", "show", "dev", "hotspot0")


def test_guests_are_kept_apart(phone: Phone, neighbour: Phone) -> None:
    assert neighbour.address != phone.address
    assert phone.busybox("ping", "-c", "3", "-W", "3", neighbour.address).code != 0
    assert phone.busybox("arping", "-c", "3", "-w", "5", "-I", phone.device, neighbour.address).code != 0
    assert neighbour.fetch(f"http://{BOX}/").out  # it is there


def test_nothing_at_all_answers_on_the_uplink(venue: Venue) -> None:
    assert scanned(venue, venue.box_address, venue.ADDRESS) == {"tcp": {}, "udp": {}}
    assert venue.busybox("ping", "-c", "2", "-W", "2", venue.box_address).code != 0
    # What does not answer is there: with the firewall open for a moment it does.
    venue.hand.check("nft", "insert", "rule", "inet", "stallbox", "input", "tcp", "dport", "80", "accept")
    assert venue.fetch(f"http://{venue.box_address}/").out
    venue.hand.check("nft", "-f", "/etc/nftables.conf")
    assert not venue.fetch(f"http://{venue.box_address}/").out


def wish(hand: Hand, *words: str) -> str:
    """Ask the root helper, as the daemon's user."""
    user = ("setpriv", "--reuid", "stallbox", "--regid", "stallbox", "--clear-groups")
    done = hand.run(*user, "stallbox", "ask", *words)
    return done.err.strip() if done.code else "ok"


def facts_of_the_way(phone: Phone, venue: Venue) -> str:
    """What decides whether a phone gets through the box: for whoever reads that it did not."""
    forwarding = ("sh", "-c", "grep . /proc/sys/net/ipv4/conf/*/forwarding /proc/sys/net/ipv4/conf/*/rp_filter")
    asked = (("nft", "list", "ruleset"), ("ip", "route"), forwarding)
    way = phone.check("ip", "route"), venue.check("ip", "route")
    return "\n".join([*way, *(phone.hand.run(*command).out for command in asked)])


def test_the_uplink_is_shared_only_while_the_owner_wants_it(phone: Phone, venue: Venue) -> None:
    assert not phone.fetch(venue.PAGE).out
    assert wish(phone.hand, "network", "share", "on") == "ok"
    shown = phone.fetch(venue.PAGE)
    assert shown.out == "hello from the venue\n", (shown, facts_of_the_way(phone, venue))
    assert wish(phone.hand, "network", "share", "off") == "ok"
    assert not phone.fetch(venue.PAGE).out
    assert phone.fetch(f"http://{BOX}/").out


def test_the_time_is_set_by_the_helper_and_nothing_else_is(phone: Phone) -> None:
    tomorrow = int(time.time()) + 86_400
    assert wish(phone.hand, "time", str(tomorrow)) == "ok"
    assert int(phone.hand.check("date", "+%s")) - tomorrow < 600
    assert "when this was built" in wish(phone.hand, "time", "0")
    assert "there is no 'shell'" in wish(phone.hand, "shell")
    nobody = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups")
    assert phone.hand.run(*nobody, "stallbox", "ask", "power-off").code != 0


def test_what_is_plugged_in_later_has_its_kind_known_when_the_daemon_starts(phone: Phone) -> None:
    """systemd takes only these into the daemon's list of devices; a PiJuice's bus has no file without its driver."""
    kinds = phone.hand.check("cat", "/proc/devices").split()
    assert {"ttyUSB", "ttyACM", "i2c", "usb", "input", "gpiochip"} <= set(kinds)


def test_no_unit_failed_of_all_that(machine: Machine, phone: Phone) -> None:
    assert phone.hand.check("systemctl", "list-units", "--failed", "--plain", "--no-legend") == ""


def test_the_box_switches_itself_off_when_the_daemon_asks_for_it(machine: Machine, hand: Hand, venue: Venue) -> None:
    with contextlib.suppress(ConnectionError):  # it may be off before the answer is through
        assert wish(hand, "power-off") == "ok"
    machine.wait(lambda: not machine.is_on(), "power off", 300)
