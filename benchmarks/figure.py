"""One measured figure, and how it is compared."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

ROUNDS = 3  # the best of them counts: other work on the machine only ever slows things down


@dataclass(frozen=True)
class Figure:
    """`goal` is a limit for `ours`, or for ours / peer where there is a peer; `more_is_better` says which way."""

    name: str
    ours: float
    unit: str
    goal: float
    peer: float | None = None
    peer_name: str = ""
    more_is_better: bool = True

    @property
    def ratio(self) -> float | None:
        return None if self.peer is None else self.ours / self.peer

    @property
    def met(self) -> bool:
        measured = self.ours if self.ratio is None else self.ratio
        return measured >= self.goal if self.more_is_better else measured < self.goal

    def as_json(self) -> dict[str, Any]:
        found = asdict(self)
        wanted = ("name", "ours", "peer", "peer_name", "unit", "goal")
        return {name: found[name] for name in wanted} | {"ratio": self.ratio, "met": self.met}

    def cells(self) -> tuple[str, ...]:
        sign = "≥" if self.more_is_better else "<"
        peer = "" if self.peer is None else f"{self.peer:,.1f} {self.peer_name}"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        goal = f"{sign} {self.goal:g}" + (" ×" if self.ratio is not None else f" {self.unit}")
        return (self.name, f"{self.ours:,.1f} {self.unit}", peer, ratio, goal, "met" if self.met else "NOT MET")


def per_second(count: int, work: Callable[[], object], *, before: Callable[[], object] = lambda: None) -> float:
    """How many of `count` things are done in a second; `before` prepares each round and is not measured."""
    best = 0.0
    for _ in range(ROUNDS):
        before()
        gc.collect()
        began = time.perf_counter()
        work()
        best = max(best, count / (time.perf_counter() - began))
    return best
