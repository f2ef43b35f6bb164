"""What starts the app: commands, shortcuts, buttons and menus."""

from __future__ import annotations

from typing import Any

from sandbox.slack import inputs
from sandbox.slack.blocks import BUTTONS, VALUE_KEYS, Block, Element, all_elements, options, state_of
from sandbox.slack.channels import Channel, Message
from sandbox.slack.messaging import Messaging
from sandbox.slack.people import APP, DOMAIN, TEAM
from sandbox.slack.refusals import CannotDo, Refused
from sandbox.slack.seen import TROUBLE, WENT_WRONG, Seen
from sandbox.slack.socket import Delivery
from sandbox.slack.validator import check_message
from sandbox.slack.views import Views


class Pressing(Views, Messaging):
    # Commands and shortcuts

    async def command(self, user: str, channel: str, text: str) -> Seen:
        """Send `/command and what follows`; https://docs.slack.dev/interactivity/implementing-slash-commands"""
        person = self.person(user)
        place = self.where_to_type(person, channel)
        word, _, rest = text.strip().partition(" ")
        known = self.manifest.commands.get(word)
        if known is None or person.kind == "external":
            return Seen(False, f"{word} is not a valid command.", error="unknown_command")
        before = self._whispers(user)
        rest = rest.strip()
        payload = {
            "token": "sandbox",
            "team_id": TEAM,
            "team_domain": DOMAIN,
            "channel_id": channel,
            "channel_name": {"im": "directmessage", "private": "privategroup"}.get(place.kind, place.name),
            "user_id": user,
            "user_name": person.name,
            "command": word,
            "text": self.as_typed(rest) if known.get("should_escape") else rest,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self.response_url(user, place),
            "trigger_id": self.triggers.issue(user, self.world.clock.seconds()),
        }
        delivery = await self.sockets.deliver("slash_commands", payload, name=word, respond=True)
        if not delivery.acked:
            error = "operation_timeout" if delivery.outcome == "timeout" else "dispatch_failed"
            late = error == "operation_timeout"
            sentence = f"{word} did not respond" if late else f"{word} failed because the app is not connected"
            return self._slackbot_says(user, place, sentence, error)
        try:
            self.answer(user, place, delivery.payload)
        except Refused as refusal:
            self.world.called("slack", f"{word} response", 0, refusal.code, refusal.why)
            return self._slackbot_says(user, place, f'{word} failed with the error "invalid_response"', refusal.code)
        return self._seen(user, before)

    def answer(self, user: str, channel: Channel, answer: dict[str, Any]) -> None:
        """Show what a command's acknowledgement or a response_url carries."""
        if not answer.get("text") and not answer.get("blocks"):
            if answer:
                raise Refused("no_text", "The answer has neither text nor blocks.")
            return
        content = check_message(answer)
        message = self.bot_message(content.get("text", ""), blocks=content.get("blocks", []))
        if answer.get("response_type") == "in_channel":
            self.post(channel, message, thread_ts=answer.get("thread_ts", ""))
        else:
            if answer.get("thread_ts"):
                message["thread_ts"] = answer["thread_ts"]
            self.whisper(channel, user, message)

    def _slackbot_says(self, user: str, channel: Channel, sentence: str, error: str) -> Seen:
        self.whisper(channel, user, {"type": "message", "user": "USLACKBOT", "team": TEAM, "text": sentence})
        return Seen(False, sentence, view=self.top_json(user), error=error)

    async def shortcut(self, user: str, callback_id: str, channel: str | None = None, ts: str | None = None) -> Seen:
        """Use a global shortcut, or with channel and ts a message shortcut."""
        person = self.person(user)
        known = self.manifest.shortcuts.get(callback_id)
        if known is None:
            raise CannotDo(f"The app has no shortcut {callback_id!r}.")
        before = self._whispers(user)
        payload = self.who(person) | {"callback_id": callback_id, "action_ts": self.world.clock.next_ts()}
        payload["trigger_id"] = self.triggers.issue(user, self.world.clock.seconds())
        if known.get("type") == "message":
            place = self.place(channel or "", person)
            message = self._message(place, user, ts or "")
            payload |= {"type": "message_action", "message_ts": ts, "message": message}
            payload |= {"channel": {"id": place.id, "name": place.name}}
            payload["response_url"] = self.response_url(user, place, message)
        else:
            payload["type"] = "shortcut"
        delivery = await self.sockets.deliver("interactive", payload, name=str(payload["type"]))
        return self._after(user, before, delivery, WENT_WRONG)

    # Buttons and menus

    async def click(
        self, user: str, channel: str, ts: str, action_id: str, value: str | None = None, *, block_id: str = ""
    ) -> Seen:
        """Press a button, or pick `value` from a menu; `block_id` or a button's value tells like ones apart."""
        person = self.person(user)
        place = self.place(channel, person)
        message = self._message(place, user, ts)
        block, element = self._find(message.get("blocks", []), action_id, value, block_id)
        ephemeral = bool(message.get("is_ephemeral"))
        container = {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": ephemeral}
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        picked = self._picked(element, value, self.suggestions.get((user, ts, action_id), []))
        state = state_of(message["blocks"], self.picks.get((user, ts)))
        if element["type"] not in BUTTONS:
            state[block["block_id"]][action_id] = {"type": element["type"], **picked}
            self.picks[user, ts] = state
            self.changed()
        payload = self.who(person) | {
            "type": "block_actions",
            "container": container,
            "trigger_id": self.triggers.issue(user, self.world.clock.seconds()),
            "channel": {"id": channel, "name": "directmessage" if place.is_im else place.name},
            "state": {"values": state},
            "response_url": self.response_url(user, place, message),
            "actions": [self._action(block, element, picked)],
        }
        if not ephemeral:  # Slack keeps no ephemeral message, so it has none to send along
            payload["message"] = place.with_thread(message)
        before = self._whispers(user)
        delivery = await self.sockets.deliver("interactive", payload, name="block_actions")
        return self._after(user, before, delivery, WENT_WRONG)

    async def click_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        value: Any = None,
        *,
        values: dict[str, Any] | None = None,
        block_id: str = "",
    ) -> Seen:
        """Press a button or pick in a modal or Home. `values` is what has been typed so far."""
        person, view = self.person(user), self.view_of(user, view_id)
        await self.fill_in(user, view, values or {})
        block, element = self._find(view.body["blocks"], action_id, value, block_id)
        offered = await self._offered(user, view, block, element, value)
        picked = self._picked(element, value, offered)
        if element["type"] not in BUTTONS:
            view.values[block["block_id"]][action_id] = {"type": element["type"], **picked}
            if block["type"] == "input" and not block.get("dispatch_action"):
                return Seen(view=view.as_json())  # typing into an input tells the app nothing
        payload = self.who(person) | {
            "type": "block_actions",
            "container": {"type": "view", "view_id": view_id},
            "trigger_id": self.triggers.issue(user, self.world.clock.seconds(), view_id),
            "view": view.as_json(),
            "actions": [self._action(block, element, picked)],
        }
        before = self._whispers(user)
        delivery = await self.sockets.deliver("interactive", payload, name="block_actions")
        return self._after(user, before, delivery, TROUBLE)

    def _message(self, place: Channel, user: str, ts: str) -> Message:
        whispered = (m for m in place.ephemerals.get(user, []) if m["ts"] == ts)
        message = place.messages.get(ts) or next(whispered, None)
        if message is None:
            raise CannotDo(f"There is no message {ts} in {place.name}.")
        return message

    def _find(self, blocks: list[Block], action_id: str, value: Any, block_id: str) -> tuple[Block, Element]:
        found = [
            (block, element)
            for block, element in all_elements(blocks)
            if element["action_id"] == action_id and block_id in ("", block["block_id"])
        ]
        if not found:
            raise CannotDo(f"There is nothing to press called {action_id!r}.")
        exact = [pair for pair in found if pair[1]["type"] == "button" and pair[1].get("value") == value]
        if value is not None and not exact and all(pair[1]["type"] == "button" for pair in found):
            raise CannotDo(f"No button {action_id!r} here has the value {value!r}.")
        return (exact or found)[0]

    def _picked(self, element: Element, value: Any, offered: list[dict[str, Any]]) -> dict[str, Any]:
        """The part of the action that says what was chosen."""
        if element["type"] == "button":
            return {"value": element["value"]} if "value" in element else {}
        if element["type"] == "overflow":
            option = inputs.find_option(options(element), str(value))
            if option is None:
                raise CannotDo(f"The menu does not offer {value!r}.")
            return {"selected_option": option}
        key = VALUE_KEYS[element["type"]][0]
        return {key: inputs.filled(element, value, offered)[key]}

    def _action(self, block: Block, element: Element, picked: dict[str, Any]) -> dict[str, Any]:
        action = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
        action |= {key: element[key] for key in ("text", "style", "url", "placeholder", "confirm") if key in element}
        return action | picked | {"action_ts": self.world.clock.next_ts()}

    # What is seen afterwards

    def _whispers(self, user: str) -> int:
        return sum(len(channel.ephemerals.get(user, [])) for channel in self.channels.values())

    def _after(self, user: str, before: int, delivery: Delivery, sentence: str) -> Seen:
        if not delivery.acked:
            error = "operation_timeout" if delivery.outcome == "timeout" else "dispatch_failed"
            return Seen(False, sentence, view=self.top_json(user), error=error)
        return self._seen(user, before)

    def _seen(self, user: str, before: int) -> Seen:
        """The newest ephemeral message, if one came, and the view on top."""
        text = ""
        if self._whispers(user) > before:
            whispers = [m for channel in self.channels.values() for m in channel.ephemerals.get(user, [])]
            text = max(whispers, key=lambda m: float(m["ts"]))["text"]
        return Seen(text=text, view=self.top_json(user))
