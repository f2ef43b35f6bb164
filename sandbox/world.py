"""Everything that the stand-ins know, in one place: the clock, the faults, the three systems and what was refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from sandbox.clock import Clock
from sandbox.faults import Faults

if TYPE_CHECKING:
    from sandbox.control import Runner
    from sandbox.salesforce.state import Salesforce
    from sandbox.sheets.state import Sheets
    from sandbox.slack.state import Slack


@dataclass
class Call:
    """One call that a stand-in answered, for the page's traffic list. `why` says in words why it was refused."""

    number: int
    at: str  # ISO, UTC, the sandbox's time
    system: str
    name: str
    status: int
    error: str = ""
    why: str = ""


@dataclass
class World:
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    base_url: str = ""  # where the stand-ins answer; set when the server is up
    version: int = 0
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=2000))
    listeners: list[Callable[[str], None]] = field(default_factory=list)
    runner: Runner | None = None  # the bot's process; None while the stand-ins run alone
    time_machine: Callable[..., Awaitable[None]] | None = None  # moves the clock while the bot keeps up
    pass_time: Callable[..., Awaitable[None]] | None = None  # the same, and the page shows it: sandbox/control.py
    slack: Slack = field(init=False)
    salesforce: Salesforce = field(init=False)
    sheets: Sheets = field(init=False)

    def __post_init__(self) -> None:
        from sandbox.salesforce.state import Salesforce
        from sandbox.sheets.state import Sheets
        from sandbox.slack.state import Slack

        self.slack, self.salesforce, self.sheets = Slack(self), Salesforce(self), Sheets(self)
        self._number = 0

    def changed(self, part: str) -> None:
        """Something that the page shows is different now: part is slack, salesforce, sheets, clock, faults or calls."""
        self.version += 1
        for listener in list(self.listeners):
            listener(part)

    def called(self, system: str, name: str, status: int, error: str = "", why: str = "") -> None:
        self._number += 1
        self.calls.append(Call(self._number, self.clock.now().isoformat(), system, name, status, error, why))
        self.changed("calls")

    def calls_json(self, after: int = 0) -> list[dict[str, object]]:
        return [asdict(call) for call in self.calls if call.number > after]
