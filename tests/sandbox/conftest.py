"""One workspace per file, filled anew for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.slack_office import Office


@pytest.fixture(scope="module")
def slack_office() -> Iterator[Office]:
    office = Office()
    yield office
    office.hang_up()
    office.sandbox.stop()


@pytest.fixture
def office(slack_office: Office) -> Office:
    slack_office.fill()
    return slack_office
