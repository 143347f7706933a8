"""Letters about requests for access: written with the change they tell of, sent when a mail server takes them.

Everything here is optional. While no mail server is set no letter is written; `Mail` is all that others need.
"""

from app.mail.mail import Mail

__all__ = ["Mail"]
