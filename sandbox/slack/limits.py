"""Slack's rate limits, measured on the sandbox's clock. https://docs.slack.dev/apis/web-api/rate-limits"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.clock import Clock

TIERS = {2: 20, 3: 50, 4: 100}  # calls per minute, method and workspace
CONNECTIONS_TIER = 60  # apps.connections.open is tier 1 on paper, but Slack lets an app that reconnects through
POST_BURST = 5  # one post per second and channel; "short bursts" are allowed, and this is our reading of short


class RateLimited(Exception):
    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.retry_after, self.why = max(1, math.ceil(seconds)), why


class Limits:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.on = True
        self._calls: dict[str, deque[float]] = {}
        self._posts: dict[str, tuple[float, float]] = {}  # channel -> (allowance left, at)

    def reset(self) -> None:
        self._calls.clear()
        self._posts.clear()

    def count(self, method: str, per_minute: int) -> None:
        """One call of a method, or RateLimited."""
        now = self.clock.seconds()
        calls = self._calls.setdefault(method, deque())
        while calls and not now - 60 < calls[0] <= now:  # the clock may also have been turned back
            calls.popleft()
        if self.on and len(calls) >= per_minute:
            raise RateLimited(calls[0] + 60 - now, f"{method} may be called {per_minute} times a minute.")
        calls.append(now)

    def post(self, channel: str) -> None:
        """One message to a channel, or RateLimited."""
        now = self.clock.seconds()
        left, at = self._posts.get(channel, (float(POST_BURST), now))
        left = min(POST_BURST, left + max(0.0, now - at))
        if self.on and left < 1:
            raise RateLimited(1 - left, f"One message a second may be posted to a channel; {channel} got more.")
        self._posts[channel] = (left - 1 if self.on else left, now)
