"""One web server on 127.0.0.1 for all stand-ins, in a thread of its own: tests and tools share the process with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiohttp import web

from sandbox import control, page, salesforce, sheets, slack
from sandbox.world import World

T = TypeVar("T")


def build_app(world: World) -> web.Application:
    app = web.Application(client_max_size=8 * 1024 * 1024)
    for part in (slack, salesforce, sheets, control, page):
        app.add_routes(part.routes(world))
    return app


class Sandbox:
    """The running stand-ins. `world` is their state; change it from other threads only through `call` or `run`."""

    def __init__(self, world: World | None = None, port: int = 0) -> None:
        self.world = world or World()
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Sandbox:
        self._thread.start()
        self._ready.wait()
        if self._failed:
            raise self._failed
        return self

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def run(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = 30) -> T:
        """Run a coroutine on the stand-ins' own loop and wait for what it returns."""
        running = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return running.result(timeout)
        finally:
            running.cancel()  # nobody waits any more; does nothing to what is done

    def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a plain function on the stand-ins' own loop: the way to change `world` from a test."""

        async def inside() -> T:
            return function(*args, **kwargs)

        return self.run(inside())

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._listen())
        except BaseException as error:  # a port in use belongs to whoever called start()
            self._failed = error
            self._ready.set()
            return
        self._ready.set()
        self._loop.run_forever()

    async def _listen(self) -> None:
        self._runner = web.AppRunner(build_app(self.world), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.world.base_url = self.url
