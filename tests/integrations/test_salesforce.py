"""The bot's Salesforce adapter against the stand-in, over loopback HTTP with the unmodified simple-salesforce."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.integrations import http
from bot.integrations.salesforce import Conflict, Salesforce, SalesforceFields, full_id
from bot.integrations.salesforce_client import LOGINS_PER_MINUTE, refusal
from sandbox.salesforce.state import HOST
from sandbox.salesforce.state import Salesforce as Org
from sandbox.server import Sandbox

FIELDS = SalesforceFields(
    health_note="Customer_Health_Reason__c",
    ce="Customer_Engineer__c",
    region="Region__c",
    tier="Tier__c",
    arr="ARR__c",
    renewal="Renewal_Date__c",
    seats="Seats__c",
    weekly_users="Weekly_Users__c",
    usage_change="Usage_Change__c",
    usage_as_of="Usage_As_Of__c",
    health_score="Health_Score__c",
    instance_url="Instance_Url__c",
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox().start()
    yield box
    box.stop()


@pytest.fixture
def org(sandbox: Sandbox) -> Iterator[Org]:
    sandbox.call(sandbox.world.salesforce.reset)
    sandbox.world.calls.clear()
    yield sandbox.world.salesforce
    sandbox.world.faults.switch_off()


@pytest.fixture
def salesforce(sandbox: Sandbox, org: Org) -> Salesforce:
    return connect(sandbox)


def connect(sandbox: Sandbox, **more: Any) -> Salesforce:
    given: dict[str, Any] = {"client_id": "sandbox-key", "client_secret": "sandbox-secret", "fields": FIELDS}
    return Salesforce(domain=HOST, url=sandbox.url, **(given | more))


@pytest.fixture
def dana(sandbox: Sandbox, org: Org) -> str:
    return sandbox.call(
        org.insert, "User", {"Name": "Dana Reed", "Email": "dana@x.example", "Username": "dana@x.example"}
    )


@pytest.fixture
def acme(sandbox: Sandbox, org: Org, dana: str) -> str:
    row: dict[str, Any] = {"Name": "Acme", "Customer_Health__c": "Green", "OwnerId": dana, "Customer_Engineer__c": dana}
    row |= {
        "ARR__c": 120000.5,
        "Renewal_Date__c": "2027-03-31",
        "Seats__c": 400,
        "Tier__c": "1",
        "Usage_Change__c": -20,
    }
    return sandbox.call(org.insert, "Account", row)


def calls(sandbox: Sandbox) -> list[str]:
    return [f"{call.name} {call.status}" for call in sandbox.world.calls if call.system == "salesforce"]


# -- polling ----------------------------------------------------------------------------------------------------------


def test_the_first_poll_reads_everything_in_one_call(
    sandbox: Sandbox, salesforce: Salesforce, acme: str, dana: str
) -> None:
    poll = salesforce.poll(None, first=True)

    (account,) = poll.accounts
    assert (account.id, account.name, account.health, account.owner_id, account.ce_id) == (
        acme,
        "Acme",
        "Green",
        dana,
        dana,
    )
    assert account.arr == Decimal("120000.5")
    assert (account.renewal_on, account.seats, account.usage_change) == (date(2027, 3, 31), 400, Decimal("-20.0"))
    assert account.modified_at.tzinfo is not None
    assert poll.red_ids == set()
    assert {user.name for user in poll.users} == {"Touchpoint Integration", "Dana Reed"}
    assert (poll.api_used, poll.api_limit) == (1, 15_000)
    assert abs(poll.at - sandbox.world.clock.now()) < timedelta(seconds=3)
    assert calls(sandbox) == ["POST oauth2/token 200", "POST composite 200"]


def test_a_poll_sees_who_turned_an_account_red(
    sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str, dana: str
) -> None:
    cursor = salesforce.poll(None).at
    sandbox.call(org.update, "Account", acme, {"Customer_Health__c": "Red"}, by=dana)

    poll = salesforce.poll(cursor)

    assert poll.red_ids == {acme}
    (edit,) = poll.history
    assert (edit.account_id, edit.old, edit.new, edit.by_id, edit.by_name) == (acme, "Green", "Red", dana, "Dana Reed")


def test_red_and_back_between_two_polls_is_in_the_history(
    sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str
) -> None:
    cursor = salesforce.poll(None).at
    for health in ("Red", "Green"):
        sandbox.call(org.update, "Account", acme, {"Customer_Health__c": health})

    poll = salesforce.poll(cursor)

    assert poll.red_ids == set()
    assert [(edit.old, edit.new) for edit in poll.history] == [("Green", "Red"), ("Red", "Green")]


def test_an_account_that_has_long_been_red_is_in_every_poll(sandbox: Sandbox, org: Org, salesforce: Salesforce) -> None:
    before = datetime(2026, 1, 1, tzinfo=UTC)
    stamps = {"LastModifiedDate": before, "SystemModstamp": before}
    red = sandbox.call(org.insert, "Account", {"Name": "Red", "Customer_Health__c": "Red", **stamps})
    sandbox.call(org.insert, "Account", {"Name": "Green", "Customer_Health__c": "Green", **stamps})

    poll = salesforce.poll(sandbox.world.clock.now())

    assert [account.id for account in poll.accounts] == [red]


def test_a_poll_looks_back_ten_minutes_for_rows_that_became_visible_late(
    sandbox: Sandbox, org: Org, salesforce: Salesforce
) -> None:
    late = sandbox.world.clock.now() - timedelta(minutes=9)
    sandbox.call(org.insert, "Account", {"Name": "Late", "LastModifiedDate": late, "SystemModstamp": late})

    assert [account.name for account in salesforce.poll(sandbox.world.clock.now()).accounts] == ["Late"]


def test_deleted_and_merged_accounts_are_told_apart(
    sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str
) -> None:
    gone = sandbox.call(org.insert, "Account", {"Name": "Gone", "Customer_Health__c": "Red"})
    twin = sandbox.call(org.insert, "Account", {"Name": "Acme Inc"})
    sandbox.call(org.delete, "Account", gone)
    sandbox.call(org.merge, "Account", twin, acme)

    poll = salesforce.poll(sandbox.world.clock.now())

    assert poll.deleted == {gone: None, twin: acme}
    assert (poll.red_ids, [account.id for account in poll.accounts]) == (set(), [acme])


def test_more_accounts_than_fit_a_page_are_followed(sandbox: Sandbox, org: Org, salesforce: Salesforce) -> None:
    def fill() -> None:
        for number in range(2_050):
            org.insert("Account", {"Name": f"Account {number}"})

    sandbox.call(fill)

    assert len(salesforce.poll(None).accounts) == 2_050
    assert calls(sandbox)[-1] == "GET query 200"
    assert len(salesforce.read_accounts(row["Id"] for row in org.rows("Account"))) == 2_050


def test_an_org_without_field_history_still_polls(
    sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str
) -> None:
    del org.schema["AccountHistory"]

    poll = salesforce.poll(sandbox.world.clock.now())

    assert (len(poll.accounts), poll.history) == (1, [])


def test_fields_that_the_org_has_not_are_not_asked_for(sandbox: Sandbox, org: Org, acme: str) -> None:
    for name in ("ARR__c", "Region__c", "Customer_Engineer__c"):
        del org.schema["Account"].fields[name]

    (account,) = connect(sandbox, fields=SalesforceFields()).poll(None).accounts

    assert (account.health, account.arr, account.region, account.ce_id) == ("Green", None, None, None)


def test_a_health_field_that_is_hidden_is_a_misconfiguration_and_not_no_reds(org: Org, salesforce: Salesforce) -> None:
    org.schema["Account"].fields["Customer_Health__c"].hidden = True

    with pytest.raises(Misconfigured, match=r"^No such column 'Customer_Health__c' on entity 'Account'"):
        salesforce.poll(None)


def test_a_cursor_without_a_time_zone_is_refused(salesforce: Salesforce) -> None:
    with pytest.raises(ValueError, match="time zone"):
        salesforce.poll(datetime.now(UTC).replace(tzinfo=None))


# -- setting the health -----------------------------------------------------------------------------------------------


def test_health_is_set_with_its_reason_in_two_calls(
    sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str
) -> None:
    written = salesforce.set_health(acme[:15], "Green", "Red", "The champion leaves")

    assert (written.changed, written.was) == (True, "Green")
    row = org.get("Account", acme)
    assert (row["Customer_Health__c"], row["Customer_Health_Reason__c"]) == ("Red", "The champion leaves")
    assert calls(sandbox)[1:] == ["POST composite 200", "PATCH sobjects/Account 204", "POST composite 200"]


def test_setting_what_is_set_writes_nothing(sandbox: Sandbox, salesforce: Salesforce, acme: str) -> None:
    assert not salesforce.set_health(acme, "Red", "Green").changed
    assert "PATCH sobjects/Account 204" not in calls(sandbox)


def test_somebody_elses_change_is_a_conflict_that_names_them(
    sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str, dana: str
) -> None:
    sandbox.call(org.update, "Account", acme, {"Customer_Health__c": "Yellow"}, by=dana)

    with pytest.raises(Conflict) as caught:
        salesforce.set_health(acme, "Green", "Red")

    assert (caught.value.current, caught.value.by_name, caught.value.of_field) == ("Yellow", "Dana Reed", True)
    assert org.get("Account", acme)["Customer_Health__c"] == "Yellow"


def test_without_history_a_conflict_names_the_last_editor_and_says_so(
    sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str, dana: str
) -> None:
    org.schema["Account"].fields["Customer_Health__c"].tracked = False
    sandbox.call(org.update, "Account", acme, {"Customer_Health__c": "Yellow"}, by=dana)

    with pytest.raises(Conflict) as caught:
        salesforce.set_health(acme, "Green", "Red")

    assert (caught.value.by_name, caught.value.of_field) == ("Dana Reed", False)


def meddle(org: Org, change: dict[str, Any], account: str, times: int) -> None:
    """Change the account just before each of the first `times` writes, as a scoring job might."""
    left = [times]

    def before(name: str) -> None:
        if name == "PATCH sobjects/Account" and left[0]:
            left[0] -= 1
            org.update("Account", account, change)

    org.before_call = before


def test_a_change_of_another_field_between_read_and_write_is_no_conflict(
    sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str
) -> None:
    meddle(org, {"Health_Score__c": 4}, acme, times=1)

    assert salesforce.set_health(acme, "Green", "Red").changed
    assert "PATCH sobjects/Account 412" in calls(sandbox)


def test_a_change_of_the_health_between_read_and_write_is_a_conflict(
    org: Org, salesforce: Salesforce, acme: str
) -> None:
    meddle(org, {"Customer_Health__c": "Yellow"}, acme, times=1)

    with pytest.raises(Conflict):
        salesforce.set_health(acme, "Green", "Red")

    assert org.get("Account", acme)["Customer_Health__c"] == "Yellow"


def test_an_account_that_never_rests_is_left_for_later(org: Org, salesforce: Salesforce, acme: str) -> None:
    def before(name: str) -> None:
        if name == "PATCH sobjects/Account":
            org.world.clock.move(timedelta(seconds=2))
            org.update("Account", acme, {"Health_Score__c": 4})

    org.before_call = before

    with pytest.raises(Retryable) as caught:
        salesforce.set_health(acme, "Green", "Red")

    assert not caught.value.sent
    org.world.clock.offset_seconds = 0


def test_a_session_that_ends_before_the_write_does_not_lose_the_condition(
    sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str
) -> None:
    seen: list[str] = []

    def before(name: str) -> None:
        seen.append(name)
        if name == "GET sobjects/Account" and seen.count(name) == 1:
            org.expire_sessions()
        if name == "PATCH sobjects/Account" and seen.count(name) == 1:
            org.update("Account", acme, {"Customer_Health__c": "Yellow"})

    org.before_call = before

    with pytest.raises(Conflict):
        salesforce.set_health(acme, "Green", "Red")

    assert "POST composite 401" in calls(sandbox)
    assert org.get("Account", acme)["Customer_Health__c"] == "Yellow"


def test_a_cut_connection_may_be_repeated(sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str) -> None:
    salesforce.poll(None)
    sandbox.world.faults.switch_on("salesforce", "drop_after", call="PATCH sobjects/*", times=1)

    with pytest.raises(Retryable) as caught:
        salesforce.set_health(acme, "Green", "Red")

    assert caught.value.sent
    assert org.get("Account", acme)["Customer_Health__c"] == "Red"
    assert not salesforce.set_health(acme, "Green", "Red").changed


def test_a_refusal_has_salesforces_own_sentence(sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str) -> None:
    sandbox.world.faults.switch_on("salesforce", "refuse", message="Red needs a manager&#39;s approval")

    with pytest.raises(Permanent, match=r"^Red needs a manager's approval$") as caught:
        salesforce.set_health(acme, "Green", "Red")

    assert caught.value.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_a_value_that_the_picklist_has_not_is_refused_readably(salesforce: Salesforce, acme: str) -> None:
    with pytest.raises(Permanent, match=r"bad value for restricted picklist field: Dana's$"):
        salesforce.set_health(acme, "Green", "Dana's")


def test_a_formula_cannot_be_written_and_an_administrator_is_needed(
    org: Org, salesforce: Salesforce, acme: str
) -> None:
    org.schema["Account"].fields["Customer_Health__c"].calculated = True

    with pytest.raises(Misconfigured, match="Unable to create/update fields: Customer_Health__c"):
        salesforce.set_health(acme, "Green", "Red")


def test_a_dry_run_reads_and_says_what_it_would_write(sandbox: Sandbox, org: Org, acme: str) -> None:
    with pytest.raises(DryRun, match="would set Acme's health from Green to Red"):
        connect(sandbox, writes="dry").set_health(acme, "Green", "Red")

    assert org.get("Account", acme)["Customer_Health__c"] == "Green"


def test_an_account_in_the_recycle_bin_cannot_be_set(
    sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str
) -> None:
    sandbox.call(org.delete, "Account", acme)

    with pytest.raises(Permanent) as caught:
        salesforce.set_health(acme, "Green", "Red")

    assert caught.value.code == "ENTITY_IS_DELETED"


# -- sessions, limits, faults -----------------------------------------------------------------------------------------


def test_an_expired_session_is_renewed_once(sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str) -> None:
    salesforce.poll(None)
    sandbox.call(org.expire_sessions)

    assert len(salesforce.poll(None).accounts) == 1
    assert [line for line in calls(sandbox) if "token" in line or "401" in line] == [
        "POST oauth2/token 200",
        "POST composite 401",
        "POST oauth2/token 200",
    ]


def test_a_frozen_user_is_not_hammered_with_logins(sandbox: Sandbox, salesforce: Salesforce) -> None:
    sandbox.world.faults.switch_on("salesforce", "expired", call="POST composite")

    for _ in range(4):
        with pytest.raises(Retryable) as caught:
            salesforce.poll(None)

    assert calls(sandbox).count("POST oauth2/token 200") == LOGINS_PER_MINUTE
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 60


def test_a_signed_assertion_logs_in_too(sandbox: Sandbox, org: Org, acme: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    sandbox.call(org.trust, public.decode())

    with_key = connect(sandbox, client_secret=None, username="touchpoint@sandbox.example", private_key=pem)

    assert len(with_key.poll(None).accounts) == 1


def test_a_wrong_secret_is_a_misconfiguration(sandbox: Sandbox, org: Org) -> None:
    with pytest.raises(Misconfigured, match="invalid client credentials"):
        connect(sandbox, client_secret="wrong").poll(None)


def test_a_private_key_that_is_none_is_a_misconfiguration(sandbox: Sandbox, org: Org) -> None:
    with pytest.raises(Misconfigured, match="SALESFORCE_PRIVATE_KEY"):
        connect(sandbox, client_secret=None, username="touchpoint@sandbox.example", private_key="nonsense").poll(None)


def test_an_org_at_another_address_is_a_misconfiguration(sandbox: Sandbox, org: Org, salesforce: Salesforce) -> None:
    with pytest.raises(Misconfigured, match="request not supported on this domain"):
        Salesforce(domain="other.my", client_id="k", client_secret="s", fields=FIELDS, url=sandbox.url).poll(None)

    org.instance_host = "moved.my.salesforce.com"
    with pytest.raises(Misconfigured, match=r"The org answers at moved\.my\.salesforce\.com; set SALESFORCE_DOMAIN"):
        salesforce.poll(None)


def test_a_read_over_a_broken_connection_is_repeated(sandbox: Sandbox, salesforce: Salesforce, acme: str) -> None:
    sandbox.world.faults.switch_on("salesforce", "drop_before", call="GET query", times=1)

    assert len(salesforce.read_accounts([acme])) == 1


def test_sessions_that_end_often_but_work_are_no_storm(sandbox: Sandbox, org: Org, salesforce: Salesforce) -> None:
    for _ in range(2 * LOGINS_PER_MINUTE):
        salesforce.poll(None)
        sandbox.call(org.expire_sessions)


@pytest.mark.parametrize("domain", ["login", "test", "", "evil.example/x"])
def test_only_the_orgs_own_domain_is_accepted(domain: str) -> None:
    with pytest.raises(Misconfigured, match="SALESFORCE_DOMAIN"):
        Salesforce(domain=domain, client_id="k", client_secret="s", fields=FIELDS)


@pytest.mark.parametrize(("kind", "sent"), [("500", True), ("down", False), ("drop_before", True), ("limit", False)])
def test_what_goes_wrong_is_retryable(sandbox: Sandbox, salesforce: Salesforce, kind: str, sent: bool) -> None:
    salesforce.poll(None)
    sandbox.world.faults.switch_on("salesforce", kind)

    with pytest.raises(Retryable) as caught:
        salesforce.poll(None)

    assert caught.value.sent is sent


@pytest.mark.parametrize("kind", ["500", "down", "drop_before"])
def test_without_a_session_nothing_was_sent(sandbox: Sandbox, salesforce: Salesforce, kind: str) -> None:
    sandbox.world.faults.switch_on("salesforce", kind, call="POST oauth2/token")

    with pytest.raises(Retryable) as caught:
        salesforce.poll(None)

    assert caught.value.sent is False


def test_a_used_up_day_waits_a_while(org: Org, salesforce: Salesforce) -> None:
    org.daily_calls = 1
    salesforce.poll(None)

    with pytest.raises(Retryable, match="used up") as caught:
        salesforce.poll(None)

    assert caught.value.retry_after == 900


def test_a_server_that_is_not_there_was_not_reached() -> None:
    nobody = Salesforce(domain=HOST, client_id="k", client_secret="s", fields=FIELDS, url="http://127.0.0.1:1")

    with pytest.raises(Retryable, match="could not be reached") as caught:
        nobody.poll(None)

    assert caught.value.sent is False


def test_threads_share_one_session(sandbox: Sandbox, org: Org, salesforce: Salesforce, acme: str) -> None:
    threads = [threading.Thread(target=salesforce.read_accounts, args=([acme],)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert calls(sandbox).count("POST oauth2/token 200") == 1
    assert calls(sandbox).count("GET query 200") == 8


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}], Retryable, None),
        (400, [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access"}], Retryable, None),
        (502, None, Retryable, None),
        (420, None, Retryable, None),
        (403, [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}], Misconfigured, "INSUFFICIENT_ACCESS"),
        (401, {"error": "x"}, Misconfigured, ""),
        (410, [{"errorCode": "UNSUPPORTED_API_VERSION", "message": "old"}], Misconfigured, "UNSUPPORTED_API_VERSION"),
        (400, [{"errorCode": "DUPLICATES_DETECTED", "message": "twin"}], Permanent, "DUPLICATES_DETECTED"),
        (404, None, Permanent, ""),
        (400, ["https://x"], Permanent, ""),
    ],
)
def test_refusals_are_told_apart(status: int, body: Any, kind: type[Exception], code: str | None) -> None:
    error = refusal(status, body)

    assert type(error) is kind
    assert getattr(error, "code", None) == code


# -- addresses and ids ------------------------------------------------------------------------------------------------


def test_an_id_of_either_length_is_the_same_account() -> None:
    assert full_id("0015g00000AAAA2") == full_id("0015g00000AAAA2AAP") == "0015g00000AAAA2AAP"


@pytest.mark.parametrize(
    "wrong",
    [
        "https://evil.example/x",
        "//evil.example",
        "../../limits",
        "001?x=1",
        "0055g00000AAAA2AAP",
        "0015g00000AAAA2AAB",
        "",
    ],
)
def test_what_is_no_account_id_never_becomes_an_address(wrong: str) -> None:
    with pytest.raises(Permanent, match=r"is not the id|typing error"):
        full_id(wrong)


def test_a_request_to_another_host_is_refused() -> None:
    session = http.session(["a.example"])

    for address in ("https://evil.example/x", "http://a.example/x", "https://a.example.evil.example/"):
        with pytest.raises(Misconfigured):
            session.get(address)


def test_a_stand_in_is_told_which_host_was_meant(sandbox: Sandbox, org: Org) -> None:
    answers: list[requests.Response] = []
    session = http.session([HOST, "other.example"], url=sandbox.url, on_response=answers.append)

    answer = session.get("https://other.example/services/data/v62.0/limits", headers={"Authorization": "Bearer x"})

    assert answers == [answer]
    assert "was sent to other.example" in sandbox.world.calls[-1].why


def test_the_account_link_opens_the_record(salesforce: Salesforce, sandbox: Sandbox, acme: str) -> None:
    real = Salesforce(domain="acme.my", client_id="k", client_secret="s", fields=FIELDS)

    assert real.account_url(acme) == f"https://acme.my.salesforce.com/lightning/r/Account/{acme}/view"
    assert salesforce.account_url(acme).startswith(sandbox.url)


# -- doctor -----------------------------------------------------------------------------------------------------------


def test_the_health_field_is_described(org: Org, salesforce: Salesforce) -> None:
    field = salesforce.describe_health()

    assert (field.exists, field.updateable, field.calculated, field.history_tracked) == (True, True, False, True)
    assert field.values == ["Green", "Yellow", "Red"]
    assert salesforce.limits().limit == 15_000


def test_a_wrong_health_field_gets_candidates(sandbox: Sandbox, org: Org) -> None:
    field = connect(sandbox, fields=SalesforceFields(health="Health__c")).describe_health()

    assert (field.exists, field.updateable, field.history_tracked) == (False, False, False)
    assert field.candidates == ["Customer_Health__c"]


def test_a_field_name_that_is_no_name_is_refused() -> None:
    with pytest.raises(Misconfigured):
        SalesforceFields(health="Health__c FROM User --")
