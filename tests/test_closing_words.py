"""What is counted and written of red accounts that are over: figures, exports, pages, without Slack."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot import cli, db
from bot.db import Database
from bot.messages import exports, figures
from bot.messages.outcomes import linked
from bot.messages.red_accounts_lists import Scope, first_of
from bot.models import Account, Outcome, Person, RedAccount, Source, Status
from bot.queries.figures import Quarter, Run, count_up, last_quarters

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2027, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def run(outcome: Outcome | None, days: int, *, arr: int | None = 100_000, plan: int | None = 4, again: int = 0) -> Run:
    at = BEGIN + 3 * DAY
    return Run(at, at, at + plan * DAY if plan else None, at + days * DAY if outcome else None, outcome, again,
               Decimal(arr) if arr else None)  # fmt: skip


RUNS = [
    run(Outcome.GREEN, 10),
    run(Outcome.YELLOW, 20, again=1),
    run(Outcome.CHURNED, 60, arr=240_000),
    run(Outcome.CHURNED_PARTLY, 30, arr=None, plan=None),
    run(Outcome.ERROR, 1),
    run(Outcome.NOT_SET, 1),
    run(Outcome.LEFT, 1),
    run(None, 0),
    run(Outcome.GREEN, 200),  # ended a quarter later
]


def test_figures_count_what_began_and_what_ended_in_the_quarter() -> None:
    found = count_up(Quarter("Q4 FY27", date(2026, 11, 1)), RUNS, BEGIN, END)
    assert (found.opened, found.again) == (6, 1)
    assert (found.saved, found.lost, found.shrunk, found.ended) == (2, 1, 1, 4)
    assert (found.arr_saved, found.arr_lost, found.arr_not_known) == (200_000, 240_000, 1)
    assert found.days_red == 25
    assert found.days_to_plan == 4


def test_nothing_that_ended_has_no_median() -> None:
    found = count_up(Quarter("Q4 FY27", date(2026, 11, 1)), [run(None, 0, plan=None)], BEGIN, END)
    assert (found.days_red, found.days_to_plan) == (None, None)
    assert "1 turned red'" in str(figures.view([found]))


@pytest.mark.parametrize(
    ("today", "starts_in", "names"),
    [
        (date(2027, 1, 31), 2, ["Q3 FY27", "Q4 FY27"]),
        (date(2027, 2, 1), 2, ["Q4 FY27", "Q1 FY28"]),
        (date(2026, 3, 31), 1, ["Q4 FY25", "Q1 FY26"]),
        (date(2026, 9, 30), 10, ["Q3 FY26", "Q4 FY26"]),
    ],
)
def test_a_fiscal_year_is_called_after_the_year_in_which_it_ends(today: date, starts_in: int, names: list[str]) -> None:
    found = last_quarters(today, starts_in, 2)
    assert [quarter.name for quarter in found] == names
    assert found[-1].begins_on <= today
    assert found[-1].begins_on.day == 1


def test_the_chart_is_a_picture_with_a_bar_for_every_figure() -> None:
    found = [count_up(Quarter(f"Q{n} FY27", date(2026, 2, 1)), RUNS, BEGIN, END) for n in (1, 2, 3)]
    drawn = ElementTree.fromstring(figures.as_svg(found))
    bars = [one for one in drawn.iter() if one.tag.endswith("rect") and one.get("fill") == "#1f4f46"]
    assert len(bars) == 9
    rows = list(csv.DictReader(io.StringIO(figures.as_csv(found))))
    assert [row["saved"] for row in rows] == ["2", "2", "2"]
    assert rows[0]["median_days_red"] == "25.0"


def test_a_cell_of_an_export_is_no_formula() -> None:
    assert [exports.inert(value) for value in ("=1+1", " @x", "fine", 3, None)] == ["'=1+1", "' @x", "fine", 3, None]


@pytest.mark.parametrize(("page", "count", "first"), [(0, 0, 0), (1, 41, 20), (2, 41, 40), (9, 41, 40), (-1, 41, 0)])
def test_a_page_that_is_not_there_any_more_is_the_last_one(page: int, count: int, first: int) -> None:
    assert first_of(page, count) == first


def test_a_scope_travels_in_a_button() -> None:
    assert Scope.read(Scope("region", "US: East").value(3)) == (Scope("region", "US: East"), 3)


@pytest.mark.parametrize("text", ["https://x.example/<!channel>", "https://x.example/a|b", "javascript:alert(1)"])
def test_evidence_that_is_no_clean_address_is_text(text: str) -> None:
    assert not linked(text, "see it").startswith("<")


# The command line


@pytest.fixture
def red(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> str:
    """A closed red account, and the label by which it is called."""
    monkeypatch.chdir(tmp_path)  # no .env here
    monkeypatch.setattr("bot.logs.set_up", lambda level: None)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("POLICY_FILE", str(Path(__file__).parent.parent / "policy.toml"))
    now = datetime.now(UTC)
    with Database(db.create(database_url)).transaction() as session:
        priya = Person(name="Priya Raman", slack_id="U1", is_member=True)
        acme = Account(salesforce_id="001", name="Acme", search_name="acme", ce=priya, refreshed_at=now)
        found = RedAccount(
            account=acme, status=Status.CLOSED, source=Source.PERSON, red_at=now - 9 * DAY, due_from_at=now - 9 * DAY,
            fill_in_by_at=now, ended_at=now, ended_by=priya, outcome=Outcome.GREEN, note="=The champion is back.",
            arr_at_end=Decimal(240_000),
        )  # fmt: skip
        session.add(found)
        session.flush()
        return found.label


def test_export_writes_all_of_it(red: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", red, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["red_account"]["ended_by"] == "Priya Raman"
    assert set(found) >= {"asks", "actions", "updates", "replies", "history", "reminders", "agreements"}
    assert cli.main(["export", "acme", "--format", "csv"]) == 0
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["key"], row["outcome"], row["what_helped"]) == (red, "green", "'=The champion is back.")
    assert cli.main(["export", "acme"]) == 0
    assert f"# Acme, {red}" in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["globex", "RA-99", "priya"])
def test_export_of_nothing_says_so(red: str, typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", typed]) == 1
    assert capsys.readouterr().err


def test_figures_are_written_to_files(red: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = tmp_path / "f.csv", tmp_path / "f.svg"
    assert cli.main(["figures", "--quarters", "2", "--csv", str(files[0]), "--chart", str(files[1])]) == 0
    assert "1 of 1" in capsys.readouterr().out
    rows = list(csv.DictReader(files[0].open(encoding="utf-8")))
    assert [row["saved"] for row in rows] == ["0", "1"]
    assert ElementTree.parse(files[1]).getroot().tag.endswith("svg")
