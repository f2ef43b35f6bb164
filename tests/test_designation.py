"""Which figures say that an account may be red. What is not known never counts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot import policy
from bot.models import Account
from bot.workflows import designation
from sandbox.settings import POLICY

RULES = policy.read(POLICY)
TODAY = date(2027, 1, 25)


def account(**figures: Any) -> Account:
    known = {
        "arr": Decimal(1000),
        "health_score": None,
        "last_contact_on": None,
        "signed_on": None,
        "deployed_on": None,
    }
    return Account(name="Globex", **known | figures)


def met(months: dict[date, int] | None = None, **figures: Any) -> dict[str, Any]:
    ends = {month: Decimal(users) for month, users in (months or {}).items()}
    return designation.met(account(**figures), ends, TODAY, RULES)


def test_what_is_not_known_is_no_reason() -> None:
    assert met() == {}


@pytest.mark.parametrize(("score", "is_met"), [("5", True), ("5.1", False), ("0", True)])
def test_a_score_of_five_or_less(score: str, is_met: bool) -> None:
    assert bool(met(health_score=Decimal(score))) == is_met


@pytest.mark.parametrize(("days", "is_met"), [(39, False), (40, True)])
def test_forty_days_without_contact(days: int, is_met: bool) -> None:
    assert bool(met(last_contact_on=TODAY - timedelta(days=days))) == is_met


def test_sixty_days_undeployed() -> None:
    signed = TODAY - timedelta(days=60)
    assert met(signed_on=signed) == {designation.UNDEPLOYED: 60}
    assert met(signed_on=signed, deployed_on=TODAY) == {}
    assert met(signed_on=signed + timedelta(days=1)) == {}


def test_five_per_cent_less_in_each_of_two_whole_months() -> None:
    october, november, december = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
    assert met({october: 100, november: 95, december: 90}) == {designation.DECLINE: ["5", "5.3"]}
    assert met({october: 100, november: 96, december: 80}) == {}
    assert met({november: 95, december: 80}) == {}
    assert met({october: 100, november: 95, date(2027, 1, 1): 10}) == {}  # January is not over


def test_an_org_without_those_fields_knows_nothing_of_deployment() -> None:
    without = policy.parse(RULES.model_dump(mode="json") | {"salesforce": {}})
    signed = account(signed_on=TODAY - timedelta(days=90))
    assert designation.met(signed, {}, TODAY, without) == {}


def test_the_words() -> None:
    criteria = {designation.SCORE: "4.2", designation.CONTACT: 45, designation.DECLINE: ["5", "5.3"]}
    said = designation.words(criteria)
    assert said == "score 4.2, no contact for 45 days, weekly users fell by 5 % and 5.3 % in the last 2 months"
