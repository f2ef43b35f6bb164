"""What people choose for themselves holds from the next moment on, and is said back to them in words."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.messages.touchpoint import working_days
from bot.models import Preferences, ReminderState
from sandbox import company
from sandbox.slack.people import BOT_USER
from sandbox.slack.seen import Seen
from tests.stories.story import Story, text_of
from tests.stories.test_reminders import LONDON, at, digests, mark

FEBRUARY = {"away_from_on": "2027-02-01", "away_to_on": "2027-02-05"}
USUAL = {"from_time": "09:00", "to_time": "17:30", "digest_time": "09:00"}
MAREK, GUEST = company.MAREK.slack_id, company.GUEST.slack_id


def settings(story: Story, who: str) -> dict[str, Any]:
    form = story.command(who, "/touchpoint settings").view
    assert form
    return form


def choose(story: Story, who: str, **values: Any) -> Seen:
    seen = story.submit(who, settings(story, who), **values)
    story.settle()
    return seen


def said(seen: Seen) -> str:
    assert seen.view, seen
    return text_of(seen.view)


def filled(form: dict[str, Any]) -> dict[str, str | None]:
    """Field → what stands in it."""
    found: dict[str, str | None] = {}
    for field, elements in form["state"]["values"].items():
        [value] = elements.values()
        option = value.get("selected_option")
        others = [value.get(key) for key in ("selected_time", "selected_date", "selected_user") if value.get(key)]
        found[field] = option["value"] if option else next(iter(others), None)
    return found


def chosen(story: Story) -> list[Preferences]:
    with story.services.transaction() as session:
        return list(session.scalars(select(Preferences).order_by(Preferences.person_id)))


# The form


def test_the_form_shows_what_holds_without_any_choice(story: Story) -> None:
    form = settings(story, "priya")
    nothing = dict.fromkeys(["muted_until_on", "away_from_on", "away_to_on", "cover"])
    assert filled(form) == {**USUAL, "region": "US East", **nothing}
    assert "Times are on your clock: *New York*, as Slack says." in text_of(form)
    assert "EMEA (GB, ENG)" in text_of(form)
    assert filled(settings(story, "marek"))["region"] == "EMEA"  # which keeps his time


def test_what_was_chosen_is_said_back_and_shown_again(story: Story) -> None:
    seen = choose(
        story,
        "priya",
        from_time="08:00",
        to_time="16:00",
        digest_time="07:45",
        region="EMEA",
        muted_until_on="2027-01-28",
        away_from_on="2027-02-01",
        away_to_on="2027-02-05",
        cover=MAREK,
    )
    assert said(seen).splitlines()[1:] == [
        "You are reached Mon to Fri 8:00 to 16:00 in New York, public holidays of EMEA excepted.",
        "The digest comes at 7:45.",
        "You are away from Mon 1 Feb to Fri 5 Feb. Marek covers for you.",
        "Muted until Thu 28 Jan 8:00.",
        "Right now: muted until Thu 8:00.",
    ]
    assert filled(settings(story, "priya")) == {
        "from_time": "08:00",
        "to_time": "16:00",
        "digest_time": "07:45",
        "region": "EMEA",
        "muted_until_on": "2027-01-28",
        "away_from_on": "2027-02-01",
        "away_to_on": "2027-02-05",
        "cover": MAREK,
    }


def test_what_is_over_is_empty_in_the_form(story: Story) -> None:
    choose(story, "priya", muted_until_on="2027-01-26", away_from_on="2027-01-26", away_to_on="2027-01-26", cover=MAREK)
    story.live(at(27, 10, month=1))
    form = filled(settings(story, "priya"))
    assert [form[field] for field in ("muted_until_on", "away_from_on", "away_to_on", "cover")] == [None] * 4


def test_what_is_as_policy_has_it_goes_on_to_follow_policy(story: Story) -> None:
    choose(story, "priya", to_time="16:00")
    [kept] = chosen(story)
    assert (kept.from_time, kept.digest_time, kept.region) == (None, None, None)
    story.restart(reminders={"from_time": "10:00", "digest_time": "10:30"})
    form = filled(settings(story, "priya"))
    assert [form[field] for field in ("from_time", "to_time", "digest_time")] == ["10:00", "16:00", "10:30"]


MISTAKES: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"to_time": "09:00"}, "to_time", "This has to be after the start, on the same day."),
    ({"muted_until_on": "2027-01-25"}, "muted_until_on", "That morning is over."),
    ({"muted_until_on": "2028-03-01"}, "muted_until_on", "A year at the most."),
    ({"away_from_on": "2027-02-01"}, "away_to_on", "Pick the last day away too"),
    ({"away_to_on": "2027-02-01"}, "away_from_on", "Pick the first day away too"),
    ({"away_from_on": "2027-02-05", "away_to_on": "2027-02-01"}, "away_to_on", "cannot be before the first."),
    ({"away_from_on": "2027-01-11", "away_to_on": "2027-01-22"}, "away_to_on", "These days are over."),
    ({"away_from_on": "2027-02-01", "away_to_on": "2028-03-01"}, "away_to_on", "A year ahead at the most."),
    ({"cover": MAREK}, "cover", "Say above which days you are away"),
    ({**FEBRUARY, "cover": GUEST}, "cover", "Only a full member of this workspace can cover for you."),
    ({**FEBRUARY, "cover": BOT_USER}, "cover", "Only a full member of this workspace can cover for you."),
    ({**FEBRUARY, "cover": company.PRIYA.slack_id}, "cover", "You cannot cover for yourself."),
)


def test_a_mistake_is_said_under_its_field(story: Story) -> None:
    for values, field, sentence in MISTAKES:
        errors = choose(story, "priya", **values).errors
        assert list(errors) == [field], values
        assert sentence in errors[field]
    assert chosen(story) == []


def test_all_mistakes_are_said_at_once(story: Story) -> None:
    seen = choose(story, "priya", to_time="08:00", muted_until_on="2026-12-01", cover=MAREK)
    assert set(seen.errors) == {"to_time", "muted_until_on", "cover"}


def test_who_is_away_cannot_cover(story: Story) -> None:
    choose(story, "marek", away_from_on="2027-02-03", away_to_on="2027-02-09")
    seen = choose(story, "priya", **FEBRUARY, cover=MAREK)
    assert seen.errors == {"cover": "Marek Novotny is away too from 3 Feb to 5 Feb. Pick somebody else, or other days."}


def test_who_covers_and_goes_away_reads_whom_that_leaves_alone(story: Story) -> None:
    choose(story, "priya", **FEBRUARY, cover=MAREK)
    seen = choose(story, "marek", away_from_on="2027-02-05", away_to_on="2027-02-12")
    assert "You cover for Priya Raman on some of the days that you are away: nobody gets theirs then." in said(seen)


def test_the_settings_button_of_a_digest_opens_the_form(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    story.live(at(27, 9, month=1))
    seen = story.click("priya", digests(story, "priya")[-1], "touchpoint.settings")
    assert seen.view
    assert filled(seen.view)["from_time"] == "09:00"


# What it changes


def test_the_digest_comes_at_the_hour_that_was_chosen(story: Story) -> None:
    story.set_health("lena", "Acme", "Red")
    story.poll()
    story.live(at(27, 9, month=1))
    choose(story, "priya", digest_time="07:30")
    story.live(at(28, 7, 29, month=1))
    assert len(digests(story, "priya")) == 1
    story.live(at(28, 7, 30, month=1))
    assert len(digests(story, "priya")) == 2


def test_what_was_held_is_looked_at_again_when_the_hours_change(story: Story) -> None:
    story.live(at(25, 15, month=1))  # 20:00 in London
    mark(story, "tom", "initech")  # Marek's
    assert story.dms("marek") == []
    choose(story, "marek", to_time="21:00")
    assert "Tom thinks Initech is red" in text_of(story.dm("marek"))
    [asked] = [row for row in story.reminders(kind="proposal") if row.step == 0]
    assert "looked at again: Marek Novotny changed their settings" in asked.why


def test_what_was_held_stays_held_where_nothing_about_it_changed(story: Story) -> None:
    story.live(at(25, 15, month=1))
    mark(story, "tom", "initech")
    choose(story, "marek", digest_time="10:00")
    [asked] = [row for row in story.reminders(kind="proposal") if row.step == 0]
    assert asked.state == ReminderState.HELD
    assert "looked at again" not in asked.why


def test_a_mute_holds_and_its_end_tells_at_once(story: Story) -> None:
    choose(story, "priya", muted_until_on="2027-01-28")
    mark(story, "tom", "acme")
    story.live(at(26, 12, month=1))
    assert story.dms("priya") == []
    choose(story, "priya", muted_until_on=None)
    assert "Tom thinks Acme is red" in text_of(story.dm("priya"))


def test_a_mute_ends_by_itself_on_the_morning_of_its_day(story: Story) -> None:
    choose(story, "marek", muted_until_on="2027-01-27")
    mark(story, "tom", "initech")
    story.live(at(27, 8, 59, month=1, zone=LONDON))
    assert story.dms("marek") == []
    story.live(at(27, 9, month=1, zone=LONDON))
    assert "Tom thinks Initech is red" in text_of(story.dms("marek")[0])


def test_the_cover_is_asked_and_may_answer_while_somebody_is_away(story: Story) -> None:
    seen = choose(story, "priya", away_from_on="2027-01-25", away_to_on="2027-01-29", cover=MAREK)
    assert "Right now: away and weekend until Mon 1 Feb 9:00, and Marek gets it meanwhile." in said(seen)
    mark(story, "tom", "acme")
    assert story.dms("priya") == []
    question = story.dm("marek")
    assert "Tom thinks Acme is red" in text_of(question)
    assert "You cover for Priya" in text_of(question)
    story.click("marek", question, "red_account.confirm")
    story.settle()
    assert story.health("Acme") == "Red"


def test_what_waits_goes_to_the_cover_as_soon_as_there_is_one(story: Story) -> None:
    choose(story, "priya", away_from_on="2027-01-25", away_to_on="2027-01-29")
    mark(story, "tom", "acme")
    assert story.dms("priya") == []
    choose(story, "priya", cover=MAREK)
    assert "Tom thinks Acme is red" in text_of(story.dm("marek"))


def test_another_region_is_another_weekend(story: Story) -> None:
    regions = story.services.policy.model_dump(mode="json")["regions"]
    gulf = {"lead": "lena.hofmann@larkfield.example", "time_zone": "Asia/Dubai", "country": "AE", "weekend": [4, 5]}
    story.restart(regions=regions | {"Gulf": gulf})
    seen = choose(story, "priya", region="Gulf")
    assert "You are reached Sun to Thu 9:00 to 17:30 in New York, public holidays of Gulf excepted." in said(seen)


@pytest.mark.parametrize(
    ("weekend", "words"),
    [
        ({5, 6}, "Mon to Fri"),
        ({4, 5}, "Sun to Thu"),
        ({6}, "Mon to Sat"),
        ({1, 4}, "Sat to Mon, Wed to Thu"),
        ({0, 1, 2, 3, 4, 5}, "Sun"),
        (set(), "every day"),
    ],
)
def test_a_working_week_in_words(weekend: set[int], words: str) -> None:
    assert working_days(frozenset(weekend)) == words
