"""What an operator filled in, before it is anything: cleaned here, with a clear refusal for what cannot be kept."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.domain.errors import AppError
from app.domain.ids import Uid, VisibleId, canonical_uid, parse_uid, parse_visible_id
from app.domain.model import ONLY_AT, AccessLevel, PoolOptions, Price, Role

NAME_LIMIT = 120
EMAIL_LIMIT = 254
STATION_ID_LIMIT = 48
DESCRIPTION_LIMIT = 1000
ADDRESSES_LIMIT = 20
HIGHEST_PRICE = Decimal(9999)
#: Behind the point: energy is priced in tenths of a cent and finer.
PRICE_DIGITS = 4

# One @, no blanks, a dot-free or dotted domain: enough to catch a slip, never a judge of real addresses.
_EMAIL = re.compile(r"[^\s@<>,;:\"()]+@[^\s@<>,;:\"()]+")
_STATION_ID = re.compile(r"[A-Za-z0-9._~|@+* -]+")


@dataclass(frozen=True, slots=True)
class IdentityDraft:
    """A person or company to be kept. Only the e-mail address must be there."""

    email: str
    first_name: str = ""
    last_name: str = ""
    role: Role = Role.CARDHOLDER
    external_id: str = ""
    organization_id: int = 1
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def cleaned(self) -> "IdentityDraft":
        """Trimmed and checked. Raises AppError `email_empty`, `email_not_an_address`, `name_too_long`,
        `validity_reversed`."""
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise AppError("validity_reversed")
        return IdentityDraft(
            clean_email(self.email),
            clean_name(self.first_name),
            clean_name(self.last_name),
            self.role,
            clean_name(self.external_id),
            self.organization_id,
            self.valid_from,
            self.valid_until,
        )


@dataclass(frozen=True, slots=True)
class PassDraft:
    """A pass to be kept: a UID, a visible ID or both, as typed; `tapped` is a UID as a reader sent it."""

    uid: str = ""
    visible_id: str = ""
    name: str = ""
    identity_id: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    tapped: str = ""

    def parsed(self) -> tuple[Uid | None, VisibleId | None, str]:
        """UID, visible ID and name, checked. Raises AppError from `parse_uid` and `parse_visible_id`, or
        `pass_without_id`, `name_too_long`, `validity_reversed`."""
        uid = (canonical_uid(self.tapped) or None) if self.tapped else None
        if uid is None and self.uid.strip():
            uid = parse_uid(self.uid)
        visible_id = parse_visible_id(self.visible_id) if self.visible_id.strip() else None
        if uid is None and visible_id is None:
            raise AppError("pass_without_id")
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise AppError("validity_reversed")
        return uid, visible_id, clean_name(self.name)


def clean_options(options: PoolOptions, level: AccessLevel) -> PoolOptions:
    """Options as a pool of this level may have them.

    Raises AppError `option_not_at_level`, `description_too_long`, `session_limit_too_small`, `price_not_possible`,
    `too_many_addresses`, or those of `clean_email`.
    """
    for option, only in ONLY_AT.items():
        if getattr(options, option) and level is not only:
            raise AppError("option_not_at_level", option=option, level=level.value)
    description = printable(options.description).strip()
    if len(description) > DESCRIPTION_LIMIT:
        raise AppError("description_too_long", limit=DESCRIPTION_LIMIT)
    if options.session_limit is not None and options.session_limit < 1:
        raise AppError("session_limit_too_small")
    _check_price(options.member_price)
    _check_price(options.price)
    notify = tuple(dict.fromkeys(clean_email(address) for address in options.notify if address.strip()))
    if len(notify) > ADDRESSES_LIMIT:
        raise AppError("too_many_addresses", limit=ADDRESSES_LIMIT)
    return replace(options, description=description, notify=notify)


def possible_options(options: PoolOptions, level: AccessLevel) -> PoolOptions:
    """The options without those that this level does not have."""
    gone: dict[str, Any] = {option: False for option, only in ONLY_AT.items() if level is not only}
    return replace(options, **gone)


def _check_price(price: Price) -> None:
    for amount in (price.per_kwh, price.per_session):
        if amount is None:
            continue
        exponent = amount.as_tuple().exponent
        if not isinstance(exponent, int) or not 0 <= amount <= HIGHEST_PRICE or -exponent > PRICE_DIGITS:
            raise AppError("price_not_possible", highest=str(HIGHEST_PRICE), digits=PRICE_DIGITS)


def clean_name(text: str) -> str:
    """One line without blanks around it. Raises AppError `name_too_long`."""
    is_clean = text.isprintable() and "  " not in text  # nearly every one
    cleaned = text.strip() if is_clean else " ".join(printable(text).split())
    if len(cleaned) > NAME_LIMIT:
        raise AppError("name_too_long", limit=NAME_LIMIT)
    return cleaned


def clean_email(text: str) -> str:
    """Raises AppError `email_empty`, `email_not_an_address`."""
    cleaned = printable(text).strip()
    if not cleaned:
        raise AppError("email_empty")
    if len(cleaned) > EMAIL_LIMIT or not _EMAIL.fullmatch(cleaned):
        raise AppError("email_not_an_address", email=cleaned[:EMAIL_LIMIT])
    return cleaned


def clean_station_id(text: str) -> str:
    """A station's OCPP identity: unreserved URL characters and `| @ + *`, 48 at most (OCPP 2.0.1 part 4 §3.1.1).

    Raises AppError `station_id_empty`, `station_id_too_long`, `station_id_bad_characters`.
    """
    cleaned = text.strip()
    if not cleaned:
        raise AppError("station_id_empty")
    if len(cleaned) > STATION_ID_LIMIT:
        raise AppError("station_id_too_long", limit=STATION_ID_LIMIT)
    if not _STATION_ID.fullmatch(cleaned):
        raise AppError("station_id_bad_characters", station_id=cleaned)
    return cleaned


def printable(text: str) -> str:
    """The text without what no screen shows and no database keeps: NULs, controls, lone surrogates."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " if character.isspace() else "" for character in text)
