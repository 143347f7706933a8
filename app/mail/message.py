"""A letter as the bytes that a mail server takes (RFC 5322), the same ones each time it is tried."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from app.domain.drafts import printable
from app.domain.letters import Letter


def as_bytes(letter: Letter, sender: str, sender_name: str, *, international: bool = False) -> bytes:
    """Headers and text; `international` where the server takes addresses beyond ASCII as they are (RFC 6532)."""
    # Every server takes seven bits; not every one says that it takes eight.
    message = EmailMessage(policy=(SMTPUTF8 if international else SMTP).clone(cte_type="7bit"))
    message["From"] = _address(sender, sender_name)
    message["To"] = _address(letter.recipient)
    message["Subject"] = printable(letter.subject)
    message["Date"] = letter.created_at
    message["Message-ID"] = letter.message_id
    # So that nobody's absence notice answers it (RFC 3834 §5).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message.as_bytes()


def on_the_wire(address: str) -> str:
    """The address with its domain in ASCII. Raises UnicodeError when the domain cannot be one."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"


def _address(address: str, name: str = "") -> Address:
    local, _, domain = on_the_wire(address).rpartition("@")
    return Address(printable(name), local, domain)
