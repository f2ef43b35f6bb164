"""The outbox keeps every promise once: in order, at the pace that was asked for, and through crashes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from bot import db, outbox
from bot.db import Database
from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.models import Lane, Promise, PromiseState
from bot.outbox import Claim, Outcomes
from bot.queries import due

NOW = datetime(2027, 1, 18, 14, 0, tzinfo=UTC)
CARDS, ROWS = "slack.card", "sheets.row"
CHANNEL, SHEET = "slack:C1", "sheets"
POSTED, EDITED = Outcomes(posted=True), Outcomes()
PACE = outbox.PACE["slack"]


class Box:
    """The outbox with its two clocks in hand: `now` is Touchpoint's, `real` the one that leases go by."""

    def __init__(self, url: str) -> None:
        self.database = Database(db.create(url))
        self.now, self.real = NOW, NOW

    def promise(self, subject_id: int, kind: str = CARDS, lane: str = CHANNEL) -> None:
        with self.database.transaction() as session:
            outbox.promise(session, kind, subject_id, lane=lane, now=self.now)

    def claim(self) -> Claim | None:
        with self.database.transaction() as session:
            return outbox.claim(session, now=self.now, real_now=self.real, owner="test", single=(CARDS,))

    def take(self) -> Claim:
        claim = self.claim()
        assert claim is not None
        return claim

    def finish(self, claim: Claim, outcomes: Outcomes | Exception | None = None, jitter: float = 0.5) -> bool:
        with self.database.transaction() as session:
            return outbox.finish(session, claim, outcomes or Outcomes(), now=self.now, jitter=lambda: jitter)

    def lane(self, key: str = CHANNEL) -> Lane:
        with self.database.transaction() as session:
            return session.get_one(Lane, key)

    def promises(self, state: PromiseState | None = None) -> list[Promise]:
        wanted = select(Promise).order_by(Promise.id)
        if state:
            wanted = wanted.where(Promise.state == state)
        with self.database.transaction() as session:
            return list(session.scalars(wanted))

    def states(self) -> list[PromiseState]:
        return [promise.state for promise in self.promises()]

    def drain(self) -> list[tuple[str, list[int]]]:
        """Deliver until nothing is left, letting time pass; what was claimed, in order."""
        done = []
        while any(promise.state == PromiseState.PENDING for promise in self.promises()):
            claim = self.claim()
            if claim:
                done.append((claim.kind, claim.subject_ids))
                self.finish(claim)
            self.now += timedelta(minutes=1)
        return done

    def empty(self) -> None:
        with self.database.transaction() as session:
            session.execute(delete(Promise))
            session.execute(delete(Lane))


@pytest.fixture
def box(database_url: str) -> Iterator[Box]:
    made = Box(database_url)
    yield made
    made.database.engine.dispose()


def test_a_lane_delivers_in_the_order_of_the_promises(box: Box) -> None:
    for subject_id, kind in [(3, CARDS), (1, CARDS), (2, "slack.notice"), (9, CARDS)]:
        box.promise(subject_id, kind)
    assert [subjects for _, subjects in box.drain()] == [[3], [1], [2], [9]]


def test_a_lane_is_claimed_by_one_at_a_time(box: Box) -> None:
    box.promise(1)
    box.promise(2)
    claim = box.take()
    assert box.claim() is None
    box.finish(claim)
    box.now += timedelta(seconds=1)
    assert box.take().subject_ids == [2]


def test_promises_of_one_subject_are_kept_by_one_delivery(box: Box) -> None:
    for subject_id in (1, 1, 2, 1):
        box.promise(subject_id)
    assert box.drain() == [(CARDS, [1]), (CARDS, [2])]
    assert box.states() == [PromiseState.DONE] * 4
    assert box.lane().pending == 0


def test_rows_go_a_thousand_to_a_claim_and_another_kind_keeps_its_place(box: Box) -> None:
    with box.database.transaction() as session:
        for subject_id in range(1200):
            outbox.promise(session, ROWS, subject_id, lane=SHEET, now=NOW)
        outbox.promise(session, "sheets.header", 1, lane=SHEET, now=NOW)
        outbox.promise(session, ROWS, 7000, lane=SHEET, now=NOW)
    claimed = box.drain()
    assert [(kind, len(subjects)) for kind, subjects in claimed] == [
        (ROWS, 1000),
        (ROWS, 200),
        ("sheets.header", 1),
        (ROWS, 1),
    ]
    assert [subject_id for kind, subjects in claimed for subject_id in subjects if kind == ROWS] == [*range(1200), 7000]


def test_one_row_that_fails_does_not_fail_the_others_of_its_claim(box: Box) -> None:
    for subject_id in (1, 2, 3):
        box.promise(subject_id, ROWS, SHEET)
    errors: dict[int, Retryable | Permanent | DryRun] = {1: Permanent("no such row"), 2: Retryable("later")}
    box.finish(box.take(), Outcomes(errors))
    assert box.states() == [PromiseState.FAILED, PromiseState.PENDING, PromiseState.DONE]
    assert box.lane(SHEET).pending == 1


def test_a_promise_made_during_the_delivery_is_kept_afterwards(box: Box) -> None:
    box.promise(1)
    claim = box.take()
    box.promise(1)
    box.finish(claim)
    assert box.states() == [PromiseState.DONE, PromiseState.PENDING]
    box.now += timedelta(seconds=1)
    assert box.take().subject_ids == [1]


def test_a_channel_gets_a_short_burst_and_then_one_post_a_second(box: Box) -> None:
    for subject_id in range(outbox.BURST + 2):
        box.promise(subject_id)
    for _ in range(outbox.BURST):
        box.finish(box.take(), POSTED)
    for _ in range(2):
        box.now += timedelta(milliseconds=999)
        assert box.claim() is None
        box.now += timedelta(milliseconds=1)
        box.finish(box.take(), POSTED)


def test_edits_need_not_wait_and_take_nothing_from_the_burst(box: Box) -> None:
    for subject_id in range(20 + outbox.BURST + 1):
        box.promise(subject_id)
    for outcomes in [EDITED] * 20 + [POSTED] * outbox.BURST:
        box.finish(box.take(), outcomes)
    assert box.claim() is None


def test_a_channel_with_many_edits_takes_turns_with_the_others(box: Box) -> None:
    for subject_id in range(3):
        box.promise(subject_id)
        box.promise(subject_id, lane="slack:C2")
    lanes = []
    while claim := box.claim():
        lanes.append(claim.lane)
        box.now += timedelta(milliseconds=1)
        box.finish(claim, EDITED)
    assert sorted(lanes[:2]) == sorted(lanes[2:4]) == sorted(lanes[4:]) == [CHANNEL, "slack:C2"]


def test_a_post_whose_answer_was_lost_counts_as_one(box: Box) -> None:
    for subject_id in range(outbox.BURST + 1):
        box.promise(subject_id)
    box.finish(box.take(), Retryable("no answer"), jitter=0.0)
    box.now = box.lane().next_at
    box.finish(box.take(), POSTED)
    assert box.lane().next_at == box.now + PACE


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from([0, 1, 300, 999, 1000, 2500, 9000]), st.booleans()), max_size=25))
def test_no_second_sees_more_posts_than_the_burst_and_the_pace_allow(box: Box, steps: list[tuple[int, bool]]) -> None:
    box.empty()
    posted_at: list[datetime] = []
    for number, (milliseconds, is_post) in enumerate(steps):
        box.now += timedelta(milliseconds=milliseconds)
        box.promise(number)
        if claim := box.claim():
            box.finish(claim, POSTED if is_post else EDITED)
            posted_at += [box.now] if is_post else []
    for first, began in enumerate(posted_at):
        for last, ended in enumerate(posted_at[first:], first):
            assert last - first + 1 <= outbox.BURST + (ended - began) / PACE


def test_retry_after_parks_the_lane_and_no_other(box: Box) -> None:
    box.promise(1)
    box.finish(box.take(), Retryable("Slack asks to wait", retry_after=30, sent=False))
    box.promise(2, lane="slack:C2")
    assert box.take().lane == "slack:C2"
    box.now += timedelta(seconds=30)
    assert box.claim() is None, "half a second of jitter is to come"
    box.now += timedelta(milliseconds=500)
    claim = box.take()
    assert claim.lane == CHANNEL
    box.promise(3)
    box.finish(claim, POSTED)
    assert box.claim() is None, "Slack had enough: no burst after it"
    box.now += PACE
    assert box.take().lane == CHANNEL


@given(attempts=st.integers(0, 10_000), jitter=st.floats(0, 1))
def test_the_wait_grows_is_capped_and_is_never_nothing(attempts: int, jitter: float) -> None:
    wait = outbox.backoff(attempts, lambda: jitter)
    longest = min(timedelta(minutes=5), timedelta(seconds=2) * 2 ** min(attempts, 20))
    assert longest / 10 <= wait <= longest


def test_failures_in_a_row_wait_longer_and_a_success_forgets_them(box: Box) -> None:
    box.promise(1)
    waits = []
    for _ in range(12):
        box.finish(box.take(), Retryable("no answer"), jitter=1.0)
        waits.append((box.lane().next_at - box.now).total_seconds())
        box.now = box.lane().next_at
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    box.finish(box.take())
    assert box.lane().attempts == 0


def test_a_system_that_answers_again_is_tried_at_once(box: Box) -> None:
    box.promise(1)
    box.finish(box.take(), Retryable("no answer"))
    assert box.claim() is None
    with box.database.transaction() as session:
        outbox.hurry(session, now=box.now, prefix="slack")
    box.now += PACE
    assert box.take().attempts == 1


def test_whoever_comes_back_too_late_changes_nothing(box: Box) -> None:
    box.promise(1)
    late = box.take()
    box.real += outbox.LEASE + timedelta(seconds=1)
    newer = box.take()
    assert newer.epoch == late.epoch + 1
    assert box.finish(late) is False
    assert box.finish(late, Permanent("refused")) is False
    assert box.states() == [PromiseState.PENDING]
    assert box.finish(newer) is True
    assert box.finish(newer, Permanent("again")) is True, "the lane was not claimed by anybody else since"
    assert box.states() == [PromiseState.DONE]
    assert box.lane().pending == 0


def test_what_failed_for_good_is_kept_and_can_be_tried_again(box: Box) -> None:
    for subject_id in (1, 2):
        box.promise(subject_id)
        box.finish(box.take(), Permanent("invalid_blocks"))
        box.now += timedelta(seconds=1)
    assert [(promise.state, promise.error) for promise in box.promises()] == [("failed", "invalid_blocks")] * 2
    assert box.claim() is None
    with box.database.transaction() as session:
        assert outbox.retry(session, [box.promises()[1].id], now=box.now) == 1
    assert box.drain() == [(CARDS, [2])]
    with box.database.transaction() as session:
        assert outbox.retry(session, None, now=box.now) == 1
    assert box.drain() == [(CARDS, [1])]
    assert [promise.error for promise in box.promises()] == [None, None]


def test_what_an_administrator_must_mend_is_tried_again_now_and_then_or_when_it_is_resumed(box: Box) -> None:
    box.promise(1)
    box.finish(box.take(), Misconfigured("Invite Touchpoint", code="not_in_channel"))
    box.now += outbox.PAUSE - timedelta(seconds=1)
    assert box.claim() is None
    box.now += timedelta(seconds=2)
    box.finish(box.take(), Misconfigured("Invite Touchpoint", code="not_in_channel"))
    assert box.claim() is None
    assert box.lane().paused_reason == "Invite Touchpoint"
    assert box.states() == [PromiseState.PENDING]
    with box.database.transaction() as session:
        assert outbox.resume(session, now=box.now, prefix="salesforce") == 0
        assert outbox.resume(session, now=box.now, prefix="slack:C1") == 1
    assert box.drain() == [(CARDS, [1])]


def test_what_was_only_tried_dry_is_held(box: Box) -> None:
    box.promise(1)
    box.finish(box.take(), DryRun("would post to C1"))
    assert [(promise.state, promise.error) for promise in box.promises()] == [("held", "would post to C1")]
    assert box.lane().pending == 0


def test_an_attempt_that_may_have_gone_out_is_remembered(box: Box) -> None:
    box.promise(1)
    first = box.take()
    assert first.first_sent_at == {1: None}
    box.finish(first, Retryable("the connection broke"))
    box.now += timedelta(minutes=10)
    assert box.take().first_sent_at == {1: NOW}


@pytest.mark.parametrize("error", [Retryable("asks to wait", sent=False), Misconfigured("not in the channel")])
def test_an_attempt_that_certainly_did_nothing_is_not_remembered(box: Box, error: Retryable | Misconfigured) -> None:
    box.promise(1)
    box.finish(box.take(), error)
    box.now += timedelta(minutes=10)
    with box.database.transaction() as session:
        outbox.resume(session, now=box.now)
    assert box.take().first_sent_at == {1: None}


@pytest.mark.parametrize("error", [Retryable("asks to wait", sent=False), Misconfigured("not in the channel")])
def test_a_later_attempt_that_did_nothing_does_not_hide_the_earlier_one(
    box: Box, error: Retryable | Misconfigured
) -> None:
    box.promise(1)
    box.finish(box.take(), Retryable("the connection broke"))
    box.now += timedelta(minutes=10)
    box.finish(box.take(), error)
    box.now += timedelta(minutes=10)
    with box.database.transaction() as session:
        outbox.resume(session, now=box.now)
    assert box.take().first_sent_at == {1: NOW}


def test_a_crash_during_the_delivery_counts_as_one_that_may_have_gone_out(box: Box) -> None:
    box.promise(1)
    box.take()
    box.real += outbox.LEASE + timedelta(seconds=1)
    box.now += timedelta(minutes=3)
    assert box.take().first_sent_at == {1: NOW}


def test_a_wrong_count_is_mended(box: Box) -> None:
    box.promise(1)
    box.finish(box.take())
    with box.database.transaction() as session:
        session.get_one(Lane, CHANNEL).pending = 3
    box.now += timedelta(seconds=1)
    assert box.claim() is None
    assert box.lane().pending == 0


def test_idle_means_that_nothing_could_go_out_now(box: Box) -> None:
    def is_idle() -> bool:
        with box.database.transaction() as session:
            return not due.is_anything_due(session, now=box.now, real_now=box.real)

    assert is_idle()
    box.promise(1)
    assert not is_idle()
    box.finish(box.take(), Retryable("later", retry_after=60))
    assert is_idle()
    box.now += timedelta(seconds=62)
    assert not is_idle()


def test_threads_claim_different_lanes(box: Box) -> None:
    for number in range(4):
        box.promise(number, lane=f"slack:C{number}")
    claimed = _in_threads(4, box.claim)
    assert sorted(claim.lane for claim in claimed if claim) == [f"slack:C{number}" for number in range(4)]


def test_a_slow_system_leaves_room_for_the_others(box: Box) -> None:
    for number in range(5):
        box.promise(number, lane=f"salesforce:{number}")
    box.promise(9, lane="slack:C9")
    claimed = [box.claim() for _ in range(6)]
    assert sum(1 for claim in claimed if claim and claim.lane.startswith("salesforce")) == 2
    assert sum(1 for claim in claimed if claim and claim.lane == "slack:C9") == 1


def test_a_claim_that_is_not_committed_yet_holds_nobody_up_on_postgresql(box: Box) -> None:
    if box.database.is_sqlite:
        return  # one writer at a time is what SQLite is
    box.promise(1)
    box.promise(2, lane="slack:C2")
    with box.database.transaction() as session:
        first = outbox.claim(session, now=NOW, real_now=NOW, owner="one")
        assert first is not None
        assert box.take().lane != first.lane
        assert box.claim() is None


def test_four_threads_lose_nothing_and_double_nothing(box: Box) -> None:
    with box.database.transaction() as session:
        for number in range(200):
            outbox.promise(session, CARDS, number, lane=f"salesforce:{number % 10}", now=NOW)
    delivered: Counter[int] = Counter()
    lock = threading.Lock()

    def work() -> None:
        while claim := box.claim():
            with lock:
                delivered.update(claim.subject_ids)
            box.finish(claim)

    while box.promises(PromiseState.PENDING):
        box.now += timedelta(seconds=1)
        _in_threads(4, work)
    assert delivered == Counter(range(200))
    assert {box.lane(f"salesforce:{number}").pending for number in range(10)} == {0}


def _in_threads(count: int, work: Callable[[], object]) -> list[object]:
    found: list[object] = []
    together = threading.Barrier(count)

    def run() -> None:
        together.wait()
        found.append(work())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == count, "a thread failed"
    return found


class Channel:
    """A system like Slack: it takes everything, also twice, and can only be asked what it has."""

    def __init__(self) -> None:
        self.messages: list[list[int]] = []  # [subject, version]

    def find(self, subject_id: int) -> list[int] | None:
        return next((message for message in self.messages if message[0] == subject_id), None)


class Died(BaseException):
    """kill -9."""


ENDINGS = (
    "well",
    "killed before",  # nothing was sent
    "killed after",  # sent, and nothing of it recorded
    "killed at the end",  # sent and recorded, the lane not freed
    "asked to wait",  # refused before anything was done, even the look for an earlier message
    "broke before",  # nobody knows; nothing was done
    "broke after",  # nobody knows; it was done
)


class Bot:
    """Delivers cards as bot/deliveries/posts.py does, and is killed or cut off at any point."""

    def __init__(self, box: Box) -> None:
        self.box, self.channel = box, Channel()
        self.versions: dict[int, int] = {}
        self.recorded: set[int] = set()

    def change(self, subject_id: int) -> None:
        self.versions[subject_id] = self.versions.get(subject_id, 0) + 1
        self.box.promise(subject_id)

    def work(self, ending: str) -> None:
        claim = self.box.claim()
        if claim is None:
            return
        try:
            self.deliver(claim, ending)
        except Retryable as error:
            self.box.finish(claim, error)
        except Died:
            return
        else:
            self.box.finish(claim)

    def deliver(self, claim: Claim, ending: str) -> None:
        [subject_id] = claim.subject_ids
        if ending == "killed before":
            raise Died
        if ending == "asked to wait":
            raise Retryable("Slack asks to wait", retry_after=1, sent=False)
        if ending == "broke before":
            raise Retryable("the connection broke")
        may_be_there = subject_id in self.recorded or claim.first_sent_at[subject_id]
        there = self.channel.find(subject_id) if may_be_there else None
        if there:
            there[1] = self.versions[subject_id]
        else:
            self.channel.messages.append([subject_id, self.versions[subject_id]])
        if ending == "broke after":
            raise Retryable("the connection broke")
        if ending == "killed after":
            raise Died
        self.recorded.add(subject_id)
        if ending == "killed at the end":
            raise Died


#: Whose card changes before it (0: nobody's), how a delivery ends, how many seconds pass after it.
STEPS = st.tuples(st.integers(0, 2), st.sampled_from(ENDINGS), st.sampled_from([1, 10, 130, 700]))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_through_any_crashes_each_message_is_there_once_and_up_to_date(
    box: Box, steps: list[tuple[int, str, int]]
) -> None:
    box.empty()
    bot = Bot(box)
    for changed, ending, seconds in steps:
        if changed:
            bot.change(changed)
        bot.work(ending)
        _pass(box, seconds)
    for _ in range(2 * len(steps) + 2):
        _pass(box, 700)
        bot.work("well")
    assert sorted(map(tuple, bot.channel.messages)) == sorted(bot.versions.items())
    assert box.promises(PromiseState.PENDING) == []
    assert not bot.versions or box.lane().pending == 0


def _pass(box: Box, seconds: int) -> None:
    box.now += timedelta(seconds=seconds)
    box.real += timedelta(seconds=seconds)
