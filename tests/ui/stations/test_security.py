"""How a station's connection is secured, seen and changed in its pane."""

import json
import re

import pytest
from cryptography import x509
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from app.csms.station import outgoing
from app.domain.security import CertificateState, SecurityProfile
from app.security.site_certificates import SiteCertificates
from tests.tls_site import NOW, open_tls, signing_request, station_key, trusting
from tests.wire import raw_station
from ui.stations.password_dialog import PasswordDialog
from ui.stations.roots_dialog import RootsDialog
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


def offered(section):
    """What the menu of ways offers."""
    return [
        action.text() for each in section.findChildren(QPushButton) if each.menu() for action in each.menu().actions()
    ]


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


HASHED = {"hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb"}


class TestCertificatesItTrusts:
    @pytest.fixture
    async def site_number(self, application):
        """The serial number of the site's certificate."""
        await application.site_certificates.provide(["127.0.0.1"], "", NOW)
        pem = application.site_certificates.require().pem.encode()
        return f"{x509.load_pem_x509_certificate(pem).serial_number:x}"

    @pytest.fixture
    async def station(self, application, section, url, monkeypatch):
        monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)
        async with raw_station(url, "CP1") as station:
            yield station

    async def answers(self, station, action, **answer):
        message_id, asked, payload = await station.was_asked()
        assert asked == action
        await station.send(json.dumps([3, message_id, answer]))
        return payload

    async def tells(self, station, servers=(), makers=()):
        for numbers in (servers, makers):
            hashed = [HASHED | {"serialNumber": each} for each in numbers]
            more = {"certificateHashData": hashed} if hashed else {}
            status = "Accepted" if hashed else "NotFound"
            await self.answers(station, "GetInstalledCertificateIds", status=status, **more)

    def rows(self, dialog):
        return [tuple(dialog.model.text_at(at, column) for column in range(3)) for at in range(dialog.model.rowCount())]

    async def test_are_listed_and_one_is_forgotten_when_the_operator_is_sure(
        self, desk, section, station, until, opened, site_number
    ):
        await until(lambda: "Certificates it trusts…" in offered(section))
        choose(section, "Certificates it trusts…")
        dialog = await opened(RootsDialog)
        await self.tells(station, [site_number, "3f9a"], ["7c01"])
        await until(lambda: dialog.model.rowCount() == 3)
        assert self.rows(dialog) == [
            ("Servers", "This site’s", site_number),
            ("Servers", "Somebody else’s", "3f9a"),
            ("Firmware", "Somebody else’s", "7c01"),
        ]
        dialog.table.selectRow(0)
        press(dialog, "Have it forget this one")
        press(dialog, "Forget it")
        await until(lambda: "so it stays" in dialog.problem.text())
        dialog.table.selectRow(2)
        press(dialog, "Have it forget this one")
        press(dialog, "Forget it")
        asked = await self.answers(station, "DeleteCertificate", status="Accepted")
        assert asked["certificateHashData"]["serialNumber"] == "7c01"
        await self.tells(station, [site_number, "3f9a"])
        await until(lambda: dialog.model.rowCount() == 2)
        assert "Garage 1 no longer trusts the certificate 7c01." in [each.text for each in desk.notes.shown]
        dialog.accept()

    async def test_one_of_the_maker_is_given_from_a_file(
        self, desk, section, station, until, opened, site_number, tmp_path, application
    ):
        await until(lambda: "Certificates it trusts…" in offered(section))
        choose(section, "Certificates it trusts…")
        dialog = await opened(RootsDialog)
        await self.tells(station)
        await until(lambda: "trusts no certificate" in said(dialog))
        file = tmp_path / "maker.pem"
        file.write_text("not one")
        dialog.give(file)
        await until(lambda: "maker.pem is no certificate that can be read" in dialog.problem.text())
        file.write_text(application.site_certificates.require().pem)
        dialog.give(file)
        asked = await self.answers(station, "InstallCertificate", status="Rejected")
        assert asked["certificateType"] == "ManufacturerRootCertificate"
        await until(lambda: "Its memory for them may be full" in dialog.problem.text())
        dialog.give(file)
        await self.answers(station, "InstallCertificate", status="Accepted")
        await self.tells(station, makers=["7c01"])
        await until(lambda: dialog.model.rowCount() == 1)
        dialog.accept()
