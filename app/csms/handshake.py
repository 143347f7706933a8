"""Who may connect: reading the WebSocket opening handshake the way stations really send it.

The identity is the last segment of the URL's path (OCPP-J 1.6 §3.1.1). What goes wrong here is told with a
cause that an installer can act on, since to the station's own screen it is only "not connected".
"""

from collections.abc import Sequence
from urllib.parse import unquote_to_bytes, urlsplit

from websockets.exceptions import InvalidHeader, InvalidUpgrade

from app.domain.drafts import clean_station_id
from app.domain.errors import AppError
from app.domain.model import KnockCause

OCPP_16 = "ocpp1.6"

# How stations spell it, without letter case, dots and blanks.
_SPELLINGS = {"ocpp16": OCPP_16, "ocpp16j": OCPP_16}
_VERSIONS_NOT_SERVED = ("ocpp12", "ocpp15", "ocpp20", "ocpp201", "ocpp21")
_HTTP_METHODS = (b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"CONNECT ")


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
    segments = [segment for segment in urlsplit(path).path.split("/") if segment.strip()]
    if not segments or segments[-1].endswith(":"):
        raise RefusedError(KnockCause.NO_IDENTITY)
    last = segments[-1]
    if "%" in last.replace("%25", "") and not _well_escaped(last):
        raise RefusedError(KnockCause.BAD_IDENTITY, last)
    try:
        return clean_station_id(unquote_to_bytes(last).decode())
    except (AppError, UnicodeDecodeError):
        raise RefusedError(KnockCause.BAD_IDENTITY, last) from None


def choose_subprotocol(offered: Sequence[str], *, known_station: bool) -> str | None:
    """The subprotocol to answer with, spelled as the station spelled it; None to answer without one.

    A station that offers nothing is let in as OCPP 1.6 only when the operator accepted it before.
    Raises RefusedError NO_SUBPROTOCOL or VERSION_NOT_SERVED.
    """
    spelled = [offer for offer in offered if _plain(offer)]
    for offer in spelled:
        if _plain(offer) in _SPELLINGS:
            return offer
    if spelled:
        cause = KnockCause.VERSION_NOT_SERVED if _names_a_version(spelled) else KnockCause.NO_SUBPROTOCOL
        raise RefusedError(cause, ", ".join(spelled))
    if known_station:
        return None
    raise RefusedError(KnockCause.NO_SUBPROTOCOL)


def cause_of_rejection(error: Exception | None) -> tuple[KnockCause, str]:
    """Why the WebSocket library turned a well-formed HTTP request down."""
    if isinstance(error, InvalidUpgrade):
        header, value = error.name, error.value
        if header.lower() == "connection" and value is None:
            return KnockCause.BROKEN_HEADERS, "Connection"
        return KnockCause.NOT_A_WEBSOCKET, header
    if isinstance(error, InvalidHeader):
        return KnockCause.BROKEN_HEADERS, error.name
    return KnockCause.BROKEN_HEADERS, ""


def cause_of_silence(first_bytes: bytes, *, timed_out: bool) -> KnockCause | None:
    """Why a connection ended before there was a request to answer; None when it said nothing worth telling."""
    if first_bytes.startswith(b"\x16\x03"):
        return KnockCause.TLS_ON_PLAIN_PORT
    if first_bytes.startswith(b"POST ") and (b"soap" in first_bytes.lower() or b"xml" in first_bytes.lower()):
        return KnockCause.SOAP
    if not first_bytes:
        return KnockCause.NEVER_FINISHED if timed_out else None
    if first_bytes.startswith(_HTTP_METHODS) and b"\r\n\r\n" not in first_bytes and timed_out:
        return KnockCause.NEVER_FINISHED
    return KnockCause.UNREADABLE_REQUEST


def _plain(offer: str) -> str:
    return offer.strip().lower().replace(".", "").replace(" ", "")


def _names_a_version(offers: Sequence[str]) -> bool:
    return any(_plain(offer).startswith(_VERSIONS_NOT_SERVED) for offer in offers)


def _well_escaped(segment: str) -> bool:
    pieces = segment.split("%")[1:]
    return all(len(piece) >= 2 and all(digit in "0123456789abcdefABCDEF" for digit in piece[:2]) for piece in pieces)
