"""The page draws every mark that the bot writes: not every machine has an emoji font."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MARKS = re.compile("[\U0001f300-\U0001faff\u2600-\u2604\u260e-\u26ff]")  # ✓ and ✗ are in every font


def test_every_mark_in_a_message_has_a_drawing() -> None:
    written = {mark for file in (ROOT / "bot").rglob("*.py") for mark in MARKS.findall(file.read_text("utf-8"))}
    page = ROOT / "sandbox/page/static"
    drawn = dict(re.findall(r'^  "(\W+)": "(\w+)",$', (page / "emoji.js").read_text("utf-8"), re.MULTILINE))
    assert {"💬", "🔴", "☒"} <= written
    assert written <= drawn.keys()
    styles = (page / "emoji.css").read_text("utf-8")
    assert [name for name in drawn.values() if f".emoji-{name} " not in styles] == []
