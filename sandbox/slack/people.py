"""People and bots of the workspace, as `users.info` describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

TEAM, DOMAIN = "T0TOUCH", "touchpoint-sandbox"
OTHER_TEAM = "T0CUSTOMR"  # where external people come from
APP, BOT_USER, BOT = "A0TOUCHPT", "U0TOUCHPT", "B0TOUCHPT"
BOT_TOKEN, APP_TOKEN = "xoxb-sandbox-touchpoint", "xapp-sandbox-touchpoint"
KINDS = ("member", "guest", "external", "bot")


@dataclass
class User:
    id: str
    name: str
    real_name: str
    email: str
    tz: str
    kind: str = "member"
    title: str = ""
    deleted: bool = False
    updated: int = 0
    left_zones: list[tuple[float, str]] = field(default_factory=list)  # until when, and in which time zone they were

    @property
    def team_id(self) -> str:
        return OTHER_TEAM if self.kind == "external" else TEAM

    def zone_at(self, seconds: float) -> str:
        """The time zone that their profile named then."""
        return next((tz for until, tz in self.left_zones if seconds < until), self.tz)

    def as_json(self, now: datetime, *, with_email: bool) -> dict[str, Any]:
        """https://docs.slack.dev/reference/objects/user-object; email only with users:read.email."""
        local = now.astimezone(ZoneInfo(self.tz))
        profile: dict[str, Any] = {
            "title": self.title,
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "first_name": self.real_name.split(" ")[0],
            "last_name": self.real_name.partition(" ")[2],
            "status_text": "",
            "status_emoji": "",
            "team": self.team_id,
        }
        if with_email and self.email and self.kind != "bot":
            profile["email"] = self.email
        user: dict[str, Any] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "profile": profile,
            "is_bot": self.kind == "bot" and self.id != "USLACKBOT",  # Slackbot says that it is no bot
            "is_app_user": False,
            "updated": self.updated,
        }
        if self.deleted:
            return user  # Slack leaves time zone, name and roles out once an account is deactivated
        return user | {
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": local.tzname() or self.tz,
            "tz_offset": int((local.utcoffset() or now - now).total_seconds()),
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.kind == "guest",
            "is_ultra_restricted": False,
            "is_stranger": self.kind == "external",
            "is_email_confirmed": True,
        }
