"""Is this a message, a view, an answer that Slack would take? With Slack's codes, and the reason and place in words."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from sandbox.slack import block_rules
from sandbox.slack.refusals import Refused
from sandbox.slack.rules import Problem, Problems, by_type, list_of, no

LONGEST_TEXT = 40_000
LONGEST_BLOCKS = 13_200  # characters of text in all blocks of a message; undocumented (bolt-js#2509)
LARGEST_VIEW = 250_000
VIEWS = by_type({"modal": block_rules.MODAL, "home": block_rules.HOME})
OPTIONS = list_of(block_rules.OPTION, 0, 100)
GROUPS = list_of(block_rules.GROUP, 0, 100)


def block_problems(blocks: Any, pointer: str = "/blocks") -> list[Problem]:
    """What is wrong with the blocks of a message."""
    problems: Problems = []
    list_of(block_rules.IN_MESSAGE, 0, 50)(blocks, pointer, problems)
    return problems or _repeated_ids(blocks, pointer)


def view_problems(view: Any, pointer: str = "/view") -> list[Problem]:
    """What is wrong with a modal or Home tab."""
    problems: Problems = []
    VIEWS(view, pointer, problems)
    if problems:
        return problems
    problems = _repeated_ids(view["blocks"], f"{pointer}/blocks")
    if view["type"] == "modal" and any(b["type"] == "input" for b in view["blocks"]) and "submit" not in view:
        no(problems, pointer, "missing_field", "missing required field: submit (a modal with input blocks needs it)")
    focused = [b for b in view["blocks"] if "focus_on_load" in str(b) and _focused(b)]
    if len(focused) > 1:
        no(problems, f"{pointer}/blocks", "invalid_value", "only one element can have focus_on_load")
    return problems


def _focused(block: dict[str, Any]) -> bool:
    inside = [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]
    return any(isinstance(e, dict) and e.get("focus_on_load") is True for e in inside)


def _repeated_ids(blocks: list[dict[str, Any]], pointer: str) -> Problems:
    problems: Problems = []
    for block_id, times in Counter(b["block_id"] for b in blocks if "block_id" in b).items():
        if times > 1:
            no(problems, pointer, "duplicate_id", f"`block_id` {block_id} already exists")
    for index, block in enumerate(blocks):
        ids = Counter(e["action_id"] for e in block.get("elements") or [] if "action_id" in e)
        for action_id, times in ids.items():
            if times > 1:
                message = f"`action_id` {action_id} already exists in this block"
                no(problems, f"{pointer}/{index}/elements", "duplicate_id", message)
    return problems


def refuse(code: str, problems: list[Problem]) -> None:
    """Refused with this code, if there are problems; their texts go where Slack puts them."""
    if problems:
        messages = [str(problem) for problem in problems]
        raise Refused(
            code,
            "; ".join(f"{problem.message} at {problem.pointer}" for problem in problems),
            errors=[message.removeprefix("[ERROR] ") for message in messages],
            response_metadata={"messages": messages},
        )


def check_message(content: dict[str, Any]) -> dict[str, Any]:
    """The text, blocks and attachments of a message about to be posted, or Refused."""
    text, blocks, attachments = content.get("text"), content.get("blocks"), content.get("attachments")
    if text is not None and not isinstance(text, str):
        refuse("invalid_arguments", [Problem("/text", "invalid_type", "must be a string")])
    if blocks is not None:
        if not isinstance(blocks, list):
            raise Refused("invalid_blocks_format", "blocks is not an array.")
        refuse("invalid_blocks", block_problems(blocks))
        size = sum(_text_size(block) for block in blocks)
        if size > LONGEST_BLOCKS:
            raise Refused("msg_blocks_too_long", f"The blocks hold {size} characters; {LONGEST_BLOCKS} fit.")
    _check_attachments(attachments)
    if not text and not blocks and not attachments:
        raise Refused("no_text", "The message has no text, no blocks and no attachments.")
    return {key: value for key, value in content.items() if key in ("text", "blocks", "attachments") and value}


def _check_attachments(attachments: Any) -> None:
    if attachments is None:
        return
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise Refused("invalid_attachments", "attachments is not an array of objects.")
    if len(attachments) > 100:
        raise Refused("too_many_attachments", "At most 100 attachments.")
    for index, attachment in enumerate(attachments):
        if "blocks" in attachment:
            refuse("invalid_blocks", block_problems(attachment["blocks"], f"/attachments/{index}/blocks"))


def _text_size(value: Any) -> int:
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(_text_size(entry) for entry in value.values())
    return sum(_text_size(entry) for entry in value) if isinstance(value, list) else 0


def check_view(view: Any, *, kind: str = "") -> dict[str, Any]:
    """A view about to be shown, or Refused."""
    problems = view_problems(view)
    if not problems and kind and view["type"] != kind:
        problems = [Problem("/view/type", "invalid_value", f"must be {kind} here")]
    refuse("invalid_arguments", problems)
    if len(json.dumps(view)) > LARGEST_VIEW:
        raise Refused("view_too_large", f"A view may have {LARGEST_VIEW} bytes.")
    return dict(view)


def check_options(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The options that an app answers a block_suggestion with, groups flattened, or Refused."""
    problems: Problems = []
    if "options" in answer:
        OPTIONS(answer["options"], "/options", problems)
        found = answer["options"]
    else:
        GROUPS(answer.get("option_groups"), "/option_groups", problems)
        found = [option for group in answer["option_groups"] for option in group["options"]] if not problems else []
    refuse("invalid_options", problems)
    return list(found)
