"""Serving stations without a window."""

import asyncio
import contextlib
import signal
from pathlib import Path

from app.application import Application
from app.data_folder import DataFolder
from app.domain.events import HandshakeRefused, RequestsChanged, StationWantsToJoin
from app.network import websocket_url
from app.responsiveness import responsive


async def serve(folder: Path, host: str | None, port: int | None, *, demo: bool = False) -> int:
    """Serve the site in `folder` until SIGINT or SIGTERM; prints `Listening on ws://H:N/` when ready.

    Without `host` and `port` those of the settings hold. Raises AppError for what keeps it from starting.
    """
    with DataFolder(folder) as held, responsive(asyncio.get_running_loop()):
        application = Application(held.database)
        stopped = _stopped_by_signal()
        try:
            async with contextlib.AsyncExitStack() as running:
                await application.listen(host, port, any_port=demo and port is None)
                running.push_async_callback(application.server.stop)
                _tell(application, host)
                if demo:
                    # The simulated stations bring a protocol stack of their own, which a real site never needs.
                    from app.demo import DemoSite

                    running.enter_context(await DemoSite.open(application))
                await _until(stopped)
        finally:
            await application.stop()
    return 0


def _tell(application: Application, host: str | None) -> None:
    shown = (application.settings.server_host if host is None else host) or "0.0.0.0"  # noqa: S104 - what it means
    _say(f"Listening on {websocket_url(shown, application.server.port)}")
    for url in application.station_urls(shown):
        _say(f"  stations connect to {url}<their identity>")

    for url in application.secure_urls(shown):
        _say(f"  or over TLS to {url}<their identity>")
    if application.secure_door.fault is not None:
        _say(f"The secure port is shut: {application.secure_door.fault.code}")

    def wants_to_join(event: StationWantsToJoin) -> None:
        _say(f"{event.station_id} wants to join: tapdesk stations accept {event.station_id}")

    def refused(event: HandshakeRefused) -> None:
        if event.knock.count == 1:
            knock = event.knock
            detail = f" ({knock.detail})" if knock.detail else ""
            _say(f"A connection from {knock.address} was not let in: {knock.cause.value}{detail}")

    told = {request.id for request in application.requests.pending()}

    def asked(_event: RequestsChanged) -> None:
        for request in application.requests.pending():
            if request.id not in told:
                told.add(request.id)
                who = request.holder or f"Card {request.uid}"
                _say(
                    f"{who} asks to charge at {request.pool_name}, held to {request.station_id}:"
                    f" tapdesk requests approve {request.id}"
                )

    application.bus.subscribe(StationWantsToJoin, wants_to_join)
    application.bus.subscribe(HandshakeRefused, refused)
    application.bus.subscribe(RequestsChanged, asked)


def _say(line: str) -> None:
    """To whoever reads our output; when nobody does any more, stations are served all the same."""
    with contextlib.suppress(BrokenPipeError):
        print(line, flush=True)


def _stopped_by_signal() -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(*_: object) -> None:
        loop.call_soon_threadsafe(stopped.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopped


async def _until(stopped: asyncio.Event) -> None:
    # On Windows a signal is only noticed while the interpreter runs: give it a reason to, now and then.
    while not stopped.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await stopped.wait()
