"""A box in this process: what it leaves behind, and what it says when its folder is not as it should be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from appliance.bootstrap import Box
from appliance.client import NOTE, running_box
from appliance.config import Settings
from appliance.core.devices import Health
from appliance.parts import STORE
from appliance.runtime.address import http_url
from appliance.services import events
from tests.waiting import wait_until
from tests.web.test_rights import form_token
from tests.web.webbox import EVENT_FILE

SETTINGS = replace(Settings(), http=replace(Settings().http, host="127.0.0.1", port=0, threads=4))


@contextmanager
def running(data: Path, settings: Settings = SETTINGS) -> Iterator[Box]:
    box = Box(settings, data)
    box.start()
    try:
        yield box
    finally:
        box.stop()


def open_files() -> list[str]:
    """What this process holds open, but for pipes and the like."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(link.readlink()))
        except OSError:  # the one that lists them
            continue
    return sorted(name for name in found if name.startswith(("/", "socket:")))


def test_a_box_that_stopped_leaves_no_thread_and_no_file_open(tmp_path: Path) -> None:
    threads, files = set(threading.enumerate()), open_files()
    for _ in range(2):
        with running(tmp_path / "box"):
            assert running_box(tmp_path / "box") is not None
        wait_until(lambda: set(threading.enumerate()) <= threads)
        assert open_files() == files
    assert not (tmp_path / "box" / NOTE).exists()


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("192.0.2.7", 80, "http://192.0.2.7"),
        ("192.0.2.7", 8080, "http://192.0.2.7:8080"),
        ("::1", 80, "http://[::1]"),
        ("2001:db8::7", 8080, "http://[2001:db8::7]:8080"),
    ],
)
def test_an_address_is_one_that_browsers_take(host: str, port: int, url: str) -> None:
    assert http_url(host, port) == url
    assert urlsplit(url).hostname == host


def test_a_note_that_cannot_be_written_or_removed_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / NOTE).mkdir()  # as good as a disk that takes nothing
    with running(tmp_path) as box:
        assert box.web.running
    with running(tmp_path) as again, again.desk.reading() as books:
        kinds = [entry.kind for entry in books.journal.all()]
    assert kinds[:3] == ["box.started", "box.stopped", "box.started"]


def test_a_store_that_cannot_be_read_is_not_called_a_box_without_an_event(tmp_path: Path) -> None:
    with running(tmp_path) as box, ThreadPoolExecutor(1) as stranger:
        (reason,) = stranger.submit(box.health).result(5)
        assert (reason.code, reason.message) == ("no_event", "No event is loaded.")
    with running(tmp_path) as box, ThreadPoolExecutor(1) as stranger:
        (tmp_path / STORE).rename(tmp_path / "away")
        (reason,) = stranger.submit(box.health).result(5)
        assert (reason.code, reason.message) == ("store_missing", f"There is no store at {tmp_path / STORE}.")
        (tmp_path / "away").rename(tmp_path / STORE)


def test_the_setup_page_sees_that_the_box_is_ready_for_guests(tmp_path: Path) -> None:
    apps: list[Flask] = []
    box = Box(SETTINGS, tmp_path, mount=apps.append)
    box.start()
    try:
        owner = apps[0].test_client()
        pin = {"pin": box.tokens.owner_pin, "form_token": form_token(owner, "/setup")}
        assert owner.post("/setup", data=pin).status_code == 303
        not_yet = "The first page says why not."
        assert not_yet in owner.get("/setup/rehearsal").text
        box.desk.submit(lambda books: events.load_event(books, EVENT_FILE.read_text()))
        page = owner.get("/setup/rehearsal").text
        assert "The box is ready to sell and admit." in page
        assert not_yet not in page
    finally:
        box.stop()


@pytest.mark.parametrize("content", [None, b"\xff\n"])
def test_a_broker_password_that_cannot_be_read_keeps_only_the_uplink_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | None
) -> None:
    password = tmp_path / "password"
    if content is not None:
        password.write_bytes(content)
    uplink = replace(Settings().uplink, enabled=True, username="box", password_file=str(password))
    with running(tmp_path / "box", replace(SETTINGS, uplink=uplink)) as box:
        assert box.web.running
        state = next(device for device in box.board.devices() if device.name == "uplink")
        assert (state.health, "password cannot be read" in state.reason) == (Health.OFFLINE, True)
        assert "setup page" in state.advice
    assert len([line for line in caplog.messages if "password cannot be read" in line]) == 1
