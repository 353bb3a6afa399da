"""All that the web layer is given by the box that it speaks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from appliance.core.devices import BoardPort
from appliance.core.ports import DeskPort
from appliance.core.trust import ReadersOf, no_readers
from appliance.core.verdict import Verdict
from appliance.web.tokens import Tokens

Signer = Callable[[bytes], tuple[bytes, bytes]]  # what is signed -> signature, public key


def _show_nobody(verdict: Verdict, source: str) -> None:
    """Stand for a box without a panel."""


def _fine() -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class WebContext:
    """What the pages and the API work with.

    `health` gives the reasons why the daemon cannot sell or admit now, none if it can; `on_scan` is told of each
    verdict of a scan that came in by the API, with its source, once it is on the disk; `readers_of` gives
    the readers of the signed tickets that an event trusts.
    """

    desk: DeskPort
    board: BoardPort
    tokens: Tokens
    secret_key: bytes = field(repr=False)
    box_id: str
    box_name: str
    version: str
    max_body_bytes: int = 65_536
    signer: Signer | None = None
    health: Callable[[], Sequence[str]] = _fine
    on_scan: Callable[[Verdict, str], None] = _show_nobody
    readers_of: ReadersOf = no_readers
