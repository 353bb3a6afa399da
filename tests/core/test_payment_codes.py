"""The codes by which guests pay from their own bank's app, against the papers that describe them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.core.errors import Refusal
from appliance.core.eventfile import read_event
from appliance.core.payment_qr import MAX_NAME_BYTES, MAX_SEPA_MINOR, payment_code
from appliance.core.tomltext import TomlProblems
from appliance.core.trade import Scheme, Transfer
from appliance.paper.qr import modules_of
from tests.books import EVENT_TEXT

STALL = Transfer(Scheme.SEPA, "DE89370400440532013000", "Stall Nord e. V.", "COBADEFFXXX")
AMOUNTS = st.integers(1, 10**8)
REFERENCES = st.from_regex(r"[0-9A-F]{5}-[1-9][0-9]{0,6}", fullmatch=True)


def with_transfer(table: str, currency: str = "EUR") -> str:
    return EVENT_TEXT.replace('currency = "USD"', f'currency = "{currency}"') + f"\n[transfer]\n{table}\n"


def test_a_sepa_code_is_that_of_the_guidelines() -> None:
    assert payment_code(STALL, "EUR", 1230, "3F2A1-7").split("\n") == [
        "BCD", "002", "1", "SCT", "COBADEFFXXX", "Stall Nord e. V.", "DE89370400440532013000", "EUR12.30", "", "",
        "3F2A1-7",
    ]  # fmt: skip


@given(
    name=st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=70).filter(
        lambda name: len(name.encode()) <= MAX_NAME_BYTES
    ),
    amount=st.integers(1, MAX_SEPA_MINOR),
    about=REFERENCES,
)
@example(name="\U0001f3fa" * 59 + "ab", amount=MAX_SEPA_MINOR, about="FFFFF-1234567")
def test_any_sepa_code_keeps_the_guidelines_limits(name: str, amount: int, about: str) -> None:
    longest = "MT84MALT011000012345MTLCAST001S"  # of IBANs in use
    code = payment_code(Transfer(Scheme.SEPA, longest, name, STALL.bic), "EUR", amount, about)
    whole, _, cents = code.split("\n")[7].removeprefix("EUR").partition(".")
    assert (int(whole) * 100 + int(cents), len(cents)) == (amount, 2)
    assert len(code.encode()) <= 331
    assert len(modules_of(code)) <= 69  # version 13


def test_a_sepa_code_carries_no_more_than_sepa_does() -> None:
    with pytest.raises(Refusal):
        payment_code(STALL, "EUR", 100_000_000_000, "A-1")


@given(amount=AMOUNTS, about=REFERENCES)
def test_a_upi_code_is_read_back_as_it_was_meant(amount: int, about: str) -> None:
    url = urlsplit(payment_code(Transfer(Scheme.UPI, "stall@okbank", "Chai & Co"), "INR", amount, about))
    assert (url.scheme, url.netloc) == ("upi", "pay")
    assert parse_qs(url.query, strict_parsing=True) == {
        "pa": ["stall@okbank"], "pn": ["Chai & Co"], "am": [f"{amount // 100}.{amount % 100:02}"], "cu": ["INR"],
        "tn": [about], "tr": [about],
    }  # fmt: skip


def test_a_swish_code_is_that_of_the_manual() -> None:
    to = Transfer(Scheme.SWISH, "1237856901")
    assert payment_code(to, "SEK", 10000, "12229445") == "C1237856901;100,00;12229445;0"


def test_a_link_holds_what_its_template_asks_for() -> None:
    to = Transfer(
        Scheme.LINK, "https://pay.example/a?sum={amount}{currency}&m={amount_minor}&r={reference}&n={name}", "A&B"
    )
    assert payment_code(to, "KWD", 1500, "A/1") == "https://pay.example/a?sum=1.500KWD&m=1500&r=A%2F1&n=A%26B"


@pytest.mark.parametrize(
    ("table", "currency", "transfer"),
    [
        ('scheme = "sepa"\naccount = "de89 3704 0044 0532 0130 00"\nname = "N"', "EUR",
         Transfer(Scheme.SEPA, "DE89370400440532013000", "N")),
        ('scheme = "swish"\naccount = "123 785 69 01"', "SEK", Transfer(Scheme.SWISH, "1237856901")),
        ('scheme = "upi"\naccount = "a.b@okbank"\nname = "N"', "INR", Transfer(Scheme.UPI, "a.b@okbank", "N")),
        ('scheme = "link"\naccount = "https://x.example/{amount}"', "USD",
         Transfer(Scheme.LINK, "https://x.example/{amount}")),
    ],
)  # fmt: skip
def test_an_event_says_where_transfers_go(table: str, currency: str, transfer: Transfer) -> None:
    assert read_event(with_transfer(table, currency)).transfer == transfer


@pytest.mark.parametrize(
    ("table", "currency", "problem"),
    [
        ('scheme = "sepa"\naccount = "DE89370400440532013001"\nname = "N"', "EUR", "no IBAN"),
        ('scheme = "sepa"\naccount = "DE89370400440532013000"\nname = "N"\nbic = "XX"', "EUR", "no BIC"),
        ('scheme = "sepa"\naccount = "DE89370400440532013000"', "EUR", "name: is missing"),
        (f'scheme = "sepa"\naccount = "DE89370400440532013000"\nname = "{"陶" * 71}"', "EUR", "70 characters"),
        (f'scheme = "sepa"\naccount = "DE89370400440532013000"\nname = "{"🏺" * 60}"', "EUR", "238 bytes"),
        ('scheme = "sepa"\naccount = "DE89370400440532013000"\nname = "N"', "USD", "sepa pays EUR"),
        ('scheme = "swish"\naccount = "12"', "SEK", "no Swish number"),
        ('scheme = "upi"\naccount = "nobody"\nname = "N"', "INR", "no UPI id"),
        ('scheme = "link"\naccount = "https://x.example/{amout}"', "USD", "not known between braces: amout"),
        ('scheme = "link"\naccount = "https://x.example/"', "USD", "nothing in particular"),
        ('scheme = "link"\naccount = "pay me"', "USD", "no address"),
        ('scheme = "paypal"\naccount = "x"', "USD", "is not one of"),
    ],
)
def test_what_is_wrong_with_a_transfer_is_said(table: str, currency: str, problem: str) -> None:
    with pytest.raises(TomlProblems, match=problem):
        read_event(with_transfer(table, currency))
