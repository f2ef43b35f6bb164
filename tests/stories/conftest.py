"""One set of stand-ins for all stories, emptied between them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox import company
from sandbox.server import Sandbox
from tests.conftest import MakeDatabase
from tests.stories.story import Story

PATIENCE = 20.0  # seconds that Slack gives here, instead of three: the machine may be busy with other tests


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox().start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """The stand-ins, emptied and moved into anew."""
    _anew(running_sandbox)
    return running_sandbox


def _anew(sandbox: Sandbox) -> None:
    def anew() -> None:
        world = sandbox.world
        for system in (world.slack, world.salesforce, world.sheets):
            system.reset()
        world.slack.ack_seconds = world.slack.trigger_seconds = PATIENCE
        world.faults.switch_off()
        world.calls.clear()
        world.clock.start_over()
        company.move_in(world)

    sandbox.call(anew)


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


@pytest.fixture(scope="session")
def first_evening(running_sandbox: Sandbox, make_database: MakeDatabase) -> FirstEvening:
    """The bot has gone live and said what it had to say. Most stories begin there; one of them has to get there."""
    _anew(running_sandbox)
    told = Story(running_sandbox, make_database())
    told.settle()
    told.stop()
    return FirstEvening(running_sandbox, told.database_url)


@pytest.fixture
def story(first_evening: FirstEvening, make_database: MakeDatabase) -> Iterator[Story]:
    first_evening.come_back()
    told = Story(first_evening.sandbox, make_database(like=first_evening.database_url))
    told.settle()
    yield told
    told.stop()


class FirstEvening:
    """All that the stand-ins hold at one moment, to come back to. The bot's database is copied beside it."""

    def __init__(self, sandbox: Sandbox, database_url: str) -> None:
        self.sandbox, self.database_url = sandbox, database_url
        self.moment = sandbox.world.clock.now()
        self.held = sandbox.call(lambda: [copy.deepcopy(self._data_of(system)) for system in self._systems()])

    def come_back(self) -> None:
        _anew(self.sandbox)
        self.sandbox.call(self._come_back)

    def _come_back(self) -> None:
        self.sandbox.world.clock.set(self.moment)
        for system, data in zip(self._systems(), self.held, strict=True):
            vars(system).update(copy.deepcopy(data))

    def _systems(self) -> list[object]:
        world = self.sandbox.world
        return [world.slack, world.salesforce, world.sheets]

    @staticmethod
    def _data_of(system: object) -> dict[str, Any]:
        """Without what belongs to the running server, and the keys that were trusted."""
        running = ("world", "sockets", "events", "limits", "tasks", "manifest", "tokens", "trusted_key")
        return {name: value for name, value in vars(system).items() if name not in running}
