"""No printer: a stall without paper works too."""

from __future__ import annotations

from appliance.core.devices import Paper, PrinterNotReady, PrinterStatus
from appliance.core.document import Document


class AbsentPrinter:
    """The printer of a box that has none. Nothing is ever printed, and nothing of it is an error to see to."""

    model = "absent"

    def __init__(self, columns: int = 48) -> None:
        """Receipts are still laid out, `columns` characters wide, for screens that show them."""
        self.columns = columns

    def open(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def status(self) -> PrinterStatus:
        """Say that it is not there."""
        return PrinterStatus(online=False, paper=Paper.UNKNOWN)

    def print(self, document: Document) -> None:
        """Raise PrinterNotReady: there is nothing to print on."""
        raise PrinterNotReady("printer_absent", "This box has no printer; set one up under [printer].")
