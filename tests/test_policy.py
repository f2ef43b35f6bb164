"""policy.toml: every mistake is named with its place, and what it says cannot be changed while running."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot import policy
from bot.policy import BadPolicy, Writes

REGION = {"lead": "Lead@Example.test", "time_zone": "Europe/Berlin"}
SMALLEST: dict[str, Any] = {
    "default_region": "EMEA",
    "channels": {"red_accounts": "C0000000001"},
    "regions": {"EMEA": REGION},
    "red_accounts": {"reasons": [{"key": "other", "label": "Something else"}]},
}


def changed(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(SMALLEST) | changes


def complaints(found: dict[str, Any]) -> list[str]:
    with pytest.raises(BadPolicy) as error:
        policy.parse(found)
    return str(error.value).splitlines()


def test_the_smallest_policy_writes_nowhere() -> None:
    read = policy.parse(SMALLEST)
    assert {read.writes.of(system) for system in ("slack", "salesforce", "sheets")} == {Writes.OFF}
    assert read.polling.salesforce_seconds == 60
    assert read.salesforce.fields.health == "Customer_Health__c"


def test_all_mistakes_are_named_with_their_place() -> None:
    lines = complaints(
        changed(
            channels={"red_accounts": "#red-accounts"},
            regions={"EMEA": REGION | {"time_zone": "Berlin"}},
            polling={"salesforce_seconds": 0},
            writes={"slack": "maybe"},
            colour="blue",
        )
    )
    places = {line.split(": ")[1] for line in lines}
    assert places == {
        "channels.red_accounts",
        "regions.EMEA.time_zone",
        "polling.salesforce_seconds",
        "writes.slack",
        "colour",
    }
    assert any('"Berlin" is no time zone; write one like "Europe/Berlin"' in line for line in lines)


@pytest.mark.parametrize("missing", ["default_region", "channels", "regions", "red_accounts"])
def test_what_has_no_default_must_be_there(missing: str) -> None:
    found = changed()
    del found[missing]
    assert complaints(found) == [f"policy.toml: {missing}: Field required"]


def test_a_misspelt_line_is_a_mistake_and_not_ignored() -> None:
    [line] = complaints(changed(salesforce={"fields": {"helth": "Customer_Health__c"}}))
    assert line.startswith("policy.toml: salesforce.fields.helth: ")


def test_the_default_region_is_one_of_the_regions() -> None:
    assert complaints(changed(default_region="Mars")) == [
        'policy.toml: default_region is "Mars", which is none of the regions below'
    ]


def test_an_account_of_an_unknown_region_goes_by_the_default_one() -> None:
    read = policy.parse(changed(regions={"EMEA": REGION, "APAC": REGION | {"time_zone": "Asia/Singapore"}}))
    assert read.region("APAC").time_zone == "Asia/Singapore"
    for name in ("Mars", "", None):
        assert read.region(name).time_zone == "Europe/Berlin"


def test_leads_are_compared_without_capitals() -> None:
    assert policy.parse(SMALLEST).leads == {"lead@example.test"}


def test_a_reason_that_was_taken_out_is_still_shown() -> None:
    rules = policy.parse(SMALLEST).red_accounts
    assert rules.reason_label("other") == "Something else"
    assert rules.reason_label("of_last_year") == "of_last_year"
    assert rules.reason_label(None) is None


def test_a_policy_does_not_change_while_it_is_used() -> None:
    read = policy.parse(SMALLEST)
    with pytest.raises(ValidationError):
        read.default_region = "Mars"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        read.polling.salesforce_seconds = 1  # type: ignore[misc]


def test_a_file_that_is_not_there_or_is_no_toml(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match=r"cannot be read \(No such file or directory\). POLICY_FILE says where it is"):
        policy.read(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[writes\nslack = on", encoding="utf-8")
    with pytest.raises(BadPolicy, match=r"bad\.toml is not TOML: .*line 1"):
        policy.read(tmp_path / "bad.toml")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes('default_region = "Zürich"'.encode("latin-1"))
    with pytest.raises(BadPolicy):
        policy.read(tmp_path / "latin.toml")


def test_a_link_can_hold_the_accounts_id_and_name_and_nothing_else() -> None:
    good = {"usage": "https://example.test/{account_id}?name={account}", "health": "https://example.test/plain"}
    assert policy.parse(changed(links=good)).links.usage == good["usage"]
    for wrong in ("{acount_id}", "{}", "{0}", "{", "{account.nothing}", "{account_id:d}"):
        [line] = complaints(changed(links={"usage": f"https://example.test/{wrong}"}))
        assert line.startswith("policy.toml: links.usage: ")
        assert "may have {account_id} and {account} in it and no other braces" in line


def test_a_country_without_known_holidays_is_named() -> None:
    [line] = complaints(changed(regions={"EMEA": REGION | {"country": "Atlantis"}}))
    assert line.startswith("policy.toml: regions.EMEA: ")
    assert "no public holidays are known for Atlantis" in line
    [line] = complaints(changed(regions={"EMEA": REGION | {"country": "DE", "subdivision": "NY"}}))
    assert "no public holidays are known for DE-NY" in line
    assert policy.parse(changed(regions={"EMEA": REGION | {"country": "DE", "subdivision": "BY"}})).regions


def test_a_column_is_one_that_the_sheet_has() -> None:
    assert policy.parse(changed(sheet={"columns": {"state": "What is going on"}})).sheet.columns
    [line] = complaints(changed(sheet={"columns": {"sate": "What is going on"}}))
    assert '"sate" is no column of ours; they are account, account_id, actions' in line
