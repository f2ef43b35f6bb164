"""Slack in. One file per noun; each starts with register(app), its table of contents."""

from __future__ import annotations

from slack_bolt import App

from bot.listeners import (
    action_items,
    answers,
    asks,
    channels,
    closings,
    errors,
    exports,
    people,
    plans,
    red_accounts,
    red_accounts_lists,
    reminders,
    replies,
    resolutions,
    sheet_edits,
    suggestions,
    touchpoint,
    updates,
)


def register_listeners(app: App) -> None:
    app.error(errors.handle)
    for noun in (
        red_accounts,
        red_accounts_lists,
        plans,
        asks,
        action_items,
        updates,
        resolutions,
        closings,
        suggestions,
        answers,
        exports,
        reminders,
        touchpoint,
        sheet_edits,
        people,
        channels,
        replies,  # after channels: the first that fits gets an event, and these take every message
    ):
        noun.register(app)
