"""What a session costs, by the rule of its pool at the moment it began."""

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from app.domain.access import Reason, Status
from app.domain.model import PoolOptions, Price, Session

#: ISO 4217: most currencies have hundredths; these have none, or thousandths.
_DIGITS = dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"), 0) | dict.fromkeys(
    ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3
)


class Tariff(StrEnum):
    """By which rule of its pool a session is paid; NONE: nobody was admitted, or nothing is asked there."""

    NONE = ""
    FREE_VEND = "free_vend"
    MEMBERS_FREE = "members_free"
    MEMBER = "member"
    GUEST = "guest"


def tariff_for(options: PoolOptions, status: str, reason: str, *, is_member: bool) -> tuple[Tariff, Price]:
    """The rule that holds for whoever was admitted so, and its price."""
    nothing = Price()
    if status != Status.ACCEPTED.value:
        return Tariff.NONE, nothing
    if reason == Reason.FREE_VEND.value:
        return Tariff.FREE_VEND, nothing
    if is_member and options.members_free:
        return Tariff.MEMBERS_FREE, nothing
    tariff, price = (Tariff.MEMBER, options.member_price) if is_member else (Tariff.GUEST, options.price)
    return (tariff, price) if price != nothing else (Tariff.NONE, nothing)


def is_free(session: Session) -> bool:
    """Whether a rule of the pool made it free of charge, as a whitelisted card's is."""
    return session.tariff in (Tariff.FREE_VEND, Tariff.MEMBERS_FREE)


def cost_of(session: Session) -> Decimal | None:
    """What a session costs so far, in its currency: zero where it is free, None where no price was asked or the energy
    is not known. A session that took no energy costs nothing.
    """
    if is_free(session) or (session.price != Price() and session.energy_wh == 0):
        return in_coins(Decimal(0), session.currency)
    price = session.price
    if price == Price() or session.energy_wh is None:
        return None
    energy = Decimal(session.energy_wh) / 1000
    return in_coins((price.per_kwh or Decimal(0)) * energy + (price.per_session or Decimal(0)), session.currency)


def in_coins(amount: Decimal, currency: str) -> Decimal:
    """Rounded to what can be paid in this currency, a half upwards."""
    return amount.quantize(Decimal(1).scaleb(-_DIGITS.get(currency, 2)), ROUND_HALF_UP)
