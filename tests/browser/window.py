"""The sandbox's page in a browser window: what a person does there, in their words."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Locator, Page, Response, expect

PICTURES = Path(__file__).parents[2] / "docs"


class Window:
    """One browser window on the page."""

    def __init__(self, page: Page, takes_pictures: bool = False) -> None:
        self.page, self.takes_pictures = page, takes_pictures
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._note)
        page.on("response", self._check)

    def _note(self, line: ConsoleMessage) -> None:
        refused = line.text.startswith("Failed to load resource")  # a refusal is drawn on the page, in words
        if line.type == "error" and not refused:
            self.problems.append(line.text)

    def _check(self, response: Response) -> None:
        if "/static/" in response.url and response.status >= 400:
            self.problems.append(f"{response.status} {response.url}")

    # Who and where

    def act_as(self, name: str) -> None:
        """Any part of the person's name."""
        self.page.locator("[data-test=act-as]").click()
        self.page.get_by_role("textbox", name="Find a person").fill(name)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("[data-test=act-as]")).to_contain_text(name)

    def open_channel(self, name: str) -> None:
        """A channel by its name, or the direct messages of the app: Touchpoint."""
        channels = self.page.get_by_label("Channels and direct messages").get_by_role("link")
        channels.filter(has_text=re.compile(rf"^{re.escape(name)}\d*$")).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)

    def open_tab(self, name: str) -> Locator:
        """Try this, Salesforce, Sheet, What happened or Time & faults; gives the panel."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        return self.page.get_by_role("tabpanel", name=name)

    # Slack

    def type(self, text: str) -> None:
        """Into the message box, with Enter: a message or a command."""
        box = self.page.locator("[data-test=message-box]")
        box.fill(text)
        box.press("Escape")  # the list of suggestions, if one is open
        box.press("Enter")

    def message(self, text: str) -> Locator:
        """The messages of the open channel that contain this text."""
        return self.page.locator("[data-test=messages] [data-test=message]").filter(has_text=text)

    def reply(self, text: str) -> Locator:
        """The messages of the open thread that contain this text."""
        return self.page.locator("[data-test=thread-messages] [data-test=message]").filter(has_text=text)

    def open_thread(self, text: str) -> None:
        self.message(text).locator("[data-test=replies]").click()
        expect(self.page.get_by_role("heading", name="Thread")).to_be_visible()

    def close_thread(self) -> None:
        """In a window of this width the thread stands before Salesforce, the sheet and the rest."""
        self.page.get_by_role("button", name="Close thread").click()

    def press(self, message: Locator, button: str) -> None:
        message.get_by_role("button", name=button, exact=True).click()

    def choose(self, message: Locator, entry: str) -> None:
        """An entry of the message's ⋯ menu."""
        message.locator("button.overflow").click()
        self.page.get_by_role("menuitem", name=entry).click()

    @property
    def modal(self) -> Locator:
        return self.page.locator("[data-test=modal]")

    def pick(self, label: str, text: str) -> None:
        """In the modal: type into a select and take the first that fits."""
        field = self.modal.get_by_role("combobox", name=label)
        field.click()
        field.fill(text)
        self.page.get_by_role("option").filter(has_text=text).first.click()

    def fill(self, label: str, text: str) -> None:
        self.modal.get_by_label(label).fill(text)

    def submit(self) -> None:
        self.modal.locator("button[type=submit]").click()

    # Beside Slack

    def set_health(self, account: str, health: str) -> None:
        panel = self.open_tab("Salesforce")
        if panel.get_by_role("button", name="All accounts").is_visible():
            panel.get_by_role("button", name="All accounts").click()
        panel.get_by_label("Find an account").fill(account)
        panel.locator(".account-row").filter(has_text=account).first.click()
        panel.get_by_label("Customer Health").select_option(health)
        panel.get_by_role("button", name="Save").click()
        expect(panel.get_by_role("button", name="Save")).to_be_disabled()

    def health(self, account: str) -> Locator:
        """The account's row in Salesforce's list; it says the health in words."""
        panel = self.open_tab("Salesforce")
        if panel.get_by_role("button", name="All accounts").is_visible():
            panel.get_by_role("button", name="All accounts").click()
        panel.get_by_label("Find an account").fill(account)
        return panel.locator(".account-row").filter(has_text=account)

    def sheet_rows(self, text: str) -> Locator:
        return self.open_tab("Sheet").locator("[data-test=grid] tbody tr").filter(has_text=text)

    def cell(self, address: str) -> Locator:
        """By its address, such as B3."""
        return self.open_tab("Sheet").locator(f"[data-cell={address}]")

    def type_in_cell(self, address: str, text: str) -> None:
        self.cell(address).click()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def step(self, step_id: str) -> Locator:
        """One of Try this; its attribute data-done is "true" once it has happened."""
        return self.open_tab("Try this").locator(f"[data-step={step_id}]")

    def picture(self, name: str) -> None:
        """A picture for the README, where pictures are asked for (make docs)."""
        if self.takes_pictures:
            self.page.mouse.move(0, 0)  # nothing under the pointer lights up
            self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")
