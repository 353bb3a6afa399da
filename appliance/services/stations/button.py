"""What the panel's button does."""

from __future__ import annotations

import logging
from collections.abc import Callable

from appliance.core.devices import BoardPort, Health
from appliance.core.errors import StallboxError
from appliance.core.panel import Press, press_of
from appliance.core.ports import Books, DeskPort
from appliance.core.slips import pin_slip, status_slip
from appliance.services import overview, printing

log = logging.getLogger(__name__)


class Button:
    """Acts on a press. `shut_down` begins a safe shutdown; `renew_pin` draws a new owner PIN, makes it hold and
    returns it; `address` tells where people open the box.
    """

    def __init__(
        self,
        desk: DeskPort,
        board: BoardPort,
        shut_down: Callable[[], None],
        renew_pin: Callable[[], str],
        box_name: str,
        address: Callable[[], str],
    ) -> None:
        self._desk = desk
        self._board = board
        self._shut_down = shut_down
        self._renew_pin = renew_pin
        self._box_name = box_name
        self._address = address

    def pressed(self, held_s: float) -> None:
        """Do what a press of so many seconds asks for; what cannot be done now is one line in the log."""
        try:
            match press_of(held_s):
                case Press.SLIP:
                    self._desk.submit(self._print_status)
                case Press.SHUTDOWN:
                    self._shut_down()
                case Press.PIN:
                    self._print_pin()
        except (StallboxError, TimeoutError, OSError) as error:
            log.error("the button's wish could not be done: %s", error)

    def _print_status(self, books: Books) -> None:
        battery = self._board.get("battery")
        facts = battery if isinstance(battery, dict) else {}
        counts = {name: count for name, count in overview.counts(books).items() if name != "takings_minor"}  # a right
        page = status_slip(self._box_name, _time(books), self._address(), facts, self._board.devices(), counts)
        books.prints.add("slip", "status", page.to_json())

    def _print_pin(self) -> None:
        """Renew the PIN only where it can be told: on paper, and nowhere else."""
        printer = self._board.device("printer")  # that for receipts: others print nothing of this
        if printer is None or printer.health in (Health.ABSENT, Health.OFFLINE):
            log.error("the owner PIN stays as it is: there is no printer to tell a new one")
            return
        pin = self._renew_pin()

        def note(books: Books) -> None:
            books.journal.append("owner_pin.renewed", {})
            books.prints.add(printing.SECRET, "owner PIN", pin_slip(self._box_name, _time(books), pin).to_json())

        self._desk.submit(note)


def _time(books: Books) -> str:
    return books.moment.text()[:16].replace("T", " ") + " UTC"
