"""The rules of the code base that no other tool keeps: who may do what, and how long a file may be."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import policy

ROOT = Path(__file__).parent.parent
BOT = sorted((ROOT / "bot").rglob("*.py"))
SANDBOX = sorted((ROOT / "sandbox").rglob("*.py"))
LONGEST = 320  # lines


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def files_with(text: str) -> list[str]:
    return [name_of(path) for path in BOT if text in path.read_text(encoding="utf-8")]


def imports(path: Path) -> Iterator[str]:
    """Everything that a file imports, by its full dotted name; imports for typing alone too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """A handler for all errors; one that only cleans up and raises again is none."""
    catches_all = handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in ("Exception", "BaseException")
    )
    return catches_all and not isinstance(handler.body[-1], ast.Raise)


def test_only_the_database_commits() -> None:
    assert files_with(".commit(") == ["bot/db.py"]


def test_only_the_settings_read_the_environment() -> None:
    assert files_with("os.environ") == []
    assert files_with("getenv") == []


def test_only_the_outbox_loop_catches_every_error() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in BOT
        if name_of(path) != "bot/deliveries/__init__.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and swallows_everything(node)
    ]
    assert found == []


@pytest.mark.parametrize("folder", ["messages", "listeners"])
def test_messages_and_listeners_know_no_database(folder: str) -> None:
    """A listener names the session's type and the one error that means "not here any more"; a message neither."""
    allowed = {"sqlalchemy.orm.Session", "sqlalchemy.exc.NoResultFound"} if folder == "listeners" else set()
    found = [
        f"{name_of(path)}: {name}"
        for path in sorted((ROOT / "bot" / folder).rglob("*.py"))
        for name in imports(path)
        if name.startswith("sqlalchemy") and name not in allowed
    ]
    assert found == []


def test_messages_know_no_network() -> None:
    outside = re.compile(r"(slack_bolt|slack_sdk(?!\.models\b)|simple_salesforce|gspread|requests|bot\.integrations)\b")
    found = [
        f"{name_of(path)}: {name}"
        for path in sorted((ROOT / "bot" / "messages").rglob("*.py"))
        for name in imports(path)
        if outside.match(name)
    ]
    assert found == []


def test_the_clock_is_read_in_few_places() -> None:
    """Workflows, messages and queries are told what time it is."""
    told = ("workflows", "messages", "queries", "reminders", "models")
    reads = re.compile(r"datetime\.now\(|date\.today\(|time\.time\(|utcnow\(")
    found = [
        name_of(path)
        for path in BOT
        if path.relative_to(ROOT / "bot").parts[0] in told and reads.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_files_are_short_enough_to_read() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in [*BOT, *SANDBOX]}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


@pytest.mark.parametrize("name", ["policy.toml", "sandbox/policy.toml"])
def test_the_policies_that_come_along_are_valid(name: str) -> None:
    assert policy.read(ROOT / name).regions
