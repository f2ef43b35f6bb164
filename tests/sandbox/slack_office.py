"""A small office for the Slack stand-in's tests: people, channels, a client, and an app that answers as told."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from typing import Any

import requests
import websocket
from slack_sdk import WebClient

from sandbox.server import Sandbox
from sandbox.slack.manifest import Manifest
from sandbox.slack.people import APP_TOKEN, BOT_TOKEN, BOT_USER
from sandbox.slack.state import Slack

SILENCE = object()  # an envelope that the app does not acknowledge
EVERYTHING = """
features:
  bot_user:
    display_name: Touchpoint
  app_home:
    home_tab_enabled: true
  shortcuts:
    - name: Make this an ask
      type: message
      callback_id: ask
      description: Turn a message into an ask
  slash_commands:
    - command: /red-account
      description: Mark an account red
      should_escape: true
oauth_config:
  scopes:
    bot: # all that the stand-in knows
      - channels:history
      - channels:read
      - chat:write
      - commands
      - files:write
      - groups:history
      - groups:read
      - im:history
      - im:read
      - im:write
      - reactions:read
      - reactions:write
      - usergroups:read
      - users:read
      - users:read.email
settings:
  event_subscriptions:
    bot_events:
      - app_home_opened
      - channel_archive
      - channel_unarchive
      - channel_left
      - member_joined_channel
      - message.channels
      - message.groups
      - message.im
      - reaction_added
      - reaction_removed
      - team_join
      - user_change
  interactivity:
    is_enabled: true
  socket_mode_enabled: true
"""


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def button(action_id: str, value: str = "1") -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain("Press")}


def row(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def field(block_id: str, **element: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "in"} | element
    return {"type": "input", "block_id": block_id, "label": plain("Label"), "element": element}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    blocks = blocks or (field("why"),)
    return {"type": "modal", "title": plain("Form"), "submit": plain("Send"), "blocks": list(blocks), **more}


class Office:
    """The running stand-in, emptied and filled again before each test."""

    def __init__(self) -> None:
        self.sandbox = Sandbox().start()
        self.slack: Slack = self.sandbox.world.slack
        self.apps: list[FakeApp] = []

    def fill(self) -> None:
        self.hang_up()
        slack, world = self.slack, self.sandbox.world
        slack.manifest = Manifest.read(EVERYTHING)
        self.sandbox.call(slack.reset)
        world.faults.switch_off()
        world.calls.clear()
        world.clock.offset_seconds = 0.0
        slack.ack_seconds, slack.trigger_seconds = 3.0, 3.0
        self.sandbox.call(self._people)

    def _people(self) -> None:
        add = self.slack.add_user
        self.priya = add(name="priya", real_name="Priya Nair", email="priya@office.example", tz="Europe/Berlin").id
        self.tom = add(name="tom", real_name="Tom Reed", email="tom@office.example", tz="America/New_York").id
        self.gus = add(name="gus", real_name="Gus Gast", email="gus@office.example", tz="UTC", kind="guest").id
        self.ana = add(name="ana", real_name="Ana Customer", email="ana@customer.example", tz="UTC", kind="external").id
        channel = self.slack.add_channel
        self.red = channel(name="red-accounts", members=[self.priya, self.tom, BOT_USER]).id
        self.lobby = channel(name="lobby", members=[self.priya, self.tom]).id
        self.secret = channel(name="secret", members=[self.priya], is_private=True).id
        self.shared = channel(name="ext-acme", members=[self.priya, self.ana, BOT_USER], is_ext_shared=True).id

    def hang_up(self) -> None:
        for app in self.apps:
            app.close()
        self.apps = []
        while self.slack.sockets.connections:
            self.wait()

    def wait(self) -> None:
        """Let the stand-in's loop turn."""
        self.sandbox.call(lambda: None)

    def client(self, token: str = BOT_TOKEN) -> WebClient:
        return WebClient(token=token, base_url=f"{self.sandbox.url}/api/")

    def api(self, method: str, token: str = BOT_TOKEN, **arguments: Any) -> dict[str, Any]:
        """One Web API call, the answer as it is."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.sandbox.url}/api/{method}"
        answer = requests.post(url, json=arguments, headers=headers, timeout=10)
        return dict(answer.json())

    def post(self, text: str = "hello", channel: str = "", **more: Any) -> str:
        return str(self.api("chat.postMessage", channel=channel or self.red, text=text, **more)["ts"])

    def control(self, path: str, **body: Any) -> requests.Response:
        return requests.post(f"{self.sandbox.url}/sandbox/slack/{path}", json=body, timeout=10)

    def look(self, path: str, **query: Any) -> dict[str, Any]:
        return dict(requests.get(f"{self.sandbox.url}/sandbox/slack/{path}", params=query, timeout=10).json())

    def does(self, coroutine: Any) -> Any:
        return self.sandbox.run(coroutine)

    def refusals(self) -> list[tuple[str, str]]:
        return [(call.name, call.error) for call in self.sandbox.world.calls if call.error]

    def app(self, answer: Callable[[dict[str, Any]], Any] = lambda envelope: None) -> FakeApp:
        """A connected app; `answer(envelope)` gives the acknowledgement's payload, None or SILENCE."""
        app = FakeApp(self, answer)
        self.apps.append(app)
        return app

    def on_command(self, then: Callable[[str], Any]) -> None:
        """An app that does `then(trigger_id)` on a command and acknowledges everything."""

        def answer(envelope: dict[str, Any]) -> None:
            if envelope["type"] == "slash_commands":
                then(envelope["payload"]["trigger_id"])

        self.app(answer)

    def opened(self, view: dict[str, Any], answer: Callable[[dict[str, Any]], Any] = lambda envelope: None) -> str:
        """Priya has this modal open; later envelopes get `answer`. Its id."""

        def both(envelope: dict[str, Any]) -> Any:
            if envelope["type"] == "slash_commands":
                opened = self.api("views.open", trigger_id=envelope["payload"]["trigger_id"], view=view)
                assert opened["ok"], opened
                return None
            return answer(envelope)

        self.app(both)
        seen = self.does(self.slack.command(self.priya, self.red, "/red-account"))
        assert seen.view is not None
        return str(seen.view["id"])


class FakeApp:
    """Socket Mode by hand, on one websocket, with no SDK in between."""

    def __init__(self, office: Office, answer: Callable[[dict[str, Any]], Any]) -> None:
        url = office.api("apps.connections.open", token=APP_TOKEN)["url"]
        self.socket = websocket.create_connection(url, timeout=10)
        self.hello = json.loads(self.socket.recv())
        self.answer, self.received, self.close_code = answer, [], 0  # type: ignore[var-annotated]
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                opcode, data = self.socket.recv_data()
            except (OSError, websocket.WebSocketException):
                return
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                self.close_code = int.from_bytes(data[:2], "big")
                return
            envelope = json.loads(data)
            self.received.append(envelope)
            if "envelope_id" not in envelope:
                continue
            payload = self.answer(envelope)
            if payload is not SILENCE:
                ack = {"envelope_id": envelope["envelope_id"]} | ({} if payload is None else {"payload": payload})
                with contextlib.suppress(OSError, websocket.WebSocketException):  # closed meanwhile
                    self.socket.send(json.dumps(ack))

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The payloads received of one envelope type."""
        return [envelope["payload"] for envelope in self.received if envelope.get("type") == kind]

    def events(self) -> list[dict[str, Any]]:
        return [payload["event"] for payload in self.of("events_api")]

    def close(self) -> None:
        if self._thread.is_alive():
            with contextlib.suppress(OSError, websocket.WebSocketException):
                self.socket.send_close()
        self._thread.join(5)
        self.socket.shutdown()  # type: ignore[no-untyped-call]
