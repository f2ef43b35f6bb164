"""The frozen bundle that listeners, deliveries and jobs receive. bot/app.py makes it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.db import Database
from bot.integrations.salesforce import Salesforce
from bot.integrations.sheets import Sheets
from bot.integrations.slack import Slack
from bot.policy import Policy


@dataclass(frozen=True)
class Services:
    database: Database
    policy: Policy
    slack: Slack
    salesforce: Salesforce
    sheets: Sheets
    clock: Callable[[], datetime]
    name: str  # of this process, in leases
    jitter: Callable[[], float] = field(default=random.random)
    still_here: Callable[[], None] = lambda: None  # between the parts of a long job, so that no other process takes it

    def transaction(self) -> AbstractContextManager[Session]:
        return self.database.transaction()

    def now(self) -> datetime:
        """Touchpoint's time: due dates, pace, everything shown. The sandbox can move it."""
        return self.clock()

    @staticmethod
    def real_now() -> datetime:
        """The real clock, for leases: moving the time must not make two processes do the same work."""
        return datetime.now(UTC)
