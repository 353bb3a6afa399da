"""What comes back out of a backup."""

from __future__ import annotations

from pathlib import Path

from appliance.commands.archive import back_up, restore_backup
from appliance.core.sms.message import SmsStatus
from appliance.core.trade import PrintStatus
from appliance.services import printing, sms
from tests.books import Box


def test_what_waited_when_the_backup_was_made_is_settled_by_a_person(tmp_path: Path) -> None:
    """It came out after the backup: neither paper nor message may come a second time by itself."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    with Box(old) as box:
        for _ in range(2):
            box.sell(("cup", 1))
            box.submit(lambda books: sms.queue(books, "+4915112345678", "Your receipt"))
        box.submit(printing.claim_next)
        box.submit(sms.claim_next)
        done = box.submit(lambda books: books.prints.add("slip", "done", []))
        box.submit(lambda books: books.prints.set_status(done, PrintStatus.PRINTED))
        back_up(old, tmp_path / "backup.tar.gz")
    restore_backup(tmp_path / "backup.tar.gz", new)
    restored = Box(new)
    restored.open()
    try:
        assert restored.submit(printing.claim_next) is None
        assert restored.submit(sms.claim_next) is None
        with restored.reading() as books:
            jobs, messages = books.prints.by_status(list(PrintStatus), 10), books.sms.newest(10)
        assert [job.status for job in jobs] == [PrintStatus.PRINTED, PrintStatus.UNSURE, PrintStatus.UNSURE]
        assert [message.status for message in messages] == [SmsStatus.UNSURE] * 2
        assert all("restored from a backup" in waited.reason.lower() for waited in (*jobs[1:], *messages))
        assert len(restored.entries("sms.unsure")) == 2
        assert restored.verify() == []
        restored.submit(lambda books: printing.settle(books, jobs[1].id, on_paper=False))
        claimed = restored.submit(printing.claim_next)
        assert (claimed.id if claimed else None) == jobs[1].id
    finally:
        assert restored.desk.stop(10)
