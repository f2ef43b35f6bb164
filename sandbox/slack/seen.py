"""What a person sees after doing something."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

TROUBLE = "We had some trouble connecting. Try again?"  # a modal whose submission or button failed
WENT_WRONG = "Something went wrong. Please try that again."  # a button on a message failed
REQUIRED = "Please complete this required field."


@dataclass
class Seen:
    ok: bool = True
    text: str = ""  # an ephemeral answer, or Slack's own error sentence
    errors: dict[str, str] = field(default_factory=dict)  # a form's mistakes, by block_id
    view: dict[str, Any] | None = None  # the view on top now
    error: str = ""  # how the app failed: operation_timeout, dispatch_failed, invalid_blocks, …

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
