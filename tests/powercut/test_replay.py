"""The rules by which a crash state is drawn; these need neither root nor a disk."""

from __future__ import annotations

import random
from pathlib import Path

from tests.powercut.campaign import choose_cuts
from tests.powercut.recording import FLUSH, RECORD, WRITE, Record, Recording, part_of
from tests.powercut.replay import last_flush, surviving_pieces


def test_last_flush_counts_what_is_certain():
    write, flush = Record(WRITE, 512, 0, 0), Record(FLUSH, 0, 0, 0)
    records = [write, flush, write, write, flush]
    assert [last_flush(records, cut) for cut in range(6)] == [0, 0, 2, 2, 2, 5]


def test_surviving_pieces_tear_a_write_between_sectors():
    record = Record(WRITE, 100 * 512 + 100, 0, 0)
    pieces = list(surviving_pieces(record, 512, random.Random(5)))
    assert 25 < len(pieces) < 75
    assert all(start % 512 == 0 and start + length <= record.length_bytes for start, length in pieces)


def test_half_of_the_cuts_follow_an_answer():
    cuts = choose_cuts(10, 1000, marks=[500], states=20, seed=3)
    assert cuts == sorted(cuts)
    assert cuts.count(500) >= 10
    assert all(10 <= cut <= 1000 for cut in cuts)


def test_cuts_are_fixed_by_their_seed():
    first, again, other = (choose_cuts(0, 10_000, marks=[7, 8, 9], states=20, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_of_the_whole_disks_writes_a_part_has_what_lies_in_it(tmp_path: Path) -> None:
    whole = Recording(tmp_path)
    whole.base.write_bytes(bytes(range(100)) * 100)
    whole.data.write_bytes(b"abcdefghijkl")
    writes = [(WRITE, 4, 10, 0), (WRITE, 4, 98, 4), (FLUSH, 0, 0, 0), (WRITE, 4, 298, 8)]
    whole.index.write_bytes(b"".join(RECORD.pack(*write) for write in writes))
    (tmp_path / "part").mkdir()
    part = part_of(whole, begin=100, size_bytes=200, directory=tmp_path / "part")
    assert part.base.read_bytes() == bytes(range(100)) * 2
    assert [record.length_bytes for record in part.records()] == [0, 2, 0, 2]
    pieces = [part.data.read_bytes()[r.data_position :][: r.length_bytes] for r in part.records()]
    assert pieces == [b"", b"gh", b"", b"ij"]
    assert [record.disk_offset for record in part.records()] == [0, 0, 0, 198]
