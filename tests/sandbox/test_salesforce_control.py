"""What a person does in the sandbox's Salesforce by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.salesforce.state import Salesforce
from sandbox.server import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox().start()
    yield box
    box.stop()


@pytest.fixture
def org(sandbox: Sandbox) -> Salesforce:
    sandbox.call(sandbox.world.salesforce.reset)
    return sandbox.world.salesforce


@pytest.fixture
def acme(sandbox: Sandbox, org: Salesforce) -> str:
    row = {"Name": "Dana Reed", "Email": "Dana@x.example", "Username": "dana@x.example", "Title": "AE"}
    dana = sandbox.call(org.insert, "User", row)
    return sandbox.call(org.insert, "Account", {"Name": "Acme", "Customer_Health__c": "Green", "OwnerId": dana})


def post(sandbox: Sandbox, what: str, **body: Any) -> requests.Response:
    return requests.post(f"{sandbox.url}/sandbox/salesforce/{what}", json=body, timeout=5)


def overview(sandbox: Sandbox) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{sandbox.url}/sandbox/salesforce/accounts", timeout=5).json()
    return answer


def test_the_account_shows_who_changed_its_health(sandbox: Sandbox, acme: str) -> None:
    assert post(sandbox, "set_health", **{"as": "dana@X.example"}, id=acme, health="Red").json() == {"ok": True}

    seen = overview(sandbox)
    (account,) = seen["accounts"]
    assert (account["name"], account["health"], account["owner"], account["ce"]) == ("Acme", "Red", "Dana Reed", "")
    assert account["modified_by"] == "Dana Reed"
    (edit,) = account["history"]
    assert (edit["by"], edit["from"], edit["to"]) == ("Dana Reed", "Green", "Red")
    assert [user["name"] for user in seen["users"]] == ["Touchpoint Integration", "Dana Reed"]
    assert seen["polls"] == {"last_at": None, "calls_today": 0}


def test_a_task_of_the_account_is_shown_and_completed(sandbox: Sandbox, org: Salesforce, acme: str) -> None:
    task = sandbox.call(org.insert, "Task", {"Subject": "usage report", "Status": "Not Started", "WhatId": acme})
    body = {"as": "dana@x.example", "id": task, "fields": {"Status": "Completed"}}
    assert post(sandbox, "update_task", **body).json() == {"ok": True}
    [shown] = overview(sandbox)["accounts"][0]["tasks"]
    assert (shown["subject"], shown["status"], shown["is_closed"]) == ("usage report", "Completed", True)


def test_a_health_can_be_taken_away(sandbox: Sandbox, org: Salesforce, acme: str) -> None:
    post(sandbox, "set_health", **{"as": "dana@x.example"}, id=acme, health=None)

    assert org.get("Account", acme)["Customer_Health__c"] is None


@pytest.mark.parametrize(
    ("what", "body", "status", "says"),
    [
        ("set_health", {"as": "dana@x.example", "health": "Blue"}, 400, "bad value for restricted picklist"),
        ("set_health", {"as": "nobody@x.example", "health": "Red"}, 400, "Nobody in Salesforce is nobody@x.example."),
        ("set_health", {"health": "Red"}, 400, "as is missing."),
        ("update", {"as": "dana@x.example", "fields": {"Nope": 1}}, 400, "No such column 'Nope'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    sandbox: Sandbox, acme: str, what: str, body: dict[str, Any], status: int, says: str
) -> None:
    answer = post(sandbox, what, id=acme, **body)

    assert answer.status_code == status
    assert says in answer.json()["error"]


def test_accounts_are_changed_merged_and_deleted(sandbox: Sandbox, org: Salesforce, acme: str) -> None:
    twin = sandbox.call(org.insert, "Account", {"Name": "Acme Inc"})
    other = sandbox.call(org.insert, "Account", {"Name": "Other"})

    assert post(sandbox, "update", **{"as": "dana@x.example"}, id=acme, fields={"ARR__c": 7}).ok
    assert post(sandbox, "merge", id=twin, into=acme).ok
    assert post(sandbox, "delete", id=other).ok
    assert post(sandbox, "delete", id=other).status_code == 404
    assert [(account["id"], account["arr"]) for account in overview(sandbox)["accounts"]] == [(acme, 7.0)]
    assert org.get("Account", twin)["MasterRecordId"] == acme


def test_the_page_hears_of_each_change_and_of_each_poll(sandbox: Sandbox, org: Salesforce, acme: str) -> None:
    heard: list[str] = []
    sandbox.world.listeners.append(heard.append)
    token = sandbox.call(org.open_session)

    post(sandbox, "set_health", **{"as": "dana@x.example"}, id=acme, health="Red")
    assert "salesforce" in heard
    headers = {"Authorization": f"Bearer {token}"}
    requests.get(f"{sandbox.url}/services/data/v62.0/query?q=SELECT+Id+FROM+User", headers=headers, timeout=5)
    assert overview(sandbox)["polls"]["last_at"] is not None
    sandbox.world.listeners.remove(heard.append)


def test_a_link_to_a_record_leads_to_the_page(sandbox: Sandbox, acme: str) -> None:
    answer = requests.get(f"{sandbox.url}/lightning/r/Account/{acme}/view", allow_redirects=False, timeout=5)

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/#/salesforce/{acme}")
