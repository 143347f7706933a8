"""What each declared setting is called, what it does and what its values mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from ui.strings import tr


@dataclass(frozen=True, kw_only=True)
class SettingWords:
    """`unit` stands behind a number; `choices` are the words for the values of a setting that has choices."""

    section: str
    name: str
    helper: str
    unit: str = ""
    placeholder: str = ""
    choices: Sequence[tuple[str, str]] = ()


SITE, SERVER, STATIONS, LOG, WINDOW, MAIL = "site", "server", "stations", "log", "window", "mail"


def sections() -> dict[str, str]:
    """The names of the sections by their keys."""
    return {
        SITE: tr("Site"),
        SERVER: tr("Server"),
        STATIONS: tr("Stations"),
        LOG: tr("Log"),
        WINDOW: tr("Window"),
        MAIL: tr("Mail"),
    }


def setting_words() -> dict[str, SettingWords]:
    """The words of every setting by its key."""
    return {
        "site_name": SettingWords(
            section=SITE,
            name=tr("Name of the site"),
            helper=tr("Stands at the top of the window."),
            placeholder=tr("Parkhotel De Linde"),
        ),
        "server_host": SettingWords(
            section=SERVER,
            name=tr("Listen on"),
            helper=tr("Which of this machine's addresses stations can connect to. Takes effect at the next start."),
        ),
        "server_port": SettingWords(
            section=SERVER,
            name=tr("Port"),
            helper=tr("The number behind the colon in the stations' URL. Takes effect at the next start."),
        ),
        "file_port": SettingWords(
            section=SERVER,
            name=tr("Port for files"),
            helper=tr(
                "Where stations bring diagnostics and fetch firmware, open only while one was asked to. "
                "The twenty behind it are for stations that know only FTP."
            ),
        ),
        "server_tls": SettingWords(
            section=SERVER,
            name=tr("Secure port"),
            helper=tr("Stations may come over TLS (wss). The first time, this site gets a certificate of its own."),
            choices=(("yes", tr("On")), ("no", tr("Off"))),
        ),
        "server_tls_port": SettingWords(
            section=SERVER,
            name=tr("Number of the secure port"),
            helper=tr("The number behind the colon in a wss URL."),
        ),
        "server_old_tls": SettingWords(
            section=SERVER,
            name=tr("Old TLS"),
            helper=tr("TLS 1.0 and 1.1 can be broken. Allow them only for stations that cannot do better."),
            choices=(("yes", tr("Allow")), ("no", tr("Refuse"))),
        ),
        "heartbeat_interval_s": SettingWords(
            section=STATIONS,
            name=tr("Heartbeat interval"),
            helper=tr("How often a silent station says that it is there. A station learns it when it starts."),
            unit=tr(" seconds"),
        ),
        "remember_accepted_h": SettingWords(
            section=STATIONS,
            name=tr("A station may remember an accepted card for"),
            helper=tr(
                "So long it may let the card in by itself while Tapdesk is away, "
                "also when you block the pass in the meantime."
            ),
            unit=tr(" hours"),
        ),
        "log_retention_days": SettingWords(
            section=LOG,
            name=tr("Keep messages for"),
            helper=tr("Older ones are removed a few times a day. Taps and sessions stay."),
            unit=tr(" days"),
        ),
        "theme": SettingWords(
            section=WINDOW,
            name=tr("Colours"),
            helper=tr("Applies at once."),
            choices=(("system", tr("As the system")), ("light", tr("Light")), ("dark", tr("Dark"))),
        ),
        "keep_serving_when_closed": SettingWords(
            section=WINDOW,
            name=tr("When the window is closed"),
            helper=tr("Keep serving leaves Tapdesk in the tray. Where a desktop has no tray, closing quits."),
            choices=(("ask", tr("Ask")), ("yes", tr("Keep serving")), ("no", tr("Quit"))),
        ),
        "mail_host": SettingWords(
            section=MAIL,
            name=tr("Server"),
            helper=tr("The SMTP server of your provider. Empty: no letters."),
            placeholder=tr("smtp.example.com"),
        ),
        "mail_port": SettingWords(
            section=MAIL,
            name=tr("Port"),
            helper=tr("Usually 587 with STARTTLS, 465 with TLS, 25 without."),
        ),
        "mail_security": SettingWords(
            section=MAIL,
            name=tr("Security"),
            helper=tr("STARTTLS begins in the clear and then encrypts; TLS encrypts from the first byte."),
            choices=(("starttls", tr("STARTTLS")), ("tls", tr("TLS")), ("none", tr("None"))),
        ),
        "mail_user": SettingWords(
            section=MAIL,
            name=tr("User"),
            helper=tr("Empty where the server wants no sign-in."),
            placeholder=tr("tapdesk@example.com"),
        ),
        "mail_sender": SettingWords(
            section=MAIL,
            name=tr("Sender"),
            helper=tr("The address the letters come from. Empty: the user's."),
            placeholder=tr("tapdesk@example.com"),
        ),
    }
