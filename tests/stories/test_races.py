"""Two at once, or one after a pause: nobody's work is undone, nothing waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update

from bot import jobs, outbox
from bot.errors import Retryable
from bot.models import Lane, Lease, Outcome, Promise, System, SystemName
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.services import Services
from bot.workflows import leases, polls, red_accounts_proposals, resolutions, systems
from sandbox import company
from tests.stories.story import Story, text_of
from tests.stories.test_red_accounts import WHY, mark


def _open_red(story: Story, account: str = "acme", who: str = "priya") -> int:
    mark(story, who, account)
    story.settle()
    with story.services.transaction() as session:
        return max(red.id for red in queries.all_under_way(session))


def test_a_poll_that_was_asked_before_a_resolve_does_not_reopen(story: Story) -> None:
    red_account_id = _open_red(story)
    asked_at = story.services.now()
    poll = story.services.salesforce.poll(None)
    with story.services.transaction() as session:
        priya = people.by_slack_id(session, "U0PRIYA000")
        assert priya
        resolutions.resolve(session, red_account_id, Outcome.GREEN, "All well.", by=priya, now=story.services.now(),
                            policy=story.services.policy)  # fmt: skip
    story.settle()
    with story.services.transaction() as session:
        polls.take(session, poll, began_at=asked_at, now=story.services.now(), policy=story.services.policy)
    story.settle()
    assert len(story.cards("Acme")) == 1
    assert "Acme is green again" in text_of(story.card("Acme"))
    assert story.health("Acme") == "Green"


def test_presses_that_touch_the_same_messages_in_another_order_do_not_block_each_other(story: Story) -> None:
    mark(story, "tom", "acme")
    mark(story, "grace", "globex")
    story.settle()
    with story.services.transaction() as session:
        ids = {red.account.name: red.id for red in queries.all_under_way(session) if red.status == "proposed"}
    failed: list[BaseException] = []
    together = threading.Barrier(2, timeout=0.2 if story.services.database.is_sqlite else 5)

    def press(account: str) -> None:
        try:
            with story.services.transaction() as session:
                priya = people.by_slack_id(session, "U0PRIYA000")
                assert priya
                together.wait()
                red_accounts_proposals.confirm(session, ids[account], by=priya, now=story.services.now(),
                                     policy=story.services.policy)  # fmt: skip
        except threading.BrokenBarrierError:
            press_alone(account)
        except BaseException as error:  # shown by the assertion below
            failed.append(error)

    def press_alone(account: str) -> None:
        """SQLite lets one transaction in at a time, so the two never stand at the barrier together."""
        with story.services.transaction() as session:
            priya = people.by_slack_id(session, "U0PRIYA000")
            assert priya
            red_accounts_proposals.confirm(session, ids[account], by=priya, now=story.services.now(),
                                 policy=story.services.policy)  # fmt: skip

    threads = [threading.Thread(target=press, args=(account,)) for account in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    story.settle()
    assert len(story.cards("is red")) == 2


def test_still_red_that_comes_too_late_asks_again_and_closes_nothing(story: Story) -> None:
    _open_red(story)
    story.skip(seconds=5)
    story.set_health("tom", "Acme", "Yellow")
    story.poll()
    card = story.card("Acme")
    story.set_health("tom", "Acme", "Green")
    story.click("priya", card, "red_account.still_red")
    story.settle()
    story.poll()
    assert "Acme: Salesforce says Green. Is it over?" in text_of(story.card("Acme"))
    assert story.row("Acme")["Status"] == "red"


def test_set_in_salesforce_while_proposed_names_both(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    story.set_health("priya", "Acme", "Red")
    story.poll()
    card = text_of(story.card("Acme"))
    assert "Acme is red, set by Priya." in card
    assert "proposed by Tom: Champion left" in card
    assert "Acme is marked red" in text_of(story.dm("tom"))


def test_when_the_ce_leaves_the_lead_is_asked_at_once(story: Story) -> None:
    mark(story, "tom", "acme")
    story.settle()
    story.sandbox.run(story.slack.deactivate("U0PRIYA000"))
    story.settle()
    story.skip(minutes=2)
    assert "Tom thinks Acme is red" in text_of(story.dm("lena"))


def test_a_deleted_account_ends_its_red_account(story: Story) -> None:
    _open_red(story)
    story.sandbox.call(story.world.salesforce.delete, "Account", company.account_id(story.world, "Acme"))
    story.poll()
    card = story.card("⚪ Acme is not in Salesforce any more")
    assert "*What happened*  It was deleted in Salesforce." in text_of(card)
    closing = story.thread(card)[-1]
    assert closing["text"] == "⚪ Acme is not in Salesforce any more. It was deleted in Salesforce."
    assert closing["subtype"] == "thread_broadcast"
    assert story.row("Acme")["Status"] == "closed"
    assert story.failed() == []


def test_an_odd_record_does_not_keep_the_others_from_being_read(story: Story) -> None:
    odd = {"Usage_Change__c": 9_000_000_000, "Name": "Globex \x00 " + "x" * 240}
    record = company.account_id(story.world, "Globex")
    story.sandbox.call(story.world.salesforce.rows, "Account")
    story.world.salesforce.tables["Account"][record].update(odd)
    story.set_health("priya", "Acme", "Red")
    story.sandbox.call(story.world.salesforce.update, "Account", record, {"Seats__c": 7}, None)
    story.poll()
    assert "Acme is red" in text_of(story.card("Acme"))


def test_members_that_slack_did_not_show_at_once_are_read_later(tell: Callable[..., Story], sandbox) -> None:  # type: ignore[no-untyped-def]
    sandbox.world.faults.switch_on("slack", "429", call="users.list", times=1, seconds=30)
    story = tell()
    assert "do not know you yet" in story.command("priya", "/red-account acme").text
    jobs.run(next(job for job in jobs.JOBS if job.name == "read members"), story.services)
    assert story.command("priya", "/red-account acme").view


def test_what_an_administrator_mended_goes_on_by_itself(story: Story) -> None:
    sheet = story.world.sheets
    story.sandbox.call(sheet.share, company.SHEET_ID, None)
    _open_red(story)
    assert story.rows("Acme") == []
    assert any("Touchpoint needs help: sheets" in text_of(message) for message in story.dms("lena"))
    story.sandbox.call(sheet.share, company.SHEET_ID, "writer")
    story.skip(minutes=11)
    assert len(story.rows("Acme")) == 1


def test_asked_to_wait_it_waits_also_while_the_rest_is_silent(story: Story) -> None:
    now = story.services.now()
    with story.services.transaction() as session:
        system = session.get_one(System, SystemName.SLACK)
        system.silent_since_at = now
        outbox.promise(session, "slack.notice", 1, lane="slack:U0LENA0000", now=now)
    with story.services.transaction() as session:
        claim = outbox.claim(session, now=now, real_now=story.services.real_now(), owner="me", single=("slack.notice",))
        assert claim
        outbox.finish(session, claim, Retryable("wait", retry_after=30, sent=False), now=now, jitter=lambda: 0.5)
    with story.services.transaction() as session:
        systems.met(session, "slack", [], now=now, policy=story.services.policy)
        again = outbox.claim(session, now=now, real_now=story.services.real_now(), owner="me", single=("slack.notice",))
        assert again is None


def test_a_fortnight_without_writes_starts_the_clock_when_they_go_on(tell: Callable[..., Story]) -> None:
    story = tell(writes={"slack": "off", "salesforce": "on", "sheets": "on"})
    story.set_health("priya", "Acme", "Red")
    story.poll()
    story.skip(days=14)
    story.restart(writes={"slack": "on", "salesforce": "on", "sheets": "on"})
    story.settle()
    story.click("lena", story.cards()[0], "red_account.post_all")
    story.settle()
    assert "by Wed 10 Feb: what is happening" in text_of(story.cards("Acme is red")[0])


def test_each_go_live_has_a_summary_of_its_own(tell: Callable[..., Story]) -> None:
    story = tell()
    story.settle()
    assert len(story.cards("were red already")) == 1
    story.restart(writes={"slack": "off", "salesforce": "on", "sheets": "on"})
    story.set_health("priya", "Acme", "Red")
    story.poll()
    story.restart(writes={"slack": "on", "salesforce": "on", "sheets": "on"})
    story.settle()
    assert len(story.cards("were red already")) == 2
    assert "Acme" in text_of(story.cards("were red already")[1])


def test_what_a_replica_of_before_held_is_released_at_the_next_start(story: Story) -> None:
    form = story.command("priya", "/red-account acme").view
    assert form
    story.submit("priya", form, **WHY)
    with story.services.transaction() as session:
        session.execute(update(Promise).where(Promise.state == "pending").values(state="held"))
        session.execute(update(Lane).values(pending=0))
    story.restart()
    story.settle()
    assert len(story.rows("Acme")) == 1
    assert story.health("Acme") == "Red"


def test_long_work_is_not_taken_over_between_its_parts(story: Story) -> None:
    services, taken = story.services, list[bool]()

    def somebody_else_tries() -> bool:
        with services.transaction() as session:
            return leases.take(session, "long", holder="another", now=services.real_now(), lasts=jobs.LONGEST_PART)

    def work(given: Services, _now: datetime) -> None:
        for _ in range(2):
            with services.transaction() as session:  # this part took as long as a part may
                session.get_one(Lease, "long").until = services.real_now()
            given.still_here()
            taken.append(somebody_else_tries())

    jobs.run_alone(jobs.Job("long", lambda policy: 0, work, is_alone=True), services)
    assert [*taken, somebody_else_tries()] == [False, False, True]
