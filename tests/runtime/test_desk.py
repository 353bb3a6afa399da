"""The desk: one transaction for many, each undone alone, nobody told before the disk has it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.core.clock import Moment
from appliance.core.errors import Refusal, StoreUnavailable
from appliance.core.ports import Books, LedgerPort
from appliance.runtime import desk as desk_module
from appliance.services import signals
from appliance.store.books import Ledger, Readers
from tests.books import Box
from tests.powercut.disk import has_admin_capability
from tests.powercut.host import run
from tests.waiting import wait_until

LIMIT_S = 10.0


class Overheard:
    """A ledger that passes everything on and keeps what happened; `before` is called ahead of each act."""

    def __init__(self, ledger: LedgerPort) -> None:
        self.ledger = ledger
        self.acts: list[str] = []
        self.before: Callable[[str], None] = lambda act: None

    def begin(self, moment: Moment) -> Books:
        self._about_to("begin")
        return self.ledger.begin(moment)

    def commit(self) -> int:
        self._about_to("commit")
        head = self.ledger.commit()
        self.acts.append("committed")
        return head

    def rollback(self) -> None:
        self._about_to("rollback")
        self.ledger.rollback()

    def tidy(self) -> None:
        self._about_to("tidy")
        self.ledger.tidy()

    def close(self) -> None:
        self._about_to("close")
        self.ledger.close()

    def _about_to(self, act: str) -> None:
        self.acts.append(act)
        self.before(act)


@contextmanager
def overheard_box(folder: Path) -> Iterator[tuple[Box, Overheard]]:
    kept: list[Overheard] = []

    def wrap(ledger: LedgerPort) -> LedgerPort:
        kept.append(Overheard(ledger))
        return kept[-1]

    with Box(folder, wrap=wrap) as box:
        yield box, kept[-1]


@contextmanager
def held(box: Box) -> Iterator[None]:
    """Keep the desk busy with one command; what is submitted meanwhile lies in its mailbox together."""
    running, release = threading.Event(), threading.Event()

    def hold(books: Books) -> None:
        running.set()
        assert release.wait(LIMIT_S)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(box.submit, hold)
        assert running.wait(LIMIT_S)
        try:
            yield
        finally:
            release.set()
            holding.result(LIMIT_S)


def together(box: Box, commands: Sequence[Callable[[Books], object]]) -> list[Future[object]]:
    """Have commands lie in the mailbox together, in this order; return what became of each."""
    with ThreadPoolExecutor(len(commands)) as pool:
        with held(box):
            futures = []
            for count, command in enumerate(commands, 1):
                futures.append(pool.submit(box.submit, command))
                wait_until(lambda count=count: box.desk._mailbox.qsize() == count)
        for future in futures:
            future.exception(LIMIT_S)
    return futures


def note(books: Books) -> int:
    return signals.note(books, "browsed")


def note_then(error: BaseException) -> Callable[[Books], int]:
    def act(books: Books) -> int:
        signals.note(books, "tried")
        books.events.take_stock("cup", 1)
        raise error

    return act


@pytest.mark.parametrize("error", [Refusal("no", "No."), ZeroDivisionError("slip"), KeyError("x"), SystemExit(3)])
def test_one_that_fails_in_a_batch_undoes_only_itself_and_is_told(box: Box, error: BaseException) -> None:
    head = box.desk.head_seq
    first, failed, last = together(box, [note, note_then(error), note])
    assert (first.result(), last.result()) == (head + 1, head + 2)
    assert failed.exception() is error
    assert (
        box.entries("signal.noted")
        == [{"what": "browsed", "persona": None, "offer": None, "window": "market-square"}] * 2
    )
    assert box.stock("cup") == 40
    assert box.verify() == []


def test_sixty_four_commands_in_the_mailbox_are_one_transaction(tmp_path: Path) -> None:
    with overheard_box(tmp_path) as (box, ledger):
        del ledger.acts[:]
        futures = together(box, [note] * 64)
        assert sorted(future.result() for future in futures) == list(
            range(box.desk.head_seq - 63, box.desk.head_seq + 1)
        )
        assert ledger.acts.count("committed") == 2  # the command that held the desk, and all the others


def test_nobody_is_answered_before_the_commit_has_returned(tmp_path: Path) -> None:
    with overheard_box(tmp_path) as (box, ledger), ThreadPoolExecutor(1) as pool:
        answered, early, heads = threading.Event(), [], []

        def look(act: str) -> None:
            if act == "commit":
                early.append(answered.wait(0.2))  # a desk that answers too soon has time to be caught
                heads.append(box.desk.head_seq)

        ledger.before = look
        head = box.desk.head_seq
        future = pool.submit(lambda: (box.submit(note), answered.set()))
        future.result(LIMIT_S)
        ledger.before = lambda act: None
        assert early == [False]
        assert answered.is_set()
        assert heads == [head]  # nor is the head moved on for those who wait for it
        assert box.desk.head_seq == head + 1


def test_readers_see_a_command_only_once_it_is_committed(tmp_path: Path) -> None:
    with overheard_box(tmp_path) as (box, ledger), ThreadPoolExecutor(1) as pool:
        seen: list[int] = []

        def count() -> int:
            with box.reading() as books:
                return len(books.journal.newest(["signal.noted"], 10))

        def look(act: str) -> None:
            if act == "commit":
                seen.append(pool.submit(count).result(LIMIT_S))

        ledger.before = look
        box.submit(note)
        assert (seen, count()) == ([0], 1)


@pytest.mark.parametrize("act", ["begin", "commit"])
def test_a_store_that_fails_is_told_to_all_and_the_desk_lives_on(
    tmp_path: Path, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "IDLE_S", LIMIT_S)  # the desk does not try by itself meanwhile
    with overheard_box(tmp_path) as (box, ledger):
        full = StoreUnavailable("disk_full", "The disk is full.")
        head = box.desk.head_seq

        def fail(about: str) -> None:
            if about == act and box.desk._last_batch == 8:
                raise full

        ledger.before = fail
        futures = together(box, [note] * 8)
        errors = [future.exception() for future in futures]
        assert all(isinstance(error, StoreUnavailable) and error.code == "disk_full" for error in errors)
        assert len({id(error) for error in errors}) == 8  # each thread has one of its own to raise
        assert box.desk.trouble
        assert box.desk.trouble.message == "The disk is full."
        assert (box.desk.head_seq, box.entries("signal.noted")) == (head, [])
        ledger.before = lambda about: None
        assert box.submit(note) == head + 1
        assert box.desk.trouble is None
        assert box.verify() == []


def test_a_store_that_fails_inside_a_command_undoes_the_whole_batch(box: Box) -> None:
    futures = together(box, [note, note_then(StoreUnavailable("disk_full", "Full.")), note])
    assert [future.exception().code for future in futures] == ["disk_full"] * 3
    assert box.entries("signal.noted") == []


def test_a_transaction_that_sqlite_gave_up_by_itself_is_undone_for_all(box: Box) -> None:
    """Out of memory or an I/O error may end the transaction inside one command, whatever error it then raises."""

    def give_up(books: Books) -> None:
        books.journal._db.execute("ROLLBACK")
        raise MemoryError

    futures = together(box, [note, give_up, note])
    assert [type(future.exception()) for future in futures] == [StoreUnavailable] * 3
    assert box.entries("signal.noted") == []
    assert box.submit(note) == box.desk.head_seq


def until_unavailable(act: Callable[[], object]) -> tuple[int, str]:
    """Do something until the store takes no more; return how often it went well, and the error's code."""
    done = 0
    while True:
        try:
            act()
        except StoreUnavailable as error:
            return done, error.code
        done += 1


def fill(box: Box) -> str:
    """Write until the store is full; return the error's code."""
    document = [{"block": "text", "text": "x" * 4000}]
    return until_unavailable(lambda: box.submit(lambda books: books.prints.add("slip", "filler", document)))[1]


def test_only_a_write_shows_that_a_troubled_store_works_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes a commit of nothing; the desk tries by itself with a write, and then says so."""
    monkeypatch.setattr(desk_module, "IDLE_S", 0.01)
    with overheard_box(tmp_path) as (box, ledger):
        broken = threading.Event()
        broken.set()

        def fail(act: str) -> None:
            if act == "commit" and broken.is_set() and box.desk._ledger.ledger._db.total_changes > changes:  # type: ignore[attr-defined]
                raise StoreUnavailable("disk_full", "The disk is full.")

        changes = box.desk._ledger.ledger._db.total_changes  # type: ignore[attr-defined]
        ledger.before = fail
        with pytest.raises(StoreUnavailable):
            box.submit(note)
        tried = ledger.acts.count("rollback")
        wait_until(lambda: ledger.acts.count("rollback") > tried + 1)
        assert box.desk.trouble
        assert box.desk.trouble.message == "The disk is full."
        broken.clear()
        wait_until(lambda: not box.desk.trouble)


def test_the_end_of_trouble_is_proven_with_a_write(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "IDLE_S", LIMIT_S)
    box.desk.trouble = StoreUnavailable("disk_full", "The disk is full.")
    head = box.submit(lambda books: books.journal.head())  # by itself a commit of nothing, which proves nothing
    assert head is not None
    assert box.desk.trouble is None
    with box.desk.reading() as books:
        assert books.cursors.get(desk_module.TRIED) == head.seq


def test_a_troubled_store_that_still_takes_no_write_stays_in_trouble(box: Box) -> None:
    connection: sqlite3.Connection = box.desk._ledger._db  # type: ignore[attr-defined]
    connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailable):
        box.submit(note)
    assert box.desk.trouble
    with pytest.raises(StoreUnavailable):
        box.submit(lambda books: books.journal.head())
    assert box.desk.trouble
    connection.execute("PRAGMA query_only = OFF")
    wait_until(lambda: not box.desk.trouble, LIMIT_S)  # the desk tries by itself


def test_a_store_without_room_refuses_whole_batches_and_recovers(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "IDLE_S", LIMIT_S)  # the desk does not try by itself meanwhile
    connection: sqlite3.Connection = box.desk._ledger._db  # type: ignore[attr-defined]
    connection.execute("PRAGMA max_page_count = 120")
    assert fill(box) == "disk_full"
    assert box.desk.trouble
    assert "disk is full" in box.desk.trouble.message

    def fill_more(books: Books) -> None:
        note(books)
        books.prints.add("slip", "filler", [{"block": "text", "text": "x" * 40_000}])

    futures = together(box, [note, fill_more, note])
    assert [future.exception().code for future in futures] == ["disk_full"] * 3
    assert box.entries("signal.noted") == []
    connection.execute("PRAGMA max_page_count = 100000")
    box.submit(fill_more)
    assert box.desk.trouble is None
    assert box.verify() == []


@pytest.mark.root
@pytest.mark.skipif(not has_admin_capability(), reason="A FULL DISK WAS NOT TRIED: it takes root to mount a small one")
def test_a_full_disk_refuses_sales_and_one_with_room_again_sells(tmp_path: Path) -> None:
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path)
    try:
        with Box(tmp_path) as box:
            assert fill(box) == "disk_full"
            sold, code = until_unavailable(lambda: box.sell(("postcard", 1)))
            assert code == "disk_full"
            assert len(box.entries("sale.completed")) == sold
            assert box.desk.trouble
            assert box.verify() == []
            run("mount", "-o", "remount,size=8m", tmp_path)
            assert box.sell(("cup", 1)).number == sold + 1
            assert box.desk.trouble is None
            box.restart()
            assert box.verify() == []
            assert len(box.entries("sale.completed")) == sold + 1
    finally:
        run("umount", tmp_path)


def test_a_stop_finishes_the_mailbox_and_then_refuses(box: Box) -> None:
    with ThreadPoolExecutor(21) as pool:
        with held(box):
            futures = [pool.submit(box.submit, note) for _ in range(20)]
            wait_until(lambda: box.desk._mailbox.qsize() == 20)
            stopping = pool.submit(box.desk.stop, LIMIT_S)
            wait_until(lambda: box.desk.stopping)
            with pytest.raises(StoreUnavailable) as refused:
                box.submit(note)
        assert stopping.result(LIMIT_S)
    assert refused.value.code == "shutting_down"
    assert len({future.result(LIMIT_S) for future in futures}) == 20
    box.open()
    assert len(box.entries("signal.noted")) == 20


def test_who_comes_while_the_desk_closes_is_refused_at_once(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    put = box.desk._mailbox.put

    def put_late(asked: object, **options: object) -> None:
        if asked is not None:  # between the look at the door and the mailbox
            assert box.desk.stop(LIMIT_S)
        put(asked, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(box.desk._mailbox, "put", put_late)
    with pytest.raises(StoreUnavailable) as refused:
        box.desk.submit(note, timeout_s=LIMIT_S)
    assert refused.value.code == "shutting_down"
    box.open()
    assert box.entries("signal.noted") == []


def give_up_waiting(box: Box) -> None:
    """Submit a note to a desk that is held, and wait no longer."""
    with pytest.raises(TimeoutError):
        box.desk.submit(note, timeout_s=0.01)


def test_what_nobody_waits_for_any_more_is_never_done(box: Box) -> None:
    """Neither alone nor among others, who get each their own answer."""
    head = box.desk.head_seq
    with ThreadPoolExecutor(2) as pool:
        with held(box):
            first = pool.submit(box.submit, note)
            wait_until(lambda: box.desk._mailbox.qsize() == 1)
            give_up_waiting(box)
            last = pool.submit(box.submit, note)
            wait_until(lambda: box.desk._mailbox.qsize() == 3)
        assert (first.result(LIMIT_S), last.result(LIMIT_S)) == (head + 1, head + 2)
    with held(box):
        give_up_waiting(box)
    assert box.submit(note) == head + 3


def test_what_has_begun_when_the_time_is_over_is_waited_for(box: Box) -> None:
    def slow(books: Books) -> int:
        time.sleep(0.2)
        return note(books)

    assert box.desk.submit(slow, timeout_s=0.05) == box.desk.head_seq


def test_what_has_begun_and_takes_too_long_is_told_so_and_still_counts(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "BEGUN_S", 0.05)
    release = threading.Event()

    def slow(books: Books) -> int:
        release.wait(LIMIT_S)
        return note(books)

    with pytest.raises(TimeoutError):
        box.desk.submit(slow, timeout_s=0.05)
    assert box.entries("signal.noted") == []
    release.set()
    wait_until(lambda: len(box.entries("signal.noted")) == 1)


@pytest.mark.parametrize("act", ["begin", "commit"])
def test_a_store_that_fails_after_somebody_gave_up_is_told_to_the_others(tmp_path: Path, act: str) -> None:
    with overheard_box(tmp_path) as (box, ledger), ThreadPoolExecutor(1) as pool:

        def fail(about: str) -> None:
            if about == act and box.desk._last_batch == 2:
                raise StoreUnavailable("disk_full", "The disk is full.")

        ledger.before = fail
        with held(box):
            give_up_waiting(box)
            patient = pool.submit(box.submit, note)
            wait_until(lambda: box.desk._mailbox.qsize() == 2)
        assert isinstance(patient.exception(LIMIT_S), StoreUnavailable)
        ledger.before = lambda about: None
        box.submit(note)
        assert len(box.entries("signal.noted")) == 1


def test_a_full_mailbox_is_a_time_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "MAILBOX", 2)
    with Box(tmp_path) as box, ThreadPoolExecutor(2) as pool:
        with held(box):
            futures = [pool.submit(box.submit, note) for _ in range(2)]
            wait_until(box.desk._mailbox.full)
            with pytest.raises(TimeoutError, match="busy"):
                box.desk.submit(note, timeout_s=0.01)
        assert all(future.result(LIMIT_S) for future in futures)
        assert len(box.entries("signal.noted")) == 2


def test_who_waits_for_the_head_wakes_with_the_next_entry(box: Box) -> None:
    with ThreadPoolExecutor(3) as pool:
        head = box.desk.head_seq
        waiting = [pool.submit(box.desk.wait_head, head, LIMIT_S) for _ in range(3)]
        box.submit(note)
        assert [future.result(LIMIT_S) for future in waiting] == [head + 1] * 3
    assert box.desk.wait_head(head + 1, 0.01) == head + 1  # the time is over: the head as it is
    assert box.desk.wait_head(head, LIMIT_S) == head + 1  # nothing to wait for


def test_an_idle_desk_tidies_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "IDLE_S", 0.01)
    with overheard_box(tmp_path) as (box, ledger):
        wait_until(lambda: ledger.acts[-1] == "tidy")
        tidied, beat = ledger.acts.count("tidy"), box.desk.last_beat_s
        wait_until(lambda: box.desk.last_beat_s > beat + 0.03)  # idle rounds that find nothing to do
        assert ledger.acts.count("tidy") == tidied
        box.submit(note)
        wait_until(lambda: ledger.acts.count("tidy") == tidied + 1)


def test_a_restart_goes_on_where_the_journal_ended(box: Box) -> None:
    box.submit(note)
    head = box.desk.head_seq
    box.restart()
    assert box.desk.head_seq == head
    assert box.submit(note) == head + 1


def test_a_desk_over_a_missing_store_does_not_start(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "a.db")
    desk = desk_module.Desk(ledger, Readers(tmp_path / "b.db"), lambda: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(StoreUnavailable):
        desk.start()
    ledger.close()


SECOND_WRITER = """
import sys
from pathlib import Path
from appliance.store.books import Ledger
from tests.books import Clock
ledger = Ledger(Path(sys.argv[1]))
for number in range(200):
    books = ledger.begin(Clock()())
    books.journal.append("signal.noted", {"what": "browsed", "writer": "second", "number": number})
    ledger.commit()
ledger.close()
"""


def test_two_processes_that_write_keep_one_unbroken_chain(box: Box) -> None:
    head = box.desk.head_seq
    with subprocess.Popen([sys.executable, "-c", SECOND_WRITER, box.path], stderr=subprocess.PIPE) as second:
        for number in range(200):
            data = {"what": "browsed", "writer": "first", "number": number}
            box.submit(lambda books, data=data: books.journal.append("signal.noted", data))
        _, complaint = second.communicate(timeout=60)
    assert (second.returncode, complaint) == (0, b"")
    noted = box.entries("signal.noted")
    for writer in ("first", "second"):
        assert [data["number"] for data in noted if data["writer"] == writer] == list(range(200))
    with box.reading() as books:
        last = books.journal.head()
    assert last is not None
    assert last.seq == head + 400
    assert box.verify() == []
