"""How a station's connection is secured, and the ways to secure it better: a section of its pane.

section = SecuritySection(desk); pane_layout.addWidget(section); section.show_station(now)
"""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.application import Raising
from app.domain.model import Station
from app.domain.security import CertificateState, PasswordState, SecurityProfile, StationCertificate
from ui.days import day
from ui.desk import Desk
from ui.stations.password_dialog import PasswordDialog
from ui.stations.roots_dialog import RootsDialog
from ui.stations.security_words import profile_meaning, profile_words
from ui.stations.words import StationNow
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.boxes import empty, row
from ui.widgets.buttons import Action, button, link_button, menu_button
from ui.widgets.labels import label, muted, paragraph

_OVER_THE_AIR = (SecurityProfile.PASSWORD, SecurityProfile.PASSWORD_OVER_TLS, SecurityProfile.CERTIFICATE)


class SecuritySection(QWidget):
    """Shows itself anew when something of it differs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown: object = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_station(self, now: StationNow) -> None:
        """Tell how this station is let in, what it was told to bring, and what it asks for."""
        station, application = now.station, self._desk.application
        password = application.credentials.password_state(station.station_id)
        certificates = application.certificates.of_station(station.station_id)
        over_tls = application.server.is_over_tls(station.station_id)
        shown = (station, now.online, over_tls, password, tuple(certificates))
        if shown == self._shown:
            return
        self._shown = shown
        empty(self._column)
        self._add_profile(station, online=now.online, over_tls=over_tls)
        self._add_password(station, password)
        for certificate in certificates:
            self._add_certificate(certificate, online=now.online)
        new_password = button(tr("New password…"), lambda: self._desk.run(self._ask_password(station, now.online)))
        menu = menu_button(tr("Change security"), self._ways(station, online=now.online))
        self._column.addLayout(row(new_password, menu, None))

    def _add_profile(self, station: Station, *, online: bool, over_tls: bool) -> None:
        how = tr("connected over TLS now") if over_tls else tr("connected without TLS now")
        name = label(profile_words(station.security_profile), weight=500)
        self._column.addLayout(row(name, muted(how if online else ""), None))
        self._column.addWidget(paragraph(profile_meaning(station.security_profile), tone="muted"))
        if station.wanted_profile is None:
            return
        name = profile_words(station.wanted_profile)
        words = tr("It is to come with: {profile}. Until it does, it goes on as it is.").format(profile=name)
        self._column.addWidget(paragraph(words))
        wait = link_button(tr("Wait for that no longer"), lambda: self._stop_waiting(station), flush=True)
        self._column.addLayout(row(wait, None))

    def _add_password(self, station: Station, password: PasswordState) -> None:
        if not password.is_set:
            if station.security_profile.needs_password:
                self._column.addWidget(paragraph(tr("It has no password: nothing can let it in."), tone="bad"))
            return
        since = day(self._desk.local(password.set_at), self._desk.now()) if password.set_at else ""
        words = tr("Password of {day}.").format(day=since)
        if password.waiting:
            words = tr("A password of {day} waits to be used. Until then an earlier one works too.").format(day=since)
        self._column.addWidget(paragraph(words, tone="muted"))

    def _add_certificate(self, certificate: StationCertificate, *, online: bool) -> None:
        if certificate.state is CertificateState.ASKED:
            words = tr("It asks for a certificate as {subject} ({key}). Whoever has one can pass for it.")
            words = words.format(subject=certificate.subject, key=certificate.key_kind)
            self._column.addWidget(paragraph(words))
            issue = button(tr("Issue it"), lambda: self._issue(certificate), kind="primary")
            issue.setEnabled(online)
            refuse = button(tr("Refuse"), lambda: self._refuse(certificate))
            self._column.addLayout(row(issue, refuse, None))
        elif certificate.state is CertificateState.ISSUED and certificate.valid_until is not None:
            until = day(self._desk.local(certificate.valid_until), self._desk.now())
            words = tr("It has a certificate until {day} ({key}).").format(day=until, key=certificate.key_kind)
            self._column.addWidget(paragraph(words, tone="muted"))
            revoke = link_button(tr("Revoke it"), lambda: self._revoke(certificate), flush=True)
            self._column.addLayout(row(revoke, None))

    # What can be done

    def _ways(self, station: Station, *, online: bool) -> list[Action]:
        ways = []
        if online:
            ways += [
                Action(
                    tr("Tell it to use: {profile}").format(profile=profile_words(profile)),
                    lambda profile=profile: self._desk.run(self._raise(station, profile)),
                )
                for profile in _OVER_THE_AIR
                if profile > station.security_profile
            ]
            ways.append(Action(tr("Send it the site's certificate"), lambda: self._trust(station)))
            ways.append(Action(tr("Have it ask for a certificate"), lambda: self._have_asked(station)))
            ways.append(
                Action(tr("Certificates it trusts…"), lambda: self._desk.run(ask(RootsDialog(self._desk, station))))
            )
        ways += [
            Action(
                tr("Let it in only with: {profile}").format(profile=profile_words(profile))
                if profile is not SecurityProfile.NONE
                else tr("Let it in without a password"),
                lambda profile=profile: self._demand(station, profile),
            )
            for profile in SecurityProfile
            if profile is not station.security_profile
        ]
        return ways

    async def _ask_password(self, station: Station, online: bool) -> None:
        await ask(PasswordDialog(self._desk, station, online=online))

    async def _raise(self, station: Station, profile: SecurityProfile) -> None:
        done = await self._desk.application.securing.raise_profile(station.station_id, profile)
        if done is Raising.WAITS_FOR_CERTIFICATE:
            words = tr("{station} was told to ask for a certificate. It gets one and is told to use it.")
        else:
            words = tr("{station} was told. As soon as it comes with it, nothing less will do.")
        self._desk.say(words.format(station=station.title))

    def _demand(self, station: Station, profile: SecurityProfile) -> None:
        said = tr("{station} is let in from now on with: {profile}.")
        said = said.format(station=station.title, profile=profile_words(profile))
        self._desk.do(self._desk.application.credentials.set_profile(station.station_id, profile), said)

    def _stop_waiting(self, station: Station) -> None:
        self._desk.run(self._desk.application.credentials.want_profile(station.station_id, None))

    def _trust(self, station: Station) -> None:
        async def send() -> None:
            await self._desk.application.securing.trust_site(station.station_id)
            self._desk.say(tr("{station} trusts this site now.").format(station=station.title))

        self._desk.run(send())

    def _have_asked(self, station: Station) -> None:
        self._desk.run(self._desk.application.securing.ask_for_request(station.station_id))

    def _issue(self, certificate: StationCertificate) -> None:
        self._desk.run(self._desk.application.securing.approve(certificate.id))

    def _refuse(self, certificate: StationCertificate) -> None:
        self._desk.run(self._desk.application.certificates.refuse(certificate.id))

    def _revoke(self, certificate: StationCertificate) -> None:
        self._desk.run(self._desk.application.certificates.revoke(certificate.id))
