"""`stallbox courier ...` on the store of a box that sold what is sent later."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance.cli import cli
from appliance.parts import vault_of
from tests.people import PIN
from tests.system.daemon import Daemon

pytestmark = pytest.mark.system
CONTACT = {"name": "Zoë Ångström", "phone": "+46 70 1234567", "address": "Storgatan 1\n111 22 Stockholm"}
ORDER = {
    "lines": [{"offer": "cup-and-print-restock", "quantity": 2}],
    "shipping": {"tier": "courier", **CONTACT},
    "payment": {"tender": "cash", "amount_minor": 10_000},
}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Daemon]:
    """A box that waits for a courier, switched off."""
    with Daemon(tmp_path / "box") as daemon:
        daemon.load_event()
        daemon.start()
        with daemon.staff() as staff:
            shelf = "/api/v1/offers/cup-and-print/stock"
            assert staff.post(shelf, {"stock": 0, "reason": "counted"}).status == 200
            assert staff.post("/api/v1/orders", ORDER).status == 201
        assert daemon.stop() == 0
        yield daemon


def courier(box: Daemon, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["courier", *words, *box.place()], input=typed)


def test_parcels_are_handed_over_once_and_listed_in_three_forms(box: Daemon) -> None:
    assert "No parcel was handed to a courier yet" in box.command("courier", "list").stderr
    assert box.done("courier", "hand-over") == "Courier's list 1: 1 parcel, 2 pieces.\n"
    assert box.command("courier", "hand-over").stderr == "stallbox: No parcel waits to be sent.\n"
    text = box.done("courier", "list")
    for part in ("COURIER LIST 1", CONTACT["name"], "Storgatan 1", CONTACT["phone"], "2 pieces"):
        assert part in text
    row = next(csv.DictReader(io.StringIO(box.done("courier", "list", "--number", "1", "--csv"))))
    assert (row["name"], row["phone"], row["pieces"]) == (CONTACT["name"], CONTACT["phone"], "2")
    told = json.loads(box.done("courier", "list", "--json"))
    assert (told["handoff"], told["parcels"][0]["contact"]) == (1, CONTACT)
    assert "There is no courier's list 2" in box.command("courier", "list", "--number", "2").stderr
    assert box.command("courier", "list", "--csv", "--json").returncode == 2
    assert [entry["kind"] for entry in box.journal()].count("restock.handed_over") == 1


def test_with_a_pin_of_the_owners_it_is_asked_for(tmp_path: Path) -> None:
    with Daemon(tmp_path / "box") as box:
        box.load_event()
        box.start()
        vault_of(box.data).set_pin(PIN)
        box.stop()
        box.start()
        with box.staff() as staff:
            staff.post("/api/v1/offers/cup-and-print/stock", {"stock": 0, "reason": "counted"})
            assert staff.post("/api/v1/orders", ORDER).status == 201
        assert box.stop() == 0
        wrong = courier(box, "hand-over", typed="not it\n")
        assert (wrong.exit_code, str(wrong.exception)) == (1, "That is not the owner's PIN.")
        assert "1 parcel, 2 pieces" in courier(box, "hand-over", typed=f"{PIN}\n").output
        assert CONTACT["name"] in courier(box, "list", typed=f"{PIN}\n").output
