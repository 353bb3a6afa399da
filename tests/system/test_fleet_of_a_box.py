"""The owner sets the uplink on the page of a whole box: tried, kept, gone by at once, and after the next start."""

from __future__ import annotations

import re
import subprocess
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import Mosquitto
from tests.collector import Collector
from tests.system.daemon import Daemon
from tests.system.httpclient import Http
from tests.system.test_setup_of_a_box import Browser
from tests.waiting import wait_until

pytestmark = pytest.mark.system


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    folder.mkdir()
    (folder / "users").write_text("box:kiln and wheel\n")
    subprocess.run(["mosquitto_passwd", "-U", str(folder / "users")], check=True)
    made = Mosquitto(folder, f"password_file {folder / 'users'}\n", anonymous=False).start()
    yield made
    made.stop()


def test_an_uplink_is_tried_kept_and_outlives_a_kill(broker: Mosquitto, tmp_path: Path) -> None:
    with Daemon(tmp_path / "box", '[box]\nid = "box-1"\n') as daemon:
        daemon.load_event()
        daemon.start()
        owner = Browser(daemon)
        owner.form("/setup", "/setup", pin=daemon.tokens["pin"]["owner"])
        wish = {"host": "127.0.0.1", "port": str(broker.port), "username": "box", "fleet": "kilns"}
        with pytest.raises(urllib.error.HTTPError) as refused:
            owner.form("/setup/fleet", "/setup/fleet", **wish, password="not the one", act="try")
        with refused.value as answer:
            page = answer.read().decode()
        assert "does not let this box in" in page
        assert 'value="kilns"' in page
        assert "not the one" not in page
        told = owner.form("/setup/fleet", "/setup/fleet", **wish, password="kiln and wheel", act="try")
        assert "let this box in. Nothing is kept yet." in told
        assert not (daemon.data / "keys" / "broker-password").exists()
        login = ("box", "kiln and wheel")  # the collector is there first: what nobody heard is not sent again
        with Collector(broker.port, "kilns", "box-1", login=login) as collector, daemon.staff() as staff:
            told = owner.form("/setup/fleet", "/setup/fleet", **wish, password="kiln and wheel", act="keep")
            assert "from now on" in told
            assert (daemon.data / "keys" / "broker-password").stat().st_mode & 0o077 == 0
            wait_until(lambda: uplink_state(staff) == "ready")
            assert re.search(r"uplink</strong> ready", owner.get("/setup/fleet"))
            daemon.kill()
            daemon.start()
            head = len(daemon.journal())
            wait_until(lambda: len(collector.stored) >= head)
        # the password stays as it is where none is typed
        assert "from now on" in owner.form("/setup/fleet", "/setup/fleet", **wish, act="keep")
        assert "Nothing is forwarded" in owner.form("/setup/fleet", "/setup/fleet", **wish, act="off")
        with daemon.staff() as staff:
            wait_until(lambda: uplink_state(staff) == "absent")
        assert daemon.stop() == 0, daemon.errors()


def uplink_state(staff: Http) -> str | None:
    """Tell how the uplink is; None while the box has none."""
    state: dict[str, str] = staff.get("/api/v1/state").body["devices"].get("uplink", {})
    return state.get("state")
