"""How the stand-in says no: Slack's error code for the app, and the reason in words for the person at the sandbox."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A Web API method answers `{"ok": false, "error": code, ...}`; `why` is shown in the sandbox's list of calls."""

    def __init__(self, code: str, why: str = "", **extra: Any) -> None:
        super().__init__(why or code)
        self.code, self.why, self.extra = code, why or code.replace("_", " "), extra


class CannotDo(Exception):
    """A person cannot do this in Slack's own client: no such channel, no such button. A sentence."""
