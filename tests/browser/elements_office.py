"""A small app that is not Touchpoint, with one of every element of Block Kit: in a message and in a form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from sandbox.server import Sandbox
from tests.sandbox.slack_office import plain

Block = dict[str, Any]
NOON = int(datetime(2027, 2, 4, 17, 0, tzinfo=UTC).timestamp())  # 12:00 in New York
DAY, TIME = {"type": "datepicker", "initial_date": "2027-02-04"}, {"type": "timepicker", "initial_time": "09:30"}


def option(text: str, **more: Any) -> Block:
    return {"text": plain(text), "value": text.lower(), **more}


CHOICES = [option("Green"), option("Yellow"), option("Red", description=plain("needs a plan"))]
CONFIRM = {"title": plain("Sure?"), "text": plain("It tells the team."), "confirm": plain("Yes"), "deny": plain("No")}
#: Every element that a section can have beside its text.
ACCESSORIES: dict[str, Block] = {
    "button": {"type": "button", "text": plain("Done"), "value": "7", "style": "primary"},
    "link": {"type": "button", "text": plain("Open the sheet"), "url": "https://sheets.example/spreadsheets/d/x/edit"},
    "overflow": {"type": "overflow", "options": [option("Other date"), option("Hand over")]},
    "health": {"type": "static_select", "placeholder": plain("Health"), "options": CHOICES},
    "owner": {"type": "users_select", "placeholder": plain("Owner")},
    "day": DAY | {"placeholder": plain("Day")},
    "time": TIME | {"timezone": "Europe/London"},
    "mood": {"type": "radio_buttons", "options": CHOICES, "initial_option": CHOICES[0]},
    "ticks": {"type": "checkboxes", "options": CHOICES[:2]},
}


def card() -> list[Block]:
    rows = [
        {"type": "section", "block_id": name, "text": {"type": "mrkdwn", "text": f"*{name}* of an item that is due"}}
        | {"accessory": element | {"action_id": name}}
        for name, element in ACCESSORIES.items()
    ]
    in_a_row = [
        {"type": "datetimepicker", "action_id": "moment", "initial_date_time": NOON},
        ACCESSORIES["health"] | {"action_id": "asked", "confirm": CONFIRM},
        ACCESSORIES["button"] | {"action_id": "go"},
    ]
    return [*rows, {"type": "actions", "block_id": "row", "elements": in_a_row}]


def asked(name: str, label: str, element: Block, **more: Any) -> Block:
    return {"type": "input", "block_id": name, "label": plain(label), "element": element | {"action_id": name}, **more}


FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Ask for help"),
    "submit": plain("Send"),
    "blocks": [
        asked(
            "what", "What", {"type": "plain_text_input"}, hint=plain("One sentence is enough."), dispatch_action=True
        ),
        asked("day", "By day", DAY, hint=plain("A working day")),
        asked("time", "By time", TIME),
        asked("moment", "Remind me", {"type": "datetimepicker"}, optional=True),
        asked("owner", "From whom", ACCESSORIES["owner"]),
        asked("health", "Health", ACCESSORIES["health"], dispatch_action=True),
        asked("mood", "Mood", ACCESSORIES["mood"]),
        asked("ticks", "Tell", ACCESSORIES["ticks"], optional=True),
    ],
}


@dataclass
class Office:
    sandbox: Sandbox
    bot: WebClient
    told: list[dict[str, Any]] = field(default_factory=list)
    submitted: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.sandbox.url

    def actions(self) -> list[tuple[str, Any]]:
        """What the app was told: which element, and the value in it."""
        known = {"type", "action_id", "block_id", "action_ts", "text", "style", "url", "placeholder", "confirm"}
        found = [body["actions"][0] for body in self.told]
        return [(one["action_id"], next((one[key] for key in one if key not in known), None)) for one in found]


def small_app(office: Office) -> App:
    app = App(client=office.bot, token_verification_enabled=False, signing_secret="none")

    @app.command("/red-account")
    def open_form(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=FORM)
        ack()

    @app.action(re.compile(".*"))
    def note(ack: Any, body: dict[str, Any]) -> None:
        office.told.append(body)
        ack()

    @app.view("form")
    def submit(ack: Any, view: dict[str, Any]) -> None:
        office.submitted.append(view["state"]["values"])
        late = view["state"]["values"]["day"]["day"]["selected_date"] < "2027-02-01"
        ack(response_action="errors", errors={"day": "That day is over."}) if late else ack()

    return app


def sent(given: Block) -> Block:
    """An option as the app gets it back: its texts have their defaults filled in."""
    return {key: value | {"emoji": True} if isinstance(value, dict) else value for key, value in given.items()}
