"""Socket Mode on the wire, without an SDK in between: envelopes, acknowledgements, retries, limits."""

from __future__ import annotations

import json

import pytest
import requests
import websocket

from sandbox.slack.people import APP_TOKEN, BOT_USER
from tests.sandbox.slack_office import SILENCE, FakeApp, Office


def test_a_connection_begins_with_hello(office: Office) -> None:
    app = office.app()
    assert (app.hello["type"], app.hello["num_connections"]) == ("hello", 1)


def test_a_ticket_is_good_once(office: Office) -> None:
    url = office.api("apps.connections.open", token=APP_TOKEN)["url"]
    websocket.create_connection(url).close()
    with pytest.raises(websocket.WebSocketBadStatusException):
        websocket.create_connection(url)


def test_each_envelope_goes_to_one_of_the_connections(office: Office) -> None:
    apps = [office.app(), office.app()]
    for _ in range(4):
        office.does(office.slack.command(office.priya, office.red, "/red-account"))
    assert [len(app.of("slash_commands")) for app in apps] == [2, 2]


def test_an_acknowledgement_over_20480_bytes_closes_the_connection(office: Office) -> None:
    app = office.app(lambda envelope: {"text": "x" * 20_480})
    seen = office.does(office.slack.command(office.priya, office.red, "/red-account"))
    assert not seen.ok
    app._thread.join(5)
    assert app.close_code == 1009
    assert ("socket ack", "frame_too_long") in office.refusals()


def test_an_empty_payload_is_an_empty_acknowledgement(office: Office) -> None:
    office.app(lambda envelope: {})
    seen = office.does(office.slack.command(office.priya, office.red, "/red-account"))
    assert seen.ok
    assert seen.text == ""


def test_an_unacknowledged_event_comes_again_and_says_so(office: Office) -> None:
    office.slack.ack_seconds = 0.05
    app = office.app(lambda envelope: SILENCE if envelope["retry_attempt"] < 2 else None)
    office.does(office.slack.say(office.priya, office.red, "hello"))
    office.does(office.slack.events.settled())
    assert [e["retry_attempt"] for e in app.received] == [0, 1], "at once, and then after a minute"
    office.sandbox.world.clock.offset_seconds += 61
    while office.slack.events.pending:
        office.wait()
    assert [(e["retry_attempt"], e["retry_reason"]) for e in app.received] == [(0, ""), (1, "timeout"), (2, "timeout")]
    assert len({e["payload"]["event_id"] for e in app.received}) == 1
    assert len({e["envelope_id"] for e in app.received}) == 3


def test_an_event_nobody_ever_acknowledges_is_lost_after_three_retries(office: Office) -> None:
    office.slack.events.retry_seconds = (0.0, 0.0, 0.0)
    office.does(office.slack.say(office.priya, office.red, "hello"))
    office.does(office.slack.events.settled())
    assert ("socket event message", "event_lost") in office.refusals()
    assert office.refusals().count(("socket event message", "dispatch_failed")) == 4


def test_an_event_waits_for_an_app_that_comes_back(office: Office) -> None:
    office.does(office.slack.say(office.priya, office.red, "hello"))
    office.does(office.slack.events.settled())
    app = office.app()
    office.sandbox.world.clock.offset_seconds += 61
    while office.slack.events.pending:
        office.wait()
    assert [event["text"] for event in app.events()] == ["hello"]


def test_a_dropped_acknowledgement_makes_the_event_come_twice(office: Office) -> None:
    app = office.app()
    office.sandbox.world.faults.switch_on("slack", "drop_ack", call="socket event *", times=1)
    office.does(office.slack.say(office.priya, office.red, "hello"))
    office.does(office.slack.events.settled())
    assert [event["text"] for event in app.events()] == ["hello", "hello"]


def test_only_what_the_manifest_subscribes_to_is_told_and_only_where_the_bot_is(office: Office) -> None:
    app = office.app()
    slack = office.slack
    office.does(slack.say(office.priya, office.lobby, "unheard"))
    office.does(slack.say(office.priya, office.secret, "unheard"))
    office.does(slack.invite_bot(office.secret))
    office.does(slack.say(office.priya, office.secret, "heard"))
    office.does(slack.events.settled())
    kinds = [(event["type"], event.get("text")) for event in app.events()]
    assert kinds == [("member_joined_channel", None), ("message", "heard")]
    assert app.events()[0]["user"] == BOT_USER
    assert app.events()[1]["channel_type"] == "group"


def test_changes_and_deletions_of_messages_are_told_with_what_was_there(office: Office) -> None:
    app, slack = office.app(), office.slack
    ts = office.does(slack.say(office.priya, office.red, "frist"))
    office.does(slack.edit(office.priya, office.red, ts, "first"))
    office.does(slack.delete(office.priya, office.red, ts))
    office.does(slack.events.settled())
    _, changed, deleted = sorted(app.events(), key=lambda event: float(event["ts"]))
    assert (changed["subtype"], changed["message"]["text"], changed["previous_message"]["text"]) == (
        "message_changed",
        "first",
        "frist",
    )
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)


def test_deleting_a_message_with_replies_is_told_as_a_change_into_a_tombstone(office: Office) -> None:
    top = office.post()
    office.post("reply", thread_ts=top)
    app = office.app()
    office.does(office.slack.delete_bot_message(office.red, top))
    office.does(office.slack.events.settled())
    (event,) = app.events()
    assert (event["subtype"], event["message"]["subtype"]) == ("message_changed", "tombstone")


def test_what_administrators_do_is_told(office: Office) -> None:
    app, slack = office.app(), office.slack
    office.does(slack.archive(office.red))
    office.does(slack.unarchive(office.red))
    office.does(slack.change_user(office.priya, tz="Asia/Tokyo"))
    office.does(slack.deactivate(office.tom))
    hired = office.does(slack.hire(name="lee", real_name="Lee New", email="lee@office.example", tz="UTC"))
    office.does(slack.kick_bot(office.red))
    office.does(slack.events.settled())
    events = sorted(app.events(), key=lambda event: float(event["event_ts"]))
    kinds = ["channel_archive", "channel_unarchive", "user_change", "user_change", "team_join", "channel_left"]
    assert [event["type"] for event in events] == kinds
    assert events[2]["user"]["tz"] == "Asia/Tokyo"
    assert events[3]["user"]["deleted"]
    assert events[4]["user"]["id"] == hired.id


def test_reactions_are_told_with_whose_message_it_was(office: Office) -> None:
    app, ts = office.app(), office.post()
    office.does(office.slack.react(office.priya, office.red, ts, "eyes"))
    office.does(office.slack.unreact(office.priya, office.red, ts, "eyes"))
    office.does(office.slack.events.settled())
    told = [(e["type"], e["item_user"], e["item"]["ts"]) for e in app.events() if e["type"] != "message"]
    assert told == [("reaction_added", BOT_USER, ts), ("reaction_removed", BOT_USER, ts)]


def test_typed_text_arrives_escaped_except_for_real_mentions(office: Office) -> None:
    app = office.app()
    office.does(
        office.slack.say(office.priya, office.red, f"<!channel> a & b <@{office.tom}> <@U404> https://x.example")
    )
    office.does(office.slack.events.settled())
    expected = f"&lt;!channel&gt; a &amp; b <@{office.tom}> &lt;@U404&gt; <https://x.example>"
    assert app.events()[0]["text"] == expected


def test_a_warned_connection_gets_nothing_more_while_there_is_another(office: Office) -> None:
    old = office.app()
    office.does(office.slack.sockets.disconnect("warning"))
    new = office.app()
    for _ in range(3):
        office.does(office.slack.command(office.priya, office.red, "/red-account"))
    assert old.received[0]["reason"] == "warning"
    assert (len(old.of("slash_commands")), len(new.of("slash_commands"))) == (0, 3)


def test_a_refresh_closes_the_connections(office: Office) -> None:
    app = office.app()
    requests.post(f"{office.sandbox.url}/sandbox/slack/sockets", json={"do": "refresh_requested"}, timeout=5)
    app._thread.join(5)
    assert app.received[0] == {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "sandbox"}}
    assert not app._thread.is_alive()
    assert not office.slack.sockets.connections


def test_a_late_acknowledgement_counts_for_nothing(office: Office) -> None:
    office.slack.ack_seconds = 0.05
    app = office.app(lambda envelope: SILENCE)
    seen = office.does(office.slack.command(office.priya, office.red, "/red-account"))
    assert seen.error == "operation_timeout"
    app.socket.send(json.dumps({"envelope_id": app.received[0]["envelope_id"]}))
    while ("socket ack", "late_ack") not in office.refusals():
        office.wait()


def test_an_eleventh_connection_is_turned_away(office: Office) -> None:
    for _ in range(10):
        office.app()
    eleventh = FakeApp(office, lambda envelope: None)
    assert eleventh.hello["reason"] == "too_many_websockets"
