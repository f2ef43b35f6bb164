"""The Web API refuses what Slack refuses, with its codes."""

from __future__ import annotations

import json

import pytest
import requests
from slack_sdk.errors import SlackApiError

from sandbox.slack.manifest import Manifest
from sandbox.slack.people import APP_TOKEN, BOT_TOKEN, BOT_USER
from tests.sandbox.slack_office import Office, button, row


def test_the_token_says_who_calls(office: Office) -> None:
    assert office.client().auth_test()["user_id"] == BOT_USER
    assert office.api("auth.test", token="")["error"] == "not_authed"
    assert office.api("auth.test", token="xoxb-other")["error"] == "invalid_auth"
    assert office.api("auth.test", token=APP_TOKEN)["error"] == "not_allowed_token_type"
    assert office.api("apps.connections.open")["error"] == "not_allowed_token_type"


def test_an_unknown_method_is_refused(office: Office) -> None:
    assert office.api("conversations.setTopic", channel=office.red)["error"] == "unknown_method"
    assert office.api("no.suchMethod") == {"ok": False, "error": "unknown_method", "req_method": "no.suchMethod"}


def test_form_bodies_carry_json_in_strings_and_the_token(office: Office) -> None:
    blocks = [{"type": "divider"}]
    form = {"token": BOT_TOKEN, "channel": office.red, "text": "x", "blocks": json.dumps(blocks)}
    answer = requests.post(f"{office.sandbox.url}/api/chat.postMessage", data=form, timeout=5).json()
    assert answer["ok"]
    assert answer["message"]["blocks"][0]["type"] == "divider"
    form["blocks"] = "[oops"
    answer = requests.post(f"{office.sandbox.url}/api/chat.postMessage", data=form, timeout=5).json()
    assert answer["error"] == "invalid_blocks_format"


def test_a_scope_that_the_manifest_lacks_is_named(office: Office) -> None:
    office.slack.manifest = Manifest.read()
    answer = office.api("reactions.add", channel=office.red, timestamp="1.0", name="eyes")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "reactions:write")
    assert "chat:write" in answer["provided"]


def test_people_are_listed_with_slackbot_guests_and_strangers(office: Office) -> None:
    members = {m["id"]: m for m in office.client().users_list()["members"]}
    assert members["USLACKBOT"]["is_bot"] is False
    assert members[BOT_USER]["is_bot"]
    assert members[office.gus]["is_restricted"]
    assert members[office.ana]["is_stranger"]
    assert members[office.ana]["team_id"] != members[office.priya]["team_id"]
    assert members[office.priya]["profile"]["email"] == "priya@office.example"
    assert members[office.tom]["tz"] == "America/New_York"


def test_lists_come_in_pages(office: Office) -> None:
    pages = [page["members"] for page in office.client().users_list(limit=2)]
    assert [len(page) for page in pages] == [2, 2, 2]
    assert office.api("users.list", cursor="bm9uc2Vuc2U=")["error"] == "invalid_cursor"
    channels = office.client().conversations_list(types="public_channel,private_channel", limit=2)
    assert [c["name"] for page in channels for c in page["channels"]] == ["red-accounts", "lobby", "ext-acme"]


def test_somebody_is_found_by_email_until_they_leave(office: Office) -> None:
    found = office.client().users_lookupByEmail(email="Tom@office.example")
    assert found["user"]["id"] == office.tom
    office.does(office.slack.deactivate(office.tom))
    assert office.api("users.lookupByEmail", email="tom@office.example")["error"] == "users_not_found"
    assert "tz" not in office.api("users.info", user=office.tom)["user"]


def test_where_the_app_is_not_it_cannot_write_or_read(office: Office) -> None:
    assert office.api("chat.postMessage", channel=office.lobby, text="x")["error"] == "not_in_channel"
    assert office.api("chat.postMessage", channel=office.secret, text="x")["error"] == "channel_not_found"
    assert office.api("chat.postMessage", channel="C404", text="x")["error"] == "channel_not_found"
    assert office.api("conversations.history", channel=office.lobby)["error"] == "not_in_channel"
    office.does(office.slack.archive(office.red))
    assert office.api("chat.postMessage", channel=office.red, text="x")["error"] == "is_archived"


def test_posting_to_a_person_opens_their_direct_message(office: Office) -> None:
    first = office.api("chat.postMessage", channel=office.priya, text="x")
    opened = office.api("conversations.open", users=office.priya)
    assert first["channel"].startswith("D")
    assert opened["channel"]["id"] == first["channel"]
    assert opened["already_open"]
    assert office.api("conversations.open", users=BOT_USER)["error"] == "cannot_dm_bot"
    assert office.api("chat.postMessage", channel="U404", text="x")["error"] == "user_not_found"


def test_a_deactivated_person_takes_posts_without_complaint(office: Office) -> None:
    office.post(channel=office.tom)
    office.does(office.slack.deactivate(office.tom))
    assert office.api("chat.postMessage", channel=office.tom, text="x")["ok"]


def test_metadata_is_returned_only_when_asked_for(office: Office) -> None:
    metadata = {"event_type": "post", "event_payload": {"opaque": "abc"}}
    ts = office.post(metadata=metadata)
    plain_history = office.client().conversations_history(channel=office.red)["messages"]
    assert "metadata" not in plain_history[0]
    asked = office.client().conversations_history(channel=office.red, include_all_metadata=True)["messages"]
    assert (asked[0]["ts"], asked[0]["metadata"]) == (ts, metadata)
    wrong = office.api("chat.postMessage", channel=office.red, text="x", metadata={"event_type": "post"})
    assert wrong["error"] == "invalid_metadata_format"


def test_a_thread_counts_its_replies(office: Office) -> None:
    top = office.post("top")
    office.post("first", thread_ts=top)
    last = office.post("second", thread_ts=top, reply_broadcast=True)
    messages = office.client().conversations_history(channel=office.red)["messages"]
    assert [m["text"] for m in messages] == ["second", "top"], "newest first, and the broadcast reply is there"
    assert (messages[1]["reply_count"], messages[1]["latest_reply"]) == (2, last)
    assert messages[0]["subtype"] == "thread_broadcast"
    replies = office.client().conversations_replies(channel=office.red, ts=top)["messages"]
    assert [m["text"] for m in replies] == ["top", "first", "second"]
    assert office.api("conversations.replies", channel=office.red, ts="1.0")["error"] == "thread_not_found"


def test_a_reply_to_a_deleted_message_silently_becomes_a_top_level_one(office: Office) -> None:
    top = office.post("top")
    office.does(office.slack.delete_bot_message(office.red, top))
    answer = office.api("chat.postMessage", channel=office.red, text="reply", thread_ts=top)
    assert answer["ok"]
    assert "thread_ts" not in answer["message"]


def test_a_deleted_message_with_replies_leaves_a_tombstone(office: Office) -> None:
    top = office.post("top")
    office.post("reply", thread_ts=top)
    office.does(office.slack.delete_bot_message(office.red, top))
    assert office.api("chat.update", channel=office.red, ts=top, text="x")["error"] == "message_not_found"
    left = office.client().conversations_history(channel=office.red)["messages"]
    assert [m["subtype"] for m in left] == ["tombstone"]


def test_history_reads_between_two_moments_and_in_pages(office: Office) -> None:
    ts = [office.post(str(number), channel=office.red) for number in range(5)]
    client = office.client()
    found = client.conversations_history(channel=office.red, oldest=ts[1], latest=ts[3])["messages"]
    assert [m["text"] for m in found] == ["2"]
    found = client.conversations_history(channel=office.red, oldest=ts[1], latest=ts[3], inclusive=True)["messages"]
    assert [m["text"] for m in found] == ["3", "2", "1"]
    pages = [page["messages"] for page in client.conversations_history(channel=office.red, limit=2)]
    assert [[m["text"] for m in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"]]
    assert office.api("conversations.history", channel=office.red, limit=1001)["error"] == "invalid_limit"


def test_only_own_messages_can_be_changed(office: Office) -> None:
    theirs = office.does(office.slack.say(office.priya, office.red, "mine"))
    assert office.api("chat.update", channel=office.red, ts=theirs, text="x")["error"] == "cant_update_message"
    assert office.api("chat.delete", channel=office.red, ts=theirs)["error"] == "cant_delete_message"
    assert office.api("chat.update", channel=office.red, ts="1.0", text="x")["error"] == "message_not_found"


def test_text_without_blocks_removes_the_blocks_and_marks_the_message_edited(office: Office) -> None:
    ts = office.post(blocks=[row(button("go"))])
    changed = office.api("chat.update", channel=office.red, ts=ts, blocks=[{"type": "divider"}])["message"]
    assert "edited" not in changed
    assert changed["text"] == "hello"
    changed = office.api("chat.update", channel=office.red, ts=ts, text="new")["message"]
    assert "blocks" not in changed
    assert changed["edited"]["user"] == BOT_USER


def test_long_texts_are_cut_when_posted_and_refused_when_changed(office: Office) -> None:
    answer = office.api("chat.postMessage", channel=office.red, text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000
    assert answer["warning"] == "message_truncated"
    answer = office.api("chat.update", channel=office.red, ts=answer["ts"], text="x" * 40_001)
    assert answer["error"] == "msg_too_long"
    assert office.api("chat.postMessage", channel=office.red, text="")["error"] == "no_text"


def test_an_ephemeral_message_is_seen_by_one_person_and_kept_by_no_history(office: Office) -> None:
    office.api("chat.postEphemeral", channel=office.red, user=office.priya, text="psst")
    assert office.client().conversations_history(channel=office.red)["messages"] == []
    seen = office.look("messages", **{"as": office.priya}, channel=office.red)["messages"]
    assert [(m["text"], m["ephemeral"]) for m in seen] == [("psst", True)]
    assert office.look("messages", **{"as": office.tom}, channel=office.red)["messages"] == []
    refused = office.api("chat.postEphemeral", channel=office.red, user=office.gus, text="psst")
    assert refused["error"] == "user_not_in_channel"


def test_a_permalink_names_channel_and_message(office: Office) -> None:
    ts = office.post()
    link = office.client().chat_getPermalink(channel=office.red, message_ts=ts)["permalink"]
    assert link == f"{office.sandbox.url}/archives/{office.red}/p{ts.replace('.', '')}"


def test_the_same_reaction_twice_is_refused(office: Office) -> None:
    ts = office.post()
    office.client().reactions_add(channel=office.red, timestamp=ts, name="eyes")
    with pytest.raises(SlackApiError, match="already_reacted"):
        office.client().reactions_add(channel=office.red, timestamp=ts, name="eyes")
    message = office.client().reactions_get(channel=office.red, timestamp=ts)["message"]
    assert message["reactions"] == [{"name": "eyes", "users": [BOT_USER], "count": 1}]


def test_a_channel_takes_a_burst_and_then_one_message_a_second(office: Office) -> None:
    clock = office.sandbox.world.clock
    url, headers = f"{office.sandbox.url}/api/chat.postMessage", {"Authorization": f"Bearer {BOT_TOKEN}"}

    def post(channel: str) -> requests.Response:
        return requests.post(url, json={"channel": channel, "text": "x"}, headers=headers, timeout=5)

    statuses = [post(office.red).status_code for _ in range(8)]
    assert 429 in statuses
    assert statuses[:5] == [200] * 5
    refused = post(office.red)
    assert refused.headers["Retry-After"] == "1"
    assert refused.json()["error"] == "ratelimited"
    assert post(office.shared).status_code == 200, "another channel has its own allowance"
    clock.offset_seconds += 1
    assert post(office.red).status_code == 200


def test_a_tier_is_measured_on_the_sandboxs_clock(office: Office) -> None:
    answers = [office.api("users.list", limit=1)["ok"] for _ in range(21)]
    assert answers == [True] * 20 + [False]
    office.sandbox.world.clock.offset_seconds += 60
    assert office.api("users.list", limit=1)["ok"]


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500), ("down", 503)])
def test_a_fault_answers_instead_and_does_nothing(office: Office, kind: str, status: int) -> None:
    office.sandbox.world.faults.switch_on("slack", kind, call="chat.*", times=1, seconds=7)
    url, headers = f"{office.sandbox.url}/api/chat.postMessage", {"Authorization": f"Bearer {BOT_TOKEN}"}
    answer = requests.post(url, json={"channel": office.red, "text": "x"}, headers=headers, timeout=5)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("7" if kind == "429" else None)
    assert not office.slack.channels[office.red].messages


def test_a_cut_connection_leaves_open_whether_it_was_done(office: Office) -> None:
    for kind in ("drop_before", "drop_after"):
        office.sandbox.world.faults.switch_on("slack", kind, call="chat.postMessage", times=1)
        with pytest.raises(requests.ConnectionError):
            office.post(kind)
    assert [m["text"] for m in office.slack.channels[office.red].messages.values()] == ["drop_after"]


def test_the_manifest_in_the_repository_is_the_one_that_is_read() -> None:
    assert "/red-account" in Manifest.read().commands
