"""The settings form, and the reader of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from slack_sdk.models.blocks import (
    DatePickerElement,
    InputBlock,
    StaticSelectElement,
    TimePickerElement,
    UserSelectElement,
)

from bot.errors import InvalidForm
from bot.messages import blocks, forms
from bot.messages.touchpoint import place
from bot.policy import Policy
from bot.reminders import wall
from bot.reminders.choices import AWAY_FROM, AWAY_TO, COVER, DIGEST, FROM, MUTED, REGION, TO, Chosen, Reached

FORM = "touchpoint.settings_form"
MOST_REGIONS = 100  # https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element


def form(found: Reached, policy: Policy, now: datetime) -> dict[str, Any]:
    """Prefilled with what holds now. What is over (a mute, days away) is empty again."""
    hours, chosen, zone = found.hours, found.chosen, found.hours.zone
    today = wall.wall(now, zone).date()
    muted = chosen.muted_until_at if chosen.muted_until_at and chosen.muted_until_at > now else None
    last_day = chosen.away_to_on or chosen.away_from_on
    is_away = last_day is not None and last_day >= today
    cover = chosen.cover if is_away and chosen.cover and chosen.cover.can_be_asked else None
    if found.person.time_zone:
        whose = f"Times are on your clock: *{place(zone)}*, as Slack says. To change it, change Slack's preferences."
    else:
        whose = f"Slack does not say your time zone, so times are those of *{place(zone)}*."
    return forms.form(
        FORM,
        "Settings",
        [
            blocks.section(whose),
            _time(FROM, "You are reached from", hours.from_time, zone),
            _time(TO, "You are reached until", hours.to_time, zone),
            _time(DIGEST, "The digest comes at", found.digest_time, zone, hint="Only when something is open."),
            _region(found.region, policy),
            _day(
                MUTED,
                "Mute until the morning of",
                wall.wall(muted, zone).date() if muted else None,
                hint="What falls due meanwhile waits and is not lost. Clear it to end the mute.",
            ),
            _day(AWAY_FROM, "Away from", chosen.away_from_on if is_away else None),
            _day(AWAY_TO, "Away until, that day included", last_day if is_away else None),
            forms.input_field(
                COVER,
                "Who covers for you then",
                UserSelectElement(action_id=forms.INPUT, initial_user=cover.slack_id if cover else None),
                hint="They get your reminders meanwhile, and may do what these ask for.",
                optional=True,
            ),
        ],
        submit="Save",
    )


def read(view: Mapping[str, Any]) -> Chosen:
    """Raises `InvalidForm` for what cannot be left empty."""
    missing = {field: "Pick a time." for field in (FROM, TO, DIGEST) if forms.time_of(view, field) is None}
    region = forms.choice_of(view, REGION)
    if missing or region is None:
        raise InvalidForm(missing if region else {**missing, REGION: "Pick a region."})
    return Chosen(
        from_time=forms.time_of(view, FROM) or time(),
        to_time=forms.time_of(view, TO) or time(),
        digest_time=forms.time_of(view, DIGEST) or time(),
        region=region,
        muted_until_on=forms.date_of(view, MUTED),
        away_from_on=forms.date_of(view, AWAY_FROM),
        away_to_on=forms.date_of(view, AWAY_TO),
        cover=forms.user_of(view, COVER),
    )


def _time(field: str, label: str, at: time, zone: str, *, hint: str | None = None) -> InputBlock:
    element = TimePickerElement(action_id=forms.INPUT, initial_time=f"{at:%H:%M}", timezone=zone)
    return forms.input_field(field, label, element, hint=hint)


def _day(field: str, label: str, initial: date | None, *, hint: str | None = None) -> InputBlock:
    element = DatePickerElement(action_id=forms.INPUT, initial_date=initial.isoformat() if initial else None)
    return forms.input_field(field, label, element, hint=hint, optional=True)


def _region(in_force: str, policy: Policy) -> InputBlock:
    names = [in_force, *(name for name in policy.regions if name != in_force)][:MOST_REGIONS]
    options = [forms.option(name, _with_country(name, policy)) for name in policy.regions if name in names]
    initial = next(option for option in options if option.value == in_force)
    element = StaticSelectElement(action_id=forms.INPUT, options=options, initial_option=initial)
    return forms.input_field(REGION, "Weekend and public holidays of", element)


def _with_country(name: str, policy: Policy) -> str:
    region = policy.regions[name]
    return f"{name} ({region.country}{f', {region.subdivision}' if region.subdivision else ''})"
