"""`touchpoint doctor` names what is wrong and how to mend it, and one failing system hides no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot import doctor
from sandbox import company, settings
from sandbox.slack.people import BOT_USER
from tests.stories.story import Story

Ask = Callable[..., str]


@pytest.fixture
def ask(
    story: Story, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., str]:
    """Run the doctor as its user does, with the settings of this story; answers what is printed."""
    monkeypatch.chdir(tmp_path)  # no .env here

    def run(expected: int, **changed: str | None) -> str:
        for name, value in (settings.environment(story.sandbox.url, story.database_url) | changed).items():
            monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = doctor.run()
        printed = capsys.readouterr().out
        assert code == expected, printed
        return printed

    return run


def test_all_is_well(ask: Ask) -> None:
    printed = ask(0)
    assert "✗" not in printed
    for system in ("Settings", "Policy", "Database", "Slack", "People", "Salesforce", "Sheet", "Holidays", "Writes"):
        assert f"✓ ok       {system}" in printed, printed
    assert printed.endswith("All is well.\n")


def test_every_missing_setting_is_named_and_the_database_is_looked_at_all_the_same(ask: Ask) -> None:
    printed = ask(1, SLACK_BOT_TOKEN=None, RED_ACCOUNTS_SHEET_ID=None, SALESFORCE_DOMAIN="login")
    assert "✗ to mend  Settings: SLACK_BOT_TOKEN is missing" in printed
    assert "✗ to mend  Settings: RED_ACCOUNTS_SHEET_ID is missing" in printed
    assert "✗ to mend  Settings: SALESFORCE_DOMAIN must be the org's own domain" in printed
    assert "✓ ok       Database" in printed
    assert "✓ ok       Holidays" in printed


def test_a_wrong_bot_token_stops_no_other_system(ask: Ask) -> None:
    printed = ask(1, SLACK_BOT_TOKEN="xoxb-of-another-workspace")
    assert printed.count("✗") == 1
    assert "✗ to mend  Slack: Slack does not accept the bot token" in printed
    assert "✓ ok       Salesforce" in printed
    assert "✓ ok       Sheet" in printed
    assert "xoxb-of-another-workspace" not in printed


def test_a_wrong_app_token(ask: Ask) -> None:
    printed = ask(1, SLACK_APP_TOKEN="xapp-of-another-app")
    assert "✗ to mend  Slack: the app token is refused (invalid_auth)" in printed
    assert "connections:write" in printed


def test_an_archived_channel(story: Story, ask: Ask) -> None:
    story.slack.channels[company.RED_ACCOUNTS].is_archived = True
    printed = ask(1)
    assert printed.count("✗") == 1
    assert "✗ to mend  Slack: #red-accounts (red_accounts) is archived" in printed
    assert "→ Unarchive it" in printed


def test_a_channel_that_the_bot_is_not_in(story: Story, ask: Ask) -> None:
    story.slack.channels[company.RED_ACCOUNTS].members.remove(BOT_USER)
    printed = ask(1)
    assert "✗ to mend  Slack: #red-accounts (red_accounts) does not have Touchpoint in it" in printed
    assert "→ In #red-accounts: /invite @Touchpoint" in printed


def test_a_channel_that_a_customer_reads(story: Story, ask: Ask) -> None:
    story.slack.channels[company.RED_ACCOUNTS].is_ext_shared = True
    assert "✗ to mend  Slack: #red-accounts (red_accounts) is shared with people outside" in ask(1)


def test_a_scope_that_was_not_granted(story: Story, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "manifest_scopes", lambda: {"chat:write", "files:read"})
    assert "✗ to mend  Slack: the app lacks the scopes files:read" in ask(1)


def test_a_health_field_that_is_a_formula(story: Story, ask: Ask) -> None:
    story.world.salesforce.schema["Account"].fields["Customer_Health__c"].calculated = True
    printed = ask(1)
    assert printed.count("✗") == 1
    assert "✗ to mend  Salesforce: Customer_Health__c is calculated" in printed
    assert "These could be it: Customer_Health__c" not in printed


def test_a_health_field_without_history_and_without_yellow(story: Story, ask: Ask) -> None:
    field = story.world.salesforce.schema["Account"].fields["Customer_Health__c"]
    field.tracked, field.values = False, ["Green", "Red"]
    printed = ask(1)
    assert "✗ to mend  Salesforce: Customer_Health__c does not have the values Yellow" in printed
    assert "✗ to mend  Salesforce: the history of Customer_Health__c is not kept" in printed


def test_a_health_field_that_is_not_there_names_what_could_be_it(story: Story, ask: Ask, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    names = '[salesforce.fields]\nhealth = "Health__c"\ntier = "Segment__c"\nseats = "Licences__c"\n'
    text = settings.POLICY.read_text(encoding="utf-8").replace("[salesforce.fields]\n", names)
    rules.write_text(text, encoding="utf-8")
    printed = ask(1, POLICY_FILE=str(rules))
    assert "✗ to mend  Salesforce: Account has no field Health__c" in printed
    assert "These could be it: Customer_Health__c." in printed
    assert "✗ to mend  Salesforce: Account has no fields Segment__c, Licences__c" in printed


def test_used_up_api_calls(story: Story, ask: Ask) -> None:
    story.world.salesforce.call_times.extend([story.world.clock.seconds()] * 14_000)
    assert "→ Poll less often" in ask(1)


def test_a_sheet_that_is_not_shared(story: Story, ask: Ask) -> None:
    story.world.sheets.share(company.SHEET_ID, None)
    printed = ask(1)
    assert printed.count("✗") == 1
    assert "✗ to mend  Sheet: Google Sheets: The caller does not have permission" in printed
    assert "→ Share the spreadsheet with" in printed


def test_a_region_without_holidays_and_a_column_that_there_is_not(ask: Ask, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    text = settings.POLICY.read_text(encoding="utf-8").replace('country = "SG"', 'country = "XX"')
    rules.write_text(text + '[sheet.columns]\nstatte = "State"\n', encoding="utf-8")
    printed = ask(1, POLICY_FILE=str(rules))
    assert "rules.toml: regions.APAC: no public holidays are known for XX" in printed
    assert 'rules.toml: sheet.columns.statte: "statte" is no column of ours' in printed


def test_a_lead_who_is_not_in_slack(ask: Ask, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    text = settings.POLICY.read_text(encoding="utf-8").replace("lena.hofmann", "nobody", 1)
    rules.write_text(text, encoding="utf-8")
    printed = ask(1, POLICY_FILE=str(rules))
    assert "✗ to mend  People: nobody in Slack has the address nobody@larkfield.example (lead of US East)" in printed
    assert "✓ ok       People: lena.hofmann@larkfield.example, lead of US West, EMEA, APAC, is in Slack" in printed


def test_tables_of_an_older_version(ask: Ask, tmp_path: Path) -> None:
    printed = ask(1, DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
    assert "✗ to mend  Database: it has no tables yet" in printed
    assert "→ Run: touchpoint migrate" in printed


def test_a_database_that_does_not_answer(ask: Ask) -> None:
    printed = ask(1, DATABASE_URL="postgresql://bot:secret-word@127.0.0.1:1/touchpoint")
    assert "✗ to mend  Database: DATABASE_URL: the database cannot be reached" in printed
    assert "secret-word" not in printed
    assert "✓ ok       Sheet" in printed


def test_systems_that_are_down_are_named_each(story: Story, ask: Ask) -> None:
    for system in ("slack", "salesforce", "sheets"):
        story.world.faults.switch_on(system, "down")
    printed = ask(1)
    for system in ("Slack", "Salesforce", "Sheet"):
        assert f"✗ to mend  {system}" in printed, printed
