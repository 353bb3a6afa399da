"""A box under load, and the one check that holds whatever was done to it meanwhile."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from tests.collector import Collector
from tests.system.clients import Customer, History
from tests.system.daemon import Daemon
from tests.system.httpclient import Http
from tests.system.model import Model, differences, model_of
from tests.waiting import wait_until

EVENT = Path(__file__).with_name("stall.toml")
OFFERS = ("cup", "print", "postcard")
CLIENTS = 8


def codes(count: int) -> list[str]:
    """Ticket codes of the event under load."""
    return [f"LOAD-{number:05d}" for number in range(count)]


def load_stall(daemon: Daemon, folder: Path, tickets: int) -> None:
    """Load the event of the tests with so many tickets."""
    write_event(folder, tickets)
    daemon.load_event(folder / EVENT.name)


def write_event(folder: Path, tickets: int) -> None:
    """Write that event and its list."""
    shutil.copy(EVENT, folder)
    listed = "".join(f"{code},,valid\n" for code in codes(tickets))
    (folder / "stall-tickets.csv").write_text(f"code,product,status\n{listed}")


def uplink(port: int, more: str = "") -> str:
    """Configuration of an uplink to a broker on this computer that the tests can wait for."""
    return (
        '[box]\nid = "box"\nfleet = "fleet"\n'
        f'[uplink]\nenabled = true\nurl = "mqtt://127.0.0.1:{port}"\n'
        f"reconnect_min_s = 0.1\nreconnect_max_s = 0.5\nresend_after_s = 2\n{more}"
    )


@contextlib.contextmanager
def customers(
    daemon: Daemon, history: History, tickets: int, seed: int, clients: int = CLIENTS, pause_s: float = 0.02
) -> Iterator[None]:
    """Clients at work; at the end each finishes its request, so the box has to be up by then."""
    with at_work(daemon.staff, history, tickets, seed, clients, pause_s):
        yield


@contextlib.contextmanager
def at_work(
    staff: Callable[[], Http], history: History, tickets: int, seed: int, clients: int = CLIENTS, pause_s: float = 0.02
) -> Iterator[None]:
    """Clients at work, each over a connection of its own with the rights of staff; see `customers`."""
    crowd = [Customer(number, staff(), history, OFFERS, codes(tickets), seed, pause_s) for number in range(clients)]
    for customer in crowd:
        customer.start()
    try:
        yield
    finally:
        for customer in crowd:
            customer.stop.set()
    for customer in crowd:
        customer.finish()


def wait_progress(history: History, answers: int, timeout_s: float = 30) -> None:
    """Wait until so many more requests were answered."""
    wanted = len(history.done) + answers
    wait_until(lambda: len(history.done) >= wanted, timeout_s)


def require_whole(daemon: Daemon, history: History, tickets: int, scanners: Collection[str] = ()) -> Model:
    """Hold store and answers against the model, and every key's answer against a second asking. Leaves it running.

    What `scanners` were shown was no ticket: they may have been refused, whatever they made of it.
    """
    model = model_of(EVENT, codes(tickets), history.done)
    with daemon.staff() as http:
        for done in history.done[:: max(1, len(history.done) // 100)]:
            assert http.post(done.path, done.sent, done.key) == done.answer, "the same key got another answer"
        state, offers = http.get("/api/v1/state").body, http.get("/api/v1/offers").body["offers"]
    journal = daemon.journal()
    refused = (entry for entry in journal if entry["kind"] == "ticket.refused")
    model.refused |= {entry["seq"] for entry in refused if entry["data"]["source"] in scanners}
    found = differences(model, journal, offers, state["counts"])
    assert not found, "\n".join(found)
    verified = daemon.done("journal", "verify")
    assert "the journal is whole" in verified
    return model


def require_collected(daemon: Daemon, collector: Collector, timeout_s: float = 60) -> int:
    """Wait until the collector has exactly the journal's entries by id; return how many. The box runs, in peace."""
    ids = [entry["id"] for entry in daemon.journal()]
    collector.wait_for(len(ids), timeout_s)
    events = sorted(collector.stored.values(), key=lambda event: event["seq"])
    assert [event["id"] for event in events] == ids
    return len(ids)
