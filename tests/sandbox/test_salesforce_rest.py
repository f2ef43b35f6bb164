"""The stand-in's REST API over HTTP: sessions, records, conditions, limits, and how it says no."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.salesforce.schema import Field
from sandbox.salesforce.state import HOST, Salesforce
from sandbox.server import Sandbox

Call = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox().start()
    yield box
    box.stop()


@pytest.fixture
def org(sandbox: Sandbox) -> Iterator[Salesforce]:
    sandbox.call(sandbox.world.salesforce.reset)
    yield sandbox.world.salesforce
    sandbox.world.faults.switch_off()
    sandbox.world.clock.offset_seconds = 0


@pytest.fixture
def api(sandbox: Sandbox, org: Salesforce) -> Call:
    """Calls below /services/data/v62.0/ with a living session."""
    token = sandbox.call(org.open_session)

    def call(method: str, path: str, **kwargs: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} | kwargs.pop("headers", {})
        address = path if path.startswith("/") else f"/services/data/v62.0/{path}"
        return requests.request(method, sandbox.url + address, headers=headers, timeout=5, **kwargs)

    return call


@pytest.fixture
def acme(sandbox: Sandbox, org: Salesforce) -> str:
    return sandbox.call(org.insert, "Account", {"Name": "Acme", "Customer_Health__c": "Green"})


def errors(answer: requests.Response) -> list[tuple[int, str]]:
    return [(answer.status_code, error["errorCode"]) for error in answer.json()]


# -- sessions ---------------------------------------------------------------------------------------------------------


def test_no_session_no_data(api: Call) -> None:
    answer = api("GET", "limits", headers={"Authorization": "Bearer made-up"})

    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_a_token_that_is_sent_to_another_host_is_noticed(sandbox: Sandbox, api: Call) -> None:
    assert api("GET", "limits", headers={"X-Forwarded-Host": HOST}).status_code == 200
    assert api("GET", "limits", headers={"X-Forwarded-Host": "evil.example"}).status_code == 401
    assert sandbox.world.calls[-1].why == f"a token for {HOST} was sent to evil.example"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials", "client_id": "sandbox-key", "client_secret": "x"}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "x"}, "invalid_client_id"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x.y.z"}, "invalid_grant"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_a_bad_login_is_refused_as_oauth_does(
    sandbox: Sandbox, org: Salesforce, form: dict[str, str], error: str
) -> None:
    answer = requests.post(f"{sandbox.url}/services/oauth2/token", data=form, timeout=5)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, None),
        ({"sub": "somebody@else.example"}, "user hasn't approved this consumer"),
        ({"iss": "another-key"}, "client identifier invalid"),
        ({"aud": "https://evil.example"}, "audience is invalid"),
        ({"exp": -10}, "expired authorization code"),
        ({"exp": 3600}, "assertion is valid for too long"),
    ],
)
def test_an_assertion_must_be_right_in_every_claim(
    sandbox: Sandbox, org: Salesforce, change: dict[str, Any], says: str | None
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    sandbox.call(org.trust, public.decode())
    claims = {"iss": "sandbox-key", "sub": "touchpoint@sandbox.example", "aud": "https://login.salesforce.com"}
    claims |= {"exp": str(int(time.time()) + change.get("exp", 180))} | {k: v for k, v in change.items() if k != "exp"}
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": jwt.encode(claims, key, "RS256")}

    answer = requests.post(f"{sandbox.url}/services/oauth2/token", data=form, timeout=5)

    assert answer.json().get("error_description") == says


# -- records ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_record_is_created_read_changed_and_deleted(api: Call, slash: str) -> None:
    made = api("POST", f"sobjects/Account{slash}", json={"Name": "New", "ARR__c": 5})
    record_id = made.json()["id"]

    assert (made.status_code, made.json()) == (201, {"id": record_id, "success": True, "errors": []})
    assert api("GET", f"sobjects/Account/{record_id}{slash}?fields=Name,arr__c").json() == {
        "attributes": {"type": "Account", "url": f"/services/data/v62.0/sobjects/Account/{record_id}"},
        "Name": "New",
        "ARR__c": 5.0,
        "Id": record_id,
    }
    assert api("PATCH", f"sobjects/Account/{record_id[:15]}", json={"Name": "Newer"}).status_code == 204
    gone = api("DELETE", f"sobjects/Account/{record_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert errors(api("GET", f"sobjects/Account/{record_id}")) == [(404, "ENTITY_IS_DELETED")]


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"),
        ({"Name": "x", "Nope__c": 1}, "INVALID_FIELD", "No such column 'Nope__c' on sobject of type Account"),
        ({"Name": "x", "Customer_Health__c": "<b>"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "&lt;b&gt;"),
        ({"Name": "x" * 256}, "STRING_TOO_LONG", "Account Name: data value too large:"),
        (
            {"Name": "x", "LastActivityDate": "2026-01-01"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "check the security settings",
        ),
        ({"Name": "x", "Renewal_Date__c": "soon"}, "JSON_PARSER_ERROR", "Cannot deserialize instance of date"),
        ({"Name": "x", "ARR__c": "much"}, "JSON_PARSER_ERROR", "VALUE_STRING value much"),
        ({"Name": ["x"]}, "JSON_PARSER_ERROR", "START_OBJECT"),
        ({"Name": "x", "OwnerId": "001D000000IqhSL"}, "MALFORMED_ID", "id value of incorrect type: 001D000000IqhSL"),
        ({"Name": "x", "OwnerId": "0055g00000AAAA2AAP"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        ({"Name": "x", "Id": "001D000000IqhSL"}, "INVALID_FIELD", "The Id field should not be specified"),
        ([], "JSON_PARSER_ERROR", "one JSON object"),
    ],
)
def test_a_bad_value_is_refused_with_salesforces_code(api: Call, fields: Any, code: str, says: str) -> None:
    answer = api("POST", "sobjects/Account", json=fields)

    assert errors(answer) == [(400, code)]
    assert says in answer.json()[0]["message"]


def test_an_inactive_owner_is_refused(sandbox: Sandbox, org: Salesforce, api: Call, acme: str) -> None:
    row = {"Name": "Gone", "Email": "g@x.example", "Username": "g@x.example", "IsActive": False}
    gone = sandbox.call(org.insert, "User", row)

    assert errors(api("PATCH", f"sobjects/Account/{acme}", json={"OwnerId": gone})) == [(400, "INACTIVE_OWNER_OR_USER")]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "sobjects/Nothing/describe", 404, "NOT_FOUND"),
        ("GET", "sobjects/Account/001D000000IqhSL", 404, "NOT_FOUND"),
        ("GET", "sobjects/Account/001D000000IqhSLIAA", 400, "MALFORMED_ID"),
        ("GET", "sobjects/Account/https:%2F%2Fevil.example", 404, "NOT_FOUND"),
        ("GET", "tooling/query", 404, "NOT_FOUND"),
        ("GET", "query", 400, "MALFORMED_QUERY"),
        ("GET", "query/0r8000000000000AAA-2000", 400, "INVALID_QUERY_LOCATOR"),
        ("POST", "query", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "sobjects/Account", 405, "METHOD_NOT_ALLOWED"),
        ("PATCH", "sobjects/AccountHistory/001D000000IqhSL", 404, "NOT_FOUND"),
        ("GET", "/services/data/v99.0/limits", 404, "NOT_FOUND"),
        ("GET", "/services/data/v21.0/limits", 410, "UNSUPPORTED_API_VERSION"),
    ],
)
def test_what_is_not_there_is_refused(api: Call, method: str, path: str, status: int, code: str) -> None:
    assert errors(api(method, path)) == [(status, code)]


def test_a_body_must_be_json(api: Call) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    assert errors(api("POST", "sobjects/Account", data="Name=x", headers=form)) == [(415, "UNSUPPORTED_MEDIA_TYPE")]
    assert errors(api("POST", "sobjects/Account", data="{", headers={"Content-Type": "application/json"})) == [
        (400, "JSON_PARSER_ERROR")
    ]


def test_history_is_kept_of_tracked_fields_only(sandbox: Sandbox, org: Salesforce, api: Call, acme: str) -> None:
    api("PATCH", f"sobjects/Account/{acme}", json={"Customer_Health__c": "Red", "ARR__c": 1})
    api("PATCH", f"sobjects/Account/{acme}", json={"Customer_Health__c": "Red"})

    edits = [(row["Field"], row["OldValue"], row["NewValue"]) for row in org.rows("AccountHistory")]
    assert edits == [("created", None, None), ("Customer_Health__c", "Green", "Red")]


# -- conditions -------------------------------------------------------------------------------------------------------


def test_a_stale_etag_is_refused_even_within_one_second(org: Salesforce, api: Call, acme: str) -> None:
    address = f"sobjects/Account/{acme}"
    etag = api("GET", address).headers["ETag"]

    assert api("GET", address, headers={"If-None-Match": etag}).status_code == 304
    assert api("PATCH", address, json={"Tier__c": "1"}, headers={"If-Match": etag}).status_code == 204
    assert api("PATCH", address, json={"Tier__c": "2"}, headers={"If-Match": etag}).status_code == 412
    assert api("PATCH", address, json={"Tier__c": "2"}, headers={"If-Match": "not quoted"}).status_code == 400
    assert org.get("Account", acme)["Tier__c"] == "1"


def test_a_change_after_the_given_date_is_noticed(sandbox: Sandbox, org: Salesforce, api: Call, acme: str) -> None:
    address = f"sobjects/Account/{acme}"
    since = api("GET", address).headers["Last-Modified"]

    assert api("GET", address, headers={"If-Modified-Since": since}).status_code == 304
    assert api("PATCH", address, json={}, headers={"If-Unmodified-Since": since}).status_code == 204
    sandbox.world.clock.move(timedelta(seconds=2))
    sandbox.call(org.update, "Account", acme, {"Tier__c": "1"})
    late = api("PATCH", address, json={"Tier__c": "2"}, headers={"If-Unmodified-Since": since})
    assert (late.status_code, late.content) == (412, b"")
    assert "was changed at" in sandbox.world.calls[-1].why


# -- records by a key of the caller's ----------------------------------------------------------------------------------


@pytest.fixture
def key(org: Salesforce) -> Field:
    """Task has a unique external id in this org."""
    return org.schema["Task"].fields.setdefault("Key__c", Field("Key__c", external_id=True, unique=True))


def test_an_upsert_creates_once_and_then_changes(org: Salesforce, api: Call, key: Field) -> None:
    made = api("PATCH", "sobjects/Task/Key__c/A-1", json={"Subject": "Call"})
    again = api("PATCH", "sobjects/Task/Key__c/a-1", json={"Subject": "Call them"})

    assert (made.status_code, made.json()["created"]) == (201, True)
    assert (again.status_code, again.json()) == (200, made.json() | {"created": False})
    assert api("GET", "sobjects/Task/Key__c/A-1").json()["Subject"] == "Call them"
    old = api("PATCH", "/services/data/v45.0/sobjects/Task/Key__c/A-1", json={"Subject": "Done"})
    assert (old.status_code, old.content) == (204, b"")
    assert [row["Key__c"] for row in org.rows("Task")] == ["A-1"]


def test_a_deleted_record_gives_its_key_back(org: Salesforce, api: Call, key: Field) -> None:
    first = api("PATCH", "sobjects/Task/Key__c/A-1", json={}).json()["id"]
    api("DELETE", "sobjects/Task/Key__c/A-1")

    assert errors(api("GET", "sobjects/Task/Key__c/A-1")) == [(404, "NOT_FOUND")]
    assert api("PATCH", "sobjects/Task/Key__c/A-1", json={}).json()["id"] != first


def test_a_unique_value_is_there_once(api: Call, key: Field) -> None:
    api("POST", "sobjects/Task", json={"Key__c": "A-1"})

    answer = api("POST", "sobjects/Task", json={"Key__c": "a-1"})

    assert errors(answer) == [(400, "DUPLICATE_VALUE")]


def test_a_key_that_several_have_is_answered_with_all_of_them(api: Call, key: Field) -> None:
    key.unique = False
    both = [api("POST", "sobjects/Task", json={"Key__c": "A-1"}).json()["id"] for _ in range(2)]

    answer = api("PATCH", "sobjects/Task/Key__c/A-1", json={"Subject": "Call"})

    assert answer.status_code == 300
    assert [address.rsplit("/", 1)[1] for address in answer.json()] == both


def test_only_an_external_id_is_a_key(api: Call, key: Field) -> None:
    assert errors(api("PATCH", "sobjects/Task/Subject/Call", json={})) == [(404, "NOT_FOUND")]
    assert errors(api("PATCH", "sobjects/Task/Key__c/A-1", json={"Key__c": "A-1"})) == [(400, "INVALID_FIELD")]


# -- queries, describe, limits ----------------------------------------------------------------------------------------


def test_a_long_answer_comes_in_pages(sandbox: Sandbox, org: Salesforce, api: Call) -> None:
    sandbox.call(lambda: [org.insert("Account", {"Name": f"A{number}"}) for number in range(450)])
    first = api("GET", "query?q=SELECT+Id+FROM+Account", headers={"Sforce-Query-Options": "batchSize=200"}).json()
    second = api("GET", first["nextRecordsUrl"]).json()
    third = api("GET", second["nextRecordsUrl"]).json()

    assert [len(page["records"]) for page in (first, second, third)] == [200, 200, 50]
    assert [page["done"] for page in (first, second, third)] == [False, False, True]
    assert "nextRecordsUrl" not in third
    assert api("GET", "query/?q=select count() from account").json() == {"totalSize": 450, "done": True, "records": []}


def test_a_plus_that_was_not_quoted_is_a_space(api: Call) -> None:
    query = "query?q=SELECT Id FROM Account WHERE CreatedDate > 2026-01-01T00:00:00+00:00"

    assert errors(api("GET", query)) == [(400, "MALFORMED_QUERY")]
    assert api("GET", query.replace("+", "%2B")).status_code == 200


def test_describe_tells_what_may_be_written(org: Salesforce, api: Call) -> None:
    org.schema["Account"].fields["Customer_Health__c"].calculated = True
    org.schema["Account"].fields["ARR__c"].hidden = True
    fields = {field["name"]: field for field in api("GET", "sobjects/Account/describe/").json()["fields"]}

    assert (fields["Customer_Health__c"]["calculated"], fields["Customer_Health__c"]["updateable"]) == (True, False)
    assert "ARR__c" not in fields
    assert {table["name"] for table in api("GET", "sobjects").json()["sobjects"]} >= {
        "Account",
        "AccountHistory",
        "User",
    }


def test_updated_lists_what_changed_in_a_window(sandbox: Sandbox, org: Salesforce, api: Call, acme: str) -> None:
    now = sandbox.world.clock.now()
    window = {"start": (now - timedelta(hours=1)).isoformat(), "end": (now + timedelta(minutes=1)).isoformat()}

    assert api("GET", "sobjects/Account/updated/", params=window).json()["ids"] == [acme]
    window["start"] = (now - timedelta(days=31)).isoformat()
    assert errors(api("GET", "sobjects/Account/updated/", params=window)) == [(400, "INVALID_REPLICATION_DATE")]


def test_every_answer_carries_the_time_and_the_days_calls(sandbox: Sandbox, org: Salesforce, api: Call) -> None:
    sandbox.world.clock.move(timedelta(days=3))
    answer = api("GET", "limits")

    assert answer.headers["Sforce-Limit-Info"] == "api-usage=1/15000"
    assert answer.json()["DailyApiRequests"] == {"Max": 15000, "Remaining": 14999}
    assert abs(parsedate_to_datetime(answer.headers["Date"]) - sandbox.world.clock.now()) < timedelta(seconds=3)


def test_the_days_calls_run_out_and_come_back(sandbox: Sandbox, org: Salesforce, api: Call) -> None:
    org.daily_calls = 1

    assert api("GET", "limits").status_code == 200
    assert errors(api("GET", "limits")) == [(403, "REQUEST_LIMIT_EXCEEDED")]
    sandbox.world.clock.move(timedelta(days=1, seconds=1))
    assert api("GET", "limits").status_code == 200


def test_pretty_printing_is_salesforces(api: Call) -> None:
    assert api("GET", "query?q=SELECT COUNT() FROM Account", headers={"X-PrettyPrint": "1"}).text.startswith(
        '{\n  "totalSize" : 0,\n'
    )


# -- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("500", 500, "UNKNOWN_EXCEPTION"),
        ("down", 503, "SERVER_UNAVAILABLE"),
        ("expired", 401, "INVALID_SESSION_ID"),
        ("limit", 403, "REQUEST_LIMIT_EXCEEDED"),
    ],
)
def test_a_fault_strikes(sandbox: Sandbox, api: Call, kind: str, status: int, code: str) -> None:
    sandbox.world.faults.switch_on("salesforce", kind, call="GET limits", times=1)

    assert errors(api("GET", "limits")) == [(status, code)]


def test_a_validation_rule_refuses_writes_only(sandbox: Sandbox, org: Salesforce, api: Call, acme: str) -> None:
    sandbox.world.faults.switch_on("salesforce", "refuse", message="Ask a manager")

    assert api("GET", f"sobjects/Account/{acme}").status_code == 200
    answer = api("PATCH", f"sobjects/Account/{acme}", json={"Tier__c": "1"})
    assert errors(answer) == [(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")]
    assert answer.json()[0]["message"] == "Ask a manager"


@pytest.mark.parametrize(("kind", "tier"), [("drop_before", None), ("drop_after", "1")])
def test_a_connection_is_cut_before_or_after_the_work(
    sandbox: Sandbox, org: Salesforce, api: Call, acme: str, kind: str, tier: str | None
) -> None:
    sandbox.world.faults.switch_on("salesforce", kind, call="PATCH sobjects/Account")

    with pytest.raises(requests.ConnectionError):
        api("PATCH", f"sobjects/Account/{acme}", json={"Tier__c": "1"})

    assert org.get("Account", acme)["Tier__c"] == tier


def test_a_slow_answer_is_slow(sandbox: Sandbox, api: Call) -> None:
    sandbox.world.faults.switch_on("salesforce", "slow", seconds=0.2)

    assert api("GET", "limits").elapsed >= timedelta(seconds=0.2)
