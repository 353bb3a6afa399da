"""Where money goes that guests send from their own bank's app."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Scheme(enum.StrEnum):
    """Kinds of payment codes that banks' apps read."""

    SEPA = "sepa"  # EPC069-12, euro
    UPI = "upi"  # India
    SWISH = "swish"  # Sweden
    LINK = "link"  # any other, by its address


@dataclass(frozen=True, slots=True)
class Transfer:
    """Who is paid, and as which code. `account` is an IBAN, a UPI id, a Swish number, or the template of a link."""

    scheme: Scheme
    account: str
    name: str = ""
    bic: str = ""
