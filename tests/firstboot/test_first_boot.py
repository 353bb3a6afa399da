"""The first start: what it makes, that it can be cut off anywhere, that it tells things once."""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import random
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from appliance.cli import cli
from appliance.config import OwnSettings, Settings, layers, load
from appliance.core.document import plain_text
from appliance.core.hello import Hello, hello_slip
from appliance.firstboot.network import Hotspot, draw_password, hotspot_keyfile
from appliance.firstboot.steps import HELLO, SETUP, FirstBoot, Places, forget_hello, read_hello
from appliance.settings.schema import WifiSettings
from appliance.store import keys

IMAGE = Path(__file__).parents[2] / "image"
VOYAGER = '[scanners.door]\ndriver = "hid"\nname = "Honeywell Voyager"\n'


class PowerCut(Exception):
    """The plug was pulled."""


class Box:
    """A card in a folder, started as often as one likes."""

    def __init__(self, root: Path, text: str | None = None) -> None:
        self.places = Places.below(root)
        for folder in (self.places.box, self.places.settings, self.places.connections, self.places.firewall,
                       self.places.data, self.places.card.parent):  # fmt: skip
            folder.mkdir(parents=True)
        if text is not None:
            self.places.card.write_text(text, encoding="utf-8")

    def start(self, renew: bool = False, cut_after: int | None = None) -> Hello | None:
        """Do the steps; the power goes once `cut_after` files were written."""
        written = 0

        def write(path: Path, content: bytes) -> None:
            nonlocal written
            if cut_after is not None and written >= cut_after:
                raise PowerCut
            written += 1
            keys.write_durably(path, content)

        return FirstBoot(self.places, write, renew=renew).run()

    def hotspot(self) -> configparser.SectionProxy:
        parser = configparser.RawConfigParser(delimiters="=")
        parser.read(self.places.connections / "stallbox-hotspot.nmconnection")
        return {**parser["wifi"], **parser["wifi-security"], **parser["ipv4"]}


class Started:
    """A box with the image's own settings, started by the command."""

    def __init__(self, box: Box, root: Path) -> None:
        self.root = root
        self.main = root / "etc/stallbox/stallbox.toml"
        self.card = box.places.card.parent / "settings.toml"
        self.taken = box.places.settings / "50-card.toml"
        self.own = box.places.data / "setup.toml"
        self._data = box.places.data
        shutil.copy(IMAGE / "overlay/etc/stallbox/stallbox.toml", self.main)

    def again(self, *options: str) -> str:
        """Start it; return what is to be mended on the card."""
        CliRunner().invoke(cli, ["first-boot", "--root", str(self.root), *options], catch_exceptions=False)
        hello = read_hello(self._data)
        assert hello is not None
        return " ".join(hello.problems)

    def settings(self) -> Settings:
        """Return what the daemon goes by."""
        return load(layers(default=self.main, own=self.own))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


@pytest.fixture
def started(box: Box, tmp_path: Path) -> Started:
    return Started(box, tmp_path)


def test_a_new_card_gets_a_name_a_password_and_a_hotspot(box: Box) -> None:
    hello = box.start()
    assert hello is not None
    settings = load([box.places.settings / "10-box.toml"])
    assert settings.box.id.startswith("box-")
    assert hello.wifi_name == f"Stallbox-{settings.box.id[4:].upper()}"
    found = box.hotspot()
    assert found["psk"] == hello.wifi_password
    assert bytes(map(int, found["ssid"].strip(";").split(";"))).decode() == hello.wifi_name
    assert (found["mode"], found["pmf"], found["ap-isolation"], found["method"]) == ("ap", "1", "1", "shared")
    assert stat.S_IMODE((box.places.connections / "stallbox-hotspot.nmconnection").stat().st_mode) == 0o600
    assert read_hello(box.places.data) == hello


def test_no_two_cards_are_alike(tmp_path: Path) -> None:
    told = [Box(tmp_path / str(number)).start() for number in range(20)]
    assert len({hello.wifi_password for hello in told}) == len({hello.wifi_name for hello in told}) == 20


def test_what_was_told_is_not_told_again(box: Box) -> None:
    first = box.start()
    assert box.start() == first  # the daemon did not come to it
    forget_hello(box.places.data)
    assert box.start() is None
    assert not (box.places.data / HELLO).exists()


def test_a_start_without_news_writes_nothing(box: Box) -> None:
    box.start()
    forget_hello(box.places.data)
    assert box.start(cut_after=0) is None


def test_the_power_may_go_at_every_step(tmp_path: Path) -> None:
    for cut_after in range(20):
        box = Box(tmp_path / str(cut_after), "wifi_name = Market\nwifi_password = lanterns 4 all\n")
        try:
            box.start(cut_after=cut_after)
        except PowerCut:
            hello = box.start()
        else:
            assert cut_after > 5, "the power never went"
            return
        assert hello is not None
        assert (hello.wifi_name, hello.wifi_password) == ("Market", "lanterns 4 all")
        assert box.hotspot()["psk"] == "lanterns 4 all"
        assert "lanterns" not in (box.places.box / "stallbox.txt").read_text()
    pytest.fail("the steps never end")


def test_what_the_daemon_reads_is_open_to_it_though_the_power_went_before_it_was(started: Started) -> None:
    started.card.write_text("[log]\nlevel = 'debug'\n")
    started.again()
    folder = started.taken.parent
    for path in folder.iterdir():
        path.chmod(0o600)  # as a file is written, before it is opened to others
    started.again()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"10-box.toml": 0o644, "50-card.toml": 0o644}


def test_the_owners_words_hold_after_the_password_left_the_card(box: Box) -> None:
    box.places.card.write_text("wifi_name = Market\nwifi_password = lanterns 4 all\nwifi_channel = 11\n")
    hello = box.start()
    assert hello is not None
    assert hello.wifi_password == "lanterns 4 all"
    box.places.card.write_bytes((box.places.box / "stallbox.txt").read_bytes())
    forget_hello(box.places.data)
    assert box.start() is None
    assert (box.hotspot()["psk"], box.hotspot()["channel"]) == ("lanterns 4 all", "11")


def test_no_draft_of_an_earlier_start_writes_over_what_the_owner_mended(box: Box) -> None:
    box.places.card.write_text("country = UK\n")
    box.start()
    draft = box.places.box / "stallbox.txt"
    assert "write GB" in draft.read_text()
    box.places.card.write_text("country = GB\n")
    box.start()
    assert not draft.exists()
    draft.write_text("country = UK\n")
    box.places.card.unlink()
    box.start()
    assert not draft.exists()


def card_back(box: Box, folder: Path) -> list[str]:
    """Put the draft on the card with the image's script; return what it had done, and whether the draft was there."""
    log, tools, data = folder / "log", folder / "tools", box.places.box
    tools.mkdir()
    for name in ("mount", "sync"):
        (tools / name).write_text(
            f'#!/bin/sh\n[ -e {data}/stallbox.txt ] && there=draft\necho {name} "$@" $there >> {log}\n'
        )
        (tools / name).chmod(0o755)
    script = (IMAGE / "overlay/usr/lib/stallbox/card-back").read_text()
    script = script.replace("/boot/firmware", str(box.places.card.parent)).replace("/var/lib/stallbox-box", str(data))
    subprocess.run(["sh", "-c", script], check=True, env={"PATH": f"{tools}:{os.environ['PATH']}"})
    return log.read_text().replace(str(folder), "").splitlines()


def test_a_draft_that_is_on_the_card_is_gone_for_good(box: Box, tmp_path: Path) -> None:
    box.places.card.write_text("country = UK\n")
    box.start()
    done = card_back(box, tmp_path)
    assert "# ^ country is not UK: write GB" in box.places.card.read_text()
    assert done[-2:] == ["mount -o remount,ro /boot/firmware draft", "sync /var/lib/stallbox-box"]


def test_another_name_on_the_card_is_told_anew(box: Box) -> None:
    first = box.start()
    box.places.card.write_text("wifi_name = Market\n")
    second = box.start()
    assert first is not None
    assert second is not None
    assert second.id != first.id
    assert (second.wifi_name, second.wifi_password) == ("Market", first.wifi_password)


def test_a_mistake_on_the_card_is_on_the_slip(box: Box) -> None:
    box.places.card.write_text("country = UK\n")
    hello = box.start()
    assert hello is not None
    assert hello.problems == ("stallbox.txt:1: country is not UK: write GB",)
    assert "stallbox.txt:1: country is not UK: write GB" in plain_text(hello_slip("Kit", "http://a", hello, "1", "2"))


def test_the_button_at_power_on_draws_everything_anew(box: Box) -> None:
    box.places.card.write_text("wifi_password = lanterns 4 all\n")
    first = box.start()
    box.places.card.write_bytes((box.places.box / "stallbox.txt").read_bytes())
    forget_hello(box.places.data)
    renewed = box.start(renew=True)
    assert first is not None
    assert renewed is not None
    assert renewed.renew_pins
    assert renewed.wifi_password != "lanterns 4 all"
    assert box.start() == renewed
    assert box.hotspot()["psk"] == renewed.wifi_password


def test_the_cable_is_an_uplink_unless_the_card_says_otherwise(box: Box) -> None:
    box.start()
    assert "jump stall" not in (box.places.firewall / "cable.nft").read_text()
    box.places.card.write_text("cable = stall\n")
    box.start()
    assert 'iifname "e*" jump stall' in (box.places.firewall / "cable.nft").read_text()


def test_country_and_time_zone_reach_those_who_go_by_them(box: Box) -> None:
    box.places.card.write_text("country = pe\ntime_zone = america/lima\n")
    box.start()
    assert (box.places.box / "environment").read_text() == "COUNTRY=PE\n"
    assert load([box.places.settings / "10-box.toml"]).box.time_zone == "America/Lima"


def test_an_event_on_the_card_is_handed_on_once_and_again_when_it_changes(box: Box) -> None:
    folder, incoming = box.places.card.parent / "event", box.places.data / "incoming"
    folder.mkdir()
    (folder / "fair.toml").write_text("[event]")
    (folder / "list.csv").write_text("code")
    box.start()
    assert sorted(path.name for path in incoming.iterdir()) == ["fair.toml", "list.csv"]
    (incoming / "fair.toml").unlink()  # the daemon took it
    box.start()
    assert not (incoming / "fair.toml").exists()
    (folder / "list.csv").write_text("code\nA")
    box.start()
    assert (incoming / "fair.toml").exists()


def test_an_event_under_another_name_takes_the_place_of_one_with_a_mistake(box: Box) -> None:
    folder, incoming = box.places.card.parent / "event", box.places.data / "incoming"
    folder.mkdir()
    (folder / "a.toml").write_text("[evnt]")
    box.start()
    (folder / "a.toml").rename(folder / "b.toml")
    (folder / "b.toml").write_text("[event]")
    box.start()
    assert [path.name for path in incoming.iterdir()] == ["b.toml"]


def test_the_power_may_go_while_one_event_takes_the_place_of_another(tmp_path: Path) -> None:
    for cut_after in range(5):
        box = Box(tmp_path / str(cut_after))
        folder, incoming = box.places.card.parent / "event", box.places.data / "incoming"
        folder.mkdir()
        (folder / "a.toml").write_text("[event]")
        box.start()
        (folder / "a.toml").rename(tmp_path / "a.toml")
        for name in ("b.toml", "list.csv"):
            (folder / name).write_text(name)
        with contextlib.suppress(PowerCut):
            box.start(cut_after=cut_after)
        before = {path.name for path in incoming.iterdir()}
        shutil.rmtree(folder)  # the card has the first one again
        folder.mkdir()
        (tmp_path / "a.toml").rename(folder / "a.toml")
        box.start()
        assert [path.name for path in incoming.iterdir()] == ["a.toml"], f"cut after {cut_after}: {before}"


def test_settings_on_the_card_become_the_daemons_unless_they_are_wrong(box: Box, tmp_path: Path) -> None:
    def started() -> str:
        (tmp_path / "etc/stallbox/stallbox.toml").write_text("")
        CliRunner().invoke(cli, ["first-boot", "--root", str(tmp_path)], catch_exceptions=False)
        hello = read_hello(box.places.data)
        assert hello is not None
        return " ".join(hello.problems)

    written, taken = box.places.card.parent / "settings.toml", box.places.settings / "50-card.toml"
    written.write_text('\ufeff[uplink]\r\nenabled = true\r\nurl = "mqtt://10.1.2.3"\r\n', encoding="utf-8")
    assert started() == ""
    assert load([taken]).uplink.url.startswith("mqtt://10.1.2.3")
    written.write_text('[uplnk]\nenabled = true\n[battery]\ndriver = "victron"\n')
    said = started()
    assert "settings.toml:1: uplnk: there is no such table; did you mean 'uplink'?" in said
    assert load([taken]).uplink.enabled  # what held goes on
    written.unlink()
    assert started() == ""
    assert load([taken]).uplink.enabled


def test_settings_that_do_not_go_with_the_images_own_are_not_taken_over(started: Started) -> None:
    started.card.write_text(VOYAGER)
    assert started.again() == (
        "settings.toml:3: scanners.door.name: says the same as port; write one of the two"
        " (beside what the box has set already)"
    )
    assert started.settings().scanners["door"].port == "/dev/stallbox/scanner"
    started.card.write_text(f'{VOYAGER}port = ""\n')
    assert started.again() == ""
    assert started.settings().scanners["door"].name == "Honeywell Voyager"


def test_settings_need_not_say_again_what_the_image_says(started: Started) -> None:
    started.card.write_text('[scanners.door]\ndriver = "serial"\n')
    assert started.again() == ""
    assert started.settings().scanners["door"].driver == "serial"


def test_a_mistake_that_shows_beside_other_files_is_told_as_one_of_the_card(started: Started) -> None:
    (started.taken.parent / "60-hand.toml").write_text('[scanners.door]\nname = "Honeywell Voyager"\nport = ""\n')
    started.own.write_text('[uplink]\npassword_file = "/secret"\nusername = "kiln"\n')
    started.again()
    started.card.write_text('[scanners.door]\ndriver = "serial"\n[uplink]\nreconnect_min_s = 200\n')
    assert started.again() == (
        "settings.toml:4: uplink.reconnect_min_s: is more than reconnect_max_s, which is 120"
        ' settings.toml: scanners.door.name: is for driver = "hid"; write a port (beside what the box has set already)'
    )
    started.own.write_text("[power]\nsaving_below_pct = 30\n")
    started.card.write_text("[power]\nlow_below_pct = 40\n")
    assert started.again() == (
        "settings.toml:2: power.low_below_pct: must be less than saving_below_pct, which is 30"
        " (beside what was set on the setup page)"
    )


def test_what_is_wrong_without_the_card_is_none_of_its_mistakes(started: Started) -> None:
    started.own.write_text("[uplink\n")
    started.card.write_text("[log]\nlevel = 'debug'\n")
    assert started.again() == ""
    assert load([started.taken]).log.level == "debug"


@pytest.mark.parametrize("mended", ["", '[scanners.door]\nport = "/dev/input/by-id/voyager"\n'])
def test_the_card_is_read_while_the_daemon_cannot_start(started: Started, mended: str) -> None:
    started.taken.write_text(VOYAGER)
    board = started.root / "proc/device-tree/model"
    board.parent.mkdir(parents=True)
    board.write_bytes(b"Raspberry Pi 4")
    started.main.write_text(started.main.read_text().replace('driver = "gpio"', 'driver = "absent"'))
    started.card.write_text(mended)
    assert started.again() == ""
    assert started.settings().scanners["door"].name == ""


def test_what_was_taken_over_goes_once_it_keeps_the_daemon_from_starting(started: Started) -> None:
    started.main.write_text("")
    started.card.write_text(VOYAGER)
    assert started.again() == ""
    started.main.write_text('[scanners.door]\nport = "/dev/stallbox/scanner"\n')  # by another version of the image
    assert "says the same as port" in started.again()
    assert started.settings().scanners["door"].name == ""


def test_spoilt_notes_of_our_own_count_as_none(box: Box) -> None:
    for name in ("identity.json", "card.json", "hotspot.json", "told.json"):
        (box.places.box / name).write_text("{")
    assert box.start() is not None
    (box.places.data / HELLO).write_text('{"id": 1}')
    assert read_hello(box.places.data) is None


def test_passwords_are_long_and_can_be_read_aloud() -> None:
    password = draw_password(random.Random(7).randrange)
    assert len(password) == 17
    assert not set(password) & set("01oil")


@given(
    st.text(min_size=1, max_size=10), st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=8)
)
def test_no_name_or_password_breaks_out_of_its_line(name: str, password: str) -> None:
    text = hotspot_keyfile(Hotspot(name, password))
    assert text.count("\n[") == 5
    line = next(line for line in text.splitlines() if line.startswith("psk="))
    assert line.removeprefix("psk=").replace("\\s", " ").replace("\\\\", "\\") == password or "\\" in password


def test_the_command_shows_the_slip_once_and_gives_the_daemon_its_pins(box: Box, tmp_path: Path) -> None:
    (tmp_path / "etc/stallbox/stallbox.toml").write_text('[http]\npublic_url = "http://stall.box"\n')
    first = CliRunner().invoke(cli, ["first-boot", "--root", str(tmp_path)], catch_exceptions=False)
    tokens = json.loads((box.places.data / "tokens.json").read_text())
    assert tokens["pin"]["staff"] in first.output
    assert "http://stall.box" in first.output
    forget_hello(box.places.data)
    assert CliRunner().invoke(cli, ["first-boot", "--root", str(tmp_path)], catch_exceptions=False).output == ""
    renewed = CliRunner().invoke(cli, ["first-boot", "--root", str(tmp_path), "--renew"], catch_exceptions=False)
    assert renewed.output == "A new Wi-Fi password and new PINs are being printed.\n"


def test_the_slip_holds_all_that_one_needs_and_survives_its_own_json() -> None:
    hello = Hello("a1", "Market", "abc-def", ("Line 1: x",))
    assert Hello.from_json(json.loads(json.dumps(hello.to_json()))) == hello
    paper = plain_text(hello_slip("Kit", "http://stall.box", hello, "135790", None))
    for told in ("Market", "abc-def", "135790", "http://stall.box", "WIFI:T:WPA;S:Market;P:abc-def;;", "red on"):
        assert told in paper
    assert "abc-def" not in repr(hello)


def ssid(box: Box) -> str:
    return bytes(map(int, box.hotspot()["ssid"].strip(";").split(";"))).decode()


def test_the_newer_word_of_setup_page_and_card_counts(tmp_path: Path) -> None:
    box = Box(tmp_path, "wifi_name = Card\nwifi_password = from the card\ncountry = DE\n")
    box.start()
    page = {"wifi_name": "Page", "wifi_password": "from the page", "country": "IN"}
    (box.places.box / SETUP).write_text(json.dumps(page))
    for _ in range(2):
        box.start()
        assert (ssid(box), box.hotspot()["psk"]) == ("Page", "from the page")
    assert "COUNTRY=IN" in (box.places.box / "environment").read_text()
    box.places.card.write_text("wifi_name = Card anew\nwifi_password = from the card\ncountry = DE\n")
    box.start()
    assert (ssid(box), box.hotspot()["psk"]) == ("Card anew", "from the page")
    box.places.card.unlink()
    box.start()
    assert (ssid(box), box.hotspot()["psk"]) == ("Card anew", "from the page")


def test_the_button_forgets_what_the_page_set(box: Box) -> None:
    box.start()
    drawn = box.hotspot()["psk"]
    (box.places.box / SETUP).write_text('{"wifi_name": "Page", "wifi_password": "from the page"}')
    box.start()
    box.start(renew=True)
    assert box.hotspot()["psk"] not in ("from the page", drawn)
    assert ssid(box).startswith("Stallbox-")


def test_the_setup_page_shows_the_wifi_in_force(started: Started, box: Box) -> None:
    def page(name: str, password: str) -> None:
        (box.places.box / SETUP).write_text(json.dumps({"wifi_name": name, "wifi_password": password}))
        OwnSettings(box.places.data, keys.write_durably).keep("wifi", {"name": name, "password": password})

    started.again()
    assert not started.own.exists()  # nothing was set there, and nothing is
    OwnSettings(box.places.data, keys.write_durably).keep("box", {"name": "Cheese"})
    page("Page", "from the page")
    started.again()
    assert started.settings().wifi == WifiSettings(name="Page", password="from the page")
    box.places.card.write_text("wifi_name = Card\n")
    started.again()
    assert started.settings().wifi == WifiSettings(name="Card", password="from the page")
    page("Page", "from the page")
    started.again("--renew")
    assert started.settings().wifi == WifiSettings(name="Card", password=box.hotspot()["psk"])
    assert box.hotspot()["psk"] != "from the page"
    assert started.settings().box.name == "Cheese"


@pytest.mark.parametrize("spoilt", ["[wifi", "wifi = 3\n"])
def test_a_file_of_the_setup_page_that_is_spoilt_stays_as_it_is(started: Started, spoilt: str) -> None:
    started.own.write_text(spoilt)
    started.again()
    assert started.own.read_text() == spoilt


def test_a_wifi_name_that_no_page_can_show_keeps_nobody_from_starting(started: Started, box: Box) -> None:
    OwnSettings(box.places.data, keys.write_durably).keep("wifi", {"name": "Page", "password": ""})
    box.places.card.write_text("wifi_name = Bell \x07\n")
    started.again()
    assert started.settings().wifi.name == "Page"
