"""The outbox against an independent model of a broker and a collector that lose, repeat and reorder."""

from __future__ import annotations

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from appliance.uplink.outbox import Outbox

WINDOW = 4
RESEND_AFTER_S = 10.0
PATIENCE_S = RESEND_AFTER_S * 2**4 + 1  # longer than the box waits after many fruitless resends


class Delivery(RuleBasedStateMachine):
    """The model knows only sets: what the broker saw, what it acknowledged, what the collector keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.head = 0
        self.seen: set[int] = set()  # the broker has got it
        self.acknowledged: set[int] = set()  # the box got a PUBACK for it, in whatever life
        self.collected: set[int] = set()
        self.promised = 0  # highest ack that the box got
        self.pending: list[int] = []  # PUBACKs under way on this connection
        self.saved = (0, 0)
        self.before = (0, 0)
        self.outbox = Outbox(0, 0, WINDOW, RESEND_AFTER_S, 0.0)

    @initialize(head=st.integers(0, 12))
    def begin(self, head: int) -> None:
        self.head = head

    @rule(more=st.integers(1, 6))
    def write(self, more: int) -> None:
        self.head += more

    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        seq = self.outbox.next_seq(self.head)
        if seq is None:
            return
        assert 1 <= seq <= self.head
        self.outbox.sent(seq)
        fate = data.draw(st.sampled_from(["arrives", "no puback", "lost"]))
        if fate != "lost":
            self.seen.add(seq)
            if data.draw(st.booleans()):
                self.collected.add(seq)
        if fate == "arrives":
            self.pending.append(seq)

    @precondition(lambda self: self.pending)
    @rule(data=st.data(), again=st.booleans())
    def puback(self, data: st.DataObject, again: bool) -> None:
        seq = data.draw(st.sampled_from(self.pending))
        if not again:
            self.pending.remove(seq)
        self.acknowledged.add(seq)
        self.outbox.puback(seq)

    @rule(back=st.integers(0, 5))
    def ack(self, back: int) -> None:
        """The collector acknowledges, perhaps an older state than it could."""
        stored = 0
        while stored + 1 in self.collected:
            stored += 1
        seq = max(0, stored - back)
        assert self.outbox.ack(seq, self.head, self.now)
        self.promised = max(self.promised, seq)

    @rule(beyond=st.integers(1, 100))
    def ack_beyond_the_journal(self, beyond: int) -> None:
        assert not self.outbox.ack(self.head + beyond, self.head, self.now)

    @rule()
    def refuse(self) -> None:
        if self.pending:
            self.outbox.refused(self.pending.pop())

    @rule(elapsed=st.floats(0, 30))
    def time_passes(self, elapsed: float) -> None:
        self.now += elapsed
        self.outbox.resend_if_due(self.now)

    @rule()
    def reconnect(self) -> None:
        self.pending.clear()
        self.outbox.start_over(self.now)

    @rule()
    def save(self) -> None:
        self.saved = (self.outbox.published, self.outbox.stored)

    @rule()
    def restart(self) -> None:
        """The box starts again from what it saved last; its cursors may then be older."""
        self.pending.clear()
        self.outbox = Outbox(*self.saved, WINDOW, RESEND_AFTER_S, self.now)
        self.before = self.saved

    @invariant()
    def cursors_never_move_backwards(self) -> None:
        now = (self.outbox.published, self.outbox.stored)
        assert now >= self.before
        assert now[1] >= self.before[1]
        self.before = now

    @invariant()
    def cursors_never_pass_something_unacknowledged(self) -> None:
        assert self.outbox.stored <= self.promised
        assert self.outbox.stored <= self.outbox.published
        assert self.acknowledged >= set(range(1, self.outbox.published + 1))

    @invariant()
    def the_window_is_kept(self) -> None:
        assert 0 <= self.outbox.in_flight <= WINDOW

    def teardown(self) -> None:
        """From any state, a line that works and a collector that answers get every entry, in a bounded time."""
        self.pending.clear()
        self.outbox.start_over(self.now)
        self.outbox.ack(self.promised, self.head, self.now)
        for _ in range(3):
            while (seq := self.outbox.next_seq(self.head)) is not None:
                self.outbox.sent(seq)
                self.seen.add(seq)
                self.collected.add(seq)
                self.outbox.puback(seq)
            self.now += PATIENCE_S
            self.outbox.resend_if_due(self.now)
        assert self.outbox.published == self.head
        assert self.seen >= set(range(self.promised + 1, self.head + 1))
        assert self.collected >= set(range(self.promised + 1, self.head + 1))


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def drain(outbox: Outbox, head: int) -> list[int]:
    sent = []
    while (seq := outbox.next_seq(head)) is not None:
        outbox.sent(seq)
        sent.append(seq)
    return sent


def test_the_window_fills_and_moves_on() -> None:
    outbox = Outbox(0, 0, 3, 10, 0)
    assert drain(outbox, 10) == [1, 2, 3]
    outbox.puback(2)
    assert outbox.published == 0
    assert drain(outbox, 10) == [4]
    outbox.puback(1)
    assert outbox.published == 2
    assert drain(outbox, 10) == [5]


def test_a_loss_sends_everything_behind_the_cursor_again() -> None:
    outbox = Outbox(0, 0, 5, 10, 0)
    drain(outbox, 5)
    for seq in (1, 2, 4):
        outbox.puback(seq)
    outbox.start_over(1)
    assert drain(outbox, 5) == [3, 4, 5]


def test_an_ack_that_stays_behind_sends_again_then_goes_on_with_what_is_new() -> None:
    outbox = Outbox(6, 2, 10, 10, 0)
    assert outbox.resend_if_due(9.9) == 0
    assert outbox.resend_if_due(10) == 4
    assert drain(outbox, 8) == [3, 4, 5, 6, 7, 8]


def test_progress_of_the_ack_restarts_the_patience() -> None:
    outbox = Outbox(6, 2, 10, 10, 0)
    outbox.ack(3, 6, 9)
    assert outbox.resend_if_due(18) == 0
    assert outbox.resend_if_due(19) == 3


def test_patience_grows_with_every_fruitless_resend_and_shrinks_with_progress() -> None:
    outbox = Outbox(2, 1, 10, 10, 0)
    due = []
    for second in range(200):
        if outbox.resend_if_due(second):
            due.append(second)
            for seq in drain(outbox, 2):
                outbox.puback(seq)
    assert due[0] == 10
    gaps = [later - earlier for earlier, later in itertools.pairwise(due)]
    assert gaps[0] >= 20
    assert gaps == sorted(gaps)


def test_a_collector_that_never_spoke_is_not_waited_for() -> None:
    outbox = Outbox(6, 0, 10, 10, 0)
    assert outbox.resend_if_due(1000) == 0
    outbox.ack(0, 6, 1000)  # it speaks: it has nothing
    assert outbox.resend_if_due(1010) == 6


def test_a_line_that_is_lost_more_often_than_the_patience_lasts_does_not_prevent_a_resend() -> None:
    outbox, due = Outbox(6, 2, 10, 120, 0), []
    for second in range(200):
        if second % 50 == 0:
            outbox.start_over(second)
        if outbox.resend_if_due(second):
            due.append(second)
    assert due == [120]


def test_after_a_long_absence_the_collector_gets_a_moment() -> None:
    outbox = Outbox(6, 2, 10, 120, 0)
    outbox.start_over(5000)
    assert outbox.resend_if_due(5009) == 0
    assert outbox.resend_if_due(5010) == 4


def test_a_connection_lost_during_a_resend_continues_it() -> None:
    outbox = Outbox(6, 2, 2, 10, 0)
    outbox.resend_if_due(10)
    assert drain(outbox, 6) == [3, 4]
    outbox.puback(3)
    outbox.start_over(11)
    outbox.window = 10
    assert drain(outbox, 6) == [4, 5, 6]


def test_an_ack_that_overtakes_the_puback_counts_once_that_is_here() -> None:
    outbox = Outbox(0, 0, 10, 10, 0)
    drain(outbox, 4)
    outbox.ack(3, 4, 0)
    assert (outbox.published, outbox.stored) == (0, 0)
    for seq in (1, 2, 4, 3):
        outbox.puback(seq)
    assert (outbox.published, outbox.stored) == (4, 3)


def test_a_restored_box_behind_its_collector_sends_all_that_it_wrote_since() -> None:
    """The collector has 1 to 40 of the box's first life; the backup knew of 10, and 60 are in its second journal."""
    outbox, sent = Outbox(10, 10, 4, 10, 0), []
    outbox.start_over(0)
    outbox.ack(40, 60, 0)
    while now := drain(outbox, 60):
        sent += now
        outbox.ack(40, 60, 1)
        outbox.start_over(1)  # the line is lost before a PUBACK is here: nothing counts as sent
        for seq in drain(outbox, 60):
            outbox.puback(seq)
            outbox.ack(max(seq, 40), 60, 1)
    assert sorted(set(sent)) == list(range(11, 61))
    assert (outbox.published, outbox.stored) == (60, 60)
