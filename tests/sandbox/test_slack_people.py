"""What people do: commands, buttons, shortcuts; what they see when the app answers, errs or stays silent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests

from sandbox.slack.manifest import Manifest
from sandbox.slack.refusals import CannotDo
from tests.sandbox.slack_office import SILENCE, Office, button, modal, plain, row


def option(text: str, value: str) -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def command(office: Office, text: str = "/red-account acme") -> Any:
    return office.does(office.slack.command(office.priya, office.red, text))


# Commands


def test_a_command_carries_who_where_and_what(office: Office) -> None:
    app = office.app(lambda envelope: {"text": "noted"})
    seen = command(office, "/red-account acme & co")
    (payload,) = app.of("slash_commands")
    assert (payload["command"], payload["text"], payload["user_id"]) == ("/red-account", "acme &amp; co", office.priya)
    assert payload["channel_name"] == "red-accounts"
    assert payload["trigger_id"]
    assert payload["response_url"]
    assert seen.ok
    assert seen.text == "noted"


def test_a_commands_answer_is_ephemeral_unless_it_says_in_channel(office: Office) -> None:
    answers = [{"text": "secret"}, {"text": "public", "response_type": "in_channel"}]
    office.app(lambda envelope: answers.pop(0) if envelope["type"] == "slash_commands" else None)
    command(office)
    assert not office.slack.channels[office.red].messages
    command(office)
    assert [m["text"] for m in office.slack.channels[office.red].messages.values()] == ["public"]


def test_a_silent_app_is_slacks_own_error(office: Office) -> None:
    seen = command(office)
    assert (seen.ok, seen.error) == (False, "dispatch_failed")
    office.slack.ack_seconds = 0.05
    office.app(lambda envelope: SILENCE)
    seen = command(office)
    assert (seen.ok, seen.text, seen.error) == (False, "/red-account did not respond", "operation_timeout")
    whispered = office.look("messages", **{"as": office.priya}, channel=office.red)["messages"]
    assert whispered[-1]["text"] == "/red-account did not respond"


def test_people_of_other_companies_have_no_commands(office: Office) -> None:
    app = office.app()
    seen = office.does(office.slack.command(office.ana, office.shared, "/red-account x"))
    assert (seen.error, app.received) == ("unknown_command", [])


def test_commands_need_a_line_to_type_into(office: Office) -> None:
    office.slack.manifest = Manifest.read()  # its Messages tab is read-only
    direct = office.api("chat.postMessage", channel=office.priya, text="x")["channel"]
    with pytest.raises(CannotDo, match="turned off"):
        office.does(office.slack.command(office.priya, direct, "/red-account"))
    lee = office.does(office.slack.hire(name="lee", real_name="Lee New", email="lee@office.example", tz="UTC"))
    with pytest.raises(CannotDo, match="Lee New is not in #lobby"):
        office.does(office.slack.command(lee.id, office.lobby, "/red-account"))


def test_an_invalid_answer_is_shown_as_an_error_and_the_reason_is_listed(office: Office) -> None:
    office.app(lambda envelope: {"blocks": [{"type": "nonsense"}]})
    assert command(office).error == "invalid_blocks"
    refused = next(call for call in office.sandbox.world.calls if call.name == "/red-account response")
    assert "unsupported type: nonsense" in refused.why


# trigger_id


def test_a_trigger_opens_one_view_within_three_seconds(office: Office) -> None:
    results: list[Any] = []

    def then(trigger: str) -> None:
        results.append(office.api("views.open", trigger_id=trigger, view=modal()))
        results.append(office.api("views.open", trigger_id=trigger, view=modal()))

    office.on_command(then)
    assert command(office).view["title"]["text"] == "Form"
    assert results[0]["ok"]
    assert results[1]["error"] == "exchanged_trigger_id"
    assert office.api("views.open", trigger_id="1.2.x", view=modal())["error"] == "invalid_trigger_id"


def test_a_trigger_expires_by_the_sandboxs_clock(office: Office) -> None:
    app = office.app()
    command(office)
    trigger = app.of("slash_commands")[0]["trigger_id"]
    office.sandbox.world.clock.offset_seconds += 4
    assert office.api("views.open", trigger_id=trigger, view=modal())["error"] == "expired_trigger_id"
    office.slack.trigger_seconds = 60
    assert office.api("views.open", trigger_id=trigger, view=modal())["ok"]


# response_url


def test_a_response_url_takes_five_answers_in_half_an_hour(office: Office) -> None:
    app = office.app()
    command(office)
    command(office)
    url, other = [payload["response_url"] for payload in app.of("slash_commands")]
    statuses = [requests.post(url, json={"text": "x"}, timeout=5).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [404]
    assert len(office.slack.channels[office.red].ephemerals[office.priya]) == 5
    office.sandbox.world.clock.offset_seconds += 1801
    assert requests.post(other, json={"text": "x"}, timeout=5).json()["error"] == "expired_url"


def test_a_response_url_replaces_or_deletes_the_pressed_message(office: Office) -> None:
    ts = office.post(blocks=[row(button("go"))])
    app = office.app()
    office.does(office.slack.click(office.priya, office.red, ts, "go"))
    url = app.of("interactive")[0]["response_url"]
    requests.post(url, json={"replace_original": True, "text": "new"}, timeout=5)
    message = office.slack.channels[office.red].messages[ts]
    assert message["text"] == "new"
    assert "blocks" not in message
    requests.post(url, json={"delete_original": True}, timeout=5)
    assert ts not in office.slack.channels[office.red].messages


# Buttons


def test_a_press_says_who_pressed_what_on_which_message(office: Office) -> None:
    ts = office.post(blocks=[row(button("go", "17"), block_id="card")])
    app = office.app()
    assert office.does(office.slack.click(office.priya, office.red, ts, "go")).ok
    (payload,) = app.of("interactive")
    action = payload["actions"][0]
    assert (payload["type"], payload["user"]["id"], payload["message"]["ts"]) == ("block_actions", office.priya, ts)
    assert (action["action_id"], action["block_id"], action["value"]) == ("go", "card", "17")
    assert payload["container"]["channel_id"] == office.red


def test_like_buttons_are_told_apart_by_value_or_block(office: Office) -> None:
    ts = office.post(blocks=[row(button("go", "1"), block_id="a"), row(button("go", "2"), block_id="b")])
    app = office.app()
    office.does(office.slack.click(office.priya, office.red, ts, "go", "2"))
    office.does(office.slack.click(office.priya, office.red, ts, "go", block_id="a"))
    assert [payload["actions"][0]["value"] for payload in app.of("interactive")] == ["2", "1"]


def test_a_menu_delivers_the_picked_option(office: Office) -> None:
    menu = {"type": "overflow", "action_id": "more", "options": [option("History", "h"), option("Export", "e")]}
    ts = office.post(blocks=[row(menu)])
    app = office.app()
    office.does(office.slack.click(office.priya, office.red, ts, "more", "Export"))
    assert app.of("interactive")[0]["actions"][0]["selected_option"]["value"] == "e"
    with pytest.raises(CannotDo, match="does not offer"):
        office.does(office.slack.click(office.priya, office.red, ts, "more", "nothing"))


def test_a_double_click_is_two_envelopes_with_two_triggers(office: Office) -> None:
    ts = office.post(blocks=[row(button("go"))])
    app = office.app()

    async def twice() -> None:
        await asyncio.gather(*[office.slack.click(office.priya, office.red, ts, "go") for _ in range(2)])

    office.does(twice())
    assert len({payload["trigger_id"] for payload in app.of("interactive")}) == 2


def test_a_press_on_an_ephemeral_message_carries_no_message(office: Office) -> None:
    answer = {"blocks": [row(button("go"))]}
    app = office.app(lambda envelope: answer if envelope["type"] == "slash_commands" else None)
    command(office)
    whispered = office.look("messages", **{"as": office.priya}, channel=office.red)["messages"][0]
    office.does(office.slack.click(office.priya, office.red, whispered["ts"], "go"))
    (payload,) = app.of("interactive")
    assert "message" not in payload
    assert payload["container"]["is_ephemeral"]


def test_a_failed_press_is_slacks_own_error(office: Office) -> None:
    ts = office.post(blocks=[row(button("go"))])
    seen = office.does(office.slack.click(office.priya, office.red, ts, "go"))
    assert (seen.ok, seen.text) == (False, "Something went wrong. Please try that again.")


def test_what_is_not_there_cannot_be_pressed(office: Office) -> None:
    ts = office.post()
    for action in (
        office.slack.click(office.priya, office.red, ts, "go"),
        office.slack.click(office.priya, office.red, "1.0", "go"),
        office.slack.click(office.tom, office.secret, ts, "go"),
    ):
        with pytest.raises(CannotDo):
            office.does(action)


# The control interface


def test_the_control_interface_shows_what_a_person_sees(office: Office) -> None:
    office.post("one")
    state = office.look("state", **{"as": office.priya})
    assert [c["name"] for c in state["channels"]] == ["red-accounts", "lobby", "secret", "ext-acme"]
    red = state["channels"][0]
    assert (red["kind"], red["bot_is_member"], red["unread"]) == ("channel", True, 1)
    assert state["commands"][0]["command"] == "/red-account"
    office.control("read", **{"as": office.priya}, channel=office.red)
    assert office.look("state", **{"as": office.priya})["channels"][0]["unread"] == 0
    names = [c["name"] for c in office.look("state", **{"as": office.ana})["channels"]]
    assert names == ["ext-acme"], "people of other companies and guests see only where they are members"


def test_the_control_interface_acts_and_refuses_in_sentences(office: Office) -> None:
    office.app(lambda envelope: {"text": "noted"})
    seen = office.control("command", **{"as": office.priya}, channel=office.red, text="/red-account")
    assert seen.json() == {"ok": True, "text": "noted", "errors": {}, "view": None, "error": ""}
    said = office.control("say", **{"as": office.priya}, channel=office.red, text="hello").json()
    thread = office.look("thread", **{"as": office.priya}, channel=office.red, ts=said["ts"])
    assert [m["text"] for m in thread["messages"]] == ["hello"]
    refused = office.control("click", **{"as": office.priya}, channel=office.red, ts="1.0", action_id="go")
    assert (refused.status_code, refused.json()) == (409, {"error": "There is no message 1.0 in red-accounts."})
    unknown = office.control("say", **{"as": office.priya}, chanel=office.red)
    assert (unknown.status_code, "unknown chanel" in unknown.json()["error"]) == (400, True)
    assert office.control("admin", do="archive", channel=office.red).json()["ok"]
    assert office.slack.channels[office.red].is_archived
    assert office.control("settings", rate_limits=False).json()["rate_limits"] is False
    office.control("settings", rate_limits=True)


# What administrators do to people


def test_a_change_of_the_time_zone_is_told_as_slack_tells_it(office: Office) -> None:
    app = office.app()
    assert office.control("admin", do="change_user", user=office.priya, tz="Asia/Tokyo").json()["ok"]
    office.does(office.slack.events.settled())
    [event] = app.events()
    assert (event["type"], event["user"]["id"], event["user"]["tz"]) == ("user_change", office.priya, "Asia/Tokyo")
    assert event["user"]["tz_offset"] == 9 * 3600
    answer = office.control("admin", do="change_user", user=office.priya, tz="Mars/Base")
    assert (answer.status_code, answer.json()["error"]) == (
        409,
        "There is no time zone 'Mars/Base'; they are called like Europe/London.",
    )


def test_an_account_is_deactivated_and_active_again(office: Office) -> None:
    app = office.app()
    assert office.control("admin", do="deactivate", user=office.tom).json()["ok"]
    with pytest.raises(CannotDo, match="deactivated"):
        office.does(office.slack.say(office.tom, office.red, "hello"))
    assert office.control("admin", do="reactivate", user=office.tom).json()["ok"]
    office.does(office.slack.say(office.tom, office.red, "hello"))
    office.does(office.slack.events.settled())
    changes = [event["user"] for event in app.events() if event["type"] == "user_change"]
    assert [change["deleted"] for change in changes] == [True, False]
    assert ["tz" in change for change in changes] == [False, True], "Slack tells less of who has left"
    answer = office.control("admin", do="deactivate", user="U0TOUCHPT")
    assert answer.json() == {"error": "Touchpoint is a bot."}


# What is picked in a message


def test_picks_stay_for_the_one_who_made_them_and_go_along_with_a_press(office: Office) -> None:
    menu = {"type": "static_select", "action_id": "mood", "options": [option("Good", "g"), option("Bad", "b")]}
    ts = office.post(blocks=[row(menu, {"type": "datepicker", "action_id": "day"}, button("go"), block_id="card")])
    app = office.app()
    office.does(office.slack.click(office.priya, office.red, ts, "mood", "b"))
    office.does(office.slack.click(office.priya, office.red, ts, "day", "2027-02-04"))
    office.does(office.slack.click(office.priya, office.red, ts, "go"))
    values = app.of("interactive")[-1]["state"]["values"]["card"]
    assert (values["mood"]["selected_option"]["value"], values["day"]["selected_date"]) == ("b", "2027-02-04")
    shown = {
        who: office.look("messages", **{"as": who}, channel=office.red)["messages"][0].get("values")
        for who in (office.priya, office.tom)
    }
    assert shown == {office.priya: {"card": values}, office.tom: None}
