"""Asks until they are there: an undo loses nothing, a no goes up, and whoever has one hears when it is over."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from bot.models import RedAccount, ReminderState, Status, Wish
from bot.queries.red_accounts_lists import ask_dates
from bot.workflows import asks, red_accounts
from sandbox import company
from tests.stories.story import Story, buttons_of, text_of
from tests.stories.test_asks import DEV, IDENTITY, ask, at, digests, hand_in, press, row, the_ask, thread
from tests.stories.test_red_accounts import mark


def test_a_withdrawal_that_is_undone_tells_whoever_had_it(story: Story) -> None:
    ask(story)
    press(story, "dev", the_ask(story), "ask.take")
    hand_in(story, "priya", the_ask(story), "ask.menu", "withdraw")
    assert "is not needed any more" in text_of(thread(story)[-1])
    press(story, "priya", the_ask(story), "ask.menu", "undo")
    assert "Dev has it, by Thu 4 Feb" in text_of(the_ask(story))
    assert f"<@{DEV}> Priya says that SSO fix for Acme is still needed." in text_of(thread(story)[-1])


def test_an_undo_leaves_a_no_and_its_reason_as_they_were(story: Story) -> None:
    ask(story, whom=DEV)
    hand_in(story, "dev", story.dm("dev"), "ask.cannot", why="Our next release is in March")
    no = "Dev cannot, said Mon 25 Jan: Our next release is in March"
    story.skip(days=1)
    replies = len(thread(story))
    press(story, "tom", the_ask(story), "ask.take")
    press(story, "tom", the_ask(story), "ask.menu", "undo")
    assert no in text_of(the_ask(story))
    hand_in(story, "priya", the_ask(story), "ask.menu", "withdraw", why="They fixed it")
    press(story, "priya", the_ask(story), "ask.menu", "undo")
    assert no in text_of(the_ask(story))
    assert len(thread(story)) == replies
    assert len(story.dms("dev")) == 1
    press(story, "dev", the_ask(story), "ask.menu", "undo")
    assert "🙋 *SSO fix for Acme* · Dev · by Thu 4 Feb" in text_of(the_ask(story))


def test_what_the_sheet_asks_for_is_the_ces_to_follow_and_not_the_leads(story: Story) -> None:
    mark(story, "priya", "acme")
    with story.services.transaction() as session:
        found = select(RedAccount).where(RedAccount.status == Status.OPEN, RedAccount.by.has(name="Priya Raman"))
        red = session.scalars(found).one()
        asks.add(session, red, Wish("SSO fix"), by=None, now=story.services.now())
        red_accounts.changed(session, red, by=None, now=story.services.now(), policy=story.services.policy)
    story.live(at(26, 9, 1))
    assert "SSO fix · *Acme* · by when and from whom is not said yet" in digests(story, "priya")[-1]
    assert digests(story, "lena") == []


def test_what_somebody_cannot_give_goes_up_until_somebody_else_has_it(story: Story) -> None:
    ask(story, "tom", whom=DEV)
    hand_in(story, "dev", story.dm("dev"), "ask.cannot", why="Our next release is in March")
    story.live(at(26, 9, 1))
    line = "SSO fix · *Acme*, by Thu 4 Feb: Dev cannot"
    assert line in digests(story, "tom")[-1]
    assert digests(story, "lena") == digests(story, "dev") == []
    story.live(at(27, 9, 1))
    assert line in digests(story, "lena")[-1]
    form = story.click("priya", story.card("Acme"), "red_account.menu", f"resolve:{row(story).red_account_id}").view
    assert form
    assert "⚠ 1 ask is still open: SSO fix." in text_of(form)
    with story.services.transaction() as session:
        late = ask_dates(session, date(2027, 2, 5))
    assert late.keys() == {row(story).red_account_id}
    hand_in(story, "priya", the_ask(story), "ask.hand", whom=company.INES.slack_id)
    assert {one.state for one in story.reminders(kind="ask declined")} == {ReminderState.ACTED}
    story.live(at(28, 9, 1))
    assert line not in digests(story, "tom")[-1]


def test_a_message_becomes_one_ask_that_links_to_it(story: Story) -> None:
    mark(story, "priya", "acme")
    story.settle()
    card = story.card("Acme")
    ts = story.sandbox.run(story.slack.say(company.TOM.slack_id, company.RED_ACCOUNTS, "Can you fix SSO?", card["ts"]))
    shortcut = story.slack.shortcut
    first = story.sandbox.run(shortcut(company.TOM.slack_id, "ask.make", company.RED_ACCOUNTS, ts)).view
    other = story.sandbox.run(shortcut(company.PRIYA.slack_id, "ask.make", company.RED_ACCOUNTS, ts)).view
    assert first
    assert other
    assert story.submit("tom", first, team="identity", needed_on="2027-02-04").ok
    late = story.submit("priya", other, team="identity", needed_on="2027-02-04")
    assert "Tom Okafor made an ask of this already: Can you fix SSO?" in str(late)
    story.settle()
    assert len(story.channel(IDENTITY)) == 1
    [made] = [message for message in thread(story) if "for Acme*" in text_of(message)]
    assert f"/archives/{company.RED_ACCOUNTS}/p{ts.replace('.', '')}|from this message" in text_of(made)
    again = story.sandbox.run(shortcut(company.PRIYA.slack_id, "ask.make", company.RED_ACCOUNTS, ts)).view
    assert again
    assert "Tom made an ask of this: *Can you fix SSO?*." in text_of(again)
    assert made["ts"].replace(".", "") in str(again)
    hand_in(story, "tom", made, "ask.menu", "withdraw")
    free = story.sandbox.run(shortcut(company.PRIYA.slack_id, "ask.make", company.RED_ACCOUNTS, ts)).view
    assert free
    assert free["title"]["text"] == "Ask for help"


def test_whoever_took_something_on_is_told_when_the_red_account_is_closed(story: Story) -> None:
    ask(story)
    press(story, "dev", the_ask(story), "ask.take")
    ask(story, what="A second thing", whom=company.INES.slack_id, team="identity")
    form = story.click("priya", story.card("Acme"), "red_account.menu", f"resolve:{row(story).red_account_id}").view
    assert form
    assert story.submit("priya", form, outcome="yellow", note="They renewed.").ok
    story.settle()
    label = f"RA-{row(story).red_account_id}"
    [there] = story.channel(IDENTITY)
    for message in (there, story.dm("ines")):
        assert f"{label} was closed Mon 25 Jan: nothing more is asked." in text_of(message)
        assert buttons_of(message) == []
    assert "ellow" not in text_of(there)
    told = [text_of(one) for one in thread(story) if "nothing more is asked of you" in text_of(one)]
    assert len(told) == 1
    assert f"<@{DEV}> {label} of Acme was closed: nothing more is asked of you. You had SSO fix." in told[0]
