"""TLS on a connection that has begun to speak, and what an installer can learn from one that failed."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.model import KnockCause

#: What a station says that does not trust the certificate it was shown.
_DISTRUST = frozenset(
    {"UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "CERTIFICATE_EXPIRED", "UNSUPPORTED_CERTIFICATE"}
)
_TOO_OLD = frozenset(
    {"UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "VERSION_TOO_LOW", "WRONG_SSL_VERSION", "INAPPROPRIATE_FALLBACK"}
)
_FIRST_BYTES_OF_TLS = b"\x16"


@dataclass(frozen=True, slots=True)
class TlsOffer:
    """What a port knows of TLS: the context to serve it with, if there is one; whether nothing else is spoken there."""

    context: Callable[[], ssl.SSLContext | None]
    only: bool = False


def begins_tls(said: bytes) -> bool:
    """Whether these are the first bytes of a TLS handshake, which no line of text begins with."""
    return said.startswith(_FIRST_BYTES_OF_TLS)


async def serve_tls(
    transport: asyncio.Transport,
    protocol: asyncio.BaseProtocol,
    context: ssl.SSLContext,
    said: bytes,
    within_s: float,
) -> asyncio.Transport:
    """Go on over TLS, on a connection whose first bytes were read already. Raises OSError as the handshake does."""
    loop = asyncio.get_running_loop()
    upgrading = asyncio.ensure_future(
        loop.start_tls(transport, protocol, context, server_side=True, ssl_handshake_timeout=within_s)
    )
    # Now it has the connection, and will greet it in the loop's next round: right behind that it hears what was said.
    await asyncio.sleep(0)
    loop.call_soon(_hand_on, transport, said)
    upgraded = await upgrading
    if upgraded is None:
        raise ConnectionResetError
    return upgraded


def _hand_on(transport: asyncio.Transport, said: bytes) -> None:
    reader = transport.get_protocol()
    while said and isinstance(reader, asyncio.BufferedProtocol) and not transport.is_closing():
        room = memoryview(reader.get_buffer(len(said)))
        taken = min(len(room), len(said))
        room[:taken] = said[:taken]
        reader.buffer_updated(taken)
        said = said[taken:]


def cause_of_tls_failure(error: BaseException) -> tuple[KnockCause, str]:
    """Why a TLS handshake failed, and in OpenSSL's words what was wrong."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return KnockCause.CERTIFICATE_NOT_TRUSTED, error.verify_message
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    told = reason.split("_ALERT_")[-1]
    if "_ALERT_" in reason and told in _DISTRUST:
        return KnockCause.SITE_NOT_TRUSTED, told
    if told in _TOO_OLD:
        return KnockCause.TLS_TOO_OLD, told
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return KnockCause.CERTIFICATE_NOT_TRUSTED, ""
    return KnockCause.TLS_FAILED, told
