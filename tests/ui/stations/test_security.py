"""How a station's connection is secured, seen and changed in its pane."""

import re

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from app.domain.security import CertificateState, SecurityProfile
from app.security.site_certificates import SiteCertificates
from tests.tls_site import NOW, open_tls, signing_request, station_key, trusting
from tests.wire import raw_station
from ui.stations.password_dialog import PasswordDialog
from ui.stations.security import SecuritySection
from ui.stations.words import stations_now
from ui.widgets.labels import Label, Paragraph


@pytest.fixture
async def section(desk, application, qtbot):
    await application.stations.accept("CP1", name="Garage 1")
    section = SecuritySection(desk)
    qtbot.addWidget(section)
    section.show()

    def show():
        section.show_station(stations_now(desk)[0])

    desk.bridge.stations_changed.connect(show)
    show()
    yield section
    desk.bridge.stations_changed.disconnect(show)


def said(widget):
    return " ".join(each.words() for each in widget.findChildren(Paragraph))


def press(widget, words):
    next(each for each in widget.findChildren(QPushButton) if each.text() == words and each.isVisible()).click()


def choose(section, words):
    """Pick from the menu of ways."""
    menu = next(each.menu() for each in section.findChildren(QPushButton) if each.menu())
    next(action for action in menu.actions() if action.text() == words).trigger()


async def test_says_that_an_open_station_can_be_passed_for(section):
    assert "can pass for it" in said(section)


async def test_a_password_is_shown_once_with_copy_and_then_nowhere(desk, section, until, application):
    dialog = PasswordDialog(desk, application.stations.require("CP1"), online=False)
    dialog.open()
    assert not dialog.send_button.isEnabled()
    press(dialog, "Make one")
    await until(dialog.copy_button.isVisible)
    password = re.search(r"[0-9A-F]{40}", dialog.made.words())[0]
    press(dialog, "Copy")
    assert QGuiApplication.clipboard().text() == password
    press(dialog, "Done")
    await until(lambda: "waits to be used" in said(section))
    assert password not in said(section)
    assert all(password not in note.text for note in desk.notes.shown)


async def test_a_typed_password_that_no_station_can_have_is_refused_in_its_place(desk, section, until, application):
    dialog = PasswordDialog(desk, application.stations.require("CP1"), online=False)
    dialog.open()
    dialog.typed.setText("short")
    press(dialog, "Keep")
    await until(dialog.typed_field.has_error)
    assert dialog.isVisible()
    dialog.typed.setText("correct-horse-battery")
    press(dialog, "Keep")
    await until(lambda: not dialog.isVisible())
    assert application.credentials.password_state("CP1").is_set


async def test_what_is_demanded_is_changed_with_undo(desk, section, until, application):
    await application.credentials.generate("CP1")
    choose(section, "Let it in only with: Password")
    await until(lambda: application.stations.require("CP1").security_profile is SecurityProfile.PASSWORD)
    await until(lambda: "Whoever can listen" in said(section))
    await until(lambda: desk.notes.shown)
    next(each for each in desk.notes.shown[-1].findChildren(QPushButton) if each.text() == "Undo").click()
    await until(lambda: application.stations.require("CP1").security_profile is SecurityProfile.NONE)


async def test_a_station_without_a_password_is_not_locked_out(desk, section, until, application):
    choose(section, "Let it in only with: Password")
    await until(lambda: desk.notes.shown)
    assert "has no password yet" in desk.notes.shown[-1].text
    assert application.stations.require("CP1").security_profile is SecurityProfile.NONE


async def test_a_certificate_that_is_asked_for_is_refused_or_issued_there(
    desk, section, until, application, url, qtbot
):
    async with raw_station(url, "CP1") as station:
        await station.call("SignCertificate", {"csr": signing_request(station_key(), "CP1")})
        await until(lambda: "asks for a certificate" in said(section))
        press(section, "Refuse")
        await until(lambda: "asks for a certificate" not in said(section))
    (refused,) = application.certificates.of_station("CP1")
    assert refused.state is CertificateState.REFUSED


async def test_over_tls_is_said_where_the_window_serves_it(section, application, until, tmp_path):
    """The window's loop is another one than the server's without a window."""
    make = SiteCertificates(tmp_path)
    await make.provide(["192.168.1.20"], "", NOW)
    wss = await open_tls(application, tmp_path)
    async with raw_station(wss, "CP1", ssl=trusting(application)) as station:
        assert await station.call("Heartbeat", {})
        await station.call("DataTransfer", {"vendorId": "x", "data": "y" * 100_000})
        await until(lambda: "connected over TLS now" in " ".join(each.text() for each in section.findChildren(Label)))


async def test_everything_is_named_and_reached_by_keyboard(section, out_of_reach, desk, application):
    assert out_of_reach(section) == []
    dialog = PasswordDialog(desk, application.stations.require("CP1"), online=True)
    dialog.open()
    assert out_of_reach(dialog) == []
    dialog.close()
