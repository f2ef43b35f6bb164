"""The errors of the program: one kind is shown to the person, the others come from outside systems."""

from __future__ import annotations


class UserError(Exception):
    """Something the person can mend or has to know. Its message is the sentence they are shown."""


class NotYours(UserError):
    """Somebody else may do it: who can be asked to, by whoever is told this, and what with which red account."""

    def __init__(self, sentence: str, *, ask_id: int, ask_name: str, to_do: str, red_account_id: int) -> None:
        super().__init__(sentence)
        self.ask_id, self.ask_name = ask_id, ask_name
        self.to_do, self.red_account_id = to_do, red_account_id


class InvalidForm(UserError):
    """A form with mistakes. `fields` maps a block id to the sentence shown under that field."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


class InvalidTransition(UserError):
    """A step that the state does not allow (any more): somebody else was first."""


class Retryable(Exception):
    """An outside system did not do it now and may do it later.

    `retry_after` is in seconds, where the system said so. `sent` is False where it is certain that nothing was done
    (refused before it was carried out); True means that nobody knows.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, sent: bool = True) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.sent = sent


class Permanent(Exception):
    """An outside system refused for good. `code` is its own word for why."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Misconfigured(Permanent):
    """Refused until an administrator mends a token, a permission or a name. Nothing is given up, it waits."""


class Gone(Permanent):
    """The message, record or row that was to be changed is not there any more."""


class DryRun(Exception):
    """Raised instead of a write while a system's writes are "dry". The message says what would have been written."""
