"""Slack in. One file per noun; each starts with register(app), its table of contents."""

from __future__ import annotations

from slack_bolt import App

from bot.listeners import (
    action_items,
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
        exports,
        reminders,
        touchpoint,
        sheet_edits,
        people,
        channels,
        replies,  # after `channels`: Bolt asks in this order, and theirs are only some of the messages
    ):
        noun.register(app)
