"""Modals from the person's side: fill in, submit, close, pick, type ahead."""

from __future__ import annotations

from typing import Any

from sandbox.slack import inputs
from sandbox.slack.blocks import BUTTONS, Block, Element, all_elements, elements, options
from sandbox.slack.inputs import Plain
from sandbox.slack.people import APP, DOMAIN, User
from sandbox.slack.refusals import CannotDo, Refused
from sandbox.slack.seen import TROUBLE, Seen
from sandbox.slack.socket import Delivery
from sandbox.slack.surfaces import View
from sandbox.slack.validator import check_options, check_view
from sandbox.slack.workspace import Workspace


def _asks_the_app(element: Element) -> bool:
    return str(element["type"]).endswith("external_select")


class Views(Workspace):
    def new_hash(self) -> str:
        return f"{self.world.clock.next_ts()[:-6]}{next(self._ids):06x}"

    def who(self, person: User) -> dict[str, Any]:
        """The parts that every payload has: whose, which team, which app."""
        return {
            "user": {
                "id": person.id,
                "username": person.name,
                "name": person.name,
                "team_id": person.team_id,
            },
            "api_app_id": APP,
            "token": "sandbox",
            "team": {"id": person.team_id, "domain": DOMAIN},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def view_of(self, user: str, view_id: str) -> View:
        home = self.surfaces.homes.get(user)
        for view in [*self.surfaces.stack(user), *([home] if home else [])]:
            if view.id == view_id:
                return view
        raise CannotDo(f"{self.person(user).real_name} has no view {view_id} open.")

    def top_json(self, user: str) -> dict[str, Any] | None:
        top = self.surfaces.top(user)
        return top.as_json() if top else None

    async def fill_in(self, user: str, view: View, values: dict[str, Any]) -> None:
        """Put plain answers into the form. A key is a block_id; its answer may be {action_id: answer}."""
        for block_id, answer in values.items():
            block = next((b for b in view.body["blocks"] if b["block_id"] == block_id), None)
            fields = [e for e in elements(block) if e["type"] not in BUTTONS] if block else []
            if not block or not fields:
                raise CannotDo(f"The form has no field {block_id!r}.")
            for element in fields:
                action_id = element["action_id"]
                if isinstance(answer, dict) and action_id not in answer:
                    continue
                plain = answer[action_id] if isinstance(answer, dict) else answer
                offered = await self._offered(user, view, block, element, plain)
                view.values[block_id][action_id] = inputs.filled(element, plain, offered)

    async def _offered(
        self, user: str, view: View, block: Block, element: Element, answer: Plain
    ) -> list[dict[str, Any]]:
        """What a person can pick from; for a typeahead what it offered last or started with, and what typing brings."""
        if not _asks_the_app(element):
            return options(element)
        key = (user, view.id, element["action_id"])
        known = list(self.suggestions.get(key, []))
        current = view.values[block["block_id"]][element["action_id"]]
        known += current.get("selected_options") or [o for o in [current.get("selected_option")] if o]
        for item in [answer] if isinstance(answer, str) else answer or []:
            if item and inputs.find_option(known, item) is None:
                known += await self.suggest(user, view.id, element["action_id"], item)
        return known

    async def submit(self, user: str, view_id: str, values: dict[str, Any] | None = None) -> Seen:
        """Fill in and press the submit button. What is not given stays as it is."""
        person, view = self.person(user), self.view_of(user, view_id)
        if view is not self.surfaces.top(user):
            raise CannotDo("Another view lies on top of this one.")
        if not view.body.get("submit"):
            raise CannotDo("This view has no submit button.")
        await self.fill_in(user, view, values or {})
        mistakes = self._mistakes(view)
        if mistakes:
            return Seen(False, errors=mistakes, view=view.as_json())
        trigger = self.triggers.issue(user, self.world.clock.seconds(), view.id)
        payload = self.who(person) | {"type": "view_submission", "trigger_id": trigger, "view": view.as_json()}
        delivery = await self.sockets.deliver(
            "interactive", payload | {"response_urls": []}, name="view_submission", respond=True
        )
        return self._after_submit(user, view, delivery)

    def _mistakes(self, view: View) -> dict[str, str]:
        found = {}
        for block, element in all_elements(view.body["blocks"]):
            if block["type"] != "input":
                continue
            value = view.values[block["block_id"]][element["action_id"]]
            sentence = inputs.mistake(element, value, optional=bool(block.get("optional")))
            if sentence:
                found[block["block_id"]] = sentence
        return found

    def _after_submit(self, user: str, view: View, delivery: Delivery) -> Seen:
        if not delivery.acked:
            error = "operation_timeout" if delivery.outcome == "timeout" else "dispatch_failed"
            return Seen(False, TROUBLE, view=self.top_json(user), error=error)
        try:
            errors = self._respond(user, view, delivery.payload)
        except Refused as refusal:
            # The app is told nothing (bolt-python#241); only the person sees that something is wrong.
            self.world.called("slack", "view_submission response", 0, refusal.code, refusal.why)
            return Seen(False, TROUBLE, view=self.top_json(user), error=refusal.code)
        self.changed()
        return Seen(not errors, errors=errors, view=self.top_json(user))

    def _respond(self, user: str, view: View, answer: dict[str, Any]) -> dict[str, str]:
        """Act on the app's response_action; https://docs.slack.dev/surfaces/modals#response_actions"""
        stack = self.surfaces.stack(user)
        action = answer.get("response_action")
        if action == "errors":
            return self._shown_errors(view, answer.get("errors"))
        if view not in stack:
            return {}  # replaced or closed meanwhile
        if not answer:
            stack.remove(view)
        elif action == "clear":
            stack.clear()
        elif action in ("update", "push"):
            body = check_view(answer.get("view"), kind="modal")
            if action == "push":
                self.surfaces.push(user, body, self.new_hash())
            else:
                self.surfaces.check_external_id(body, view=view)
                view.fill(body, self.new_hash())
        else:
            raise Refused("invalid_response", f"A submission cannot be answered with {str(answer)[:80]}.")
        return {}

    def _shown_errors(self, view: View, errors: Any) -> dict[str, str]:
        fields = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not all(isinstance(e, str) and e for e in errors.values()):
            raise Refused("invalid_response", "errors must map block_ids to sentences.")
        unknown = [block_id for block_id in errors if block_id not in fields]
        if unknown:
            raise Refused(
                "invalid_response", f"errors names {', '.join(unknown)}, which is no input block of the view."
            )
        return dict(errors)

    async def close(self, user: str, view_id: str, *, everything: bool = False) -> Seen:
        """Press the close button, or with `everything` the x in the corner, which closes the whole stack."""
        person, view = self.person(user), self.view_of(user, view_id)
        stack = self.surfaces.stack(user)
        cleared = everything or bool(view.body.get("clear_on_close"))
        root = stack[0]
        told = root if everything else view
        if cleared:
            stack.clear()
        else:
            del stack[stack.index(view) :]
        self.changed()
        if told.body.get("notify_on_close"):
            payload = self.who(person) | {"type": "view_closed", "view": told.as_json()}
            await self.sockets.deliver("interactive", payload | {"is_cleared": cleared}, name="view_closed")
        return Seen(view=self.top_json(user))

    async def suggest(
        self, user: str, view_id: str, action_id: str, text: str, *, channel: str = "", ts: str = ""
    ) -> list[dict[str, Any]]:
        """Type into an external select, of a view or (with channel and ts) of a message; the options that it offers."""
        person = self.person(user)
        if view_id:
            view = self.view_of(user, view_id)
            blocks, where = view.body["blocks"], {"view": view.as_json()}
            container = {"type": "view", "view_id": view_id}
        else:
            message = self.place(channel, person).messages.get(ts) or {}
            blocks, where = message.get("blocks", []), {"message": message, "channel": {"id": channel}}
            container = {"type": "message", "message_ts": ts, "channel_id": channel}
        found = [(b, e) for b, e in all_elements(blocks) if e["action_id"] == action_id and _asks_the_app(e)]
        if not found:
            raise CannotDo(f"There is no typeahead {action_id!r}.")
        block, element = found[0]
        if len(text) < element.get("min_query_length", 3):
            return []  # Slack asks the app only from the third character on, unless told otherwise
        payload = self.who(person) | where | {"type": "block_suggestion", "container": container, "value": text}
        payload |= {"action_id": action_id, "block_id": block["block_id"]}
        delivery = await self.sockets.deliver("interactive", payload, name="block_suggestion", respond=True)
        try:
            offered = check_options(delivery.payload) if delivery.acked else []
        except Refused as refusal:
            self.world.called("slack", "block_suggestion response", 0, refusal.code, refusal.why)
            offered = []
        self.suggestions[(user, view_id or ts, action_id)] = offered
        return offered
