"""The pages that describe the program say what it does: settings, the app's manifest, the state diagrams, the README.

`make docs` writes docs/states.md anew.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from slack_sdk import WebClient

from bot import messages, models
from bot.config import Settings
from bot.listeners import register_listeners
from bot.messages import forms
from sandbox.slack.manifest import Manifest

ROOT = Path(__file__).parent.parent
STATES = ROOT / "docs" / "states.md"
NOT_OURS = {"build", "var", "node_modules", "__pycache__"}

#: Web API method → the bot scopes that it needs for what the bot does with it.
METHODS: dict[str, set[str]] = {
    "auth_test": set(),  # https://docs.slack.dev/reference/methods/auth.test
    "apps_connections_open": set(),  # the app token's: https://docs.slack.dev/reference/methods/apps.connections.open
    "chat_postMessage": {"chat:write"},  # https://docs.slack.dev/reference/methods/chat.postMessage
    "chat_update": {"chat:write"},  # https://docs.slack.dev/reference/methods/chat.update
    # https://docs.slack.dev/reference/methods/conversations.history
    "conversations_history": {"channels:history", "groups:history", "im:history"},
    # https://docs.slack.dev/reference/methods/conversations.replies
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    # https://docs.slack.dev/reference/methods/conversations.info
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_open": {"im:write"},  # https://docs.slack.dev/reference/methods/conversations.open
    # https://docs.slack.dev/reference/methods/users.list; e-mail addresses need the second one
    "users_list": {"users:read", "users:read.email"},
    "users_lookupByEmail": {"users:read.email"},  # https://docs.slack.dev/reference/methods/users.lookupByEmail
    # https://docs.slack.dev/reference/methods/files.getUploadURLExternal
    "files_getUploadURLExternal": {"files:write"},
    # https://docs.slack.dev/reference/methods/files.completeUploadExternal
    "files_completeUploadExternal": {"files:write"},
    "views_open": set(),  # https://docs.slack.dev/reference/methods/views.open
    "views_push": set(),  # https://docs.slack.dev/reference/methods/views.push
    "views_update": set(),  # https://docs.slack.dev/reference/methods/views.update
    "views_publish": set(),  # https://docs.slack.dev/reference/methods/views.publish
}
#: Event → the bot scopes without which Slack does not send it. https://docs.slack.dev/reference/events
EVENTS: dict[str, set[str]] = {
    "app_home_opened": set(),
    "channel_archive": {"channels:read"},
    "channel_unarchive": {"channels:read"},
    "group_archive": {"groups:read"},
    "group_unarchive": {"groups:read"},
    "channel_shared": {"channels:read", "groups:read"},
    "channel_unshared": {"channels:read", "groups:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "reaction_added": {"reactions:read"},
    "reaction_removed": {"reactions:read"},
    "team_join": {"users:read"},
    "user_change": {"users:read"},
}


class Recorder:
    """Takes the place of a Bolt app and notes what is registered on it."""

    def __init__(self) -> None:
        self.found: dict[str, list[Any]] = {}

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        def register(*constraints: Any, **_: Any) -> Callable[[Any], Any]:
            self.found.setdefault(kind, []).extend(constraints)
            return lambda listener: listener

        return register

    def ids(self, kind: str) -> set[str]:
        return {one["type"] if isinstance(one, dict) else one for one in self.found.get(kind, [])}


def listeners() -> Recorder:
    recorder = Recorder()
    register_listeners(recorder)  # type: ignore[arg-type]
    return recorder


def modules(package: ModuleType) -> list[ModuleType]:
    return [
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]


def built(module: ModuleType) -> Iterator[tuple[str, str]]:
    """What a file of messages puts on the screen that Slack reports back: ("action" | "options" | "view", its id)."""
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func).rpartition(".")[2]
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        if called in ("button", "Button"):
            yield "action", value_of(module, node.args[1])
        elif called == "menu":
            yield "action", value_of(module, node.args[0])
        elif called == "form" and ast.unparse(named["submit"]) != "None":
            yield "view", value_of(module, node.args[0])
        elif called.endswith("Element") and "action_id" in named:
            action_id = value_of(module, named["action_id"])
            if called.startswith("External"):
                yield "options", action_id
            elif action_id not in ("action_id", forms.INPUT):  # an input's answer comes with its form
                yield "action", action_id


def value_of(module: ModuleType, node: ast.expr) -> str:
    """The value of a constant, of a name or of `module.NAME`; a parameter's own name where it is passed on."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    value: Any = module
    for part in ast.unparse(node).split("."):
        value = getattr(value, part, part)
    return str(value)


def on_the_screen(kind: str) -> set[str]:
    passed_on = {"action_id", "callback_id"}  # blocks.py and forms.py themselves
    return {one for module in modules(messages) for what, one in built(module) if what == kind} - passed_on


def web_api_calls() -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    return {name for name in re.findall(r"\bclient\.([a-z]+_\w+)", text) if hasattr(WebClient, name)}


def state_diagrams() -> str:
    """docs/states.md: a diagram for each transition table of bot/models."""
    parts = ["# States", "", "Drawn from the transition tables in `bot/models`; `make docs` draws them anew."]
    for module in modules(models):
        for name, table in sorted(vars(module).items()):
            if not name.endswith("TRANSITIONS") or type(next(iter(table))).__module__ != module.__name__:
                continue
            noun = module.__name__.rpartition(".")[2]
            lines = [f"    {old} --> {new}" for old in table for new in sorted(table[old])]
            lines += [f"    {state} --> [*]" for state, ways in table.items() if not ways]
            parts += [
                "",
                f"## {noun.replace('_', ' ').capitalize()}",
                "",
                "```mermaid",
                "stateDiagram-v2",
                *lines,
                "```",
            ]
    return "\n".join(parts) + "\n"


def settings_of_the_example() -> dict[str, str]:
    """NAME → the comment line above it."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return {
        line.partition("=")[0]: above
        for above, line in zip(["", *lines], lines, strict=False)
        if re.match(r"[A-Z]", line)
    }


def test_every_setting_is_in_the_example_and_the_reverse() -> None:
    assert {name.upper() for name in Settings.model_fields} == set(settings_of_the_example())


def test_every_setting_of_the_example_is_explained() -> None:
    comments = settings_of_the_example()
    assert [name for name, comment in comments.items() if not comment.startswith("# ")] == []
    replaceable = ("SLACK_API_URL", "SALESFORCE_URL", "GOOGLE_SHEETS_URL", "CLOCK_URL")
    assert [name for name in replaceable if "leave empty for the real services" not in comments[name]] == []


def test_every_command_has_a_listener_and_the_reverse() -> None:
    assert set(Manifest.read().commands) == listeners().ids("command")


def test_every_shortcut_has_a_listener_and_the_reverse() -> None:
    assert set(Manifest.read().shortcuts) == listeners().ids("shortcut")


def test_every_event_has_a_listener_and_the_reverse() -> None:
    assert {event.partition(".")[0] for event in Manifest.read().events} == listeners().ids("event")


def test_every_button_has_a_listener_and_the_reverse() -> None:
    assert on_the_screen("action") == listeners().ids("action")


def test_every_form_has_a_listener_and_the_reverse() -> None:
    assert on_the_screen("view") == listeners().ids("view")


def test_every_select_that_looks_things_up_has_a_listener_and_the_reverse() -> None:
    assert on_the_screen("options") == listeners().ids("options")


def test_every_web_api_call_and_every_event_is_in_the_tables() -> None:
    assert web_api_calls() - set(METHODS) == set()
    assert Manifest.read().events - set(EVENTS) == set()


def test_every_scope_is_needed_and_what_is_needed_is_asked_for() -> None:
    manifest = Manifest.read()
    needed = {scope for call in web_api_calls() for scope in METHODS[call]}
    needed |= {scope for event in manifest.events for scope in EVENTS[event]}
    needed |= {"commands"} if manifest.commands or manifest.shortcuts else set()
    assert manifest.scopes == needed


def test_the_state_diagrams_are_those_of_the_tables() -> None:
    assert STATES.read_text(encoding="utf-8") == state_diagrams(), "docs/states.md is out of date. Run: make docs"


def test_the_readme_names_every_target_and_folder() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    folders = [
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith(".") and path.name not in NOT_OURS and path.suffix != ".egg-info"
    ]
    assert [target for target in targets if target != "help" and f"make {target}" not in readme] == []
    assert [folder for folder in folders if f"{folder}/" not in readme] == []


if __name__ == "__main__":
    STATES.parent.mkdir(exist_ok=True)
    STATES.write_text(state_diagrams(), encoding="utf-8")
    print(f"{STATES.relative_to(ROOT)} is up to date.")
