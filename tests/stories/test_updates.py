"""How a red account goes: told at its pace, asked for when nobody tells, decided every thirty days, read on Mondays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot import policy
from bot.models import ReminderState
from bot.models.reminders import TOLD
from sandbox import company, settings
from tests.stories.story import NAMES, Story, buttons_of, text_of
from tests.stories.test_reminders import at, digests

Tell = Callable[..., Story]
POST = "red_account.post_update"


def open_acme(story: Story) -> None:
    """Acme is red since Mon 25 Jan and filled in; its first update is due Mon 8 Feb."""
    story.set_health("lena", "Acme", "Red")
    story.poll()
    form = story.click("priya", story.card("Acme"), "red_account.fill_in").view
    assert form
    assert story.submit("priya", form, sentence="The new VP doubts the price.").ok
    story.settle()


def a_short_month(tell: Tell) -> Story:
    """Acme is open, and a decision is due each week instead of each month."""
    story = tell(updates={"still_red_days": 7})
    story.settle()
    open_acme(story)
    return story


def post(story: Story, who: str, **said: Any) -> None:
    form = story.click(who, story.card("Acme"), POST).view
    assert form, who
    seen = story.submit(who, form, **said)
    assert seen.ok, seen
    assert not seen.errors, seen.errors
    story.settle()


def updates(story: Story) -> list[dict[str, Any]]:
    return [reply for reply in story.thread(story.card("Acme")) if ", update by " in reply["text"]]


def last_line(story: Story) -> str:
    return text_of(story.card("Acme")).splitlines()[-1]


def questions(story: Story, who: str) -> list[dict[str, Any]]:
    return [message for message in story.dms(who) if "has been red for" in message["text"]]


def test_an_update_stands_in_the_thread_and_on_the_cards_last_line(story: Story) -> None:
    open_acme(story)
    assert "first update by 8 Feb" in last_line(story)
    story.live(at(28, 10, month=1))
    post(
        story, "tom", changed="Their CFO <!channel> came to the call.", blocker="No date for SSO",
        next_step="Call with the VP", next_on="2027-02-03", mood="better",
    )  # fmt: skip
    [update] = updates(story)
    assert update["text"].startswith("Acme, update by Tom: Their CFO")
    for words in ("*Update* by Tom, Thu 28 Jan · it goes better", "*Blocker*  No date for SSO", "by Wed 3 Feb"):
        assert words in text_of(update)
    assert "<!channel>" not in text_of(update)
    assert "last update 28 Jan, next by 4 Feb" in last_line(story)  # it renews this quarter: weekly
    form = story.click("priya", story.card("Acme"), POST).view
    assert form
    assert form["state"]["values"]["next_step"]["value"]["value"] == "Call with the VP"
    assert form["state"]["values"]["next_on"]["value"]["selected_date"] == "2027-02-03"


def test_its_author_edits_or_takes_back_the_newest(story: Story) -> None:
    open_acme(story)
    post(story, "tom", changed="They came to the call.")
    story.live(at(29, 10, month=1))
    post(story, "priya", changed="Usage is up.")
    old, new = updates(story)
    assert "update.menu" not in str(old["blocks"])
    edit = next(o["value"] for o in new["blocks"][0]["accessory"]["options"] if o["value"].startswith("edit:"))
    refused = story.click("tom", new, "update.menu", edit).view
    assert refused
    assert "Only Priya Raman can change this update." in text_of(refused)
    form = story.click("priya", new, "update.menu", edit).view
    assert form
    assert story.submit("priya", form, changed="Usage is up by a third.").ok
    story.settle()
    assert "Usage is up by a third." in text_of(updates(story)[-1])
    assert len(updates(story)) == 2
    story.click("priya", new, "update.menu", edit.replace("edit", "undo"))
    story.settle()
    assert "Priya took this update back." in text_of(story.thread(story.card("Acme"))[-1])
    assert "last update 25 Jan, next by 1 Feb" in last_line(story)
    assert "update.menu" in str(updates(story)[0]["blocks"])  # Tom's is the newest again


def test_somebody_else_is_told_who_can_and_a_mistake_stands_under_its_field(story: Story) -> None:
    open_acme(story)
    refused = story.click("dev", story.card("Acme"), POST).view
    assert refused
    assert "can post an update here" in text_of(refused)
    form = story.click("priya", story.card("Acme"), POST).view
    assert form
    seen = story.submit("priya", form, changed="All is well.", next_on="2027-01-20")
    assert seen.errors == {"next_on": "Pick today or a later day."}


def test_the_ladder_of_an_update_the_owners_the_thread_the_lead_and_an_update_ends_it(story: Story) -> None:
    open_acme(story)
    story.live(at(8, 10))
    for who in ("priya", "tom"):
        assert "*Acme*'s weekly update · by Mon 8 Feb" in text_of(digests(story, who)[-1])
    story.live(at(10, 10))
    asked = story.thread(story.card("Acme"))[-1]
    assert "<@U0PRIYA000> <@U0TOM00000> No update on Acme yet. It was due Mon 8 Feb." in text_of(asked)
    assert "Priya and Tom · since Mon 8 Feb" not in str(digests(story, "lena"))
    story.live(at(11, 10))
    assert "*Acme*'s weekly update · Priya and Tom · since Mon 8 Feb" in text_of(digests(story, "lena")[-1])
    form = story.click("priya", asked, POST).view
    assert form
    story.submit("priya", form, changed="Nothing moves before their board meets.")
    story.settle()
    assert "update · Priya and Tom · since Mon 8 Feb · ☑ Done by Priya" in text_of(digests(story, "lena")[-1])
    [copy] = [reply for reply in story.thread(story.card("Acme")) if reply["ts"] == asked["ts"]]
    assert "☑ Done by Priya" in text_of(copy)
    # The next round begins: due Thu 18 Feb, and the thread says so anew.
    assert "last update 11 Feb, next by 18 Feb" in last_line(story)
    told = len(story.thread(story.card("Acme")))
    story.live(at(22, 10))
    assert len(story.thread(story.card("Acme"))) == told + 1
    assert "No update on Acme since Thu 11 Feb" in text_of(story.thread(story.card("Acme"))[-1])
    assert len(story.reminders(kind="update", state=ReminderState.ACTED)) == 4


def test_an_update_that_is_taken_back_is_asked_for_again(story: Story) -> None:
    open_acme(story)
    story.live(at(8, 10))
    post(story, "priya", changed="They came to the call.")
    assert not [row for row in story.reminders(kind="update") if row.state in TOLD]
    undo = updates(story)[-1]["blocks"][0]["accessory"]["options"][1]["value"]
    story.click("priya", updates(story)[-1], "update.menu", undo)
    story.live(at(9, 9, 1))
    assert "*Acme*'s weekly update · since Mon 8 Feb" in text_of(digests(story, "tom")[-1])


def test_after_so_many_days_the_ce_and_the_ae_decide_and_are_asked_again_after_as_many(tell: Tell) -> None:
    story = a_short_month(tell)
    story.live(at(1, 9, 1))
    for who in ("priya", "tom"):
        [asked] = questions(story, who)
        assert asked["text"] == "Acme has been red for 7 days. Go on, change the plan or accept churn?"
        assert buttons_of(asked) == [
            "still_red.go_on",
            "still_red.change_plan",
            "red_account.resolve",
            "still_red.later",
        ]
    assert story.click("tom", questions(story, "tom")[0], "still_red.go_on").ok
    story.settle()
    for who in ("priya", "tom"):
        assert "☑ Done by Tom" in text_of(questions(story, who)[0])
    again = story.click("priya", story.card("Acme"), "red_account.menu", _entry(story, "history"))
    assert again.view
    assert "go on" in text_of(again.view)
    story.live(at(8, 9, 1))
    assert len(questions(story, "priya")) == 2
    assert questions(story, "lena") == []
    story.live(at(11, 9, 1))  # three working days without a decision
    assert len(questions(story, "lena")) == 1


def _entry(story: Story, word: str) -> str:
    options = [e for b in story.card("Acme")["blocks"] for e in b.get("elements", []) if e.get("type") == "overflow"]
    return next(o["value"] for menu in options for o in menu["options"] if o["value"].startswith(word))


def test_a_decision_is_escalated_to_the_lead_whose_answer_is_everybodys(tell: Tell) -> None:
    story = a_short_month(tell)
    form = story.click("priya", story.card("Acme"), "red_account.menu", _entry(story, "plan")).view
    assert form
    assert story.submit("priya", form, sponsor="U0INES0000").ok
    story.live(at(1, 9, 1))
    [asked] = questions(story, "tom")
    menu = next(e for b in asked["blocks"] for e in b.get("elements", []) if e.get("type") == "overflow")
    assert menu["options"][0]["text"]["text"] == "Ask Lena and Ines to decide"
    assert "Resolve or accept churn…" in text_of(asked)
    story.click("tom", asked, "still_red.later", menu["options"][0]["value"])
    story.settle()
    [question] = questions(story, "lena")
    assert "You are asked to decide: *Acme* has been red for 7 days." in text_of(question)
    form = story.click("lena", question, "still_red.change_plan").view
    assert form
    assert "red_account.plan" in form["callback_id"]
    story.settle()
    assert "☑ Done by Lena" in text_of(questions(story, "lena")[0])
    assert not [row for row in story.reminders(kind="still red") if row.state in TOLD]
    assert "still_red.go_on" not in buttons_of(questions(story, "priya")[0])


def escalated(tell: Tell, **rules: Any) -> Story:
    """Tom has asked the lead and the sponsor to decide, and both have left since."""
    story = tell(updates={"still_red_days": 7}, **rules)
    story.settle()
    open_acme(story)
    form = story.click("priya", story.card("Acme"), "red_account.menu", _entry(story, "plan")).view
    assert form
    assert story.submit("priya", form, sponsor=NAMES["ines"].slack_id).ok
    story.live(at(1, 9, 1))
    [asked] = questions(story, "tom")
    menu = next(e for b in asked["blocks"] for e in b.get("elements", []) if e.get("type") == "overflow")
    story.click("tom", asked, "still_red.later", menu["options"][0]["value"])
    story.settle()
    assert len(questions(story, "ines")) == len(questions(story, "lena")) == 1
    story.leave("lena")
    story.leave("ines")
    return story


def test_when_lead_and_sponsor_have_left_another_lead_decides(tell: Tell) -> None:
    regions = policy.read(settings.POLICY).model_dump(mode="json")["regions"]
    regions["APAC"]["lead"] = NAMES["mira"].email
    story = escalated(tell, regions=regions)
    story.live(at(2, 12))
    [question] = questions(story, "mira")
    assert "You are asked to decide: *Acme* has been red for" in text_of(question)
    assert story.click("mira", question, "still_red.go_on").ok
    story.settle()
    assert "☑ Done by Mira" in text_of(questions(story, "mira")[0])
    assert not [row for row in story.reminders(kind="still red") if row.state in TOLD]


def test_when_nobody_else_is_left_to_decide_the_ce_and_the_ae_are_asked_again(tell: Tell) -> None:
    story = escalated(tell)
    story.live(at(2, 12))
    for who in ("priya", "tom"):
        assert "*Acme* has been red since Mon 25 Jan: how to go on?" in text_of(digests(story, who)[-1])
    form = story.click("priya", digests(story, "priya")[-1], "reminder.answer").view
    assert form
    assert story.submit("priya", form, what="yes").ok
    story.settle()
    assert not [row for row in story.reminders(kind="still red") if row.state in TOLD]


def test_the_question_in_a_digest_is_answered_there(tell: Tell) -> None:
    story = a_short_month(tell)
    story.live(at(2, 9, 1))
    digest = digests(story, "priya")[-1]
    assert "*Acme* has been red since Mon 25 Jan: how to go on?" in text_of(digest)
    form = story.click("priya", digest, "reminder.answer").view
    assert form
    assert story.submit("priya", form, what="yes").ok
    story.settle()
    assert story.reminders(kind="still red", recipient_id=story.person("priya").id)[0].state == ReminderState.ACTED


def test_leaders_read_on_monday_how_all_red_accounts_go(story: Story) -> None:
    open_acme(story)
    post(story, "priya", changed="They stopped the rollout.", mood="worse")
    story.set_health("priya", "Globex", "Red")
    story.poll()
    story.live(at(1, 8, 59))
    assert story.summaries() == []
    story.live(at(1, 9, 1))
    [summary] = story.summaries()
    assert summary["text"].startswith("5 red accounts, $")
    assert summary["text"].endswith(" · 2 new")
    said = text_of(summary)
    assert "*Worse*\n• *Acme*, $240k, renews 12 Mar: They stopped the rollout." in said
    assert "*No word*" in said
    assert "*Globex*" in said.partition("*No word*")[2]
    assert "<@" not in said
    story.live(at(8, 9, 1))
    assert len(story.summaries()) == 2
    assert "They stopped the rollout. · no update since 25 Jan" in text_of(story.summaries()[-1])
    assert "new" not in story.summaries()[-1]["text"]


def test_after_an_outage_the_summary_comes_on_its_own_day_or_not_at_all(story: Story) -> None:
    open_acme(story)
    story.stop()
    story.sandbox.call(story.world.clock.set, at(1, 14))
    story.go_live()
    story.settle()
    assert len(story.summaries()) == 1
    story.world.faults.switch_on("slack", "down")
    story.sandbox.call(story.world.clock.set, at(8, 9, 1))
    story.settle()
    story.sandbox.call(story.world.clock.set, at(9, 9))
    story.world.faults.switch_off()
    story.skip(minutes=30)
    assert len(story.summaries()) == 1
    assert {row.state for row in story.reminders(kind="monday summary")} >= {ReminderState.PLANNED}


def test_on_a_free_monday_it_comes_the_day_after(story: Story) -> None:
    open_acme(story)
    story.sandbox.call(story.world.clock.set, at(12, 10))
    story.restart()
    story.live(at(15, 12))  # Washington's Birthday
    before = len(story.summaries())
    story.live(at(16, 9, 1))
    assert len(story.summaries()) == before + 1


def test_nothing_red_and_nothing_changed_is_not_worth_a_message(story: Story) -> None:
    for name in company.RED_ON_DAY_ONE:
        record = company.account_id(story.world, name)
        story.sandbox.call(story.world.salesforce.delete, "Account", record)
    story.poll()
    story.live(at(1, 9, 1))
    assert [message["text"] for message in story.summaries()] == ["No red accounts"]  # three have left since Monday
    story.live(at(8, 9, 1))
    assert len(story.summaries()) == 1
    assert [row.state for row in story.reminders(kind="monday summary")] == [
        ReminderState.SENT,
        ReminderState.SKIPPED,
        ReminderState.PLANNED,
    ]
