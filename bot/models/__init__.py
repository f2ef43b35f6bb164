"""Tables, statuses and transition tables, one file per noun."""

from bot.models.accounts import Account, Health
from bot.models.action_items import ActionItem
from bot.models.asks import Ask
from bot.models.base import Base
from bot.models.health_changes import ChangeState, HealthChange
from bot.models.history import History
from bot.models.inbox import Inbox
from bot.models.leases import Lease
from bot.models.outbox import Lane, Promise, PromiseState
from bot.models.people import Person
from bot.models.posts import Notice, Post
from bot.models.preferences import Preferences
from bot.models.red_accounts import TRANSITIONS, Outcome, RedAccount, Source, Status
from bot.models.reminders import DigestLine, Place, Reminder, ReminderState
from bot.models.resolutions import Resolution, ResolutionState
from bot.models.sheet_rows import SheetRow
from bot.models.systems import System, SystemName

__all__ = [
    "TRANSITIONS",
    "Account",
    "ActionItem",
    "Ask",
    "Base",
    "ChangeState",
    "DigestLine",
    "Health",
    "HealthChange",
    "History",
    "Inbox",
    "Lane",
    "Lease",
    "Notice",
    "Outcome",
    "Person",
    "Place",
    "Post",
    "Preferences",
    "Promise",
    "PromiseState",
    "RedAccount",
    "Reminder",
    "ReminderState",
    "Resolution",
    "ResolutionState",
    "SheetRow",
    "Source",
    "Status",
    "System",
    "SystemName",
]
