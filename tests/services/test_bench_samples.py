"""What the bench offers is what its labels say, asked at the real door."""

from __future__ import annotations

from pathlib import Path

from appliance.commands.loading import DEFAULT_EVENT, read_event_file
from appliance.commands.samples import lay_out, samples_of
from appliance.core.trust import readers_of
from appliance.core.verdict import Verdict
from appliance.services import door
from appliance.store.keys import is_signed
from tests.books import Box

EXPECTED = {
    "Good 1": ("admit", ""),
    "Good 2": ("admit", ""),
    "Good 3": ("admit", ""),
    "Used": ("refuse", "already_used"),
    "Cancelled": ("refuse", "cancelled"),
    "Blocked": ("refuse", "blocked"),
    "Replaced": ("refuse", "revoked"),
    "Not paid": ("refuse", "unpaid"),
    "Expired": ("refuse", "expired"),
    "For another door": ("refuse", "wrong_product"),
    "Unknown": ("refuse", "unknown"),
    "Signed by Stallbox": ("admit", ""),
    "Signed by pretix": ("admit", ""),
    "For another event": ("refuse", "wrong_event"),
    "Forged": ("refuse", "bad_signature"),
    "PRESS-50": ("info", ""),
    "WELCOME-3": ("info", ""),
    "FREE-CARD": ("info", ""),
    "NIGHT-OWL": ("info", ""),
    "Member card": ("info", ""),
    "Barcode: Hand-thrown cup": ("info", ""),
}


def scan(box: Box, code: str) -> Verdict:
    return box.submit(lambda books: door.scan(books, code, "door", readers_of=lambda e: readers_of(e, is_signed)))


def test_each_sample_is_what_its_label_says(box: Box) -> None:
    lay_out(box.desk)
    verdicts = {sample.label: scan(box, sample.code) for sample in samples_of(
        read_event_file(DEFAULT_EVENT), DEFAULT_EVENT.parent
    )}  # fmt: skip
    assert {label: (verdict.verdict, verdict.reason) for label, verdict in verdicts.items()} == EXPECTED
    assert [verdicts[label].kind for label in list(EXPECTED)[-3:]] == ["voucher", "member", "product"]
    assert "First used" in verdicts["Used"].message
    assert "12.00" in verdicts["Not paid"].message


def test_an_event_that_trusts_other_keys_offers_no_signed_samples(tmp_path: Path) -> None:
    text = DEFAULT_EVENT.read_text(encoding="utf-8")
    own = tmp_path / "own.toml"
    begin, end = text.index("[[ticket_keys]]"), text.index("# ---- vouchers")
    own.write_text((text[:begin] + text[end:]).replace("street-series-tickets.csv", ""), encoding="utf-8")
    groups = {sample.group for sample in samples_of(read_event_file(own), own.parent)}
    assert groups == {"Tickets", "Vouchers", "At the till"}
