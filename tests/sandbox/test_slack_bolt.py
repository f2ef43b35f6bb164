"""Bolt for Python, unchanged, against the stand-in: the way the bot itself is run."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack.people import APP_TOKEN
from tests.sandbox.slack_office import Office, button, field, modal, plain, row

THREADS = 32


@pytest.fixture
def connect(office: Office) -> Iterator[Callable[[App], SocketModeHandler]]:
    handlers = []

    def start(app: App) -> SocketModeHandler:
        handler = SocketModeHandler(app, APP_TOKEN, concurrency=THREADS)
        before = len(office.slack.sockets.connections)
        handler.connect()  # type: ignore[no-untyped-call]
        while len(office.slack.sockets.connections) == before:
            office.wait()
        handlers.append(handler)
        return handler

    yield start
    for handler in handlers:
        # websocket-client may see that it is closed only at its next ping, ten seconds later: nobody waits.
        handler.client.auto_reconnect_enabled = False
        office.sandbox.call(office.slack.sockets.cut)
        threading.Thread(target=handler.close, daemon=True).start()


def bolt(office: Office) -> App:
    return App(client=office.client(), process_before_response=True)


def test_a_command_opens_a_form_whose_answer_becomes_a_card_that_changes(
    office: Office, connect: Callable[[App], Any]
) -> None:
    app = bolt(office)

    @app.command("/red-account")
    def declare(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal(field("why"), callback_id="red"))
        ack()

    @app.view("red")
    def submit(ack: Ack, view: dict[str, Any], client: WebClient) -> None:
        why = view["state"]["values"]["why"]["in"]["value"]
        if why == "bad":
            ack(response_action="errors", errors={"why": "Say more."})
            return
        client.chat_postMessage(channel=office.red, text=why, blocks=[row(button("done"))])
        ack()

    @app.action("done")
    def done(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="done")
        client.chat_postEphemeral(channel=body["channel"]["id"], user=body["user"]["id"], text="thanks")
        ack()

    connect(app)
    slack = office.slack
    seen = office.does(slack.command(office.priya, office.red, "/red-account acme"))
    view_id = seen.view["id"]
    assert office.does(slack.submit(office.priya, view_id, {"why": "bad"})).errors == {"why": "Say more."}
    assert office.does(slack.submit(office.priya, view_id, {"why": "sponsor left"})).view is None
    (message,) = slack.channels[office.red].messages.values()
    assert message["text"] == "sponsor left"
    assert office.does(slack.click(office.priya, office.red, message["ts"], "done")).text == "thanks"
    assert message["text"] == "done"


def test_a_typeahead_answers_from_bolt(office: Office, connect: Callable[[App], Any]) -> None:
    app = bolt(office)
    pick = field("account", type="external_select", action_id="pick", min_query_length=1)

    @app.command("/red-account")
    def declare(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal(pick, callback_id="red"))
        ack()

    @app.options("pick")
    def offer(ack: Ack, payload: dict[str, Any]) -> None:
        ack(options=[{"text": plain(f"{payload['value']}me"), "value": "001"}])

    connect(app)
    seen = office.does(office.slack.command(office.priya, office.red, "/red-account"))
    offered = office.does(office.slack.suggest(office.priya, seen.view["id"], "pick", "Ac"))
    assert [option["text"]["text"] for option in offered] == ["Acme"]


def test_a_listener_that_raises_is_not_acknowledged(office: Office, connect: Callable[[App], Any]) -> None:
    app = bolt(office)
    app.logger.disabled = True

    @app.command("/red-account")
    def declare(ack: Ack) -> None:
        raise RuntimeError("broken")

    connect(app)
    office.slack.ack_seconds = 0.2
    seen = office.does(office.slack.command(office.priya, office.red, "/red-account"))
    assert seen.error == "operation_timeout"


def test_an_event_reaches_its_listener_once(office: Office, connect: Callable[[App], Any]) -> None:
    app = bolt(office)
    heard: list[str] = []

    @app.event("message")
    def message(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    connect(app)
    office.does(office.slack.say(office.priya, office.red, "hello"))
    office.post("the app's own message is ignored by Bolt and acknowledged")
    office.does(office.slack.events.settled())
    assert heard == ["hello"]


def test_thirty_two_listeners_run_at_the_same_time(office: Office, connect: Callable[[App], Any]) -> None:
    app = bolt(office)
    together = threading.Barrier(THREADS, timeout=10)

    @app.action("go")
    def go(ack: Ack) -> None:
        together.wait()
        ack()

    ts = office.post(blocks=[row(button("go"))])
    connect(app)

    async def all_press() -> list[Any]:
        presses = [office.slack.click(office.priya, office.red, ts, "go") for _ in range(THREADS)]
        return list(await asyncio.gather(*presses))

    assert all(seen.ok for seen in office.does(all_press()))


def test_bolt_comes_back_after_a_cut_and_after_a_refresh(office: Office, connect: Callable[[App], Any]) -> None:
    app = bolt(office)

    @app.command("/red-account")
    def declare(ack: Ack) -> None:
        ack("here")

    connect(app)

    async def refresh() -> None:
        await office.slack.sockets.disconnect("refresh_requested")

    for trouble in (office.slack.sockets.cut, None):
        old = list(office.slack.sockets.connections)
        if trouble:
            office.sandbox.call(trouble)
        else:
            office.does(refresh())
        while not office.slack.sockets.connections or set(map(id, office.slack.sockets.connections)) & set(
            map(id, old)
        ):
            office.wait()
        assert office.does(office.slack.command(office.priya, office.red, "/red-account")).text == "here"


def test_the_sdk_shows_the_stand_ins_refusals_as_its_own_errors(office: Office) -> None:
    with pytest.raises(SlackApiError) as refused:
        office.client().chat_postMessage(channel=office.red, blocks=[{"type": "nonsense"}], text="x")
    assert refused.value.response["error"] == "invalid_blocks"
    assert "unsupported type: nonsense" in refused.value.response["response_metadata"]["messages"][0]
    with pytest.raises(SlackApiError) as refused:
        office.client().blocks_validate(view={"type": "modal", "title": plain("x" * 25), "blocks": []})
    assert refused.value.response["error"] == "invalid_view"
    assert refused.value.response["errors"][0]["pointer"] == "/title/text"
    assert office.client().blocks_validate(blocks=[{"type": "divider"}])["ok"]
