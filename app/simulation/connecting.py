"""Opening the WebSocket of a station, and saying in one sentence why it did not open (OCPP-J 1.6 §3)."""

import base64
import errno
import ssl
from urllib.parse import quote, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from app.simulation.errors import CannotConnectError

_STATUS_SENTENCES = {
    400: "could not make sense of the request",
    401: "wants another password for this station, or one at all",
    403: "does not let this station in",
    404: "knows neither this address nor this station",
    503: "takes no more connections at the moment",
}


def station_url(url: str, station_id: str) -> str:
    """The server's address with the percent-encoded identity as its last segment (OCPP-J 1.6 §3.1.1).

    Raises CannotConnectError when the address or the identity cannot be used.
    """
    if not station_id.strip():
        raise CannotConnectError("A station needs an identity: it is the last part of the address it connects to.")
    try:
        parts = urlsplit(url.strip())
        reachable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        reachable = False
    if not reachable or parts.scheme not in {"ws", "wss"}:
        raise CannotConnectError(f"“{url}” is not a server's address: it looks like ws://192.168.1.10:9000/ocpp.")
    if parts.username is not None or parts.fragment:
        raise CannotConnectError(f"“{url}” carries more than an address: leave out any name, password and “#”.")
    # An argument that was not UTF-8 on the command line arrives as surrogates; its bytes are what was meant.
    identity = quote(station_id, safe="", errors="surrogateescape")
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/{identity}", parts.query, ""))


async def open_socket(
    url: str, station_id: str, version: str, password: str | None, open_timeout: float
) -> ClientConnection:
    """An open WebSocket that speaks this version of OCPP, with HTTP Basic authentication when there is a password.

    Raises CannotConnectError with the reason.
    """
    address = station_url(url, station_id)
    server = urlsplit(address).netloc
    subprotocol = Subprotocol(f"ocpp{version}")
    headers = {}
    if password is not None:
        credentials = f"{station_id}:{password}".encode("utf-8", "surrogateescape")
        headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode('ascii')}"
    try:
        socket = await connect(
            address,
            subprotocols=[subprotocol],
            additional_headers=headers,
            # OCPP-J 1.6 §5.1 advises against compression; a station on a site's network knows no proxy.
            compression=None,
            proxy=None,
            open_timeout=open_timeout,
            close_timeout=2,
        )
    except (OSError, InvalidHandshake, InvalidURI, ConnectionClosed, UnicodeError) as error:
        raise CannotConnectError(_why_not_open(error, server, open_timeout)) from error
    if socket.subprotocol != subprotocol:
        await socket.close()
        raise CannotConnectError(f"The server at {server} did not agree to speak OCPP {version}.")
    return socket


def _why_not_open(error: Exception, server: str, open_timeout: float) -> str:
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        reason = _STATUS_SENTENCES.get(status, "did not open a WebSocket")
        return f"The server at {server} {reason} (HTTP {status})."
    if isinstance(error, InvalidMessage):
        return f"What listens at {server} is not a WebSocket server."
    if isinstance(error, TimeoutError):
        return f"No answer from {server} within {open_timeout:g} seconds."
    if isinstance(error, ssl.SSLError):
        return f"No encrypted connection to {server}: {error.reason or error}."
    if isinstance(error, OSError):
        return _why_unreachable(error, server)
    return f"The connection to {server} could not be opened: {error}."


def _why_unreachable(error: OSError, server: str) -> str:
    # A name with several addresses gives one OSError that only quotes what happened at each.
    if isinstance(error, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(error):
        return f"Nothing listens at {server}: the connection was refused."
    if isinstance(error, ConnectionError):
        return f"What listens at {server} closed the connection at once: ws:// and wss:// may be mixed up."
    return f"{server} cannot be reached: {error.strerror or error}."
