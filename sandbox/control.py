"""The sandbox's own controls: time, faults, what was called, the stream of changes, the tour."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, cast
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox import tour
from sandbox.faults import KINDS, OFFERS
from sandbox.page import (
    tour_of_action_items,
    tour_of_asks,
    tour_of_closing,
    tour_of_plans,
    tour_of_red_accounts,
    tour_of_reminders,
    tour_of_salesforce,
    tour_of_the_sheet,
    tour_of_updates,
)
from sandbox.page.arrivals import arrivals

if TYPE_CHECKING:
    from sandbox.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Where the page says "next morning" without a person to ask: the invented company's main office.
OFFICE = ZoneInfo("America/New_York")
WEEK = timedelta(days=7)


class Runner(Protocol):
    """What sandbox/runner.py may hang on the world as `world.runner`: the bot's process, and settings worth showing."""

    ready: bool  # not while the fortnight is replayed
    running: bool
    pid: int | None
    poll_seconds: float
    writes: dict[str, str]

    async def kill(self) -> None:
        """kill -9 the bot."""

    async def start(self) -> None:
        """Start it again."""

    async def reset(self) -> None:
        """Empty everything, seed it, start the bot anew."""


def runner_of(world: World) -> Runner | None:
    return cast("Runner | None", getattr(world, "runner", None))


def refused(error: str, status: int = 400) -> web.Response:
    return web.json_response({"error": error}, status=status)


def skip_to(now: datetime, where: str, zone: ZoneInfo = OFFICE) -> float:
    """Seconds from now to the next 9:00 on a weekday in that time zone, daylight saving included."""
    if where != "next_morning":
        raise ValueError(f"there is no {where!r} to go to; there is next_morning")
    morning = now.astimezone(zone).replace(hour=9, minute=0, second=0, microsecond=0)
    while morning.timestamp() <= now.timestamp() or morning.weekday() >= 5:
        morning += timedelta(days=1)
    return morning.timestamp() - now.timestamp()


class Control:
    """One handler per control, over one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        nouns = (
            tour_of_red_accounts,
            tour_of_reminders,
            tour_of_plans,
            tour_of_asks,
            tour_of_action_items,
            tour_of_updates,
            tour_of_closing,
            tour_of_the_sheet,
            tour_of_salesforce,
        )
        self.tour = tour.Tour(world, [step for noun in nouns for step in noun.STEPS])
        world.pass_time = self._move  # for steps that skip
        self.moving = False
        self.moved: tuple[datetime, datetime] | None = None  # the last move: from when, to when

    def clock_json(self) -> dict[str, Any]:
        clock = self.world.clock
        moved = {"from": self.moved[0].isoformat(), "to": self.moved[1].isoformat()} if self.moved else None
        now = clock.now().isoformat()
        return {"now": now, "offset_seconds": clock.offset_seconds, "moving": self.moving, "moved": moved}

    async def state(self, request: web.Request) -> web.Response:
        """Clock, faults and the bot, in one answer."""
        runner = runner_of(self.world)
        bot = {"running": runner.running, "pid": runner.pid} if runner else {"running": None, "pid": None}
        return web.json_response(
            {
                "clock": self.clock_json(),
                "poll_seconds": runner.poll_seconds if runner else 3,
                "faults": self.world.faults.as_json(),
                "version": self.world.version,
                "writes": runner.writes if runner else {},
                "bot": bot | {"connections": len(self.world.slack.sockets.connections)},
            }
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the name of each part that changed, at most ten times a second."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        parts: set[str] = set()
        woken = asyncio.Event()

        def listen(part: str) -> None:
            parts.add(part)
            woken.set()

        self.world.listeners.append(listen)
        try:
            await response.write(b"retry: 1000\n\n")
            while request.transport and not request.transport.is_closing():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), 1)
                lines = [f"event: {part}\ndata: {self.world.version}\n\n" for part in sorted(parts)]
                parts.clear()
                woken.clear()
                await response.write("".join(lines or [": still here\n\n"]).encode())
                await asyncio.sleep(0.1)
            return response
        except (ConnectionError, asyncio.CancelledError):
            return response
        finally:
            self.world.listeners.remove(listen)

    async def clock(self, request: web.Request) -> web.Response:
        return web.json_response(self.clock_json())

    async def move_clock(self, request: web.Request) -> web.Response:
        """{"skip_seconds": n} | {"to": "next_morning", "tz": name} | {"outage_seconds": n}: only ever forwards."""
        wanted = await request.json()
        outage = "outage_seconds" in wanted
        try:
            if "to" in wanted:
                seconds = skip_to(self.world.clock.now(), wanted["to"], ZoneInfo(wanted.get("tz") or OFFICE.key))
            else:
                seconds = float(wanted["outage_seconds"] if outage else wanted["skip_seconds"])
        except (KeyError, ValueError, TypeError) as error:
            return refused(f"Say skip_seconds, outage_seconds or to: next_morning ({error}).")
        if seconds < 0:
            return refused("Time only moves forwards here.")
        if self.moving:
            return refused("The clock is already moving; wait until it has arrived.", 409)
        await self._move(seconds, outage)
        return web.json_response(self.clock_json())

    async def _move(self, seconds: float, outage: bool) -> None:
        machine = getattr(self.world, "time_machine", None)
        began = self.world.clock.now()
        self.moving, self.moved = True, (began, began + timedelta(seconds=seconds))
        self.world.changed("clock")
        try:
            if machine is None:
                self.world.clock.move(timedelta(seconds=seconds))
            else:
                await machine(seconds, outage=outage)
        finally:
            self.moving = False
            self.world.changed("clock")

    async def arrived(self, request: web.Request) -> web.Response:
        """?since=move: what the bot posted since the last move began (a week, where there was none); ?since=week."""
        span, week = request.query.get("since", "move"), self.world.clock.now() - WEEK
        if span not in ("move", "week"):
            return refused("since is move or week.")
        since = self.moved[0] if self.moved and span == "move" else week
        return web.json_response({"since": since.isoformat(), "office": OFFICE.key} | arrivals(self.world, since))

    async def faults(self, request: web.Request) -> web.Response:
        return web.json_response({"on": self.world.faults.as_json(), "kinds": KINDS, "offers": OFFERS})

    async def switch_on(self, request: web.Request) -> web.Response:
        """{"system", "kind", "call"?, "times"?, "share"?, "seconds"?, "message"?}"""
        wanted = await request.json()
        known = {"system", "kind", "call", "times", "share", "seconds", "message"}
        details = {name: value for name, value in wanted.items() if name in known and value is not None}
        if details.get("system") not in ("slack", "salesforce", "sheets"):
            return refused("A fault needs a system: slack, salesforce or sheets.")
        try:
            fault = self.world.faults.switch_on(details.pop("system"), details.pop("kind", ""), **details)
        except ValueError as error:
            return refused(f"{error}.")
        self.world.changed("faults")
        return web.json_response({"id": fault.id, "on": self.world.faults.as_json()})

    async def switch_off(self, request: web.Request) -> web.Response:
        """?id=n for one; without it, all."""
        which = request.query.get("id")
        if which is not None and not which.isdigit():
            return refused("A fault's id is a number.")
        self.world.faults.switch_off(int(which) if which else None)
        self.world.changed("faults")
        return web.json_response({"on": self.world.faults.as_json()})

    async def calls(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        if not after.isdigit():
            return refused("after is the number of a call.")
        return web.json_response({"calls": self.world.calls_json(int(after))})

    async def reset(self, request: web.Request) -> web.Response:
        """Everything empty, or, in `make sandbox`, as on the first morning."""
        world, runner = self.world, runner_of(self.world)
        world.faults.switch_off()
        world.calls.clear()
        world.clock.start_over()
        self.moved = None
        if runner:
            self.moving = True  # the invented fortnight is replayed
            try:
                await runner.reset()
            finally:
                self.moving = False
        else:
            for system in (world.slack, world.salesforce, world.sheets):
                system.reset()
        self.tour.forget()  # now, so that the fortnight does not count as tried
        for part in ("slack", "salesforce", "sheets", "clock", "faults", "calls", "tour"):
            world.changed(part)
        return web.json_response({"ok": True})

    async def bot(self, request: web.Request) -> web.Response:
        """{"do": "kill" | "start"}"""
        runner, wanted = runner_of(self.world), await request.json()
        if runner is None:
            return refused("The bot runs elsewhere; this sandbox cannot stop or start it.", 409)
        if wanted.get("do") not in ("kill", "start"):
            return refused("The bot can be told kill or start.")
        await (runner.kill() if wanted["do"] == "kill" else runner.start())
        self.world.changed("bot")
        return web.json_response({"running": runner.running, "pid": runner.pid})

    async def steps(self, request: web.Request) -> web.Response:
        runner = runner_of(self.world)  # a tab may be open since before a restart: what is replayed is not tried
        return web.json_response({"steps": self.tour.as_json() if runner is None or runner.ready else []})

    async def do_step(self, request: web.Request) -> web.Response:
        try:
            goto = await self.tour.do(request.match_info["id"])
        except KeyError:
            return refused("There is no such step.", 404)
        except tour.CannotDo as error:
            return refused(str(error), 409)
        self.world.changed("tour")
        return web.json_response({"goto": goto})


def in_words(handler: Handler) -> Handler:
    """A body that is no JSON object is refused in words, not with a stack trace."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
        except ValueError:
            return refused("The body is not JSON.")
        if not isinstance(body, dict):
            return refused("The body must be a JSON object.")
        return await handler(request)

    return answer


def routes(world: World) -> list[web.RouteDef]:
    """/sandbox/state, events, clock, arrivals, faults, calls, reset, bot and tour."""
    control = Control(world)
    return [
        web.get("/sandbox/state", control.state),
        web.get("/sandbox/events", control.events),
        web.get("/sandbox/clock", control.clock),
        web.post("/sandbox/clock", in_words(control.move_clock)),
        web.get("/sandbox/arrivals", control.arrived),
        web.get("/sandbox/faults", control.faults),
        web.post("/sandbox/faults", in_words(control.switch_on)),
        web.delete("/sandbox/faults", control.switch_off),
        web.get("/sandbox/calls", control.calls),
        web.post("/sandbox/reset", control.reset),
        web.post("/sandbox/bot", in_words(control.bot)),
        web.get("/sandbox/tour", control.steps),
        web.post("/sandbox/tour/{id}/do", control.do_step),
    ]
