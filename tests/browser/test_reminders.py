"""Reminders through the page and with the real bot as its own process: the steps of *Try this* about them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from sandbox.server import Sandbox
from tests.browser.window import Window

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Window]
A_WHILE = 90_000  # milliseconds; the time machine waits for the bot at every quarter of an hour


def do(window: Window, step_id: str) -> Locator:
    """Press a step's button; gives the step."""
    step = window.step(step_id)
    step.get_by_role("button").first.click()
    return step


def is_done(window: Window, step_id: str) -> None:
    expect(window.step(step_id)).to_have_attribute("data-done", "true", timeout=A_WHILE)


def test_a_question_of_the_evening_comes_at_nine_and_is_put_off(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url)
    do(window, "evening")
    expect(window.modal).to_be_visible(timeout=A_WHILE)
    window.pick("Reason", "Champion left")
    window.fill("What is happening", "The new VP wants to cut tools.")
    window.submit()
    is_done(window, "evening")
    do(window, "morning")
    question = window.message("The new VP wants to cut tools.")
    expect(question.get_by_role("button", name="Mark red")).to_be_visible(timeout=A_WHILE)
    expect(question).to_contain_text("09:00")
    is_done(window, "morning")
    window.choose(question, "Tomorrow 9:00")
    expect(question).to_contain_text("Snoozed by")
    is_done(window, "snooze")


def test_a_digest_its_why_and_the_settings(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url)
    do(window, "digest")
    digest = window.message("Say what is happening").last
    expect(digest.get_by_role("button", name="Fill in…").first).to_be_visible(timeout=A_WHILE)
    window.picture("digest")
    is_done(window, "digest")
    window.press(digest, "Why these?")
    expect(window.modal).to_contain_text("what is happening, what we need, what we will do")
    expect(window.modal).to_contain_text("Europe/London")
    expect(window.modal).to_contain_text("left for the next digest")
    window.page.keyboard.press("Escape")
    window.press(digest, "Settings…")
    expect(window.modal.get_by_label("The digest comes at")).to_have_value("09:00")
    window.submit()
    expect(window.modal).to_contain_text("Mon to Fri 9:00 to 17:30")
