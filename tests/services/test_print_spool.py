"""The print spool: in order, once, and doubt is a state of its own."""

from __future__ import annotations

import pytest

from appliance.core.document import Document, Drawer, Text
from appliance.core.errors import NotFound, Refusal
from appliance.core.trade import PrintJob, PrintStatus
from appliance.services import printing
from tests.books import Box


def claim(box: Box) -> PrintJob:
    job = box.submit(printing.claim_next)
    assert job is not None
    return job


def finish(box: Box, job: PrintJob, status: PrintStatus) -> PrintJob | None:
    return box.submit(lambda books: printing.finish(books, job.id, status, "why"))


def status(box: Box, id: int) -> PrintStatus:
    with box.reading() as books:
        job = books.prints.get(id)
    assert job is not None
    return job.status


def test_jobs_are_claimed_in_order_and_once(box: Box) -> None:
    for _ in range(3):
        box.sell(("cup", 1))
    first = claim(box)
    assert (first.subject, status(box, first.id)) == ("sale 1", PrintStatus.PRINTING)
    second = finish(box, first, PrintStatus.PRINTED)  # the next comes along in the same transaction
    assert second is not None
    assert (second.subject, status(box, second.id), status(box, first.id)) == ("sale 2", "printing", "printed")
    assert claim(box).subject == "sale 3"
    assert box.submit(printing.claim_next) is None


def test_a_job_of_which_nothing_was_sent_is_the_first_again(box: Box) -> None:
    for _ in range(2):
        box.sell(("cup", 1))
    job = claim(box)
    assert finish(box, job, PrintStatus.QUEUED) is None
    assert claim(box).id == job.id


def test_what_was_being_printed_when_the_power_went_is_unsure_and_waits_for_a_person(box: Box) -> None:
    box.sell(("cup", 1))
    job = claim(box)
    box.restart()
    assert box.submit(printing.doubt_interrupted) == 1
    assert status(box, job.id) is PrintStatus.UNSURE
    assert box.submit(printing.claim_next) is None
    assert box.submit(printing.doubt_interrupted) == 0


@pytest.mark.parametrize(("on_paper", "then"), [(True, PrintStatus.PRINTED), (False, PrintStatus.QUEUED)])
def test_a_persons_word_settles_an_unsure_job_once(box: Box, on_paper: bool, then: PrintStatus) -> None:
    box.sell(("cup", 1))
    job = claim(box)
    finish(box, job, PrintStatus.UNSURE)
    box.submit(lambda books: printing.settle(books, job.id, on_paper))
    assert status(box, job.id) is then
    assert box.entries("print.settled") == [{"job": job.id, "on_paper": on_paper, "subject": "sale 1"}]
    with pytest.raises(Refusal) as refused:
        box.submit(lambda books: printing.settle(books, job.id, on_paper))
    assert refused.value.code == "not_unsure"


def test_a_copy_says_so_and_leaves_the_drawer_shut(box: Box) -> None:
    box.sell(("cup", 1))
    job = claim(box)
    with pytest.raises(Refusal, match="still on its way"):
        box.submit(lambda books: printing.reprint(books, job.id))
    finish(box, job, PrintStatus.PRINTED)
    copy_id = box.submit(lambda books: printing.reprint(books, job.id))
    copy = claim(box)
    assert (copy.id, copy.subject) == (copy_id, "sale 1")
    original, copied = Document.from_json(job.document), Document.from_json(copy.document)
    assert any(isinstance(block, Drawer) for block in original.blocks)
    assert isinstance(copied.blocks[0], Text)
    assert copied.blocks[0].text == "COPY"
    assert list(copied.blocks[1:]) == [block for block in original.blocks if not isinstance(block, Drawer)]
    assert box.entries("print.copied") == [{"job": job.id, "copy": copy_id, "subject": "sale 1"}]


def test_a_job_that_is_not_there_is_told(box: Box) -> None:
    for act in (lambda books: printing.reprint(books, 99), lambda books: printing.settle(books, 99, True)):
        with pytest.raises(NotFound):
            box.submit(act)


def test_a_box_without_printer_puts_its_jobs_away(box: Box) -> None:
    for _ in range(3):
        box.sell(("cup", 1))
    assert box.submit(printing.discard_queued) == 3
    assert box.submit(printing.claim_next) is None
    with box.reading() as books:
        assert books.prints.count(PrintStatus.DISCARDED) == 3
