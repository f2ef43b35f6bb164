"""A plan's missing parts, the priority of a red account, and what the plan form says under its fields."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import policy
from bot.errors import InvalidForm
from bot.messages import plans_forms, red_accounts
from bot.models import Account, ActionItem, ActionState, Agreement, Person, RedAccount, Role
from bot.models.plans import Gap, Part, has_number, missing
from bot.policy import BadPolicy, Priority

RULES = policy.read(Path(__file__).parent.parent / "sandbox" / "policy.toml")
NOW = datetime(2027, 1, 25, 14, 0, tzinfo=UTC)
TODAY = NOW.date()
PRIYA = Person(id=1, name="Priya Raman", slack_id="U0PRIYA000", is_member=True)
TOM = Person(id=2, name="Tom Okafor", slack_id="U0TOM00000", is_member=True)


def agreed(role: Role, by: Person) -> Agreement:
    return Agreement(role=role, by_id=by.id, by=by, at=NOW)


def a_plan(**other: Any) -> RedAccount:
    """One that lacks nothing, but for what is said otherwise."""
    account = Account(id=1, name="Acme", ce=other.pop("ce", PRIYA), ae=other.pop("ae", TOM))
    written: dict[str, Any] = {
        "filled_in_at": NOW,
        "goal": "120 weekly users by 15 Feb",
        "how_we_know": "Their usage page",
        "action_items": [ActionItem(what="Training", owner_id=1, due_on=TODAY, state=ActionState.OPEN)],
        "agreements": [agreed(Role.CE, PRIYA), agreed(Role.AE, TOM)],
    }
    return RedAccount(id=12, account=account, **(written | other))


def test_a_whole_plan_lacks_nothing() -> None:
    assert missing(a_plan()) == []


@pytest.mark.parametrize(
    ("other", "gap"),
    [
        ({"filled_in_at": None}, Gap(Part.WHAT_IS_HAPPENING)),
        ({"goal": None}, Gap(Part.GOAL)),
        ({"goal": "They are happy"}, Gap(Part.GOAL)),
        ({"how_we_know": None}, Gap(Part.HOW_WE_KNOW)),
        ({"action_items": []}, Gap(Part.ACTION)),
        ({"action_items": [ActionItem(what="x", state=ActionState.DROPPED)]}, Gap(Part.ACTION)),
        ({"agreements": [agreed(Role.CE, PRIYA)]}, Gap(Part.AGREEMENT, Role.AE)),
        ({"agreements": [agreed(Role.AE, TOM)]}, Gap(Part.AGREEMENT, Role.CE)),
    ],
)
def test_each_part_is_missed_by_name(other: dict[str, Any], gap: Gap) -> None:
    assert missing(a_plan(**other)) == [gap]


def test_every_open_action_needs_a_name_and_a_date() -> None:
    items = [
        ActionItem(what="a", owner_id=1, state=ActionState.OPEN),
        ActionItem(what="b", due_on=TODAY, state=ActionState.BLOCKED),
        ActionItem(what="c", state=ActionState.DONE),
        ActionItem(what="d", state=ActionState.DROPPED),
    ]
    assert missing(a_plan(action_items=items)) == [Gap(Part.WHO_AND_WHEN, count=2)]
    assert missing(a_plan(action_items=items[:1])) == [Gap(Part.WHEN)]
    assert missing(a_plan(action_items=items[1:])) == [Gap(Part.WHO)]


def test_all_done_is_a_plan_too() -> None:
    assert missing(a_plan(action_items=[ActionItem(what="c", state=ActionState.DONE)])) == []


def test_nobody_waits_for_somebody_who_is_not_there() -> None:
    gone = Person(id=3, name="Grace Lindqvist", slack_id=None, is_member=False)
    assert missing(a_plan(ae=None, agreements=[agreed(Role.CE, PRIYA)])) == []
    assert missing(a_plan(ae=gone, agreements=[agreed(Role.CE, PRIYA)])) == []


@pytest.mark.parametrize(
    ("goal", "has_one"), [("120 users", True), ("٣ teams", True), ("They stay", False), ("", False), (None, False)]
)
def test_a_number_is_a_digit_of_any_script(goal: str | None, has_one: bool) -> None:
    assert has_number(goal) is has_one


@pytest.mark.parametrize(
    ("arr", "days", "priority"),
    [
        (200_000, 400, Priority.HIGH),
        (199_999, 400, Priority.MEDIUM),
        (49_999, 400, Priority.LOW),
        (1_000, 60, Priority.HIGH),
        (1_000, -5, Priority.HIGH),  # the renewal is over
        (1_000, 61, Priority.MEDIUM),
        (1_000, 181, Priority.LOW),
        (None, 181, Priority.LOW),
        (None, 30, Priority.HIGH),
        (1_000, None, Priority.LOW),
        (None, None, Priority.MEDIUM),
    ],
)
def test_the_priority_is_computed_from_money_and_renewal(arr: int | None, days: int | None, priority: Priority) -> None:
    renewal = TODAY + timedelta(days=days) if days is not None else None
    assert RULES.priority(Decimal(arr) if arr is not None else None, renewal, TODAY) == priority


ORDER = [Priority.LOW, Priority.MEDIUM, Priority.HIGH]


@given(arr=st.integers(0, 10**7), more=st.integers(0, 10**6), days=st.integers(-50, 500), sooner=st.integers(0, 200))
def test_more_money_or_a_sooner_renewal_never_weighs_less(arr: int, more: int, days: int, sooner: int) -> None:
    def rank(money: int, renewal: date) -> int:
        return ORDER.index(RULES.priority(Decimal(money), renewal, TODAY))

    before = rank(arr, TODAY + timedelta(days=days))
    assert rank(arr + more, TODAY + timedelta(days=days - sooner)) >= before


def test_steps_of_priority_that_go_up_are_refused() -> None:
    rules = RULES.model_dump(mode="json")
    rules["red_accounts"]["priority"] |= {"medium_arr": "300000"}
    with pytest.raises(BadPolicy, match=r"red_accounts\.priority: medium has to begin at less ARR"):
        policy.parse(rules)


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd")]
)
def test_how_often_is_an_ordinal(number: int, said: str) -> None:
    assert red_accounts.ordinal(number) == said


def typed(**fields: str | None) -> dict[str, Any]:
    return {
        "private_metadata": "12:7",
        "state": {"values": {field: {"value": {"value": text}} for field, text in fields.items()}},
    }


def test_a_goal_without_a_number_is_asked_for_one() -> None:
    with pytest.raises(InvalidForm) as refused:
        plans_forms.read_plan(typed(sentence="Their sponsor left.", goal="They are happy", how_we_know=None))
    assert refused.value.fields == {"goal": "Put a number into the goal, such as 120 weekly users by 15 Feb."}


def test_an_emptied_field_is_not_one_that_was_not_asked_for() -> None:
    _, words, seen = plans_forms.read_plan(typed(sentence="Their sponsor left.", goal=None))
    assert (words.goal, words.how_we_know, words.sponsor, seen) == ("", None, None, 7)
