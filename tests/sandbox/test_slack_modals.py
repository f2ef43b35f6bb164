"""Modals: filled in, checked, stacked, updated and closed as on Slack."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.slack_office import SILENCE, Office, button, field, modal, plain, row


def option(text: str, value: str) -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def command(office: Office, text: str = "/red-account acme") -> Any:
    return office.does(office.slack.command(office.priya, office.red, text))


def test_a_form_hands_over_every_value_by_its_type(office: Office) -> None:
    view = modal(
        field("why"),
        field("how", type="static_select", options=[option("Red", "r"), option("Green", "g")]),
        field("who", type="users_select"),
        field("due", type="datepicker", initial_date="2026-02-04"),
        field("when", type="datetimepicker"),
        field("tags", type="checkboxes", options=[option("A", "a"), option("B", "b")]),
        field("seats", type="number_input", is_decimal_allowed=False, min_value="1"),
    )
    received: list[Any] = []
    view_id = office.opened(view, lambda envelope: received.append(envelope["payload"]["view"]["state"]["values"]))
    answers = {
        "why": "sponsor left",
        "how": "green",
        "who": office.tom,
        "tags": ["a", "B"],
        "seats": "20",
        "when": 1801674000,
    }
    seen = office.does(office.slack.submit(office.priya, view_id, answers))
    assert seen.ok
    assert seen.view is None
    values = {block_id: value["in"] for block_id, value in received[0].items()}
    assert values["why"] == {"type": "plain_text_input", "value": "sponsor left"}
    assert values["how"]["selected_option"]["value"] == "g"
    assert values["who"] == {"type": "users_select", "selected_user": office.tom}
    assert values["due"] == {"type": "datepicker", "selected_date": "2026-02-04"}
    assert values["when"] == {"type": "datetimepicker", "selected_date_time": 1801674000}
    assert [picked["value"] for picked in values["tags"]["selected_options"]] == ["a", "b"]
    assert values["seats"] == {"type": "number_input", "value": "20"}


def test_slack_itself_asks_for_what_is_required(office: Office) -> None:
    received: list[Any] = []
    blocks = [field("why"), field("note") | {"optional": True}, field("short", max_length=3)]
    view_id = office.opened(modal(*blocks), received.append)
    seen = office.does(office.slack.submit(office.priya, view_id, {"short": "long"}))
    assert seen.errors == {
        "why": "Please complete this required field.",
        "short": "Please enter at most 3 characters.",
    }
    assert received == [], "the app is not asked"


def test_the_apps_errors_stand_at_their_fields_and_keep_the_form(office: Office) -> None:
    view_id = office.opened(modal(), lambda envelope: {"response_action": "errors", "errors": {"why": "Say more."}})
    seen = office.does(office.slack.submit(office.priya, view_id, {"why": "x"}))
    assert (seen.ok, seen.errors, seen.view["id"]) == (False, {"why": "Say more."}, view_id)


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nosuch": "x"}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "explode"},
        {"text": "hello"},
    ],
)
def test_an_invalid_answer_to_a_form_is_trouble_for_the_person_alone(office: Office, answer: Any) -> None:
    view_id = office.opened(modal(), lambda envelope: answer)
    seen = office.does(office.slack.submit(office.priya, view_id, {"why": "x"}))
    assert (seen.ok, seen.text) == (False, "We had some trouble connecting. Try again?")
    assert seen.view["id"] == view_id, "nothing typed is lost"
    assert any(name == "view_submission response" for name, _ in office.refusals())


def test_an_unacknowledged_form_stays_open(office: Office) -> None:
    view_id = office.opened(modal(), lambda envelope: SILENCE)
    office.slack.ack_seconds = 0.05
    seen = office.does(office.slack.submit(office.priya, view_id, {"why": "kept"}))
    assert (seen.error, seen.text) == ("operation_timeout", "We had some trouble connecting. Try again?")
    assert seen.view["state"]["values"]["why"]["in"]["value"] == "kept"


def test_three_views_stack_and_no_more(office: Office) -> None:
    view_id = office.opened(modal(), lambda envelope: {"response_action": "push", "view": modal()})
    for depth in (2, 3):
        seen = office.does(office.slack.submit(office.priya, view_id, {"why": "x"}))
        assert len(office.slack.surfaces.stack(office.priya)) == depth
        view_id = seen.view["id"]
    seen = office.does(office.slack.submit(office.priya, view_id, {"why": "x"}))
    assert (seen.ok, seen.error) == (False, "push_limit_reached")


def test_an_empty_acknowledgement_closes_one_view_and_clear_closes_all(office: Office) -> None:
    answers: list[Any] = [{"response_action": "push", "view": modal()}, {}, {"response_action": "clear"}]
    root = office.opened(modal(), lambda envelope: answers.pop(0))
    pushed = office.does(office.slack.submit(office.priya, root, {"why": "x"})).view
    assert (pushed["previous_view_id"], pushed["root_view_id"]) == (root, root)
    assert office.does(office.slack.submit(office.priya, pushed["id"], {"why": "x"})).view["id"] == root
    assert office.does(office.slack.submit(office.priya, root, {})).view is None


def test_pushing_needs_a_trigger_from_an_open_modal(office: Office) -> None:
    results: list[Any] = []
    office.on_command(lambda trigger: results.append(office.api("views.push", trigger_id=trigger, view=modal())))
    command(office)
    assert results[0]["error"] == "not_found"


def test_a_button_in_a_modal_can_push(office: Office) -> None:
    def answer(envelope: dict[str, Any]) -> None:
        pushed = office.api("views.push", trigger_id=envelope["payload"]["trigger_id"], view=modal())
        assert pushed["ok"], pushed

    view_id = office.opened(modal(row(button("more"))), answer)
    seen = office.does(office.slack.click_in_view(office.priya, view_id, "more"))
    assert seen.view["previous_view_id"] == view_id


def test_a_stale_hash_is_refused(office: Office) -> None:
    view_id = office.opened(modal())
    old = office.slack.surfaces.find(view_id=view_id).hash
    assert office.api("views.update", view_id=view_id, hash=old, view=modal())["ok"]
    assert office.api("views.update", view_id=view_id, hash=old, view=modal())["error"] == "hash_conflict"
    assert office.api("views.update", view_id="V404", view=modal())["error"] == "not_found"


def test_an_update_keeps_what_was_typed_where_the_ids_stay(office: Office) -> None:
    view_id = office.opened(modal(field("why"), field("note"), row(button("refresh"))))
    typed = {"why": "typed", "note": "gone"}
    office.does(office.slack.click_in_view(office.priya, view_id, "refresh", values=typed))
    changed = office.api("views.update", view_id=view_id, view=modal(field("why"), field("note", action_id="new")))
    values = changed["view"]["state"]["values"]
    assert (values["why"]["in"]["value"], values["note"]["new"]["value"]) == ("typed", None)


def test_an_external_id_finds_its_view_and_is_unique(office: Office) -> None:
    office.opened(modal(external_id="form-1"))
    assert office.api("views.update", external_id="form-1", view=modal(external_id="form-1"))["ok"]
    office.hang_up()
    app = office.app()
    office.does(office.slack.command(office.tom, office.red, "/red-account"))
    trigger = app.of("slash_commands")[0]["trigger_id"]
    refused = office.api("views.open", trigger_id=trigger, view=modal(external_id="form-1"))
    assert refused["error"] == "duplicate_external_id"


def test_closing_is_told_only_if_asked_for(office: Office) -> None:
    view_id = office.opened(modal())
    office.does(office.slack.close(office.priya, view_id))
    assert office.apps[-1].of("interactive") == []
    office.hang_up()
    view_id = office.opened(modal(notify_on_close=True))
    seen = office.does(office.slack.close(office.priya, view_id, everything=True))
    (payload,) = office.apps[-1].of("interactive")
    assert (payload["type"], payload["is_cleared"], seen.view) == ("view_closed", True, None)


def test_an_input_tells_nothing_until_submit_unless_it_dispatches(office: Office) -> None:
    menu = {"type": "static_select", "options": [option("One", "1")]}
    quiet, loud = field("quiet", **menu), field("loud", **menu) | {"dispatch_action": True}
    view_id = office.opened(modal(quiet, loud))
    office.does(office.slack.click_in_view(office.priya, view_id, "in", "1", block_id="quiet"))
    assert office.apps[-1].of("interactive") == []
    office.does(office.slack.click_in_view(office.priya, view_id, "in", "1", block_id="loud"))
    (payload,) = office.apps[-1].of("interactive")
    assert payload["actions"][0]["selected_option"]["value"] == "1"
    assert payload["view"]["state"]["values"]["quiet"]["in"]["selected_option"]["value"] == "1"


def test_a_typeahead_asks_the_app_and_a_picked_option_is_submitted(office: Office) -> None:
    received: list[Any] = []

    def answer(envelope: dict[str, Any]) -> Any:
        received.append(envelope["payload"])
        if envelope["payload"]["type"] == "block_suggestion":
            return {"options": [option("Acme", "001"), option("Acme West", "002")]}
        return None

    view_id = office.opened(modal(field("account", type="external_select", action_id="pick")), answer)
    too_short = office.does(office.slack.suggest(office.priya, view_id, "pick", "ac"))
    assert (too_short, received) == ([], []), "the app is asked from three characters on"
    offered = office.does(office.slack.suggest(office.priya, view_id, "pick", "acm"))
    assert [o["value"] for o in offered] == ["001", "002"]
    assert (received[0]["value"], received[0]["action_id"], received[0]["block_id"]) == ("acm", "pick", "account")
    assert office.does(office.slack.submit(office.priya, view_id, {"account": "Acme"})).ok
    assert received[-1]["view"]["state"]["values"]["account"]["pick"]["selected_option"]["value"] == "001"


def test_a_message_shortcut_carries_the_message(office: Office) -> None:
    ts = office.does(office.slack.say(office.tom, office.red, "we need the fix"))
    app = office.app()
    office.does(office.slack.shortcut(office.priya, "ask", office.red, ts))
    payload = app.of("interactive")[-1]
    assert (payload["type"], payload["callback_id"], payload["message"]["ts"]) == ("message_action", "ask", ts)


def test_the_home_tab_is_published_for_one_person(office: Office) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}

    def answer(envelope: dict[str, Any]) -> None:
        user = envelope["payload"]["event"]["user"]
        assert office.api("views.publish", user_id=user, view=home)["ok"]

    office.app(answer)
    seen = office.does(office.slack.open_home(office.priya))
    assert seen.view["type"] == "home"
    assert office.look("home", **{"as": office.tom}) == {"view": None}
