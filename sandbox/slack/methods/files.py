"""files.*: a file in three steps, of which the last one shows it. https://docs.slack.dev/reference/methods?family=files"""

from __future__ import annotations

import re
from typing import Any

from sandbox.slack.api import Arguments, method
from sandbox.slack.files import LONGEST, File
from sandbox.slack.limits import TIERS
from sandbox.slack.refusals import Refused
from sandbox.slack.state import Slack


@method("files.getUploadURLExternal", "files:write", per_minute=TIERS[4])
def upload_url(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """An address that takes so many bytes."""
    name, length = arguments.need("filename"), arguments.need("length")
    if not length.isdigit() or not 0 < int(length) <= LONGEST:
        raise arguments.wrong("length must be a positive number of bytes")
    file = slack.new_file(name, int(length))
    return {"upload_url": f"{slack.world.base_url}/upload/v1/{file.id}/{file.token}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write", per_minute=TIERS[4])
def complete_upload(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """Show what was uploaded in a channel. A person's id is none, unlike in chat.postMessage (bolt-js#2115).

    What Slack answers for a file that it shows already is not documented; here it is refused.
    """
    given = arguments.decoded("files", "invalid_arguments")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) and one.get("id") for one in given):
        raise arguments.wrong("missing required field: files")
    wanted = arguments.text("channel_id")
    if wanted and not re.fullmatch(r"[CGDZ][A-Z0-9]{8,}", wanted):
        raise arguments.wrong("input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]")
    files = [_uploaded(slack, one["id"]) for one in given]
    shown = [file.as_json(slack.world.base_url) for file in files]
    if not wanted:
        return {"files": shown}
    channel = slack.find_channel(wanted)
    if not channel.has_bot:
        raise Refused("not_in_channel", f"The app is not in #{channel.name}; invite it.")
    slack.limits.post(channel.id)
    for file, one in zip(files, given, strict=True):
        file.title, file.channel = str(one.get("title") or file.name), channel.id
    shown = [file.as_json(slack.world.base_url) for file in files]
    message = slack.bot_message(arguments.text("initial_comment"), subtype="file_share", files=shown, upload=True)
    slack.post(channel, message, thread_ts=arguments.text("thread_ts"))
    return {"files": shown}


def _uploaded(slack: Slack, file_id: str) -> File:
    file = slack.files.get(file_id)
    if file is None or file.content is None:
        raise Refused("file_not_found", f"There is no uploaded file {file_id}.")
    if file.channel:
        raise Refused("file_update_failed", f"{file_id} is shown already.")
    return file
