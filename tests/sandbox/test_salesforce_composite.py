"""Several requests in one call: the stand-in's /composite and /composite/sobjects."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.salesforce import composite, rest
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.state import Salesforce
from sandbox.world import World

BASE = "/services/data/v62.0"


@pytest.fixture
def org() -> Salesforce:
    return World().salesforce


@pytest.fixture
def acme(org: Salesforce) -> str:
    return org.insert("Account", {"Name": "Acme", "Customer_Health__c": "Green"})


def sub(reference: str, method: str, path: str, **more: Any) -> dict[str, Any]:
    return {"referenceId": reference, "method": method, "url": f"{BASE}/{path}", **more}


def send(org: Salesforce, *subs: Any, **options: Any) -> dict[str, dict[str, Any]]:
    body = {"compositeRequest": list(subs), **options}
    reply = composite.composite(org, "62.0", body, lambda request: rest.answer(org, request))
    return {one["referenceId"]: one for one in reply.body["compositeResponse"]}


def test_each_part_has_its_own_status_and_headers(org: Salesforce, acme: str) -> None:
    done = send(
        org,
        sub("row", "GET", f"sobjects/Account/{acme}?fields=Name"),
        sub("bad", "GET", "query?q=SELECT+Nope+FROM+Account"),
        sub("write", "PATCH", f"sobjects/Account/{acme}", body={"Tier__c": "1"}),
    )

    assert done["row"]["httpHeaders"]["ETag"] != org.etag(acme)
    assert (done["bad"]["httpStatusCode"], done["bad"]["body"][0]["errorCode"]) == (400, "INVALID_FIELD")
    assert (done["write"]["httpStatusCode"], done["write"]["body"]) == (204, None)


def test_a_condition_inside_a_part_holds(org: Salesforce, acme: str) -> None:
    stale = {"If-Match": '"00000000"'}
    done = send(org, sub("w", "PATCH", f"sobjects/Account/{acme}", body={"Tier__c": "1"}, httpHeaders=stale))

    assert (done["w"]["httpStatusCode"], done["w"]["body"]) == (412, None)
    assert org.get("Account", acme)["Tier__c"] is None


def test_a_part_can_use_what_an_earlier_one_answered(org: Salesforce) -> None:
    done = send(
        org,
        sub("new", "POST", "sobjects/Account", body={"Name": "New"}),
        sub("task", "POST", "sobjects/Task", body={"Subject": "Call", "WhatId": "@{new.id}"}),
        sub("read", "GET", "sobjects/Account/@{new.id}"),
        sub("lost", "GET", "sobjects/Account/@{nobody.id}"),
    )

    assert org.rows("Task")[0]["AccountId"] == done["new"]["body"]["id"]
    assert done["read"]["body"]["Name"] == "New"
    assert done["lost"]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_all_or_none_undoes_the_rest(org: Salesforce, acme: str) -> None:
    done = send(
        org,
        sub("good", "PATCH", f"sobjects/Account/{acme}", body={"Tier__c": "1"}),
        sub("bad", "PATCH", f"sobjects/Account/{acme}", body={"Nope": "1"}),
        allOrNone=True,
    )

    assert org.get("Account", acme)["Tier__c"] is None
    assert done["good"]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert done["bad"]["body"][0]["errorCode"] == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("subs", "says"),
    [
        ([], "limited to 25"),
        ([sub(f"r{n}", "GET", "limits") for n in range(26)], "limited to 25"),
        ([sub(f"r{n}", "GET", "query?q=x") for n in range(6)], "At most 5"),
        ([sub("a", "GET", "limits"), sub("a", "GET", "limits")], "Duplicate referenceId"),
        ([sub("a-b", "GET", "limits")], "only letters, numbers and underscores"),
        ([sub("a", "GET", "limits", httpHeaders={"Authorization": "Bearer x"})], "Authorization is not allowed"),
        ([sub("a", "GET", "limits", httpHeaders={"If-Match": 1})], "names to strings"),
        ([sub("a", "GET", "limits", headers={})], 'Unrecognized field "headers"'),
        ([{"method": "GET"}], "needs method, url and referenceId"),
        ([1], "needs method, url and referenceId"),
    ],
)
def test_a_composite_that_breaks_the_rules_is_refused_whole(org: Salesforce, subs: list[Any], says: str) -> None:
    with pytest.raises(Refused, match=says) as caught:
        send(org, *subs)

    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("method", "path", "more", "code"),
    [
        ("GET", "composite", {}, "INVALID_INPUT"),
        ("GET", "limits", {"body": {}}, "JSON_PARSER_ERROR"),
        ("GET", "nothing", {}, "NOT_FOUND"),
    ],
)
def test_a_part_that_cannot_be_is_refused(org: Salesforce, method: str, path: str, more: Any, code: str) -> None:
    assert send(org, sub("a", method, path, **more))["a"]["body"][0]["errorCode"] == code


def collect(org: Salesforce, method: str, records: list[Any], **options: Any) -> Any:
    body = {"records": records, **options}
    return composite.collection(org, rest.Request(method, "composite/sobjects", "62.0", body=body)).body


def record(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account"}, **fields}


def test_a_collection_answers_per_record(org: Salesforce, acme: str) -> None:
    made, refused = collect(org, "POST", [record(Name="A"), record(Name="B", Customer_Health__c="Blue")])

    assert made == {"id": org.rows("Account")[-1]["Id"], "success": True, "errors": []}
    assert refused["errors"][0]["statusCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    (changed,) = collect(org, "PATCH", [record(id=acme, Tier__c="3")])
    assert (changed["success"], org.get("Account", acme)["Tier__c"]) == (True, "3")


def test_a_collection_can_be_all_or_none(org: Salesforce) -> None:
    first, second = collect(org, "POST", [record(Name="A"), record(Nope=1)], allOrNone=True)

    assert first["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert second["errors"][0]["statusCode"] == "INVALID_FIELD"
    assert org.rows("Account") == []


def test_a_collection_has_at_most_two_hundred_records(org: Salesforce) -> None:
    with pytest.raises(Refused, match="more than 200"):
        collect(org, "POST", [record(Name="A")] * 201)
