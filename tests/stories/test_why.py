"""Why somebody was reminded or was not, for those who may know; and everything that is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot import cli, why_report
from bot.messages.reminders import Button, Digest, Line, Section, digest
from bot.models import Reminder, ReminderState
from sandbox import company, settings
from sandbox.slack.seen import Seen
from sandbox.slack.validator import check_message
from tests.stories.story import Story, text_of
from tests.stories.test_reminders import at, digests, mark
from tests.stories.test_settings import choose


def ask(story: Story, who: str, words: str, channel: str = company.CE) -> str:
    """What is read in answer to `/touchpoint words`: the modal's text."""
    seen = story.command(who, f"/touchpoint {words}", channel)
    assert seen.view, seen
    return text_of(seen.view)


def sentence(story: Story, who: str, words: str, channel: str = company.CE) -> str:
    """Its answer, where that is no modal."""
    seen: Seen = story.command(who, f"/touchpoint {words}", channel)
    assert seen.ok
    assert seen.view is None
    return seen.text


@pytest.fixture
def acme(story: Story) -> Story:
    """Acme turned red on Monday 25 January at 9:00 in New York; nothing is due before Wednesday."""
    story.set_health("lena", "Acme", "Red")
    story.poll()
    return story


# Mine


def test_why_shows_when_i_am_reached_and_what_is_to_come_by_which_rule(acme: Story) -> None:
    said = ask(acme, "priya", "why")
    assert "You are reached Mon to Fri 9:00 to 17:30 in New York, public holidays of US East excepted." in said
    assert "*Acme (RA-4): what is happening, what we need, what we will do*" in said
    assert "For Priya Raman. To come with the morning digest, from Wed 27 Jan on." in said
    assert "Its time is the day it is due." in said
    assert "It ends when it is filled in, or the red account is closed." in said
    assert "planned for Wed 27 Jan 0:00 (America/New_York)" in said


def test_the_times_are_those_of_whoever_reads(acme: Story) -> None:
    assert "{date_short} {time}|Mon 25 Jan 14:00> planned" in ask(acme, "marek", "why acme")
    assert "{date_short} {time}|Mon 25 Jan 09:00> planned" in ask(acme, "priya", "why acme")


def test_what_is_held_says_why_and_until_when(story: Story) -> None:
    story.live(at(25, 15, month=1))  # 20:00 in London
    mark(story, "tom", "initech")
    said = ask(story, "marek", "why")
    assert "Right now: quiet hours until Tue 9:00." in said
    assert "Held until Tue 26 Jan 9:00 in London." in said
    assert "held: quiet hours until Tue 9:00" in said


def test_a_snooze_and_the_message_are_shown(story: Story) -> None:
    mark(story, "tom", "acme")
    row = next(row for row in story.reminders(kind="proposal") if row.step == 0)
    story.click("priya", story.dm("priya"), "reminder.later", f"tomorrow:{row.id}")
    story.settle()
    said = ask(story, "priya", "why")
    assert "Snoozed until Tue 26 Jan 9:00 in New York." in said
    assert "sent to Priya Raman" in said
    assert (
        f"/archives/{story.dm('priya')['channel']}/p{story.dm('priya')['ts'].replace('.', '')}|Open the message>"
        in said
    )


def test_open_ones_come_before_what_is_over(acme: Story) -> None:
    acme.live(at(28, 12, month=1))
    said = ask(acme, "priya", "why")
    order = ["Listed in a morning digest, and not settled yet.", "Digest of Fri 29 Jan", "Digest of Thu 28 Jan"]
    assert [said.index(part) for part in order] == sorted(said.index(part) for part in order)


def test_what_is_long_over_is_not_shown(acme: Story) -> None:
    form = acme.click("priya", acme.card("Acme"), "red_account.menu", "resolve:4").view
    assert form
    acme.submit("priya", form, outcome="by mistake", note="It was another account.")
    acme.live(at(5, 12, month=3))
    assert "what is happening, what we need" not in ask(acme, "priya", "why")


def test_the_digests_button_says_why_each_line_is_there(acme: Story) -> None:
    acme.live(at(27, 9, month=1))
    seen = acme.click("priya", digests(acme, "priya")[-1], "touchpoint.why")
    assert seen.view
    said = text_of(seen.view)
    assert said.index("Digest of Wed 27 Jan") < said.index("Acme (RA-4)")
    assert "sent with 1 open" in said
    assert "Listed in a morning digest, and not settled yet." in said


# Somebody else's


def test_a_red_account_is_asked_about_by_number_and_by_name(acme: Story) -> None:
    said = ask(acme, "dev", "why acme")
    assert "Acme, red account RA-4." in said
    for who in ("For Priya Raman.", "For Tom Okafor.", "For Lena Hofmann.", "Said in the thread of its card."):
        assert who in said
    assert ask(acme, "dev", "why RA-4") == ask(acme, "dev", "why ra 4") == said


def test_the_question_whether_it_is_over_is_shown_with_its_account(acme: Story) -> None:
    form = acme.click("tom", acme.card("Acme"), "red_account.menu", "resolve:4").view
    assert form
    acme.submit("tom", form, outcome="green", note="The VP signed.")
    acme.settle()
    said = ask(acme, "tom", "why RA-4")
    assert "*Acme (RA-4): is it over?*" in said
    assert "For Priya Raman, as a message of its own. Sent, and not settled yet." in said


def test_nothing_planned_says_why(acme: Story) -> None:
    form = acme.click("priya", acme.card("Acme"), "red_account.fill_in").view
    assert form
    acme.submit("priya", form, sentence="The new VP doubts the price.")
    acme.settle()
    assert "the plan: goal, how we will know, actions, agreement" in ask(acme, "tom", "why acme")
    form = acme.click("priya", acme.card("Acme"), "red_account.menu", "resolve:4").view
    assert form
    acme.submit("priya", form, outcome="by mistake", note="It was another account.")
    acme.settle()
    assert "Nothing is planned any more: Acme is closed as RA-4." in ask(acme, "tom", "why acme")
    assert "its card is not posted yet" in ask(acme, "tom", "why quillstone")


def test_a_lead_reads_a_persons(acme: Story) -> None:
    said = ask(acme, "lena", "why priya")
    assert "Priya is reached Mon to Fri 9:00 to 17:30 in New York" in said
    assert "For Priya Raman." in said
    for words in ("why @Priya", "why Priya Raman", f"why <@{company.PRIYA.slack_id}>"):
        assert ask(acme, "lena", words) == said


def test_a_colleague_does_not_unless_they_cover_today(acme: Story) -> None:
    refusal = "Only Priya Raman, whoever covers for them today, or Lena Hofmann (CE lead) can see this."
    assert sentence(acme, "marek", "why priya") == refusal
    cover = {"away_from_on": "2027-01-25", "away_to_on": "2027-01-25", "cover": company.MAREK.slack_id}
    choose(acme, "priya", **cover)
    assert "Priya is away on Mon 25 Jan. You cover for Priya." in ask(acme, "marek", "why priya")


ANSWERS = {
    "why RA-99": "I know nothing of RA-99.",
    "why nobody at all": "I know nothing of this name.",
    "why globex": "Globex has not been red since Touchpoint came. Nothing is planned for it.",
    "why stone": "Several accounts have that in their name: Pebblestone, Quillstone. Type more of it.",
    "why <!channel>": "I know nothing of this name.",
    "wy": "“wy” is nothing that `/touchpoint` knows.",
    "": "`/touchpoint` is about when I remind you, and why.",
    "help": "• `/touchpoint settings` sets your hours, digest, mute, days away and who covers for you",
}


def test_what_cannot_be_shown_gets_a_sentence(story: Story) -> None:
    for words, answer in ANSWERS.items():
        assert answer in sentence(story, "priya", words), words


def test_a_guest_gets_nothing(story: Story) -> None:
    for word in ("why", "settings", "today"):
        answer = sentence(story, company.GUEST.slack_id, word, company.SHARED)
        assert answer == "Touchpoint is for full members of this workspace only."


# Today


def test_today_shows_everything_that_is_open_with_its_buttons(story: Story) -> None:
    for name in company.NAMES[:14]:
        story.set_health("lena", name, "Red")
    story.poll()
    assert sentence(story, "priya", "today").startswith("Nothing is open for you.")
    story.live(at(27, 9, month=1))
    story.skip(hours=2)
    assert sentence(story, "priya", "today") == "8 open for you. I sent you the list; it follows what happens."
    story.settle()
    asked = digests(story, "priya")[-1]
    assert asked["text"] == "Today: 8 to do"
    mine = [row for row in story.reminders(kind="fill in") if row.recipient and row.recipient.name == "Priya Raman"]
    assert len(_lines(asked)) == len(mine) == 8
    seen = story.click("priya", asked, _lines(asked)[0]["accessory"]["action_id"])
    assert seen.view
    assert seen.view["callback_id"] == "red_account.fill_in_form"


def _lines(one: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in one["blocks"] if block.get("accessory")]


def test_what_today_showed_follows_what_others_do(acme: Story) -> None:
    acme.live(at(27, 10, month=1))
    sentence(acme, "priya", "today")
    acme.settle()
    form = acme.click("tom", acme.card("Acme"), "red_account.fill_in").view
    assert form
    acme.submit("tom", form, sentence="The new VP doubts the price.")
    acme.settle()
    morning, asked = digests(acme, "priya")
    for one in (morning, asked):
        assert "Done by Tom" in text_of(one)
        assert one["text"] == "Today: nothing is left to do"


def test_who_asks_what_is_open_gets_the_digests_of_the_mornings_all_the_same(acme: Story) -> None:
    acme.live(at(27, 10, 42, month=1))
    for _ in range(2):
        sentence(acme, "priya", "today")
        acme.settle()
    acme.live(at(28, 10, month=1))
    assert [one["text"] for one in digests(acme, "priya")] == ["Today: 1 to do"] * 3 + ["Today: 1 overdue"]
    said = ask(acme, "priya", "why")
    assert "Digest of Wed 27 Jan, asked for at 10:42" in said
    assert "It came because it was asked for" in said
    assert "Listed in the digest of Thu 28 Jan, Wed 27 Jan." in said


def test_who_asks_before_the_morning_digest_gets_that_one_too(acme: Story) -> None:
    acme.live(at(28, 8, month=1))
    sentence(acme, "priya", "today")
    acme.live(at(28, 10, month=1))
    assert len(digests(acme, "priya")) == 3  # Wednesday's, the one that was asked for, and Thursday's


def test_what_does_not_fit_into_one_message_is_counted() -> None:
    row = Reminder(id=1, state=ReminderState.SENT)
    button = Button("Fill in…", "red_account.fill_in", 1)
    for other, most in ((None, 46), (button, 23)):
        listed = [Line(row, f"line {number}", Section.TODAY, button, other) for number in range(200)]
        shown = digest(Digest(row, at(25, 9).date(), listed, [], is_asked_for=True)).blocks
        assert len([block for block in shown if block["type"] == "section"]) == most
        assert len(shown) <= 50
        assert shown[-1]["elements"][0]["text"] == f"{200 - most} more. They show here when some of these are done."


def test_long_lines_that_slack_would_refuse_together_are_counted_too() -> None:
    row = Reminder(id=1, state=ReminderState.SENT)
    listed = [Line(row, "x" * 500, Section.TODAY, Button("Done", "action_item.done", 1)) for _ in range(40)]
    told = digest(Digest(row, at(25, 9).date(), listed, ["y" * 700] * 4, is_asked_for=True))
    assert "more. They show here" in text_of(check_message({"text": told.text, "blocks": told.blocks}))


# On the command line


def test_the_command_line_says_the_same(acme: Story, capsys: pytest.CaptureFixture[str]) -> None:
    acme.live(at(27, 9, month=1))
    url, policy, now = acme.database_url, acme.services.policy, acme.services.now()
    assert why_report.show(url, policy, "priya", now) == 0
    said = capsys.readouterr().out
    for part in (
        "Priya Raman. Times are those of America/New_York.",
        "Priya is reached Mon to Fri 9:00 to 17:30 in New York, public holidays of US East excepted.",
        "Acme (RA-4): what is happening, what we need, what we will do",
        "Mon 25 Jan 9:00  planned for Wed 27 Jan 0:00 (America/New_York)",
        "Digest of Thu 28 Jan",
        f"Its message in Slack: channel {acme.dm('priya')['channel']}, ts {acme.dm('priya')['ts']}",
    ):
        assert part in said
    assert why_report.show(url, policy, "RA-4", now) == why_report.show(url, policy, "acme", now) == 0
    halves = capsys.readouterr().out.split("Acme, RA-4. Times are those of America/New_York.")
    assert halves[0] == ""
    assert halves[1] == halves[2]
    assert "Said in the thread of its card. To come Fri 29 Jan 9:00 in New York." in halves[1]


def test_the_command_line_goes_by_the_clock_of_the_bot(
    story: Story, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story.live(at(25, 20, month=1))
    monkeypatch.chdir(tmp_path)  # no .env here
    for name, value in settings.environment(story.sandbox.url, story.database_url).items():
        monkeypatch.setenv(name, value)
    assert cli.main(["why", "priya"]) == 0
    assert "Right now: quiet hours until Tue 9:00." in capsys.readouterr().out
