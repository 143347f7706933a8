"""The way to a mail server: secure or not, logged in or not, and what is said of what stands in it."""

import logging

import pytest

from app.application import Application
from app.domain.errors import AppError
from app.mail import delivery
from tests.mail_server import DROP, HANG, HOST, Certificate, MemoryKeyring, mail_server

SENDER, RECIPIENT = "tapdesk@site.example", "owner@garage.example"
USER, SECRET = "tapdesk@site.example", "hunter2 is a sécret"


@pytest.fixture(autouse=True)
def ring(monkeypatch):
    ring = MemoryKeyring()
    monkeypatch.setattr("keyring.get_keyring", lambda: ring)
    monkeypatch.setattr("keyring.core._keyring_backend", ring)
    logging.getLogger("mail").setLevel(logging.CRITICAL)
    return ring


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path)


@pytest.fixture
def trusted(certificate, monkeypatch):
    """What a system's own list of authorities does for a certificate that is signed."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    return certificate


async def set_up(site, post, *, security="none", host=HOST, user="", sender=SENDER):
    await site.settings.change(
        mail_host=host, mail_port=post.port, mail_security=security, mail_user=user, mail_sender=sender
    )


async def refused(site, recipient=RECIPIENT):
    with pytest.raises(AppError) as refused:
        await site.mail.send_test(recipient)
    return refused.value


class TestTheTestLetter:
    async def test_it_arrives(self, site):
        async with mail_server() as post:
            await set_up(site, post)
            await site.mail.send_test(f" {RECIPIENT} ")
            (arrived,) = post.letters
        assert (arrived["To"], arrived["Subject"]) == (RECIPIENT, "Tapdesk can send e-mail")
        assert not site.mail.letters()

    async def test_without_a_server_or_a_sender_there_is_nothing_to_test(self, site):
        assert (await refused(site)).code == "mail_not_set_up"
        await site.settings.change(mail_host=HOST, mail_user="not an address")
        assert (await refused(site)).code == "mail_not_set_up"
        assert not site.mail.is_set_up

    async def test_a_user_that_is_an_address_is_the_sender_too(self, site):
        await site.settings.change(mail_host=HOST, mail_user=USER)
        assert site.mail.is_set_up

    @pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nBcc: c@d.example"])
    async def test_what_is_no_address_is_not_written_to(self, site, address):
        async with mail_server() as post:
            await set_up(site, post)
            assert (await refused(site, address)).code in ("email_empty", "email_not_an_address")
            assert not post.seen

    @pytest.mark.parametrize(
        ("step", "answer", "code"),
        [
            ("connect", DROP, "mail_unreachable"),
            ("MAIL", "550 5.7.1 not you", "mail_sender_refused"),
            ("MAIL", "450 4.7.1 later", "mail_put_off"),
            ("RCPT", "550 5.1.1 nobody", "mail_recipient_refused"),
            ("RCPT", "451 4.7.1 later", "mail_put_off"),
            ("DATA", "554 5.7.1 no", "mail_refused"),
            ("text", "552 5.3.4 no", "mail_refused"),
            ("text", DROP, "mail_unsure"),
        ],
    )
    async def test_what_stands_in_the_way_is_said(self, site, step, answer, code):
        async with mail_server() as post:
            await set_up(site, post)
            post.steps[step] = answer
            error = await refused(site)
        assert error.code == code
        assert error.params["why"] == answer if answer != DROP else error.params["why"]

    async def test_a_server_that_never_speaks_is_given_up(self, site, monkeypatch):
        monkeypatch.setattr(delivery, "ANSWER_WITHIN_S", 0.1)
        async with mail_server() as post:
            await set_up(site, post)
            post.steps["EHLO"] = HANG
            assert (await refused(site)).code == "mail_unreachable"

    async def test_a_name_that_is_no_host_is_said(self, site):
        for host in ("no.such.host.invalid", "a..b", "x" * 200):
            await site.settings.change(mail_host=host, mail_sender=SENDER)
            error = await refused(site)
            assert (error.code, error.params["host"]) == ("mail_unreachable", host)
            assert error.params["why"]

    async def test_an_address_beyond_ascii_needs_a_server_that_takes_it(self, site):
        async with mail_server(international=False) as post:
            await set_up(site, post)
            assert (await refused(site, "zoë@garage.example")).code == "mail_recipient_refused"
            await site.mail.send_test("zoe@bücher.example")
            assert post.letters[0]["To"] == "zoe@xn--bcher-kva.example"


class TestSecurity:
    async def test_with_starttls_the_letter_goes_encrypted(self, site, trusted):
        async with mail_server(certificate=trusted) as post:
            await set_up(site, post, security="starttls", host="localhost")
            await site.mail.send_test(RECIPIENT)
            assert len(post.taken) == 1

    async def test_with_tls_from_the_first_byte_too(self, site, trusted):
        async with mail_server(certificate=trusted, tls=True) as post:
            await set_up(site, post, security="tls", host="localhost")
            await site.mail.send_test(RECIPIENT)
            assert len(post.taken) == 1

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    async def test_a_certificate_nobody_vouches_for_is_not_accepted(self, site, certificate, security):
        async with mail_server(certificate=certificate, tls=security == "tls") as post:
            await set_up(site, post, security=security, host="localhost")
            error = await refused(site)
            assert not post.seen["MAIL"]
        assert error.code == "mail_not_secure"
        assert "certificate" in error.params["why"]

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    async def test_neither_is_one_of_another_server(self, site, tmp_path, monkeypatch, security):
        other = Certificate(tmp_path, "mail.example")
        monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
        async with mail_server(certificate=other, tls=security == "tls") as post:
            await set_up(site, post, security=security, host="localhost")
            assert (await refused(site)).code == "mail_not_secure"

    async def test_where_starttls_is_not_offered_nothing_goes_in_the_open(self, site):
        async with mail_server() as post:
            await set_up(site, post, security="starttls", user=USER)
            await site.mail.set_password(SECRET)
            assert (await refused(site)).code == "mail_not_secure"
            assert not post.logins
            assert not post.seen["MAIL"]

    async def test_tls_to_a_port_that_speaks_none_is_said(self, site):
        async with mail_server() as post:
            await set_up(site, post, security="tls")
            assert (await refused(site)).code == "mail_not_secure"


class TestLoggingIn:
    async def test_with_the_password_of_the_keyring(self, site, trusted, ring):
        async with mail_server(certificate=trusted, user=USER, password=SECRET) as post:
            await set_up(site, post, security="starttls", host="localhost", user=USER)
            await site.mail.set_password(SECRET)
            assert ring.passwords == {("tapdesk", f"{USER} at localhost"): SECRET}
            await site.mail.send_test(RECIPIENT)
            assert len(post.taken) == 1

    async def test_without_a_password_nobody_tries(self, site, trusted):
        async with mail_server(certificate=trusted, user=USER, password=SECRET) as post:
            await set_up(site, post, security="starttls", host="localhost", user=USER)
            error = await refused(site)
            assert (error.code, error.params) == ("mail_password_missing", {"user": USER})
            assert not post.logins

    async def test_a_wrong_password_is_said_and_stands_nowhere(self, site, trusted, caplog):
        async with mail_server(certificate=trusted, user=USER, password="another") as post:
            await set_up(site, post, security="starttls", host="localhost", user=USER)
            await site.mail.set_password(SECRET)
            error = await refused(site)
        assert error.code == "mail_login_refused"
        assert "535" in error.params["why"]
        assert SECRET not in repr(error)
        assert SECRET not in caplog.text
        assert error.__cause__ is None

    @pytest.mark.parametrize("echo", ["hunter2 is a secret", "aHVudGVyMiBpcyBhIHNlY3JldA=="])
    async def test_a_server_that_repeats_the_password_is_not_quoted(self, site, trusted, echo):
        async with mail_server(certificate=trusted, user=USER, password="another") as post:
            post.rejection = f"535 5.7.8 {echo} is wrong"
            await set_up(site, post, security="starttls", host="localhost", user=USER)
            await site.mail.set_password("hunter2 is a secret")
            error = await refused(site)
        assert error.code == "mail_login_refused"
        assert error.params["why"] == "535 5.7.8 … is wrong"

    async def test_a_server_that_knows_no_login_is_said(self, site):
        async with mail_server() as post:
            await set_up(site, post, user=USER)
            await site.mail.set_password(SECRET)
            assert (await refused(site)).code == "mail_login_refused"

    async def test_the_password_is_not_in_the_database(self, site, database):
        await site.settings.change(mail_host=HOST, mail_user=USER)
        await site.mail.set_password(SECRET)
        await site.stop()
        assert all(SECRET.encode() not in file.read_bytes() for file in database.parent.iterdir())
        assert SECRET not in str(Application(database, read_only=True).settings.values)
