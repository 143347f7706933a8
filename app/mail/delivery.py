"""One letter to the mail server over SMTP (RFC 5321), and a clear word on how that ended.

What matters is the moment at which the server has the whole text: before it a failure means that the letter was
not taken, after it only the server's answer tells.
"""

import base64
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from app.domain.drafts import printable
from app.domain.errors import AppError
from app.domain.letters import Letter
from app.mail.message import as_bytes, on_the_wire
from app.mail.way import Way

#: Seconds for each step up to the text.
ANSWER_WITHIN_S = 30.0
#: Seconds for the answer to the text: a server may check it for long, and giving up means not to know (§4.5.3.2.6).
TAKEN_WITHIN_S = 600.0
QUIT_WITHIN_S = 2.0
WORDS_LIMIT = 300
START_INPUT = 354
#: At any step they mean that whoever sends is not let in, whatever the letter.
NOT_LET_IN = frozenset({530, 534, 535, 538})


@contextlib.asynccontextmanager
async def mail_server(way: Way) -> AsyncIterator["MailServer"]:
    """The server, connected and logged in.

    Raises AppError `mail_unreachable`, `mail_not_secure`, `mail_login_refused`, `mail_password_missing`.
    """
    client = SMTP(
        hostname=way.host,
        port=way.port,
        use_tls=way.security == "tls",
        start_tls=False,
        timeout=ANSWER_WITHIN_S,
        # Who sends is nobody's business but that of who logs in; and asking for this machine's name can take long.
        local_hostname="[127.0.0.1]",
    )
    try:
        await _connect(client, way)
        await _log_in(client, way)
        yield MailServer(client, way)
        with contextlib.suppress(SMTPException, OSError):
            await client.quit(timeout=QUIT_WITHIN_S)
    finally:
        client.close()


class MailServer:
    """A connection that takes one letter after another. Make it with `mail_server`."""

    def __init__(self, client: SMTP, way: Way) -> None:
        self._client = client
        self._way = way
        self._half_done = False

    @property
    def is_open(self) -> bool:
        """Whether it may take one more."""
        return self._client.is_connected

    async def deliver(self, letter: Letter, before_text: Callable[[], Awaitable[bool]]) -> None:
        """Hand a letter over. `before_text` is awaited before its text leaves, and keeps it back with False.

        Raises AppError: `mail_unreachable`, `mail_put_off` or `mail_sender_refused`, and the letter was not taken;
        `mail_recipient_refused` or `mail_refused`, and it never will be; `mail_unsure`, and it may have been.
        """
        sender, recipient, text, option = self._prepared(letter)
        if self._half_done:
            await self._ask(b"RSET")
        self._half_done = True
        await self._envelope(sender, recipient, option)
        if not await before_text():
            return
        code, words = await self._ask(b"DATA")
        if code != START_INPUT:
            raise self._refusal(code, words)
        await self._hand_over(text)
        self._half_done = False

    def _prepared(self, letter: Letter) -> tuple[str, str, bytes, bytes]:
        try:
            sender = on_the_wire(self._way.sender)
        except UnicodeError as error:
            raise AppError("mail_sender_refused", sender=self._way.sender, why=str(error)) from error
        try:
            recipient = on_the_wire(letter.recipient)
            international = not (sender + recipient).isascii()
            text = as_bytes(letter, self._way.sender, self._way.sender_name, international=international)
        except ValueError as error:
            raise AppError("mail_recipient_refused", recipient=letter.recipient, why=str(error)) from error
        if international and not self._client.supports_extension("smtputf8"):
            raise AppError("mail_recipient_refused", recipient=letter.recipient, why="SMTPUTF8")
        return sender, recipient, text, b" SMTPUTF8" if international else b""

    async def _envelope(self, sender: str, recipient: str, option: bytes) -> None:
        code, words = await self._ask(b"MAIL FROM:<" + sender.encode() + b">" + option)
        if code // 100 == 5:
            raise AppError("mail_sender_refused", sender=self._way.sender, why=words)
        if code // 100 != 2:
            raise AppError("mail_put_off", why=words)
        code, words = await self._ask(b"RCPT TO:<" + recipient.encode() + b">")
        if code // 100 == 5 and code not in NOT_LET_IN:
            raise AppError("mail_recipient_refused", recipient=recipient, why=words)
        if code // 100 != 2:
            raise AppError("mail_put_off", why=words)

    async def _hand_over(self, text: bytes) -> None:
        protocol = self._client.protocol
        if protocol is None:
            raise self._lost("")
        try:
            protocol.write(_framed(text))
        except SMTPServerDisconnected as error:
            raise self._lost(str(error)) from error
        try:
            code, words = await protocol.read_response(timeout=TAKEN_WITHIN_S)
        except (SMTPException, OSError) as error:
            self._client.close()
            raise AppError("mail_unsure", why=self._legible(str(error))) from error
        words = self._legible(f"{code} {words}")
        if code // 100 in (4, 5):
            raise self._refusal(code, words)
        if code // 100 != 2:
            raise AppError("mail_unsure", why=words)

    async def _ask(self, command: bytes) -> tuple[int, str]:
        try:
            code, words = await self._client.execute_command(command)
        except (SMTPException, OSError, ValueError) as error:
            self._client.close()
            raise self._lost(str(error)) from error
        return code, self._legible(f"{code} {words}")

    def _refusal(self, code: int, words: str) -> AppError:
        if code // 100 == 5 and code not in NOT_LET_IN:
            return AppError("mail_refused", why=words)
        return AppError("mail_put_off", why=words)

    def _lost(self, words: str) -> AppError:
        return AppError("mail_unreachable", host=self._way.host, port=self._way.port, why=self._legible(words))

    def _legible(self, words: str) -> str:
        return _legible(words, self._way)


async def _connect(client: SMTP, way: Way) -> None:
    try:
        await client.connect()
        await _greet(client)
        if way.security == "starttls":
            await _secure(client, way)
            await _greet(client)
    except (SMTPException, OSError, ValueError) as error:
        words = _words_of(error, way)
        if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
            raise AppError("mail_not_secure", host=way.host, why=words) from error
        raise AppError("mail_unreachable", host=way.host, port=way.port, why=words) from error


async def _secure(client: SMTP, way: Way) -> None:
    try:
        await client.starttls()
    except (SMTPServerDisconnected, SMTPTimeoutError):
        raise
    except SMTPException as error:
        # It does not offer it, or not now: nothing goes on in the open.
        raise AppError("mail_not_secure", host=way.host, why=_words_of(error, way)) from error


async def _greet(client: SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()


async def _log_in(client: SMTP, way: Way) -> None:
    if not way.user:
        return
    if way.password is None:
        raise AppError("mail_password_missing", user=way.user)
    try:
        await client.login(way.user.encode(), way.password.encode())
    except (SMTPServerDisconnected, SMTPTimeoutError) as error:
        raise AppError("mail_unreachable", host=way.host, port=way.port, why=_words_of(error, way)) from error
    except (SMTPException, ValueError) as error:
        # Not chained: it holds what the server said, which may repeat what it was given.
        raise AppError("mail_login_refused", user=way.user, why=_words_of(error, way)) from None


def _words_of(error: BaseException, way: Way) -> str:
    if isinstance(error, SMTPResponseException):
        return _legible(f"{error.code} {error.message}", way)
    return _legible(str(error), way)


def _legible(words: str, way: Way) -> str:
    """What the server said, fit to be shown and kept, without the password in any form in which it was given."""
    shown = " ".join(printable(words).split())
    for secret in _forms_of(way):
        shown = shown.replace(secret, "…")
    return shown[:WORDS_LIMIT]


def _forms_of(way: Way) -> list[str]:
    if not way.password:
        return []
    plain = f"\0{way.user}\0{way.password}"
    return [base64.b64encode(text.encode()).decode() for text in (plain, way.password)] + [way.password]


def _framed(text: bytes) -> bytes:
    """With what ends it, and no line in it that would (§4.5.2)."""
    lines = text if text.endswith(b"\r\n") else text + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n"
