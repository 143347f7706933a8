"""Who may connect: reading the WebSocket opening handshake the way stations really send it.

The identity is the last segment of the URL's path (OCPP-J 1.6 §3.1.1). What goes wrong here is told with a
cause that an installer can act on, since to the station's own screen it is only "not connected".
"""

import contextlib
import re
from collections.abc import Collection, Iterable, Sequence
from urllib.parse import unquote_to_bytes

from websockets.exceptions import InvalidHeader, InvalidMethod, InvalidProtocol, InvalidUpgrade

from app.csms.door.tls import begins_tls
from app.domain.drafts import clean_station_id
from app.domain.errors import AppError
from app.domain.model import KnockCause, OcppVersion

# How stations spell them, without letter case, dots and blanks.
_SPELLINGS = {
    "ocpp16": OcppVersion.V16,
    "ocpp16j": OcppVersion.V16,
    "ocpp201": OcppVersion.V201,
    "ocpp21": OcppVersion.V21,
}
_VERSIONS_NOT_SERVED = ("ocpp12", "ocpp15", "ocpp20", "ocpp201", "ocpp21")
_HTTP_METHODS = (b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"CONNECT ")
_BEHIND_THE_PATH = re.compile("[?#]")
#: Segments before the last that are looked at; each costs a look into the database.
MOST_BEFORE = 4
_SCHEMES = frozenset({"ws:", "wss:", "http:", "https:"})


class RefusedError(Exception):
    """This connection is not let in."""

    def __init__(self, cause: KnockCause, detail: str = "") -> None:
        super().__init__(cause, detail)
        self.cause = cause
        self.detail = detail


def station_identity(path: str) -> str:
    """The identity in a request's path: its last segment, percent-decoded; slashes and whole URLs are tolerated.

    Raises RefusedError NO_IDENTITY or BAD_IDENTITY.
    """
    segments = _segments(path)
    # What follows "ws://" is a server's name, and no station's.
    if not segments or _SCHEMES.intersection(segment.lower() for segment in segments[-2:]):
        raise RefusedError(KnockCause.NO_IDENTITY)
    return _identity(segments[-1])


def identities_before(path: str) -> list[str]:
    """What could be an identity and stands before the last segment, the nearest first: a station that was given
    another one's whole URL, and added its own name, is told by it.
    """
    found = []
    for segment in _segments(path)[-2 : -2 - MOST_BEFORE : -1]:
        with contextlib.suppress(RefusedError):
            found.append(_identity(segment))
    return found


def choose_subprotocol(offered: Sequence[str], *, served: Collection[OcppVersion], known_station: bool) -> str | None:
    """The subprotocol to answer with, spelled as the station spelled it; None to answer without one.

    Of several the station's own order decides (RFC 6455 §4.1: the client's order of preference). A station that offers
    nothing is let in as OCPP 1.6 only when the operator accepted it before.
    Raises RefusedError NO_SUBPROTOCOL or VERSION_NOT_SERVED.
    """
    spelled = [offer for offer in offered if _plain(offer)]
    for offer in spelled:
        if _SPELLINGS.get(_plain(offer)) in served:
            return offer
    if spelled:
        cause = KnockCause.VERSION_NOT_SERVED if _names_a_version(spelled) else KnockCause.NO_SUBPROTOCOL
        raise RefusedError(cause, ", ".join(spelled))
    if known_station:
        return None
    raise RefusedError(KnockCause.NO_SUBPROTOCOL)


def may_compress(offered: Sequence[str]) -> bool:
    """Whether a station that offers these subprotocols may compress what it sends (RFC 7692).

    OCPP 2.x demands that a server can (part 4 §3.3), 1.6 advises against it (OCPP-J §5.1), and some 1.6 stations fail
    at it. Of several versions the first counts, for that is the one that will be spoken.
    """
    versions = (_SPELLINGS.get(_plain(offer)) for offer in offered)
    return next(filter(None, versions), OcppVersion.V16) is not OcppVersion.V16


def version_spoken(subprotocol: str | None) -> OcppVersion:
    """The version that a chosen subprotocol names, however it is spelled; without one it is 1.6."""
    return OcppVersion.V16 if subprotocol is None else _SPELLINGS[_plain(subprotocol)]


def cause_of_rejection(error: Exception, header_names: Iterable[str]) -> tuple[KnockCause, str]:
    """Why the WebSocket library turned a well-formed HTTP request down, and what was missing or wrong in it."""
    if isinstance(error, InvalidMethod):
        return KnockCause.NOT_A_WEBSOCKET, error.method
    if isinstance(error, InvalidUpgrade) and not any(name.lower().startswith("sec-websocket") for name in header_names):
        return KnockCause.NOT_A_WEBSOCKET, error.name
    if isinstance(error, InvalidHeader):
        return KnockCause.BROKEN_HEADERS, error.name
    if isinstance(error, InvalidProtocol):
        return KnockCause.BROKEN_HEADERS, "HTTP/1.1"
    return KnockCause.UNREADABLE_REQUEST, ""


def cause_of_silence(first_bytes: bytes, *, timed_out: bool) -> KnockCause | None:
    """Why a connection ended before there was a request to answer; None when it said nothing worth telling."""
    if begins_tls(first_bytes):
        return KnockCause.TLS_ON_PLAIN_PORT
    if first_bytes.startswith(b"POST ") and (b"soap" in first_bytes.lower() or b"xml" in first_bytes.lower()):
        return KnockCause.SOAP
    if not first_bytes:
        return KnockCause.NEVER_FINISHED if timed_out else None
    if first_bytes.startswith(_HTTP_METHODS) and b"\r\n\r\n" not in first_bytes and timed_out:
        return KnockCause.NEVER_FINISHED
    return KnockCause.UNREADABLE_REQUEST


def _segments(path: str) -> list[str]:
    return [segment for segment in _BEHIND_THE_PATH.split(path, 1)[0].split("/") if segment.strip()]


def _identity(segment: str) -> str:
    if "%" in segment.replace("%25", "") and not _well_escaped(segment):
        raise RefusedError(KnockCause.BAD_IDENTITY, segment)
    try:
        return clean_station_id(unquote_to_bytes(segment).decode())
    except (AppError, UnicodeDecodeError):
        raise RefusedError(KnockCause.BAD_IDENTITY, segment) from None


def _plain(offer: str) -> str:
    return offer.strip().lower().replace(".", "").replace(" ", "")


def _names_a_version(offers: Sequence[str]) -> bool:
    return any(_plain(offer).startswith(_VERSIONS_NOT_SERVED) for offer in offers)


def _well_escaped(segment: str) -> bool:
    pieces = segment.split("%")[1:]
    return all(len(piece) >= 2 and all(digit in "0123456789abcdefABCDEF" for digit in piece[:2]) for piece in pieces)
