"""The command line: what it offers works, and what it cannot do it says in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import cli


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env here
    monkeypatch.setattr("bot.logs.set_up", lambda level: None)


@pytest.mark.parametrize("arguments", [["outbox"], ["outbox", "list"]])
def test_the_outbox_is_listed_with_and_without_the_word(
    at: None,
    arguments: list[str],
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert cli.main(arguments) == 0
    assert "0 pending" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["outbox"], ["outbox", "list"], ["outbox", "retry"], ["outbox", "retry", "7"]])
def test_without_tables_it_says_what_to_run(
    at: None, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err == (
        "The database is not up to date (it has no tables yet). Run: touchpoint migrate\n"
    )


def test_an_unknown_word_is_answered_with_those_there_are(at: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["outbox", "empty"])
    assert "list" in capsys.readouterr().err
