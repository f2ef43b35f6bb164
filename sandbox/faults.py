"""What can be made to go wrong. Each stand-in asks `take` before it answers and does what the fault says."""

from __future__ import annotations

import fnmatch
import itertools
import random
from dataclasses import asdict, dataclass, field
from typing import Any

#: What a fault does. "drop_before" cuts the connection and does nothing; "drop_after" does the work, then cuts it.
KINDS = {
    "429": "answers 429 with Retry-After",
    "500": "answers 500, nothing done",
    "down": "answers 503, nothing done",
    "slow": "waits, then answers",
    "drop_before": "cuts the connection, nothing done",
    "drop_after": "does it, then cuts the connection",
    "expired": "says that the session has expired (Salesforce)",
    "limit": "says that the day's calls are used up (Salesforce)",
    "refuse": "a validation rule refuses the change (Salesforce)",
    "drop_ack": "ignores the app's acknowledgement (Socket Mode)",
}

#: The fault switches that the page offers. `title` says what a person will see happen.
OFFERS: list[dict[str, Any]] = [
    {"system": "salesforce", "kind": "down", "title": "Salesforce is down (503)"},
    {"system": "salesforce", "kind": "500", "call": "PATCH *", "title": "Salesforce answers 500 to every write"},
    {"system": "salesforce", "kind": "drop_after", "title": "Salesforce does it, but the answer is lost"},
    {"system": "salesforce", "kind": "slow", "seconds": 4.0, "title": "Salesforce takes 4 seconds"},
    {"system": "salesforce", "kind": "expired", "times": 1, "title": "The Salesforce session expires, once"},
    {"system": "salesforce", "kind": "limit", "title": "The day's Salesforce calls are used up"},
    {
        "system": "salesforce",
        "kind": "refuse",
        "call": "PATCH sobjects/Account",
        "message": "Customer Health may only change together with a Health Reason.",
        "title": "A Salesforce validation rule refuses the change",
    },
    {
        "system": "slack",
        "kind": "429",
        "call": "chat.*",
        "seconds": 10.0,
        "title": "Slack says slow down to all posts",
    },
    {"system": "slack", "kind": "500", "call": "chat.*", "title": "Slack answers 500 to every post"},
    {
        "system": "slack",
        "kind": "drop_after",
        "call": "chat.postMessage",
        "times": 1,
        "title": "Slack posts the next message, but the answer is lost",
    },
    {"system": "slack", "kind": "drop_ack", "times": 1, "title": "The next acknowledgement does not reach Slack"},
    {"system": "slack", "kind": "slow", "seconds": 4.0, "title": "Slack takes 4 seconds"},
    {"system": "sheets", "kind": "down", "title": "Google Sheets is down (503)"},
    {"system": "sheets", "kind": "429", "seconds": 10.0, "title": "Google says the quota is used up"},
    {
        "system": "sheets",
        "kind": "drop_after",
        "call": "batchUpdate",
        "times": 1,
        "title": "The next sheet write is done, but the answer is lost",
    },
]


@dataclass
class Fault:
    id: int
    system: str  # slack | salesforce | sheets
    kind: str
    call: str = "*"  # glob over the call's name: "chat.*", "PATCH *", "values.get"
    times: int | None = None  # how often it still strikes; None until it is switched off
    share: float = 1.0  # of the matching calls, 0 to 1
    seconds: float = 3.0  # Retry-After, or how long "slow" waits
    message: str = ""  # what a refusal says


@dataclass
class Faults:
    on: list[Fault] = field(default_factory=list)
    random: random.Random = field(default_factory=lambda: random.Random(7))
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def switch_on(self, system: str, kind: str, **details: object) -> Fault:
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(KINDS)}")
        fault = Fault(next(self._ids), system, kind, **details)  # type: ignore[arg-type]
        self.on.append(fault)
        return fault

    def switch_off(self, fault_id: int | None = None) -> None:
        """One fault, or all of them."""
        self.on = [] if fault_id is None else [fault for fault in self.on if fault.id != fault_id]

    def take(self, system: str, call: str, *kinds: str) -> Fault | None:
        """The fault that strikes this call, if any; `kinds` narrows to those that the caller can act out."""
        for fault in self.on:
            if fault.system != system or not fnmatch.fnmatch(call, fault.call) or (kinds and fault.kind not in kinds):
                continue
            if self.random.random() >= fault.share:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.on.remove(fault)
            return fault
        return None

    def as_json(self) -> list[dict[str, object]]:
        return [asdict(fault) for fault in self.on]
