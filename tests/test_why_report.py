"""`touchpoint why`: what it takes, and what it answers where there is nothing to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import cli

POLICY = Path(__file__).parent.parent / "policy.toml"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)  # no .env here
    monkeypatch.setattr("bot.logs.set_up", lambda level: None)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("POLICY_FILE", str(POLICY))


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        (["priya"], "I know nothing of this name."),
        (["Priya", "Raman"], "I know nothing of this name."),
        (["RA-12"], "I know nothing of RA-12."),
    ],
)
def test_what_is_unknown_is_said(at: None, about: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["why", *about]) == 1
    assert sentence in capsys.readouterr().err


def test_it_wants_to_know_about_whom(at: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["why"])
    assert "about" in capsys.readouterr().err


def test_without_tables_it_says_what_to_run(
    at: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
    assert cli.main(["why", "priya"]) == 2
    assert "touchpoint migrate" in capsys.readouterr().err
