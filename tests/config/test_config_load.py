"""Files become settings, or every mistake is named at once."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from appliance.config import ConfigError, ScannerSettings, Settings, layers, load


@pytest.fixture
def write(tmp_path):
    def write(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def problems(*paths: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(paths)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    return [str(problem).replace(f"{paths[0].parent}/", "") for problem in caught.value.problems]


def test_no_file_gives_the_defaults():
    assert load([]) == Settings()
    assert load([]).http.port == 80


def test_a_whole_stall(write):
    path = write(
        "stallbox.toml",
        """
        box = { id = "truck-2", name = "Der Käsewagen" }
        printer.driver = "escpos"
        printer.port = "tcp://192.168.7.9:9100"
        [scanners.door]
        driver = "serial"
        port = "/dev/serial/by-id/usb-Honeywell"
        [scanners.till]
        driver = "hid"
        port = "/dev/input/by-id/usb-Netum-event-kbd"
        [battery]
        i2c_address = 0x15
        poll_s = 2
        """,
    )
    settings = load([path])
    assert (settings.box.id, settings.box.name) == ("truck-2", "Der Käsewagen")
    assert settings.printer.port == "tcp://192.168.7.9:9100"
    assert list(settings.scanners) == ["door", "till"]
    assert settings.scanners["till"] == ScannerSettings(driver="hid", port="/dev/input/by-id/usb-Netum-event-kbd")
    assert settings.battery.i2c_address == 0x15
    assert isinstance(settings.battery.poll_s, float)
    assert isinstance(settings.scanners, MappingProxyType)


def test_later_layers_win_key_by_key(write):
    main = write("stallbox.toml", '[box]\nid = "a"\nname = "A"\n')
    write("conf.d/20-late.toml", '[box]\nid = "c"\n')
    write("conf.d/10-early.toml", '[box]\nid = "b"\n[log]\nlevel = "debug"\n')
    write("conf.d/ignored.txt", "not TOML at all")
    settings = load(layers(main))
    assert (settings.box.id, settings.box.name, settings.log.level) == ("c", "A", "debug")
    assert settings.origins["box.id"].file.name == "20-late.toml"
    assert settings.origins["box.name"].line == 3


def test_the_usual_files_need_not_exist(tmp_path):
    assert layers(default=tmp_path / "stallbox.toml") == []


def test_conf_d_counts_without_a_main_file(write, tmp_path):
    own = write("conf.d/own.toml", "")
    assert layers(default=tmp_path / "stallbox.toml") == [own]


def test_a_named_file_must_exist(tmp_path):
    missing = tmp_path / "stalbox.toml"
    assert problems(*layers(missing)) == ["stalbox.toml: cannot be read: No such file or directory"]


def test_every_mistake_of_every_file_at_once(write):
    main = write(
        "stallbox.toml",
        '[htpp]\nport = 80\n\n[printer]\nkolumns = 48\ncolumns = 100\ndriver = "escopos"\nconfirm = true\n',
    )
    other = write("conf.d/own.toml", '[uplink]\nenabled = 1\nurl = "http://broker"\n[scanners.Door]\n')
    assert problems(main, other) == [
        "stallbox.toml:1: htpp: there is no such table; did you mean 'http'?",
        "stallbox.toml:5: printer.kolumns: there is no such setting; did you mean 'columns'?",
        "stallbox.toml:6: printer.columns: 100 is out of range; write 24 to 64 characters",
        'stallbox.toml:7: printer.driver: "escopos" is not a choice; write one of "absent", "escpos"'
        "; did you mean 'escpos'?",
        'stallbox.toml:8: printer.confirm: must be a text in "quotes" (one of "process_id", "gs_r", "none")',
        "conf.d/own.toml:2: uplink.enabled: must be true or false",
        'conf.d/own.toml:3: uplink.url: "http://broker" is not mqtt://host:port or mqtts://host:port',
        "conf.d/own.toml:4: scanners.Door: is not a slug; write a-z, 0-9 and single hyphens between them,"
        " at most 40 characters",
    ]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("http.port = true", "must be a whole number (0 to 65535)"),
        ("http.port = 80.0", "must be a whole number (0 to 65535)"),
        ('http.port = "80"', "must be a whole number (0 to 65535)"),
        ("http.port = 65536", "65536 is out of range; write 0 to 65535"),
        ("http.port = -1", "-1 is out of range; write 0 to 65535"),
        ("http.host = ' '", '" " is empty; write a text'),
        ("http.public_url = 'stall.example'", '"stall.example" is not http://host:port or https://host:port'),
        ("printer.poll_s = nan", "nan is out of range; write 0.1 to 3600 seconds"),
        ("printer.poll_s = inf", "inf is out of range; write 0.1 to 3600 seconds"),
        ("printer.poll_s = false", "must be a number (0.1 to 3600 seconds)"),
        ("printer.port = 'tcp://printer'", '"tcp://printer" is not /dev/… or tcp://host:port'),
        ("printer.port = 'tcp://[::1'", '"tcp://[::1" is not /dev/… or tcp://host:port'),
        ("printer.port = 'tcp://printer:99999'", '"tcp://printer:99999" is not /dev/… or tcp://host:port'),
        ("printer.port = 'ttyUSB0'", '"ttyUSB0" is not /dev/… or tcp://host:port'),
        ("battery.i2c_address = 0x80", "0x80 is out of range; write 0x08 to 0x77"),
        ("uplink.password_file = 'secret'", '"secret" is not an absolute path, one that starts with /'),
        ("log.level = 1979-05-27", 'must be a text in "quotes" (one of "debug", "info", "warning", "error")'),
        (
            "box.id = 'Stall Box'",
            '"Stall Box" is not a slug; write a-z, 0-9 and single hyphens between them, at most 40 characters',
        ),
    ],
)
def test_a_value_that_does_not_fit(write, line, wrong):
    key = line.partition(" =")[0]
    assert problems(write("own.toml", f"\n{line}\n")) == [f"own.toml:2: {key}: {wrong}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[printer]\ndriver = "escpos"\n',
            'own.toml:2: printer.port: is needed for driver = "escpos"; write /dev/serial/by-id/… or tcp://host:9100',
        ),
        (
            '[printer]\ncolumns = 48\ndriver = "escpos"\n[box]\nid = "a"\n',
            'own.toml:3: printer.port: is needed for driver = "escpos"; write /dev/serial/by-id/… or tcp://host:9100',
        ),
        (
            '[scanners.door]\ndriver = "hid"\n',
            'own.toml:2: scanners.door.port: is needed for driver = "hid"; write /dev/input/by-id/…',
        ),
        (
            "[power]\nlow_below_pct = 60\nhysteresis_pct = 5\n",
            "own.toml:2: power.low_below_pct: must be less than saving_below_pct, which is 50",
        ),
        (
            "[power]\ncritical_below_pct = 25\n",
            "own.toml:2: power.critical_below_pct: must be less than low_below_pct, which is 25",
        ),
        (
            "[power]\nsaving_below_pct = 98\n",
            "own.toml:2: power.hysteresis_pct: plus saving_below_pct is over 100, so that the box would save for ever",
        ),
        (
            "[panel]\nred_pin = 17\n",
            "own.toml:2: panel.red_pin: is 17, which green_pin uses already; give each its own pin",
        ),
        (
            "[uplink]\nreconnect_max_s = 0.5\n",
            "own.toml:2: uplink.reconnect_min_s: is more than reconnect_max_s, which is 0.5",
        ),
        (
            '[uplink]\npassword_file = "/run/secret"\n',
            "own.toml:2: uplink.password_file: needs a username beside it",
        ),
    ],
)
def test_settings_that_do_not_fit_together(write, text, expected):
    assert problems(write("own.toml", text)) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[http]\nport = \n", "own.toml:2: is not TOML: invalid value"),
        ('[box]\nname = "never closed', "own.toml:2: is not TOML: unterminated string"),
        ("[http]\nport = 1\nport = 2\n", "own.toml:3: is not TOML: cannot overwrite a value"),
        (b"[box]\nname = 'K\xe4se'\n", "own.toml:2: is not UTF-8; save the file as UTF-8"),
        ("http = 80\n", "own.toml:1: http: is a table; write [http] and its settings below"),
        ("\nscanners.door = 1\n", "own.toml:2: scanners.door: is no role; write a table such as [scanners.door]"),
        ("\nport = 80\n", "own.toml:2: port: stands outside the tables; put it below one such as [http]"),
        ("# [http]\n[[http]]\nport = 80\n", "own.toml:2: http: is a table; write [http] and its settings below"),
    ],
)
def test_a_file_that_is_not_of_this_shape(write, text, expected):
    assert problems(write("own.toml", text)) == [expected]


def test_the_file_that_spoke_last_is_to_blame(write):
    first = write("a.toml", '[printer]\ndriver = "escpos"\ncolumns = 32\n')
    second = write("b.toml", '[printer]\ndriver = "escpos"\n')
    assert problems(first, second)[0].startswith("b.toml:2: printer.port: is needed")


def test_a_broken_file_does_not_hide_mistakes_elsewhere(write):
    broken, other = write("a.toml", "[box\n"), write("b.toml", "[log]\nlevel = 'loud'\n")
    lines = problems(broken, other)
    assert lines[0].startswith("a.toml:1: is not TOML: ")
    assert lines[1].startswith('b.toml:2: log.level: "loud" is not a choice')


def test_a_directory_is_not_a_file(tmp_path):
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    assert problems(folder) == ["folder.toml: cannot be read: Is a directory"]
