"""One set of stand-ins for all stories, emptied between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox import company
from sandbox.server import Sandbox
from tests.stories.story import Story


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox().start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """The stand-ins, emptied and moved into anew."""

    def anew() -> None:
        world = running_sandbox.world
        for system in (world.slack, world.salesforce, world.sheets):
            system.reset()
        world.faults.switch_off()
        world.calls.clear()
        world.clock.start_over()
        company.move_in(world)

    running_sandbox.call(anew)
    return running_sandbox


@pytest.fixture
def tell(sandbox: Sandbox, database_url: str) -> Iterator[Callable[..., Story]]:
    """Begins a story under rules of its own."""
    told: list[Story] = []

    def begin(**rules: Any) -> Story:
        told.append(Story(sandbox, database_url, **rules))
        return told[-1]

    yield begin
    for story in told:
        story.stop()


@pytest.fixture
def story(sandbox: Sandbox, database_url: str) -> Iterator[Story]:
    told = Story(sandbox, database_url)
    told.settle()
    yield told
    told.stop()
