"""The files a station uploads and fetches, over plain HTTP or FTP.

await send_log(conversation.ask, "LogStatusNotification", location, name, contents, request_id=7)
await fetch_firmware(conversation.ask, location, known=True)
"""

import asyncio
import ftplib
import http.client
import io
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

Ask = Callable[..., Awaitable[dict[str, Any]]]

PATIENCE_SECONDS = 30.0
_BROKEN = (OSError, EOFError, http.client.HTTPException, ftplib.Error)
_OK = range(200, 300)


async def send_log(
    ask: Ask, action: str, location: str, name: str, contents: bytes, *, failed: str, **about: object
) -> None:
    """Upload a file, and tell how it gets on in messages of that action."""
    await ask(action, status="Uploading", **about)
    try:
        await asyncio.to_thread(_exchange, location + name, contents)
    except _BROKEN:
        await ask(action, status=failed, **about)
        return
    await ask(action, status="Uploaded", **about)


async def fetch_firmware(ask: Ask, location: str, *, known: bool, **about: object) -> None:
    """Fetch firmware, and tell how it gets on until it is said to be installed; `known`: that way of fetching is."""
    action = "FirmwareStatusNotification"
    if not known:
        await ask(action, status="DownloadFailed", **about)
        return
    await ask(action, status="Downloading", **about)
    try:
        await asyncio.to_thread(_exchange, location)
    except _BROKEN:
        await ask(action, status="DownloadFailed", **about)
        return
    for status in ("Downloaded", "Installing", "Installed"):
        await ask(action, status=status, **about)


def _exchange(location: str, body: bytes | None = None) -> None:
    """Bring a file there, or without one fetch what is there."""
    place = urlsplit(location)
    if place.scheme == "ftp":
        with ftplib.FTP(timeout=PATIENCE_SECONDS) as connection:  # noqa: S321 - what stations know
            connection.connect(place.hostname or "", place.port or 0)
            connection.login(place.username or "", place.password or "")
            if body is None:
                connection.retrbinary(f"RETR {place.path}", lambda _piece: None)
            else:
                connection.storbinary(f"STOR {place.path}", io.BytesIO(body))
        return
    with closing(http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE_SECONDS)) as web:
        web.request("GET" if body is None else "PUT", place.path, body)
        answer = web.getresponse()
        answer.read()
    if answer.status not in _OK:
        raise OSError(answer.reason)
