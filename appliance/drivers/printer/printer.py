"""The ESC/POS receipt printer: asks before it prints, waits for a person, and knows whether all is on paper."""

from __future__ import annotations

from collections.abc import Callable

from appliance.core.devices import PrinterNotReady, PrinterStatus, PrintUnsure
from appliance.core.document import Document
from appliance.core.errors import DeviceLost
from appliance.drivers.printer.job import Confirm, Job, Limits
from appliance.drivers.printer.links import LineLost, Link
from appliance.drivers.printer.render import Renderer
from appliance.drivers.printer.status import trouble
from appliance.drivers.printer.talk import ANSWER_S, Talk


class EscposPrinter:
    """One printer on one line. Used by one thread; only `stopping` looks at the rest of the program.

    A line that is lost is closed at once, and opened again by the next `status` or `print`.
    """

    model = "escpos"

    def __init__(
        self,
        link: Link,
        renderer: Renderer,
        confirm: Confirm | str = Confirm.PROCESS_ID,
        limits: Limits | None = None,
        answer_limit_s: float = ANSWER_S,
        stopping: Callable[[], bool] = lambda: False,
        logo_memory: bool = False,
    ) -> None:
        """Nothing is opened yet; `logo_memory` says that it can keep a logo.

        Raises ValueError for an unknown `confirm`.
        """
        self._link = link
        self._renderer = renderer
        self._confirm = Confirm(confirm)
        self._limits = limits or Limits()
        self._answer_limit_s = answer_limit_s
        self._stopping = stopping
        self._logo_memory = logo_memory and renderer.logo is not None
        self._logo_seen_to = False
        self._talk = Talk(link, answer_limit_s)

    @property
    def columns(self) -> int:
        """Characters a line in the normal font."""
        return self._renderer.columns

    def open(self) -> None:
        """Take hold of the line. Raises DeviceLost."""
        if not self._link.is_open:
            self._talk = Talk(self._link, self._answer_limit_s)
            self._link.open()
            self._logo_seen_to = False  # another printer may hang on the line
            self._renderer.prepare()

    def close(self) -> None:
        """Let go of the line and drop what is unsent."""
        self._link.close()

    def status(self) -> PrinterStatus:
        """Ask the printer how it is; milliseconds when it is well. Raises DeviceLost."""
        held = self._link.is_open
        try:
            return self._ask()
        except LineLost:
            if not held:
                raise
            return self._ask()  # a network printer hangs up when idle: dial once more

    def print(self, document: Document) -> None:
        """Print and return when all is on paper; waits while paper or a closed cover is missing in mid-job.

        Raises PrinterNotReady (nothing was sent) or PrintUnsure (some was; the end is not known). Never sends
        anything twice.
        """
        try:
            code, message = trouble(self.status())
        except DeviceLost as error:
            raise PrinterNotReady(error.code, error.message) from error
        if code:
            raise PrinterNotReady(code, message)
        self._see_to_logo()
        try:
            self._job().run(self._renderer.render(document))
        except (PrinterNotReady, PrintUnsure):
            self.close()  # what the line still holds must not come out later
            raise

    def _job(self) -> Job:
        return Job(self._link, self._talk, self._confirm, self._limits, self._stopping)

    def _see_to_logo(self) -> None:
        """Have the printer keep the logo, once. Raises PrinterNotReady: of the document itself nothing was sent."""
        logo = self._renderer.logo
        if self._logo_seen_to or not self._logo_memory or logo is None or logo.picture is None:
            return
        try:
            names = self._talk.stored_names()
            if names is not None and logo.name not in names:
                self._job().run([logo.store()])
                names = self._talk.stored_names()
        except (LineLost, PrinterNotReady, PrintUnsure) as error:
            self.close()
            raise PrinterNotReady(error.code, error.message) from error
        self._renderer.logo_is_stored = names is not None and logo.name in names
        self._logo_seen_to = True

    def _ask(self) -> PrinterStatus:
        try:
            self.open()
            return self._talk.status()
        except DeviceLost:
            self.close()
            raise
