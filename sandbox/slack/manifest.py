"""The app's manifest: what it may do (scopes), what it hears (events), what people can start (commands, shortcuts)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).resolve().parents[2] / "app.manifest.yml"


@dataclass(frozen=True)
class Manifest:
    """https://docs.slack.dev/reference/app-manifest"""

    name: str = "Touchpoint"
    scopes: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    commands: dict[str, dict[str, Any]] = field(default_factory=dict)
    shortcuts: dict[str, dict[str, Any]] = field(default_factory=dict)
    home_tab: bool = False
    messages_tab_read_only: bool = False
    interactive: bool = False
    socket_mode: bool = False

    @classmethod
    def read(cls, text: str | None = None) -> Manifest:
        """The manifest in `text`, or the one in the repository's root."""
        page = yaml.safe_load(FILE.read_text(encoding="utf-8") if text is None else text)
        features, settings = page.get("features") or {}, page.get("settings") or {}
        home = features.get("app_home") or {}
        return cls(
            name=(features.get("bot_user") or {}).get("display_name", "Touchpoint"),
            scopes=frozenset(((page.get("oauth_config") or {}).get("scopes") or {}).get("bot") or []),
            events=frozenset((settings.get("event_subscriptions") or {}).get("bot_events") or []),
            commands={command["command"]: command for command in features.get("slash_commands") or []},
            shortcuts={shortcut["callback_id"]: shortcut for shortcut in features.get("shortcuts") or []},
            home_tab=bool(home.get("home_tab_enabled")),
            messages_tab_read_only=bool(home.get("messages_tab_read_only_enabled")),
            interactive=bool((settings.get("interactivity") or {}).get("is_enabled")),
            socket_mode=bool(settings.get("socket_mode_enabled")),
        )
