"""The Slack stand-in's state: the workspace, what people do in it, and what its administrators do."""

from __future__ import annotations

from sandbox.slack.admin import Admin
from sandbox.slack.pressing import Pressing


class Slack(Pressing, Admin):
    """One workspace with Touchpoint installed; https://docs.slack.dev says how the real one behaves.

    Each of the classes above holds one part; only this one is used.
    """
