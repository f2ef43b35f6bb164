"""The one error handler: a sentence where the person is looking; what is our fault gets a code that the log has too."""

from __future__ import annotations

import json
import logging
import secrets
from typing import Any

from slack_bolt import BoltContext, BoltRequest, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.errors import InvalidForm, UserError
from bot.messages import answers
from bot.queries import people
from bot.services import Services
from bot.workflows import notices

log = logging.getLogger(__name__)
TITLE = "Touchpoint"
#: A press whose trigger Slack no longer honours: https://docs.slack.dev/interactivity/handling-user-interaction
STALE_TRIGGER = {
    "expired_trigger_id",
    "trigger_expired",
    "exchanged_trigger_id",
    "trigger_exchanged",
    "invalid_trigger_id",
}
TOO_SLOW = "Slack stopped waiting before the form could open. Nothing was changed; please try again."


def handle(error: Exception, body: dict[str, Any], context: BoltContext, request: BoltRequest) -> BoltResponse | None:
    services: Services = context["services"]
    if isinstance(error, InvalidForm) and "view" in body:
        return _json({"response_action": "errors", "errors": error.fields})
    if isinstance(error, SlackApiError) and error.response.get("error") in STALE_TRIGGER:
        sentence, known = TOO_SLOW, True
    elif isinstance(error, UserError):
        sentence, known = str(error), True
    else:
        sentence, known = _our_fault(error, body, services), False
    if body.get("type") == "event_callback":
        # Not acknowledged, Slack delivers it again later; a person's mistake it cannot mend.
        return BoltResponse(status=200 if known else 500)
    if "command" in body:
        return _json({"response_type": "ephemeral", "text": sentence})
    if body.get("type") == "view_submission":
        return _json({"response_action": "push", "view": answers.sentence_view(TITLE, sentence, error)})
    if body.get("type") == "block_suggestion":
        return _json({"options": []})
    _answer_press(services, context["client"], body, sentence, error)
    return BoltResponse(status=200)


def _our_fault(error: Exception, body: dict[str, Any], services: Services) -> str:
    code = secrets.token_hex(3).upper()
    log.error("code %s while handling %s", code, body.get("type") or body.get("command"), exc_info=error)
    lead = sorted(services.policy.leads)[0]
    with services.transaction() as session:
        person = people.by_email(session, lead)
        return answers.our_fault(code, person.name if person else "a CE lead")


def _answer_press(services: Services, client: WebClient, body: dict[str, Any], sentence: str, error: Exception) -> None:
    """A small modal, over the one that is open if there is one; a direct message where Slack no longer opens any."""
    view = answers.sentence_view(TITLE, sentence, error)
    opens = client.views_push if body.get("view") and body["view"]["type"] == "modal" else client.views_open
    try:
        opens(trigger_id=body.get("trigger_id", ""), view=view)
    except (SlackApiError, OSError):
        now = services.now()
        with services.transaction() as session:
            person = people.by_slack_id(session, body["user"]["id"])
            if person:
                key = f"{body.get('trigger_id') or now.isoformat()}"
                notices.answer(session, sentence, to=person, key=key, now=now)


def _json(body: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(body), headers={"content-type": "application/json"})
