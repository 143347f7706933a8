"""The way to the mail server, as the settings describe it."""

from dataclasses import dataclass, field

from app.domain.drafts import clean_email
from app.domain.errors import AppError
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Way:
    """Where letters are handed over, and as whom. `security` is that of the setting `mail_security`.

    Without `user` nobody logs in. The password is left out of what this looks like in a log.
    """

    host: str
    port: int
    security: str
    user: str
    sender: str
    sender_name: str
    password: str | None = field(default=None, repr=False)


def way_of(settings: Settings) -> Way | None:
    """The way without its password; None when there is no server, or no address to send from."""
    sender = settings.mail_sender or _if_address(settings.mail_user)
    if not settings.mail_host or not sender:
        return None
    return Way(
        settings.mail_host,
        settings.mail_port,
        settings.mail_security,
        settings.mail_user,
        sender,
        settings.site_name or "Tapdesk",
    )


def _if_address(text: str) -> str:
    try:
        return clean_email(text)
    except AppError:
        return ""
