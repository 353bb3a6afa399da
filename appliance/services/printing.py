"""The print spool's rules: queued -> printing -> printed or unsure; nothing is printed twice by itself."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.document import Document
from appliance.core.errors import NotFound, Refusal
from appliance.core.ports import Books
from appliance.core.printers import EVERYTHING, KINDS_WITH_CONTACTS, Share
from appliance.core.receipt import copy_of
from appliance.core.texts import english
from appliance.core.trade import PrintJob, PrintStatus
from appliance.services.cashiers import signed_by

SECRET = "secret"  # kind of what only its first reader may have: never copied, and forgotten once it is on paper
FORGOTTEN = {SECRET} | KINDS_WITH_CONTACTS
QUEUED_JOBS = 500  # about as much as a roll of paper holds: what is older than that, nobody waits for
KEPT_JOBS = 20_000  # a box's sales: so far back a receipt can be printed once more


def claim_next(books: Books, share: Share = EVERYTHING) -> PrintJob | None:
    """Take the oldest queued job; on the disk it is `printing` before the printer sees a byte of it."""
    job = books.prints.next_queued(share)
    if job is not None:
        books.prints.set_status(job.id, PrintStatus.PRINTING)
    return job


def finish(
    books: Books, job_id: int, status: PrintStatus, reason: str = "", share: Share = EVERYTHING
) -> PrintJob | None:
    """Note how a claimed job ended: printed, unsure, or queued again because nothing of it was sent.

    After a printed one the next is claimed in the same transaction, so that a busy printer costs one a job. Told
    twice, it changes nothing the second time: a person may have settled the job meanwhile.
    """
    job = books.prints.get(job_id)
    if job is not None and job.status is PrintStatus.PRINTING:
        books.prints.set_status(job_id, status, reason)
        if job.kind in FORGOTTEN and status is PrintStatus.PRINTED:
            books.prints.redact(job_id)
    return claim_next(books, share) if status is PrintStatus.PRINTED else None


def put_back(books: Books, but: int | None, share: Share = EVERYTHING) -> int:
    """Queue again what was claimed by a command whose answer never arrived: nothing of it was sent.

    For the one hand that prints this share; `but` is the job that it holds. Return how many.
    """
    lost = [job for job in books.prints.by_status([PrintStatus.PRINTING], 1000, share) if job.id != but]
    for job in lost:
        books.prints.set_status(job.id, PrintStatus.QUEUED)
    return len(lost)


def discard_queued(books: Books, share: Share = EVERYTHING) -> int:
    """Put away what a box without printer cannot print, so that a printer set up later does not begin with it."""
    waiting = books.prints.by_status([PrintStatus.QUEUED], 1000, share)
    for job in waiting:
        books.prints.set_status(job.id, PrintStatus.DISCARDED, "this box has no printer")
        if job.kind in FORGOTTEN:
            books.prints.redact(job.id)
    return len(waiting)


def trim_spool(books: Books) -> int:
    """Keep a printer that is away for long from filling the store; return how many jobs were put away.

    What is put away can still be printed by hand, from the staff page; sales never wait for any of it.
    """
    books.prints.forget_oldest(KEPT_JOBS)
    return books.prints.discard_oldest(QUEUED_JOBS, "the spool was full")


def doubt_interrupted(books: Books, share: Share = EVERYTHING) -> int:
    """At the start: jobs that were being printed when the power went are unsure. Return how many."""
    interrupted = books.prints.by_status([PrintStatus.PRINTING], 1000, share)
    return _doubt(books, interrupted, "the power went while it was being printed")


def doubt_restored(books: Books) -> int:
    """After a restore: jobs that waited then may be on paper since, so they are unsure. Return how many."""
    under_way = [PrintStatus.QUEUED, PrintStatus.PRINTING]
    jobs = books.prints.by_status(under_way, sum(books.prints.count(status) for status in under_way))
    return _doubt(books, jobs, "restored from a backup: it may have been printed since")


def _doubt(books: Books, jobs: Sequence[PrintJob], reason: str) -> int:
    for job in jobs:
        books.prints.set_status(job.id, PrintStatus.UNSURE, reason)
    return len(jobs)


def reprint(books: Books, job_id: int) -> int:
    """Queue a job's document once more, marked COPY; return the new job's id. Raises Refusal."""
    job = _job(books, job_id)
    if job.status in (PrintStatus.QUEUED, PrintStatus.PRINTING):
        raise Refusal("still_printing", "This paper is still on its way.", status=409)
    if job.kind == SECRET:
        raise Refusal("secret", "There is no copy of this: hold the button again for a new one.", status=409)
    if job.kind in KINDS_WITH_CONTACTS:
        message = "The box keeps no copy of names and addresses: print the courier's list once more, under Stock."
        raise Refusal("has_contacts", message, status=409)
    if not job.document:
        raise Refusal("paper_purged", "What is on this paper was taken away with all that is personal.", status=409)
    event = books.events.current()
    document = copy_of(Document.from_json(job.document), event.texts if event else english())
    document = signed_by(books, document) if books.actor.approved_by else document
    copy = books.prints.add(job.kind, job.subject, document.to_json())
    books.journal.append("print.copied", {"job": job_id, "copy": copy, "subject": job.subject})
    return copy


def settle(books: Books, job_id: int, on_paper: bool) -> None:
    """Take a person's word on an unsure job; one that is not on paper is queued again. Raises Refusal."""
    job = _job(books, job_id)
    if job.status is not PrintStatus.UNSURE:
        raise Refusal("not_unsure", f"This job is {job.status}: there is nothing to settle.", status=409)
    books.prints.set_status(job_id, PrintStatus.PRINTED if on_paper else PrintStatus.QUEUED)
    if on_paper and job.kind in FORGOTTEN:
        books.prints.redact(job_id)
    books.journal.append("print.settled", {"job": job_id, "on_paper": on_paper, "subject": job.subject})


def _job(books: Books, job_id: int) -> PrintJob:
    job = books.prints.get(job_id)
    if job is None:
        raise NotFound("print_unknown", "There is no such print job.")
    return job
