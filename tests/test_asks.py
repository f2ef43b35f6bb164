"""Words and forms of asks, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.errors import InvalidForm
from bot.messages import asks, asks_forms
from bot.messages.red_accounts_view import Links, View
from bot.models import Account, Ask, AskState, Person, RedAccount, Status
from bot.policy import Policy, parse
from bot.queries.red_accounts import Facts

NOW = datetime(2027, 1, 25, 15, 0, tzinfo=UTC)
TODAY = NOW.date()
DEV = Person(id=7, name="Dev Chandra", slack_id="U0DEV00000", is_member=True)
IDENTITY = {"identity": {"name": "Identity"}}


def policy(**rules: Any) -> Policy:
    region = {"lead": "lena@larkfield.example", "time_zone": "America/New_York"}
    return parse(
        {
            "default_region": "East",
            "channels": {"red_accounts": "C0REDACCTS"},
            "regions": {"East": region},
            "red_accounts": {"reasons": [{"key": "other", "label": "Other"}]},
            "teams": IDENTITY,
        }
        | rules
    )


def ask(**given: Any) -> Ask:
    usual = {"id": 1, "what": "SSO fix", "state": AskState.ASKED, "since_at": NOW, "created_at": NOW}
    return Ask(**usual | given)


def view(*listed: Ask) -> View:
    account = Account(name="Acme", salesforce_id="001000000000001AAA", region="East")
    red = RedAccount(id=12, account=account, status=Status.OPEN, asks=list(listed), action_items=[])
    facts = Facts(red=red, lead=None, pending=None, silent_since=None, asked=None, card=None)
    return View(facts, policy(), Links(None, None, None, None), NOW)


def answered(**values: dict[str, Any]) -> dict[str, Any]:
    state = {field: {"value": value} for field, value in values.items()}
    return {"private_metadata": "12", "state": {"values": state}}


WHAT = {"value": "SSO fix"}
TEAM = {"selected_option": {"value": "identity"}}
ON = {"selected_date": "2027-02-04"}


def test_the_card_says_who_has_what_by_when_and_counts_what_is_there() -> None:
    found = view(
        ask(owner=DEV, owner_id=7, state=AskState.TAKEN, needed_on=date(2027, 2, 4)),
        ask(what="call with their CFO", needed_on=date(2027, 2, 9)),
        ask(what="search fix", state=AskState.DELIVERED),
        ask(what="a discount", state=AskState.WITHDRAWN),
    )
    line = "*We need*  SSO fix, Dev, by 4 Feb · call with their CFO, *nobody yet*, by 9 Feb · 1 delivered"
    assert asks.we_need(found) == line
    assert asks.we_need(view(ask(state=AskState.DELIVERED))) == "*We need*  nothing more · 1 delivered"


def test_a_long_list_says_how_many_more_there_are() -> None:
    shown = asks.we_need(view(*(ask(id=n, what=f"thing {n}") for n in range(8))))
    assert shown
    assert shown.endswith("thing 4, *nobody yet*, *no date yet* · 3 more in the thread")


def test_without_asks_there_is_no_such_part() -> None:
    assert asks.we_need(view()) is None
    assert asks.we_need(view(ask(state=AskState.WITHDRAWN))) is None


def test_what_people_wrote_rings_nobody_and_is_no_link() -> None:
    one = ask(what="<!here> & <http://x|y>", team="identity", needed_on=date(2027, 2, 4))
    text = str(asks.in_thread(view(one), one).blocks) + str(asks.we_need(view(one)))
    text += str(asks.over_for(view(one), [one], DEV).blocks)
    assert "<!here>" not in text
    assert "&lt;!here&gt; &amp; &lt;http://x|y&gt;" in text


@pytest.mark.parametrize("state", list(AskState))
def test_there_are_three_buttons_and_five_entries_at_the_most_and_one_that_is_green(state: AskState) -> None:
    for one in (ask(state=state, ended_by=DEV), ask(state=state, owner=DEV, needed_on=TODAY, ended_by=DEV)):
        press = asks.buttons(view(one), one)
        assert press
        elements = press.to_dict()["elements"]
        assert len(elements) <= 3 + 1
        assert len([element for element in elements if element.get("style") == "primary"]) <= 1
        assert all(len(element.get("options", [])) <= 5 for element in elements)


def test_every_push_line_is_short_enough() -> None:
    for state in AskState:
        one = ask(what="x" * 500, team="identity", owner=DEV, needed_on=TODAY, state=state, ended_by=DEV)
        assert len(asks.in_thread(view(one), one).text) < 120


def test_a_team_that_policy_no_longer_names_is_called_by_its_key() -> None:
    one = ask(team="gone")
    assert asks.asked_of(view(one), one) == "gone"


def test_a_form_is_read_as_it_was_filled_in() -> None:
    filled = {"private_metadata": "12", "state": {"values": {
        "what": {"value": WHAT}, "team": {"value": TEAM}, "whom": {"value": {"selected_user": "U0DEV00000"}},
        "needed_on": {"value": ON}, "why": {"value": {"value": "They wait."}},
    }}}  # fmt: skip
    red_account_id, wish = asks_forms.read(filled, TODAY)
    assert (red_account_id, wish.what, wish.team, wish.whom) == (12, "SSO fix", "identity", "U0DEV00000")
    assert (wish.needed_on, wish.why, wish.otherwise) == (date(2027, 2, 4), "They wait.", None)


def test_a_team_or_a_person_is_enough_and_one_of_them_is_needed() -> None:
    whom = {"selected_user": "U0DEV00000"}
    for of in ({"team": TEAM}, {"team": {}, "whom": whom}):
        assert asks_forms.read(answered(what=WHAT, needed_on=ON, **of), TODAY)
    with pytest.raises(InvalidForm) as missing:
        asks_forms.read(answered(what=WHAT, needed_on=ON, team={}, whom={}), TODAY)
    assert missing.value.fields == {"team": "Pick a team, a person, or both."}
    with pytest.raises(InvalidForm) as alone:  # where policy.toml names no team
        asks_forms.read(answered(what=WHAT, needed_on=ON, whom={}), TODAY)
    assert list(alone.value.fields) == ["whom"]


def test_a_date_that_is_over_may_stay_but_not_be_picked() -> None:
    over = answered(what=WHAT, team=TEAM, needed_on={"selected_date": "2027-01-20"})
    assert asks_forms.read(over, TODAY, was=date(2027, 1, 20))
    with pytest.raises(InvalidForm):
        asks_forms.read(over, TODAY)


def test_a_policy_without_teams_has_no_field_for_them() -> None:
    red = view().facts.red
    ids = [block.get("block_id") for block in asks_forms.form(red, policy(teams={}))["blocks"]]
    assert ids == [None, "what", "whom", "needed_on", "why", "otherwise"]


@pytest.mark.parametrize(
    ("text", "what", "why"),
    [
        ("SSO fix", "SSO fix", None),
        ("SSO fix\n40 people wait", "SSO fix", "SSO fix\n40 people wait"),
        ("", "", None),
    ],
)
def test_what_a_message_asks_for(text: str, what: str, why: str | None) -> None:
    assert asks_forms.prefill(text) == (what, why)


def test_a_long_message_is_the_reason_and_its_beginning_what_is_asked() -> None:
    what, why = asks_forms.prefill("word " * 100)
    assert len(what) <= 150
    assert why == ("word " * 100).strip()
