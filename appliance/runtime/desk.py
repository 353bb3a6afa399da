"""The desk: one thread owns the only write connection; everybody else hands in commands and waits.

Commands that lie in the mailbox together share one transaction and one fdatasync (group commit), each inside a
savepoint of its own, so that a refusal undoes only itself. Nobody is answered before the commit is on the disk.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from appliance.core.clock import Moment
from appliance.core.errors import StoreUnavailable
from appliance.core.ports import Books, LedgerPort
from appliance.runtime.worker import Worker

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_BATCH = 256
BEAT_LIMIT_S = 60.0  # a dying SD card can take seconds for a write; beyond a minute it is dead
IDLE_S = 1.0
QUIET_S = 0.1  # a mailbox that had work and is empty for so long is the moment to tidy up
TRIED = "desk.tried"  # the cursor that a troubled store is tried with
BEGUN_S = 5.0  # what is being done when the time is over is waited for so much longer: its answer is near
MAILBOX = 1024  # more than every thread of the box can have outstanding


class ReadersPort(Protocol):
    """Read-only books for the calling thread."""

    def reading(self, moment: Moment) -> AbstractContextManager[Books]:
        """Open the books as of now."""

    def close(self) -> None:
        """Close every connection."""


@dataclass(slots=True)
class _Asked(Generic[T]):
    command: Callable[[Books], T]
    answer: Future[T]

    def fail(self, error: StoreUnavailable) -> None:
        """Answer that it was not done, if somebody still waits for it."""
        with contextlib.suppress(InvalidStateError):
            self.answer.set_exception(error)


class Desk(Worker):
    """See DeskPort in core/ports. `now` gives the moment of each transaction.

    `wait_for_company_s`: when the last batch held several commands, how long the next one waits for more of them.
    A lone client never waits.
    """

    def __init__(
        self, ledger: LedgerPort, readers: ReadersPort, now: Callable[[], Moment], wait_for_company_s: float = 0.002
    ) -> None:
        super().__init__("desk", self._serve, beat_limit_s=BEAT_LIMIT_S, interrupt=self._wake, finish=self._finish)
        self._ledger = ledger
        self._readers = readers
        self._now = now
        self._wait_for_company_s = wait_for_company_s
        self._mailbox: queue.Queue[_Asked[Any] | None] = queue.Queue(MAILBOX)
        self._head = threading.Condition()
        self._head_seq = 0
        self._last_batch = 0
        self._untidy = False
        self._over = False  # set once nobody works the mailbox any more
        self.trouble: StoreUnavailable | None = None  # why the store takes nothing at present

    def start(self) -> None:
        """Start the thread. Raises StoreUnavailable if the store cannot be read."""
        with self.reading() as books:
            head = books.journal.head()
        self._head_seq = head.seq if head else 0
        super().start()

    def submit(self, command: Callable[[Books], T], timeout_s: float = 10.0) -> T:
        """Run a command; see DeskPort."""
        if self.stopping:
            raise _shutting_down()
        asked = _Asked(command, Future[T]())
        try:
            self._mailbox.put(asked, timeout=timeout_s)
        except queue.Full:
            raise TimeoutError("the desk is busy") from None
        if self._over:  # it ended between the look and the put
            self._refuse_rest()
        try:
            return asked.answer.result(timeout_s)
        except TimeoutError:
            if asked.answer.cancel():  # nobody waits for it: it must not be done behind their back
                raise
            return asked.answer.result(BEGUN_S)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Books]:
        """Open the books for reading; see DeskPort."""
        with self._readers.reading(self._now()) as books:
            yield books

    @property
    def head_seq(self) -> int:
        """Number of the newest committed entry."""
        return self._head_seq

    def wait_head(self, seq: int, timeout_s: float) -> int:
        """Wait until the head is beyond `seq`; see DeskPort."""
        with self._head:
            self._head.wait_for(lambda: self._head_seq > seq, timeout_s)
            return self._head_seq

    def _serve(self) -> None:
        """Work off one batch; an empty mailbox is the moment to tidy up."""
        batch = self._gather(QUIET_S if self._untidy else IDLE_S)
        if batch:
            self._work(batch)
            self._untidy = True
        elif self._untidy:
            self._tidy()
            self._untidy = False
        elif self.trouble:
            self._work([])

    def _wake(self) -> None:
        with contextlib.suppress(queue.Full):  # a full mailbox wakes it as well
            self._mailbox.put_nowait(None)

    def _finish(self) -> None:
        """Finish what lies in the mailbox, then close the store. Nobody may ask any more."""
        while not self._mailbox.empty():
            if batch := self._gather(0):
                self._work(batch)
        self._readers.close()
        self._ledger.close()  # last: SQLite then moves the whole log into the store, which is one file again
        self._over = True
        self._refuse_rest()

    def _refuse_rest(self) -> None:
        """Answer those who came too late, rather than let them wait for their time-out."""
        with contextlib.suppress(queue.Empty):
            while True:
                if asked := self._mailbox.get_nowait():
                    asked.fail(_shutting_down())

    def _gather(self, wait_s: float) -> list[_Asked[Any]]:
        """Take what lies in the mailbox; after a shared batch, wait a moment for the same company."""
        batch: list[_Asked[Any]] = []
        deadline = 0.0
        while len(batch) < MAX_BATCH:
            try:
                asked = self._mailbox.get(timeout=wait_s) if wait_s > 0 else self._mailbox.get_nowait()
            except queue.Empty:
                break
            if asked is None:  # a stop wakes us
                break
            if not batch:
                deadline = time.monotonic() + (self._wait_for_company_s if self._last_batch > 1 else 0.0)
            batch.append(asked)
            wait_s = deadline - time.monotonic() if len(batch) < self._last_batch else 0.0
        self._last_batch = len(batch)
        return batch

    def _work(self, batch: list[_Asked[Any]]) -> None:
        """Run a batch in one transaction, then tell everybody."""
        try:
            books = self._ledger.begin(self._now())
            if self.trouble:  # a transaction that writes nothing would pass for a cure: a full disk takes it as well
                books.cursors.set(TRIED, self._head_seq)
            outcomes = [
                (asked.answer, *_outcome(books, asked))
                for asked in batch
                if asked.answer.set_running_or_notify_cancel()  # False: who asked has given up
            ]
            head_seq = self._ledger.commit()
        except StoreUnavailable as error:
            self._ledger.rollback()
            self._note_trouble(error)
            for asked in batch:
                asked.fail(StoreUnavailable(error.code, error.message))
            return
        self._note_trouble(None)
        with self._head:
            self._head_seq = head_seq
            self._head.notify_all()
        for answer, result, failure in outcomes:
            if failure is None:
                answer.set_result(result)
            else:
                answer.set_exception(failure)

    def _tidy(self) -> None:
        try:
            self._ledger.tidy()
        except StoreUnavailable as error:
            self._note_trouble(error)

    def _note_trouble(self, error: StoreUnavailable | None) -> None:
        if error and not self.trouble:
            log.error("the store takes nothing: %s", error.message)
        if self.trouble and not error:
            log.warning("the store works again")
        self.trouble = error


def _shutting_down() -> StoreUnavailable:
    return StoreUnavailable("shutting_down", "The box is shutting down: try again when it is back.")


def _outcome(books: Books, asked: _Asked[Any]) -> tuple[Any, BaseException | None]:
    try:
        with books.attempt():
            return asked.command(books), None
    except StoreUnavailable:
        raise  # the disk failed, not the command: the whole batch is undone
    except BaseException as error:  # noqa: BLE001 - belongs to whoever asked, and only to them
        return None, error
