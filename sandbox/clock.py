"""The sandbox's time: the real clock plus an offset that the time machine moves. Everybody reads this one."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

STEP = 15 * 60  # seconds; the time machine never jumps further at once


def next_quarter(now: datetime) -> datetime:
    """The next full quarter of an hour; the hours of every time zone begin at one."""
    return datetime.fromtimestamp((now.timestamp() // STEP + 1) * STEP, UTC)


class Clock:
    def __init__(self) -> None:
        self.offset_seconds = 0.0
        self._last_ts = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC)

    def seconds(self) -> float:
        """Unix seconds, offset included."""
        return time.time() + self.offset_seconds

    def move(self, by: timedelta) -> None:
        self.offset_seconds += by.total_seconds()

    def set(self, moment: datetime) -> None:
        self.offset_seconds = moment.timestamp() - time.time()

    def start_over(self) -> None:
        """The real time again, and message timestamps from there: those that were handed out are forgotten."""
        self.offset_seconds = self._last_ts = 0.0

    def next_ts(self) -> str:
        """A Slack message timestamp: microseconds since 1970, each one handed out once and always growing."""
        self._last_ts = max(self.seconds(), self._last_ts + 0.000001)
        return f"{self._last_ts:.6f}"
