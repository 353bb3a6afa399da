"""`stallbox tickets` as its user types it, on a data folder without a daemon."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from appliance.cli import cli
from appliance.core.errors import StallboxError

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "data" / "lists"
Stallbox = Callable[..., list[str]]


@pytest.fixture
def stallbox(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Stallbox:
    """Run one command; return the lines it printed, those on stderr after the others."""

    def run(*words: str | Path) -> list[str]:
        try:
            cli.main([*map(str, words), "--data", str(tmp_path / "data")], standalone_mode=False)
        except StallboxError as error:
            click.echo(f"stallbox: {error}", err=True)
        printed = capsys.readouterr()
        return (printed.out + printed.err).splitlines()

    (tmp_path / "data").mkdir()
    return run


@pytest.fixture
def market(tmp_path: Path) -> Path:
    file = tmp_path / "market.csv"
    file.write_text("Barcode;Ticket type;Status\nM1;workshop;paid\nM2;guest;paid\nM3;guest;refunded\nM4;staff;\n")
    return file


def test_a_dry_run_shows_how_a_list_is_read_and_changes_nothing(stallbox: Stallbox, market: Path) -> None:
    stallbox("event", "load", ROOT / "config" / "events" / "street-series.toml")
    before = stallbox("tickets", "export")
    assert stallbox("tickets", "import", market, "--dry-run") == [
        "market.csv: generic, parted by semicolon",
        "  code        <- 'Barcode'",
        "  product     <- 'Ticket type'",
        "  status      <- 'Status'",
        "Note: The door refuses 'staff' tickets: the event admits 'workshop', 'guest'.",
        "       1 cancelled  guest",
        "       1 valid      guest",
        "       1 valid      staff",
        "       1 valid      workshop",
        "market.csv: 4 tickets, all in order; nothing was imported.",
    ]
    assert stallbox("tickets", "export") == before


def test_a_dry_run_needs_no_store(stallbox: Stallbox, market: Path, tmp_path: Path) -> None:
    assert stallbox("tickets", "import", market, "--dry-run")[-1].startswith("market.csv: 4 tickets, all in order")
    assert list((tmp_path / "data").iterdir()) == []


def test_import_again_and_remove(stallbox: Stallbox, market: Path) -> None:
    assert stallbox("tickets", "import", market)[-1] == "market.csv: 4 new, 0 changed, 0 as before."
    market.write_text(market.read_text().replace("M1;workshop;paid", "M1;workshop;refunded"))
    assert stallbox("tickets", "import", market)[-1] == "market.csv: 0 new, 1 changed, 3 as before."
    counts, *lists = stallbox("tickets", "status")
    assert counts.startswith("2 valid, 2 cancelled, 0 ")
    assert lists == ["       4 from market.csv"]
    wrong = stallbox("tickets", "remove", "--source", "maket.csv")
    assert wrong == ["stallbox: There is no list 'maket.csv' here; there are 'market.csv'."]
    assert stallbox("tickets", "remove", "--source", "market.csv") == ["market.csv: 4 tickets taken away."]
    (counts,) = stallbox("tickets", "status", "--json")
    told = json.loads(counts)
    assert (told["valid"], told["cancelled"], told["used"], told["sources"]) == (0, 0, 0, {})


def test_one_bad_row_and_nothing_is_imported(stallbox: Stallbox, market: Path) -> None:
    market.write_text(market.read_text() + "M1;guest;\nM5;guest;maybe\n;guest;\n")
    printed = stallbox("tickets", "import", market)
    assert printed[4:] == [
        "market.csv:6: this code is on line 2 already",
        "market.csv:7: the status 'maybe' is not one of valid, cancelled, blocked, unpaid, revoked, nor a word that"
        " means one of them",
        "market.csv:8: the code is missing or not readable",
        "stallbox: market.csv has 3 problems: nothing was loaded.",
    ]
    assert not any("M1" in line for line in printed)  # a code on a screen is a code on a photograph


def test_of_many_problems_a_hundred_are_named_and_the_rest_counted(stallbox: Stallbox, market: Path) -> None:
    market.write_text("code,status\n" + "".join(f"C{number},maybe\n" for number in range(250)))
    printed = stallbox("tickets", "import", market)
    assert sum(line.startswith("market.csv:") and "maybe" in line for line in printed) == 100
    assert printed[-2:] == ["market.csv: and 150 more", "stallbox: market.csv has 250 problems: nothing was loaded."]


def test_columns_preset_and_name_may_be_told(stallbox: Stallbox, market: Path) -> None:
    market.write_text("Barcode,Ticket type,Seat\nM1,guest,S1\nM2,guest,S2\n")
    told = ("--map", "code=Seat", "--map", "product=", "--source", "stalls", "--preset", "generic")
    assert stallbox("tickets", "import", market, *told) == [
        "market.csv: generic, parted by comma",
        "  code        <- 'Seat'",
        "market.csv: 2 new, 0 changed, 0 as before.",
    ]
    assert stallbox("tickets", "status")[-1] == "       2 from stalls"


@pytest.mark.parametrize(
    ("words", "sentence"), [(("--map", "code"), "'code' is not FIELD=COLUMN"), (("--preset", "x"), "'x' is not one of")]
)
def test_wrong_usage_is_told(stallbox: Stallbox, market: Path, words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(click.UsageError) as raised:
        stallbox("tickets", "import", market, *words)
    assert sentence in raised.value.format_message()


def test_orders_of_pretix_are_taken_as_they_are(stallbox: Stallbox, tmp_path: Path) -> None:
    file = tmp_path / "orders.json"
    file.write_text((SAMPLES / "pretix-export.json").read_text().replace('"status": "n"', '"status": "p"'))
    printed = stallbox("tickets", "import", file)
    assert printed[0] == "orders.json: pretix orders in JSON"
    assert printed[-3:] == [
        "Note: Left out: 1 of products that admit nobody.",
        "Note: Left out: 1 of orders in test mode.",
        "orders.json: 2 new, 0 changed, 0 as before.",
    ]


def test_issued_tickets_can_be_taken_in_by_another_box(stallbox: Stallbox, tmp_path: Path) -> None:
    file = tmp_path / "issued.csv"
    stallbox("tickets", "issue", file, "--count", "50", "--product", "Café, row 1")
    issued = stallbox("tickets", "export")
    assert stallbox("tickets", "import", file)[-1] == "issued.csv: 0 new, 0 changed, 50 as before."
    assert stallbox("tickets", "export") == issued
    assert stallbox("tickets", "status")[-1] == "      50 from issued.csv"


def test_the_lists_of_an_event_that_is_over_are_taken_away(stallbox: Stallbox, market: Path) -> None:
    stallbox("event", "load", ROOT / "config" / "events" / "street-series.toml")
    stallbox("tickets", "import", market)
    both = stallbox("tickets", "remove", "--event", "street-series")
    assert [line.partition(":")[0] for line in both] == ["market.csv", "street-series-tickets.csv"]
    (none,) = stallbox("tickets", "remove", "--event", "street-series")
    assert none == "stallbox: There is no list of an event 'street-series' here."
    with pytest.raises(click.UsageError, match="--source NAME, --event ID, or both"):
        stallbox("tickets", "remove")
