"""The print spool: in order, once, and doubt is a state of its own."""

from __future__ import annotations

import pytest

from appliance.core.document import Document, Drawer, Text
from appliance.core.errors import NotFound, Refusal
from appliance.core.printers import Share, share_of
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


PRESENT = ["labels"]  # a labels printer, and none for pick-up slips
RECEIPTS, LABELS = share_of("receipts", PRESENT), share_of("labels", PRESENT)


def queue(box: Box, *kinds: str) -> list[int]:
    return box.submit(lambda books: [books.prints.add(kind, f"a {kind}", []) for kind in kinds])


def drain(box: Box, share: Share) -> list[str]:
    kinds = []
    while (job := box.submit(lambda books: printing.claim_next(books, share))) is not None:
        finish(box, job, PrintStatus.UNSURE)
        kinds.append(job.kind)
    return kinds


def test_each_printer_gets_its_own_paper_and_the_receipt_printer_what_has_none(box: Box) -> None:
    queue(box, "label", "receipt", "pickup", "ticket", "anything-new", "label")
    assert drain(box, LABELS) == ["label", "ticket", "label"]
    assert drain(box, RECEIPTS) == ["receipt", "pickup", "anything-new"]


@pytest.mark.parametrize("present", [[], ["labels"], ["pickup"], ["labels", "pickup"]])
@pytest.mark.parametrize("kind", ["receipt", "refund", "report", "slip", "label", "ticket", "pickup", "unheard-of"])
def test_every_paper_has_exactly_one_printer(present: list[str], kind: str) -> None:
    shares = [share_of(role, present) for role in ("receipts", *present)]
    assert [share.holds(kind) for share in shares].count(True) == 1


def test_a_printer_leaves_what_another_one_holds_alone(box: Box) -> None:
    label, receipt = queue(box, "label", "receipt")
    box.submit(lambda books: (printing.claim_next(books, LABELS), printing.claim_next(books, RECEIPTS)))
    assert box.submit(lambda books: printing.put_back(books, None, RECEIPTS)) == 1
    assert (status(box, label), status(box, receipt)) == (PrintStatus.PRINTING, PrintStatus.QUEUED)
    assert box.submit(lambda books: printing.discard_queued(books, LABELS)) == 0
    assert box.submit(lambda books: printing.doubt_interrupted(books, LABELS)) == 1
    assert status(box, receipt) is PrintStatus.QUEUED


def test_after_a_printed_one_the_next_of_the_same_share_is_claimed(box: Box) -> None:
    queue(box, "label", "receipt", "label")
    first = box.submit(lambda books: printing.claim_next(books, LABELS))
    assert first is not None
    second = box.submit(lambda books: printing.finish(books, first.id, PrintStatus.PRINTED, "", LABELS))
    assert second is not None
    assert (second.kind, second.id) == ("label", first.id + 2)


def test_a_full_spool_gives_up_its_oldest_and_never_a_sale(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "QUEUED_JOBS", 5)
    sales = [box.sell(("cup", 1)) for _ in range(8)]
    assert box.submit(printing.trim_spool) == 3
    with box.reading() as books:
        left = [job.subject for job in books.prints.by_status([PrintStatus.QUEUED], 100)]
        given_up = books.prints.by_status([PrintStatus.DISCARDED], 100)
    assert left == ["sale 8", "sale 7", "sale 6", "sale 5", "sale 4"]
    assert {job.reason for job in given_up} == {"the spool was full"}
    copy = box.submit(lambda books: printing.reprint(books, given_up[0].id))
    assert status(box, copy) is PrintStatus.QUEUED  # by hand it can still be had
    assert [sale.number for sale in [*sales, box.sell(("cup", 1))]] == list(range(1, 10))


def test_old_paper_is_forgotten_but_not_what_somebody_must_see_to(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "KEPT_JOBS", 3)
    for _ in range(6):
        box.sell(("cup", 1))
    jobs = [claim(box) for _ in range(6)]
    for job, ended in zip(jobs, ["unsure", "printed", "printed", "printed", "printed", "printed"], strict=True):
        finish(box, job, PrintStatus(ended))
    with box.reading() as books:
        assert books.prints.span() == 6
    box.submit(printing.trim_spool)
    with box.reading() as books:
        kept = books.prints.by_status(list(PrintStatus), 100)
    assert [job.id for job in kept] == [jobs[5].id, jobs[4].id, jobs[3].id, jobs[0].id]


def test_a_box_without_printer_puts_its_jobs_away(box: Box) -> None:
    for _ in range(3):
        box.sell(("cup", 1))
    assert box.submit(printing.discard_queued) == 3
    assert box.submit(printing.claim_next) is None
    with box.reading() as books:
        assert books.prints.count(PrintStatus.DISCARDED) == 3
