"""The sections about mail in the settings, with a real mail server and a keyring that forgets after the test."""

import asyncio
import logging

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from app.domain.errors import AppError
from tests.mail_server import HOST, Certificate, MemoryKeyring, mail_server
from ui.settings.page import SettingsPage

SECRET = "hunter2"


class NoKeyring(MemoryKeyring):
    """A desktop without one."""

    def set_password(self, service, username, password):
        import keyring.errors

        raise keyring.errors.NoKeyringError


@pytest.fixture(autouse=True)
def ring(monkeypatch):
    ring = MemoryKeyring()
    monkeypatch.setattr("keyring.get_keyring", lambda: ring)
    monkeypatch.setattr("keyring.core._keyring_backend", ring)
    # The log of the mail server in the test, which tells of what these tests make it do.
    logging.getLogger("mail").setLevel(logging.CRITICAL)
    return ring


@pytest.fixture
async def page(desk):
    made = SettingsPage(desk)
    made.resize(1120, 780)
    made.show()
    yield made
    # Not left to qtbot: a field that is left is kept, and that wants the loop, which runs only until here.
    made.close()
    await asyncio.sleep(0)
    made.deleteLater()


@pytest.fixture
def settings(application):
    return application.settings


@pytest.fixture
def mail(page):
    return page.mail


async def use(settings, post, **more):
    values = {"mail_host": HOST, "mail_port": post.port, "mail_security": "none", "mail_sender": "us@site.example"}
    await settings.change(**(values | more))


def field(page, key):
    return page.fields[key].input


def type_password(mail, text):
    mail.password.edit.setFocus()
    QTest.keyClicks(mail.password.edit, text)
    QTest.keyClick(mail.password.edit, Qt.Key.Key_Return)


def link(page, words):
    return next(each for each in page.findChildren(QPushButton) if each.text() == words)


class TestTheServer:
    async def test_every_field_is_in_the_section(self, page, mail):
        keys = ("mail_host", "mail_port", "mail_security", "mail_user", "mail_sender")
        assert all(mail.isAncestorOf(page.fields[key]) for key in keys)
        assert field(page, "mail_port").value() == 587
        assert field(page, "mail_security").value() == "starttls"

    async def test_it_says_that_everything_else_works_without(self, mail):
        assert "Everything else works without mail." in mail.about.words()

    async def test_what_is_typed_is_kept(self, page, settings, until):
        field(page, "mail_host").setFocus()
        QTest.keyClicks(field(page, "mail_host"), "smtp.site.example")
        QTest.keyClick(field(page, "mail_host"), Qt.Key.Key_Return)
        await until(lambda: settings.mail_host == "smtp.site.example")
        field(page, "mail_security").segment("tls").click()
        await until(lambda: settings.mail_security == "tls")

    async def test_a_sender_that_is_no_address_is_said_at_the_field(self, page, settings, until):
        field(page, "mail_sender").setFocus()
        QTest.keyClicks(field(page, "mail_sender"), "Front desk")
        QTest.keyClick(field(page, "mail_sender"), Qt.Key.Key_Return)
        await until(page.fields["mail_sender"].has_error)
        assert settings.mail_sender == ""


class TestThePassword:
    async def test_goes_to_the_keyring_and_off_the_screen(self, mail, settings, ring, until, said):
        await settings.change(mail_host=HOST, mail_user="us@site.example")
        assert mail.password.edit.echoMode() is QLineEdit.EchoMode.Password
        type_password(mail, SECRET)
        await said("The password is kept.")
        assert list(ring.passwords.values()) == [SECRET]
        assert mail.password.edit.text() == ""
        assert mail.password.edit.placeholderText() == "••••••••"

    async def test_one_that_is_kept_is_never_shown(self, desk, application, settings, qtbot, until):
        await settings.change(mail_host=HOST, mail_user="us@site.example")
        await application.mail.set_password(SECRET)
        page = SettingsPage(desk)
        qtbot.addWidget(page)
        await until(lambda: page.mail.password.edit.placeholderText() == "••••••••")
        assert SECRET not in {edit.text() for edit in page.findChildren(QLineEdit)}

    async def test_leaving_the_field_empty_changes_nothing(self, mail, application, settings):
        await settings.change(mail_host=HOST, mail_user="us@site.example")
        await application.mail.set_password(SECRET)
        mail.password.edit.setFocus()
        QTest.keyClick(mail.password.edit, Qt.Key.Key_Return)
        await asyncio.sleep(0.05)
        assert application.mail.password() == SECRET

    async def test_can_be_forgotten(self, mail, settings, ring, said, until):
        await settings.change(mail_host=HOST, mail_user="us@site.example")
        type_password(mail, SECRET)
        await said("The password is kept.")
        mail.password.forget.click()
        await said("The password is forgotten.")
        assert ring.passwords == {}
        assert mail.password.edit.placeholderText() == ""
        assert mail.password.forget.isHidden()

    async def test_another_user_has_another_one(self, mail, settings, said, until):
        await settings.change(mail_host=HOST, mail_user="us@site.example")
        type_password(mail, SECRET)
        await said("The password is kept.")
        await settings.change(mail_user="them@site.example")
        await until(lambda: mail.password.edit.placeholderText() == "")

    async def test_without_a_keyring_it_is_said_how_long_it_is_known(
        self, mail, settings, application, monkeypatch, until
    ):
        monkeypatch.setattr("keyring.core._keyring_backend", NoKeyring())
        await settings.change(mail_host=HOST, mail_user="us@site.example")
        type_password(mail, SECRET)
        await until(mail.password.has_error)
        assert "until Tapdesk ends" in mail.password.error.words()
        assert application.mail.password() == SECRET


class TestTheTest:
    async def test_waits_for_a_server_and_a_sender(self, mail, settings, until):
        assert not mail.test.send.isEnabled()
        assert mail.test.send.toolTip() == "Fill in the server and the sender first."
        await settings.change(mail_host=HOST, mail_sender="us@site.example")
        await until(mail.test.send.isEnabled)

    async def test_a_letter_that_was_taken_is_said(self, mail, settings, until):
        async with mail_server() as post:
            await use(settings, post)
            await until(mail.test.send.isEnabled)
            mail.test.recipient.setText(" owner@garage.example ")
            mail.test.send.click()
            assert mail.test.send.text() == "Sending…"
            await until(mail.test.outcome.isVisible)
            assert mail.test.outcome.words().endswith("Look into the mailbox of owner@garage.example.")
            assert [letter["To"] for letter in post.letters] == ["owner@garage.example"]
            assert mail.test.send.isEnabled()

    async def test_what_the_server_says_against_it_is_said_in_its_words(self, mail, settings, until):
        async with mail_server() as post:
            post.steps["RCPT"] = "550 5.1.1 no such mailbox here"
            await use(settings, post)
            await until(mail.test.send.isEnabled)
            mail.test.recipient.setText("nobody@garage.example")
            mail.test.recipient.returnPressed.emit()
            await until(mail.test.field.has_error)
            assert "550 5.1.1 no such mailbox here" in mail.test.field.error.words()

    async def test_a_server_that_is_not_there_is_said(self, mail, settings, until):
        async with mail_server() as post:
            await use(settings, post)
        await until(mail.test.send.isEnabled)
        mail.test.recipient.setText("owner@garage.example")
        mail.test.send.click()
        await until(mail.test.field.has_error)
        assert "does not answer" in mail.test.field.error.words()

    async def test_what_is_no_address_is_said(self, mail, settings, until):
        async with mail_server() as post:
            await use(settings, post)
            await until(mail.test.send.isEnabled)
            mail.test.send.click()
            await until(mail.test.field.has_error)
            mail.test.recipient.setFocus()
            QTest.keyClicks(mail.test.recipient, "o")
            assert not mail.test.field.has_error()

    async def test_it_signs_in_with_the_password_over_an_encrypted_connection(
        self, mail, settings, tmp_path, monkeypatch, said, until
    ):
        certificate = Certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
        async with mail_server(user="us@site.example", password=SECRET, certificate=certificate) as post:
            await use(settings, post, mail_host="localhost", mail_security="starttls", mail_user="us@site.example")
            type_password(mail, SECRET)
            await said("The password is kept.")
            mail.test.recipient.setText("owner@garage.example")
            await until(mail.test.send.isEnabled)
            mail.test.send.click()
            await until(lambda: mail.test.outcome.isVisible() or mail.test.field.has_error())
            assert mail.test.field.error.words() == ""
            assert len(post.letters) == 1


class TestTheLetters:
    async def write(self, application, *recipients):
        facts = {"who": "Sara Visser", "pool": "DC fast"}
        await application.store.write(
            lambda connection: application.mail.write(connection, "approved", recipients, facts, request_id=1)
        )
        application.mail.tell()

    async def test_none_is_said(self, page):
        assert page.letters.facts.words() == "No letter was written yet."

    async def test_they_are_counted_by_what_became_of_them(self, page, application, settings, until):
        async with mail_server() as post:
            post.steps["RCPT"] = iter([None, "550 no such mailbox"]).__next__
            await use(settings, post)
            await self.write(application, "sara@visitor.example", "nobody@visitor.example")
            await until(lambda: page.letters.facts.words() == "1 refused · 1 sent")
            assert page.letters.facts.property("tone") == "warn"

    async def test_lead_to_the_outbox(self, page, went):
        link(page, "Open the outbox").click()
        assert went == [("outbox", None)]


async def test_the_section_can_be_gone_to(page, desk, until):
    page.activateWindow()
    await until(page.isActiveWindow)
    page.select("mail")
    assert field(page, "mail_host").hasFocus()


async def test_every_control_is_reached_and_named(page, out_of_reach):
    page.mail.password._show(known=True)
    assert out_of_reach(page.mail) == []
    assert out_of_reach(page.letters) == []


async def test_a_password_that_cannot_be_kept_when_the_page_is_gone_becomes_a_note(desk, said):
    page = SettingsPage(desk)
    password = page.mail.password
    page.deleteLater()
    await asyncio.sleep(0.05)
    password._not_kept(AppError("keyring_absent"))
    await said("keeps no passwords")
