"""A real SMTP server on the loopback interface, and ways in which it misbehaves."""

import asyncio
import email
import email.policy
import ssl
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import keyring.backend
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
#: What a step can come to instead of going on: an answer of the server's, seconds to wait before it, or one of these.
DROP, HANG, TAKE_AND_DROP, TAKE_AND_HANG = "drop", "hang", "take and drop", "take and hang"


class Post:
    """The server's side. `steps` gives for each step what it comes to: `connect`, `EHLO`, `MAIL`, `RCPT`, `DATA` (the
    command) and `text` (all of it came); what is missing there goes well."""

    def __init__(self):
        self.port = 0
        self.taken = []
        self.steps = {}
        self.logins = []
        self.rejection = ""
        self.seen = Counter()

    def outcome(self, step):
        self.seen[step] += 1
        chosen = self.steps.get(step)
        return chosen() if callable(chosen) else chosen

    @property
    def letters(self):
        """What was delivered, read."""
        return [email.message_from_bytes(text, policy=email.policy.default) for text in self.taken]

    def count(self, message_id):
        return sum(letter["Message-ID"] == message_id for letter in self.letters)

    async def step(self, name, protocol, go_on):
        outcome = self.outcome(name)
        if outcome in (TAKE_AND_DROP, TAKE_AND_HANG):
            await go_on()
        if outcome in (DROP, TAKE_AND_DROP):
            protocol.transport.abort()
            return None
        if outcome in (HANG, TAKE_AND_HANG):
            await asyncio.sleep(3600)
        if isinstance(outcome, float):
            await asyncio.sleep(outcome)
            return await go_on()
        return outcome or await go_on()


class _Smtp(SMTP):
    def __init__(self, post, **options):
        self.post = post
        super().__init__(_Handler(post), hostname="mail.test", **options)

    def connection_made(self, transport):
        super().connection_made(transport)
        if self.post.outcome("connect") == DROP:
            transport.abort()

    async def smtp_AUTH(self, arg):
        if self.post.rejection:
            await self.push(self.post.rejection)
        else:
            await super().smtp_AUTH(arg)

    async def smtp_DATA(self, arg):
        async def go_on():
            await SMTP.smtp_DATA(self, arg)

        answer = await self.post.step("DATA", self, go_on)
        if answer:
            await self.push(answer)


class _Handler:
    def __init__(self, post):
        self.post = post

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname

        async def go_on():
            return None

        answer = await self.post.step("EHLO", server, go_on)
        return responses if answer is None else [answer]

    async def handle_MAIL(self, server, session, envelope, address, options):
        async def go_on():
            envelope.mail_from = address
            return "250 OK"

        return await self.post.step("MAIL", server, go_on)

    async def handle_RCPT(self, server, session, envelope, address, options):
        async def go_on():
            envelope.rcpt_tos.append(address)
            return "250 OK"

        return await self.post.step("RCPT", server, go_on)

    async def handle_DATA(self, server, session, envelope):
        async def go_on():
            self.post.taken.append(envelope.content)
            return "250 2.0.0 taken"

        return await self.post.step("text", server, go_on)


@asynccontextmanager
async def mail_server(*, user="", password="", certificate=None, tls=False, port=0, international=True):
    """A server that is up; with `certificate` it offers STARTTLS, with `tls` too it speaks TLS from the first byte."""
    post = Post()

    def check(_server, _session, _envelope, mechanism, data):
        # What came, as it came.
        post.logins.append((mechanism, data))
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == (user, password), handled=False)

    options = {"enable_SMTPUTF8": international}
    if user:
        options |= {"authenticator": check, "auth_required": True, "auth_require_tls": certificate is not None}
    if certificate is not None and not tls:
        options |= {"tls_context": certificate.context, "require_starttls": True}
    if tls:
        options["auth_require_tls"] = False
    loop = asyncio.get_running_loop()
    protocols = []

    def protocol():
        protocols.append(_Smtp(post, loop=loop, **options))
        return protocols[-1]

    listening = await loop.create_server(protocol, HOST, port, ssl=certificate.context if tls else None)
    post.port = listening.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        listening.close()
        for each in protocols:
            if each.transport is not None:
                each.transport.abort()
        await listening.wait_closed()
        await asyncio.sleep(0.01)


class Certificate:
    """A certificate for the loopback interface that nobody signed; `file` is where clients may find it."""

    def __init__(self, folder, name="localhost"):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.file)


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that forgets at the end of the test."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.passwords = {}

    def get_password(self, service, username):
        return self.passwords.get((service, username))

    def set_password(self, service, username, password):
        self.passwords[service, username] = password

    def delete_password(self, service, username):
        if self.passwords.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError
