"""The clock: the real one, plus the offset that the sandbox's time machine answers at CLOCK_URL."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import requests

FRESH = 0.2  # seconds for which a read offset is used
FIRST_SECONDS, SECONDS = 60, 2  # to wait for it; without the first one there is nothing to go by


class SandboxClock:
    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._offset: timedelta | None = None
        self._read_at = float("-inf")

    def __call__(self) -> datetime:
        if self._offset is None or time.monotonic() - self._read_at > FRESH:
            try:
                answer = self._session.get(self._url, timeout=FIRST_SECONDS if self._offset is None else SECONDS).json()
                self._offset = timedelta(seconds=answer["offset_seconds"])
            except (requests.RequestException, ValueError, KeyError):
                if self._offset is None:
                    raise
                # The sandbox is stopping or starting: the last offset is as good as any.
            self._read_at = time.monotonic()
        return datetime.now(UTC) + self._offset


def clock_at(url: str | None) -> Callable[[], datetime]:
    """Touchpoint's clock: that of the sandbox where it has one."""
    return SandboxClock(url) if url else real_clock


def real_clock() -> datetime:
    return datetime.now(UTC)
