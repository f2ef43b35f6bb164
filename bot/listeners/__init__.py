"""Slack in. One file per noun; each starts with register(app), its table of contents."""

from __future__ import annotations

from slack_bolt import App

from bot.listeners import asks, channels, errors, people, red_accounts, reminders, resolutions, touchpoint


def register_listeners(app: App) -> None:
    app.error(errors.handle)
    for noun in (red_accounts, asks, resolutions, reminders, touchpoint, people, channels):
        noun.register(app)
