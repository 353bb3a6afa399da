"""Notices to systemd, received on a real datagram socket."""

from __future__ import annotations

import os
import socket

import pytest

from appliance.runtime.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def systemd(request, tmp_path):
    """The socket of a service manager, and its name as $NOTIFY_SOCKET gives it."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@stallbox-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.settimeout(5)
        wire.bind("\0" + name[1:] if name.startswith("@") else name)
        yield wire, name


def test_each_notice(systemd):
    wire, name = systemd
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": name})
    notifier.ready()
    notifier.status("selling,\nprinter offline – Käse")
    notifier.alive()
    notifier.stopping()
    assert [wire.recv(200).decode() for _ in range(4)] == [
        "READY=1",
        "STATUS=selling, printer offline – Käse",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


@pytest.mark.parametrize(
    ("environ", "watchdog_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_period(environ, watchdog_s):
    assert Notifier.from_environment(environ).watchdog_s == watchdog_s


def test_without_systemd_nothing_is_sent(caplog):
    notifier = Notifier.from_environment({})
    notifier.ready()
    notifier.alive()
    assert caplog.records == []


def test_a_lost_socket_is_said_once_and_harms_nobody(tmp_path, caplog):
    notifier = Notifier(str(tmp_path / "gone"))
    notifier.ready()
    notifier.alive()
    assert len(caplog.records) == 1
    assert "does not take notices" in caplog.text
