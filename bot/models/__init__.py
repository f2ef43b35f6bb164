"""Tables, statuses and transition tables, one file per noun."""

from bot.models.accounts import Account, Health
from bot.models.action_items import ACTION_TRANSITIONS, ActionItem, ActionState
from bot.models.agreements import Agreement, Role
from bot.models.asks import ASK_TRANSITIONS, Ask, AskNews, AskState, Wish
from bot.models.base import Base
from bot.models.health_changes import ChangeState, HealthChange
from bot.models.history import History
from bot.models.inbox import Inbox
from bot.models.leases import Lease
from bot.models.outbox import Lane, Promise, PromiseState
from bot.models.people import Person
from bot.models.posts import LostThread, Notice, Post
from bot.models.preferences import Preferences
from bot.models.red_accounts import NO_RETRO, TRANSITIONS, Outcome, RedAccount, Source, Status
from bot.models.reminders import DigestLine, Place, Reminder, ReminderState
from bot.models.replies import Reply
from bot.models.resolutions import Resolution, ResolutionState
from bot.models.sheet_rows import ConflictState, SheetConflict, SheetEdit, SheetRow
from bot.models.suggestions import Suggestion, SuggestionState, UsageMonth
from bot.models.systems import System, SystemName
from bot.models.updates import Mood, Update

__all__ = [
    "ACTION_TRANSITIONS",
    "ASK_TRANSITIONS",
    "NO_RETRO",
    "TRANSITIONS",
    "Account",
    "ActionItem",
    "ActionState",
    "Agreement",
    "Ask",
    "AskNews",
    "AskState",
    "Base",
    "ChangeState",
    "ConflictState",
    "DigestLine",
    "Health",
    "HealthChange",
    "History",
    "Inbox",
    "Lane",
    "Lease",
    "LostThread",
    "Mood",
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
    "Reply",
    "Resolution",
    "ResolutionState",
    "Role",
    "SheetConflict",
    "SheetEdit",
    "SheetRow",
    "Source",
    "Status",
    "Suggestion",
    "SuggestionState",
    "System",
    "SystemName",
    "Update",
    "UsageMonth",
    "Wish",
]
