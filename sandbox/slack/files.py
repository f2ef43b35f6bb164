"""Files: where an app uploads one to, and where a person who sees it gets it from.

https://docs.slack.dev/messaging/working-with-files#upload
"""

from __future__ import annotations

import mimetypes
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.slack import api
from sandbox.slack.people import BOT_USER
from sandbox.slack.refusals import CannotDo

if TYPE_CHECKING:
    from sandbox.slack.state import Slack

LONGEST = 10_000_000  # bytes; Slack takes a gigabyte
TYPES = {"md": ("markdown", "Markdown"), "csv": ("csv", "CSV"), "json": ("javascript", "JSON")}


@dataclass
class File:
    id: str
    name: str
    length: int  # as it was announced
    created: int
    token: str = field(default_factory=lambda: secrets.token_hex(12))  # of the address that takes it
    content: bytes | None = None  # None: not uploaded yet
    title: str = ""
    channel: str = ""  # where it was shared

    def as_json(self, base_url: str) -> dict[str, Any]:
        """https://docs.slack.dev/reference/objects/file-object"""
        ending = self.name.rpartition(".")[2].lower()
        filetype, pretty = TYPES.get(ending, ("text", "Plain Text"))
        url = f"{base_url}/files-pri/{self.id}/{self.name}"
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": mimetypes.guess_type(self.name)[0] or "text/plain",
            "filetype": filetype,
            "pretty_type": pretty,
            "user": BOT_USER,
            "size": self.length,
            "mode": "snippet",
            "is_external": False,
            "is_public": False,
            "url_private": url,
            "url_private_download": url,
        }


async def take(slack: Slack, request: web.Request) -> web.StreamResponse:
    """What is posted to an upload_url. Nobody sees it before files.completeUploadExternal."""
    name = "files.upload"
    fault = slack.world.faults.take("slack", name, *api.FAULTS)
    if fault:
        failed = await api.act_out(slack, request, name, fault.kind, fault.seconds)
        if failed is not None:
            return failed
    file = slack.files.get(request.match_info["file"])
    content = await request.read()
    if file is None or file.token != request.match_info["token"] or request.headers.get("Authorization"):
        slack.world.called("slack", name, 404, "not_found", "No such upload_url was handed out, or it got a token.")
        return web.Response(status=404)
    if len(content) != file.length:
        slack.world.called("slack", name, 400, "length", f"{file.length} bytes were announced, {len(content)} came.")
        return web.Response(status=400)
    file.content = content
    slack.world.called("slack", name, 200)
    return api.drop(request) if fault and fault.kind == "drop_after" else web.Response(text=f"OK - {len(content)}")


def give(slack: Slack, request: web.Request) -> web.Response:
    """The file, to a person who sees where it was shared."""
    file = slack.files.get(request.match_info["file"])
    try:
        if file is None or file.content is None:
            raise CannotDo("There is no such file.")
        slack.place(file.channel, slack.person(request.query.get("as", "")))
    except CannotDo as refusal:
        return web.json_response({"error": str(refusal)}, status=409)
    shown = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return web.Response(body=file.content, content_type=mimetypes.guess_type(file.name)[0], headers=shown)
