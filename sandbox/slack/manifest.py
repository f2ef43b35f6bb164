"""The app's manifest: what it may do (scopes), what it hears (events), what people can start (commands, shortcuts)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
        page = parse_yaml(FILE.read_text(encoding="utf-8") if text is None else text)
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


def parse_yaml(text: str) -> dict[str, Any]:
    """The part of YAML that app manifests are written in: maps and lists by indentation, plain and quoted scalars.

    A dependency for one small file that we write ourselves would cost more than these lines. Anything beyond this
    part (anchors, flow maps, block scalars) is refused, never misread.
    """
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = re.sub(r"(^|\s)#(?=([^\"]*\"[^\"]*\")*[^\"]*$).*$", "", line).rstrip()
        if bare:
            lines.append((number, len(bare) - len(bare.lstrip()), bare.lstrip()))
    value, rest = _block(lines, 0)
    if rest != len(lines) or not isinstance(value, dict):
        raise ValueError(f"the manifest cannot be read from line {lines[min(rest, len(lines) - 1)][0]} on")
    return value


def _block(lines: list[tuple[int, int, str]], at: int) -> tuple[Any, int]:
    """The map or list that starts at line `at`, and the line after it."""
    indent = lines[at][1]
    if not lines[at][2].startswith("- "):
        return _map(lines, at, indent)
    items: list[Any] = []
    while at < len(lines) and lines[at][1] == indent and lines[at][2].startswith("- "):
        number, _, text = lines[at]
        if re.match(r"- [\w-]+:( |$)", text):
            # A map inside a list: read its first line as if it stood where its other lines stand.
            lines[at] = (number, indent + 2, text[2:])
            item, at = _map(lines, at, indent + 2)
        else:
            item, at = _scalar(text[2:], number), at + 1
        items.append(item)
    return items, at


def _map(lines: list[tuple[int, int, str]], at: int, indent: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while at < len(lines) and lines[at][1] == indent and not lines[at][2].startswith("- "):
        number, _, text = lines[at]
        match = re.fullmatch(r"([\w-]+):(?: +(.*))?", text)
        if not match:
            raise ValueError(f"the manifest's line {number} is not understood: {text}")
        key, value = match[1], match[2]
        at += 1
        if value is not None:
            found[key] = _scalar(value, number)
        elif at < len(lines) and lines[at][1] > indent:
            found[key], at = _block(lines, at)
        else:
            found[key] = None
    return found, at


def _scalar(text: str, number: int) -> Any:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if text[:1] in "{[&*|>!%@`\"'":
        raise ValueError(f"the manifest's line {number} uses YAML that is not read here: {text}")
    if text in ("true", "false"):
        return text == "true"
    return int(text) if re.fullmatch(r"-?\d+", text) else text
