"""SOQL as the stand-in understands it: the answers, and Salesforce's own sentences for what it refuses."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_salesforce.format import format_soql

from sandbox.salesforce import ids, soql
from sandbox.salesforce.answers import Answer
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.state import Salesforce
from sandbox.world import World


@pytest.fixture
def org() -> Salesforce:
    org = World().salesforce
    today = org.world.clock.now().date()
    dana = org.insert("User", {"Name": "Dana Reed", "Email": "dana@x.example", "Username": "dana@x.example"})
    for name, health, arr, days, ce in (
        ("Acme", "Red", 120_000, 5, dana),
        ("Bolt 50%", "Green", 80_000, -40, None),
        ("O'Neil_Co", None, None, None, None),
        ("acorn", "Yellow", 10, 0, dana),
    ):
        due = None if days is None else today + timedelta(days=days)
        row = {"Name": name, "Customer_Health__c": health, "ARR__c": arr, "Renewal_Date__c": due}
        org.insert("Account", row | {"Customer_Engineer__c": ce})
    return org


def names(org: Salesforce, where: str, *, everything: bool = False) -> list[str]:
    query = soql.parse(" ".join(("SELECT Name FROM Account", where)))
    return [record["Name"] for record in Answer(org, query, "62.0", everything=everything).records()]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("WHERE Customer_Health__c = 'Red'", ["Acme"]),
        ("where customer_health__C = 'red'", ["Acme"]),
        ("WHERE Customer_Health__c != 'Red'", ["Bolt 50%", "O'Neil_Co", "acorn"]),
        ("WHERE Customer_Health__c = null", ["O'Neil_Co"]),
        ("WHERE Customer_Health__c = ''", ["O'Neil_Co"]),
        ("WHERE Customer_Health__c IN ('Red', 'Yellow')", ["Acme", "acorn"]),
        ("WHERE Customer_Health__c NOT IN ('Red', 'Yellow')", ["Bolt 50%", "O'Neil_Co"]),
        ("WHERE Name LIKE 'ac%'", ["Acme", "acorn"]),
        (r"WHERE Name LIKE '%50\%'", ["Bolt 50%"]),
        (r"WHERE Name LIKE '%\_%'", ["O'Neil_Co"]),
        (r"WHERE Name = 'O\'Neil_Co'", ["O'Neil_Co"]),
        ("WHERE ARR__c > 50000 AND ARR__c <= 120000.0", ["Acme", "Bolt 50%"]),
        ("WHERE ARR__c < 50000", ["acorn"]),
        ("WHERE Renewal_Date__c > TODAY", ["Acme"]),
        ("WHERE Renewal_Date__c = TODAY", ["acorn"]),
        ("WHERE Renewal_Date__c = NEXT_N_DAYS:7", ["Acme"]),
        ("WHERE Renewal_Date__c < LAST_N_DAYS:30", ["Bolt 50%"]),
        ("WHERE Customer_Engineer__r.Name = 'Dana Reed'", ["Acme", "acorn"]),
        ("WHERE Customer_Engineer__r.Email = null", ["Bolt 50%", "O'Neil_Co"]),
        ("WHERE NOT Name LIKE 'a%'", ["Bolt 50%", "O'Neil_Co"]),
        ("WHERE (Name = 'Acme' OR Name = 'acorn') AND NOT (ARR__c = 10)", ["Acme"]),
        ("WHERE IsDeleted = true", []),
        ("WHERE SystemModstamp >= 2020-01-01T00:00:00Z AND CreatedDate < 2999-01-01T00:00:00+02:00 LIMIT 1", ["Acme"]),
        ("ORDER BY Name", ["Acme", "acorn", "Bolt 50%", "O'Neil_Co"]),
        ("ORDER BY ARR__c DESC NULLS LAST", ["Acme", "Bolt 50%", "acorn", "O'Neil_Co"]),
        ("ORDER BY ARR__c", ["O'Neil_Co", "acorn", "Bolt 50%", "Acme"]),
        ("ORDER BY Customer_Engineer__r.Name NULLS LAST, Name DESC LIMIT 2", ["acorn", "Acme"]),
        ("ORDER BY Name LIMIT 2 OFFSET 1", ["acorn", "Bolt 50%"]),
    ],
)
def test_a_condition_finds_what_salesforce_would_find(org: Salesforce, where: str, found: list[str]) -> None:
    assert names(org, where) == found


@pytest.mark.parametrize(
    ("query", "code", "says"),
    [
        ("SELECT Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'."),
        ("SELECT Id FROM Account WHERE Nope = 1", "INVALID_FIELD", "ERROR at Row:1:Column:30"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Boss' in field path."),
        (
            "select count() from XYZZY",
            "INVALID_TYPE",
            "ERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported.",
        ),
        ("SELECT (SELECT Id FROM Friends) FROM Account", "INVALID_TYPE", "Didn't understand relationship 'Friends'"),
        ("SELECT Id FROM Account WHERE ARR__c = '5'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE ARR__c LIKE '5%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Account WHERE Id = '001'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: 001"),
        ("SELECT Id FROM AccountHistory WHERE NewValue = 'Red'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Task ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01T00:00:00", "MALFORMED_QUERY", "needs a zone"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-02-30T00:00:00Z", "MALFORMED_QUERY", "invalid datetime"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY", "'OR'"),
        (r"SELECT Id FROM Account WHERE Name = '\x'", "MALFORMED_QUERY", "illegal escape"),
        ("SELECT Id FROM Account WHERE Name = 'open", "MALFORMED_QUERY", "unexpected token: '''"),
        ("SELECT Id FROM Account LIMIT many", "MALFORMED_QUERY", "unexpected token: 'many'"),
        ("SELECT Id FROM Account; DROP", "MALFORMED_QUERY", "unexpected token: ';'"),
        ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY", "unexpected token: '('"),
        ("SELECT Id FROM Account GROUP BY Id", "MALFORMED_QUERY", "unexpected token: 'GROUP'"),
        ("SELECT * FROM Account", "MALFORMED_QUERY", "unexpected token: '*'"),
        ("SELECT Id FROM", "MALFORMED_QUERY", "<EOF>"),
        ("", "MALFORMED_QUERY", "<EOF>"),
    ],
)
def test_what_salesforce_refuses_is_refused_in_its_words(org: Salesforce, query: str, code: str, says: str) -> None:
    with pytest.raises(Refused) as caught:
        Answer(org, soql.parse(query), "62.0")

    assert (caught.value.code, says in caught.value.message) == (code, True), caught.value.message


def test_ids_are_equal_in_both_lengths(org: Salesforce) -> None:
    account = org.rows("Account")[0]["Id"]

    assert names(org, f"WHERE Id = '{account[:15]}'") == names(org, f"WHERE Id IN ('{account}')") == ["Acme"]


def test_a_hidden_field_is_as_if_it_were_not_there(org: Salesforce) -> None:
    org.schema["Account"].fields["ARR__c"].hidden = True

    with pytest.raises(Refused, match="No such column 'ARR__c'"):
        names(org, "WHERE ARR__c = 1")


def test_deleted_records_are_for_query_all(org: Salesforce) -> None:
    org.delete("Account", org.rows("Account")[0]["Id"])

    assert names(org, "WHERE Name = 'Acme'") == []
    assert names(org, "WHERE Name = 'Acme'", everything=True) == ["Acme"]


def test_parents_and_children_are_nested(org: Salesforce) -> None:
    account = org.rows("Account")[0]["Id"]
    org.update("Account", account, {"Customer_Health__c": "Green"})
    text = (
        "SELECT Id, customer_engineer__R.name, Owner.Manager.Name, "
        "(SELECT NewValue FROM Histories ORDER BY CreatedDate), (SELECT Id FROM Tasks) FROM Account WHERE Id = {}"
    )

    (record,) = Answer(org, soql.parse(format_soql(text, account)), "62.0").records()

    assert record["attributes"] == {"type": "Account", "url": f"/services/data/v62.0/sobjects/Account/{account}"}
    assert record["Customer_Engineer__r"]["Name"] == "Dana Reed"
    assert record["Owner"]["Manager"] is None
    assert [edit["NewValue"] for edit in record["Histories"]["records"]] == [None, "Green"]
    assert record["Tasks"] is None


def test_dates_and_times_are_printed_as_salesforce_prints_them(org: Salesforce) -> None:
    row = {"Name": "X", "CreatedDate": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "Renewal_Date__c": date(2026, 3, 31)}
    org.insert("Account", row)

    (record,) = Answer(
        org, soql.parse("SELECT CreatedDate, Renewal_Date__c FROM Account WHERE Name = 'X'"), "62.0"
    ).records()

    assert record["CreatedDate"] == "2026-01-02T03:04:05.000+0000"
    assert record["Renewal_Date__c"] == "2026-03-31"


def test_which_fields_keep_their_history_can_be_asked(org: Salesforce) -> None:
    text = (
        "SELECT QualifiedApiName FROM FieldDefinition "
        "WHERE EntityDefinition.QualifiedApiName = 'Account' AND IsFieldHistoryTracked = true"
    )

    records = Answer(org, soql.parse(text), "62.0").records()

    assert [record["QualifiedApiName"] for record in records] == ["Customer_Health__c"]


@given(st.text())
def test_any_text_survives_quoting(text: str) -> None:
    query = soql.parse(format_soql("SELECT Id FROM Account WHERE Name = {}", text))

    assert query.where.values[0].value == text


@given(st.text(min_size=1), st.text(), st.text())
def test_any_text_is_found_literally_by_like(text: str, before: str, after: str) -> None:
    query = soql.parse(format_soql("SELECT Id FROM Account WHERE Name LIKE '%{:like}%'", text))

    assert re.fullmatch(query.where.values[0].like, before + text + after, re.IGNORECASE | re.DOTALL)


@given(st.sampled_from(["001", "005", "00T"]), st.integers(1, 100_000), st.integers(1, 100_000))
def test_ids_are_unique_and_their_short_form_names_the_same_record(prefix: str, one: int, other: int) -> None:
    first, second = ids.make(prefix, one), ids.make(prefix, other)

    assert (first == second) == (one == other)
    assert ids.full(first[:15]) == ids.full(first) == first
    assert len(first) == 18


def test_the_checksum_is_salesforces() -> None:
    assert ids.full("001D000000IqhSL") == "001D000000IqhSLIAZ"
