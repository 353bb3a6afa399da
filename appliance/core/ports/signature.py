"""Where a certified signature device would sign, in countries whose law asks for one; see docs/law.md.

No such device comes with Stallbox, which is therefore no fiscal device and does not claim to be one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Signature:
    """What a device made of an entry: the `lines` that belong on the receipt, and the text of a QR code or nothing."""

    lines: tuple[str, ...]
    qr: str = ""


class SignaturePort(Protocol):
    """A signature device."""

    def sign(self, kind: str, at: str, data: Mapping[str, Any]) -> Signature:
        """Sign a journal entry that is about to be written; `at` is RFC 3339 in UTC.

        It is called within the transaction and holds up everybody: it has to answer within a second or two.
        Raises DeviceLost, whose message goes onto the receipt: the sale goes on.
        """
