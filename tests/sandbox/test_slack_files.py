"""Files in three steps, as Slack takes them: announced, uploaded without a token, shown once."""

from __future__ import annotations

from dataclasses import replace

import requests
from slack_sdk.errors import SlackApiError

from sandbox.slack.manifest import Manifest
from sandbox.slack.people import BOT_TOKEN
from tests.sandbox.slack_office import Office

CONTENT = b"# Acme\n"


def uploaded(office: Office) -> str:
    place = office.client().files_getUploadURLExternal(filename="acme.md", length=len(CONTENT))
    assert requests.post(place["upload_url"], data=CONTENT, timeout=5).status_code == 200
    return str(place["file_id"])


def direct(office: Office) -> str:
    return str(office.client().conversations_open(users=office.priya)["channel"]["id"])


def complete(office: Office, file_id: str, channel: str) -> str:
    """What it is refused with, or an empty string."""
    try:
        office.client().files_completeUploadExternal(files=[{"id": file_id, "title": "Acme"}], channel_id=channel)
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


def test_a_file_is_shown_where_it_was_shared_and_nowhere_before(office: Office) -> None:
    file_id, channel = uploaded(office), direct(office)
    address = f"{office.sandbox.url}/files-pri/{file_id}/acme.md"
    assert requests.get(address, params={"as": office.priya}, timeout=5).status_code == 409
    assert complete(office, file_id, channel) == ""
    [message] = office.client().conversations_history(channel=channel)["messages"]
    assert (message["subtype"], message["files"][0]["id"]) == ("file_share", file_id)
    assert requests.get(address, params={"as": office.priya}, timeout=5).content == CONTENT
    assert requests.get(address, params={"as": office.tom}, timeout=5).status_code == 409


def test_what_slack_refuses(office: Office) -> None:
    file_id, channel = uploaded(office), direct(office)
    assert complete(office, file_id, office.priya) == "invalid_arguments"
    assert complete(office, "F0000000000", channel) == "file_not_found"
    assert complete(office, file_id, channel) == ""
    assert complete(office, file_id, channel) == "file_update_failed"
    assert office.api("files.getUploadURLExternal", filename="x", length=0)["error"] == "invalid_arguments"
    announced = office.client().files_getUploadURLExternal(filename="x", length=3)
    assert complete(office, announced["file_id"], channel) == "file_not_found"
    assert requests.post(announced["upload_url"], data=b"four", timeout=5).status_code == 400
    token = {"Authorization": f"Bearer {BOT_TOKEN}"}
    assert requests.post(announced["upload_url"], data=b"xxx", headers=token, timeout=5).status_code == 404


def test_the_scope_is_needed(office: Office) -> None:
    office.slack.manifest = replace(Manifest.read(), scopes=frozenset({"chat:write"}))
    assert office.api("files.getUploadURLExternal", filename="x", length=1)["error"] == "missing_scope"
