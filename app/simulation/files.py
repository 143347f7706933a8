"""The files a station uploads and fetches, over plain HTTP: the one way it knows.

await send_log(conversation.ask, "LogStatusNotification", location, name, contents, request_id=7)
await fetch_firmware(conversation.ask, location)
"""

import asyncio
import http.client
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

Ask = Callable[..., Awaitable[dict[str, Any]]]

PATIENCE_SECONDS = 30.0
_OK = range(200, 300)


def can_reach(location: str) -> bool:
    """Whether the station knows the way to this place."""
    return urlsplit(location).scheme == "http"


async def send_log(
    ask: Ask, action: str, location: str, name: str, contents: bytes, *, failed: str, **about: object
) -> None:
    """Upload a file, and tell how it gets on in messages of that action."""
    await ask(action, status="Uploading", **about)
    kept = await asyncio.to_thread(_exchange, "PUT", location + name, contents)
    await ask(action, status=failed if kept is None else "Uploaded", **about)


async def fetch_firmware(ask: Ask, location: str, **about: object) -> None:
    """Fetch firmware, and tell how it gets on until it is said to be installed."""
    action = "FirmwareStatusNotification"
    if not can_reach(location):
        await ask(action, status="DownloadFailed", **about)
        return
    await ask(action, status="Downloading", **about)
    if await asyncio.to_thread(_exchange, "GET", location) is None:
        await ask(action, status="DownloadFailed", **about)
        return
    for status in ("Downloaded", "Installing", "Installed"):
        await ask(action, status=status, **about)


def _exchange(method: str, location: str, body: bytes | None = None) -> bytes | None:
    """The body of the answer; None when there is none to work with."""
    place = urlsplit(location)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, place.path, body)
        answer = connection.getresponse()
        told = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return told if answer.status in _OK else None
