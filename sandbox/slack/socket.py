"""Socket Mode: the app's websockets, what is sent to them and whether it was acknowledged.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from sandbox.slack.people import APP

if TYPE_CHECKING:
    from sandbox.slack.workspace import Workspace

MOST_CONNECTIONS = 10
LONGEST_FRAME = 20_480  # bytes from the app; undocumented, seen in production logs (research/slack.md)
PING_SECONDS = 10.0  # once pinged, Bolt for JavaScript hangs up unless the next ping comes within 30 s


@dataclass
class Connection:
    socket: web.WebSocketResponse
    request: web.Request
    waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)  # by envelope_id
    warned: bool = False  # told to go: gets nothing new while others are there


@dataclass
class Delivery:
    """How sending one envelope ended: acked, timeout, lost (the connection went) or unconnected."""

    outcome: str
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def acked(self) -> bool:
        return self.outcome == "acked"


class Sockets:
    def __init__(self, slack: Workspace) -> None:
        self.slack = slack
        self.connections: list[Connection] = []
        self.tickets: set[str] = set()
        self._turn = 0

    def ticket(self) -> str:
        """A one-time ticket for the address that `apps.connections.open` hands out."""
        ticket = secrets.token_hex(12)
        self.tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from hello until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            self._called("connect", 403, "invalid_ticket", "The ticket is unknown or was used already.")
            return web.Response(status=403, text="invalid ticket")
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(socket, request)
        if len(self.connections) >= MOST_CONNECTIONS:
            self._called("connect", 200, "too_many_websockets", f"More than {MOST_CONNECTIONS} connections.")
            await self._say_goodbye(connection, "too_many_websockets")
            await socket.close()
            return socket
        self.connections.append(connection)
        await socket.send_json(self._hello())
        self._called("hello", 200)
        self.slack.world.changed("slack")
        pinging = asyncio.create_task(self._ping(connection))
        try:
            await self._receive(connection)
        finally:
            pinging.cancel()
            self._forget(connection)
        return socket

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": APP},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
        }

    async def _receive(self, connection: Connection) -> None:
        async for message in connection.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            if len(message.data.encode()) > LONGEST_FRAME:
                why = f"An acknowledgement may have {LONGEST_FRAME} bytes; this one has {len(message.data.encode())}."
                self._called("ack", 1009, "frame_too_long", why)
                reason = f"Max frame length of {LONGEST_FRAME} has been exceeded."
                await connection.socket.close(code=1009, message=reason.encode())
                return
            self._take_ack(connection, message.data)

    def _take_ack(self, connection: Connection, text: str) -> None:
        try:
            ack = json.loads(text)
            waiting = connection.waiting.pop(ack["envelope_id"], None)
        except (ValueError, KeyError, TypeError):
            self._called("ack", 400, "invalid_ack", f"Not an acknowledgement: {text[:80]}")
            return
        if waiting is None or waiting.done():
            self._called("ack", 200, "late_ack", "Nobody waits for this acknowledgement any more.")
            return
        waiting.set_result(ack.get("payload") or {})

    async def _ping(self, connection: Connection) -> None:
        while not connection.socket.closed:
            await connection.socket.ping(f"Ping from sandbox:{id(connection)}".encode())
            await asyncio.sleep(PING_SECONDS)

    def _forget(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
        for waiting in connection.waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError("the app's connection closed"))
        connection.waiting.clear()
        self.slack.world.changed("slack")

    def _next(self) -> Connection | None:
        """Each envelope goes to one of the connections; Slack promises no pattern, here they take turns."""
        open_ones = [c for c in self.connections if not c.socket.closed]
        ready = [c for c in open_ones if not c.warned] or open_ones
        if not ready:
            return None
        self._turn += 1
        return ready[self._turn % len(ready)]

    async def deliver(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        name: str,
        respond: bool = False,
        more: dict[str, Any] | None = None,
    ) -> Delivery:
        """Send one envelope to one connection and wait for its acknowledgement, at most `slack.ack_seconds`."""
        connection = self._next()
        if connection is None:
            self._called(name, 0, "dispatch_failed", "The app is not connected.")
            return Delivery("unconnected")
        envelope_id = secrets.token_hex(16)
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = waiting
        envelope = {"envelope_id": envelope_id, "payload": payload, "type": kind, "accepts_response_payload": respond}
        try:
            await connection.socket.send_json(envelope | (more or {}))
            answer = await asyncio.wait_for(waiting, self.slack.ack_seconds)
        except TimeoutError:
            connection.waiting.pop(envelope_id, None)
            self._called(name, 0, "operation_timeout", f"Not acknowledged within {self.slack.ack_seconds:g} s.")
            return Delivery("timeout")
        except ConnectionError:
            self._called(name, 0, "connection_lost", "The app's connection closed before it acknowledged.")
            return Delivery("lost")
        if self.slack.world.faults.take("slack", f"socket {name}", "drop_ack"):
            self._called(name, 0, "operation_timeout", "Acknowledged, but a fault switch dropped the acknowledgement.")
            return Delivery("timeout")
        self._called(name, 200)
        return Delivery("acked", answer if isinstance(answer, dict) else {"text": answer})

    async def disconnect(self, reason: str) -> None:
        """Tell every connection that it will close: `warning` leaves 10 s, anything else closes at once."""
        for connection in list(self.connections):
            await self._say_goodbye(connection, reason)
            if reason == "warning":
                connection.warned = True
                asyncio.get_running_loop().call_later(10, self._close_soon, connection)
            else:
                await connection.socket.close()

    def cut(self) -> None:
        """Every TCP connection breaks, without a word."""
        for connection in list(self.connections):
            if connection.request.transport is not None:
                connection.request.transport.abort()

    def _close_soon(self, connection: Connection) -> None:
        self.slack.spawn(connection.socket.close())

    async def _say_goodbye(self, connection: Connection, reason: str) -> None:
        await connection.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})

    def _called(self, name: str, status: int, error: str = "", why: str = "") -> None:
        self.slack.world.called("slack", f"socket {name}", status, error, why)
