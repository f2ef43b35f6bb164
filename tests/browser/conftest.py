"""A real Chromium on the sandbox's page; `open_page` opens a `Window` on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from sandbox.runner import Runner
from sandbox.server import Sandbox
from tests.browser.window import Window

FLAGS = [
    "--no-sandbox",  # the tests may run as root in a container
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    assert binary, "These tests need Debian's chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, takes_pictures: bool) -> Iterator[Sandbox]:
    """The company with the bot at work as its own process. A file's tests share it, each with accounts of its own."""
    sandbox = Sandbox().start()
    runner = Runner(sandbox.world, tmp_path_factory.mktemp("bot"))
    sandbox.world.runner, sandbox.world.time_machine = runner, runner.move
    try:
        sandbox.run(runner.reset(replayed=takes_pictures), timeout=600)
        yield sandbox
    finally:
        sandbox.run(runner.stop(), timeout=60)
        sandbox.stop()


@pytest.fixture
def open_page(chromium: Browser, takes_pictures: bool) -> Iterator[Callable[..., Window]]:
    """open_page(url, who="Priya", width=1280, height=800, dark=False). A script error on the page fails the test."""
    windows: list[Window] = []

    def open_one(url: str, who: str = "", width: int = 1280, height: int = 800, dark: bool = False) -> Window:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", timezone_id="UTC"
        )
        window = Window(context.new_page(), takes_pictures)
        windows.append(window)
        window.page.goto(f"{url}/?as={who}" if who else url)
        expect(window.page.locator("[data-test=act-as]")).to_be_attached()
        return window

    yield open_one
    for window in windows:
        window.page.context.close()
    problems = [problem for window in windows for problem in window.problems]
    assert not problems, problems
