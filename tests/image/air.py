"""The air, inside the guest: mac80211_hwsim's radios. The first is the box's, the others are guests' phones.

The image names the Pi's radio `hotspot0` by its driver (10-stallbox-hotspot.link); here a rule of the same kind in /run
names the first simulated one. Everything behind that name is the image's own. A phone is a radio in a network
namespace of its own with Debian's wpa_supplicant and busybox's DHCP client: it shares no address, route or socket with
the box.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.image.card import OUT
from tests.image.hand import Done, Hand

BUSYBOX = OUT / "stage/unpacked"  # the one for the initramfs: static, for arm64
LINK = """\
[Match]
OriginalName=wlan0
Driver=mac80211_hwsim

[Link]
Name=hotspot0
"""
LEASE = """\
#!/bin/sh
[ "$1" = bound ] || exit 0
ip address replace "$ip/$mask" dev "$interface"
ip route replace default via "$router"
env
"""
JOINED = """\
for _ in $(seq 40); do
    wpa_cli -p "$1" -i "$2" status | grep -q "^wpa_state=COMPLETED" && exit
    sleep 1
done
exit 1
"""
LEASES = """\
start 192.168.77.50
end 192.168.77.60
interface {device}
option subnet 255.255.255.0
option router {router}
lease_file /tmp/leases
"""


def busybox() -> bytes:
    """Return busybox as the guest runs it."""
    return next(path for path in sorted(BUSYBOX.rglob("busybox")) if path.is_file()).read_bytes()


def fill(hand: Hand, radios: int) -> None:
    """Put radios into the air, and the tools of those who listen to it into the guest's memory."""
    hand.put("/run/systemd/network/05-simulated-radio.link", LINK.encode())
    hand.put("/tmp/busybox", busybox())
    hand.put("/tmp/lease", LEASE.encode())
    hand.check("udevadm", "control", "--reload")
    hand.check("modprobe", "mac80211_hwsim", f"radios={radios}")
    hand.check("udevadm", "settle")


class Place:
    """A network namespace in the guest: somebody else's machine. `device` is its only interface."""

    def __init__(self, hand: Hand, name: str, device: str) -> None:
        self.hand, self.name, self.device = hand, name, device
        hand.check("ip", "netns", "add", name)

    def run(self, *command: str) -> Done:
        """Run a program there."""
        return self.hand.run("ip", "netns", "exec", self.name, *command)

    def check(self, *command: str) -> str:
        """Run a program there that has to succeed; return what it said."""
        done = self.run(*command)
        assert done.code == 0, (command, done)
        return done.out

    def busybox(self, *command: str) -> Done:
        """Run one of busybox's programs there."""
        return self.run("/tmp/busybox", *command)

    def fetch(self, url: str, *more: str) -> Done:
        """Ask for a page there, and follow where it leads; the heads of the answers come as `err`."""
        return self.busybox("wget", "-S", "-T", "20", "-q", "-O", "-", *more, url)


class Phone(Place):
    """A guest's phone: the radio of that number, from 1 on."""

    def __init__(self, hand: Hand, number: int) -> None:
        super().__init__(hand, f"phone{number}", f"wlan{number}")
        self.lease: Mapping[str, str] = {}
        hand.check("iw", "phy", f"phy{number}", "set", "netns", "name", self.name)
        self.check("ip", "link", "set", "lo", "up")
        self.check("ip", "link", "set", self.device, "up")

    def run(self, *command: str) -> Done:
        """Run a program on it; it asks the server of its lease for names."""
        if self.lease:
            command = ("sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', f"/tmp/{self.name}.dns", *command)
        return super().run(*command)

    @property
    def address(self) -> str:
        """Its address on the stall's Wi-Fi."""
        return self.lease["ip"]

    def scan(self) -> str:
        """Return what is in the air."""
        return self.check("iw", "dev", self.device, "scan")

    def join(self, name: str, password: str) -> bool:
        """Join a Wi-Fi with what is on the slip; tell whether that worked."""
        config = f"/tmp/{self.name}.conf"
        network = f'network={{\n ssid="{name}"\n psk="{password}"\n key_mgmt=WPA-PSK\n}}\n'
        self.hand.put(config, f"ctrl_interface=/tmp/{self.name}\np2p_disabled=1\n{network}".encode())
        self.check("wpa_supplicant", "-B", "-i", self.device, "-c", config)
        if not self.is_joined():
            self.run("wpa_cli", "-p", f"/tmp/{self.name}", "-i", self.device, "terminate")
            return False
        return True

    def is_joined(self) -> bool:
        """Wait a little, and tell whether the Wi-Fi let it in."""
        return self.run("sh", "-c", JOINED, "sh", f"/tmp/{self.name}", self.device).code == 0

    def ask_for_address(self) -> None:
        """Get a lease, and set the address by it."""
        asked = ("udhcpc", "-i", self.device, "-n", "-q", "-t", "20", "-O", "114", "-s", "/tmp/lease")
        done = self.busybox(*asked)
        assert done.code == 0, done
        lease = dict(line.split("=", 1) for line in done.out.splitlines() if "=" in line)
        self.hand.put(f"/tmp/{self.name}.dns", f"nameserver {lease['dns']}\n".encode())
        self.lease = lease


class Venue(Place):
    """Whoever gives the box its uplink, at the other end of its cable: a router with a page of its own."""

    ADDRESS = "192.168.77.1"
    PAGE = "http://192.168.77.1:8000/hello"

    def __init__(self, hand: Hand, device: str) -> None:
        super().__init__(hand, "venue", device)
        self.box_address = ""  # what it gave the box
        hand.check("ip", "link", "set", device, "netns", self.name)
        self.check("ip", "link", "set", "lo", "up")
        self.check("ip", "address", "add", f"{self.ADDRESS}/24", "dev", device)
        self.check("ip", "link", "set", device, "up")
        hand.put("/tmp/udhcpd.conf", LEASES.format(device=device, router=self.ADDRESS).encode())
        hand.put("/tmp/leases", b"")
        hand.check("mkdir", "/tmp/page")
        hand.put("/tmp/page/hello", b"hello from the venue\n")
        self.check("/tmp/busybox", "udhcpd", "/tmp/udhcpd.conf")
        self.check("/tmp/busybox", "httpd", "-p", "8000", "-h", "/tmp/page")
