"""What a session is, in the few words of a cell, a pill or a line of the pane."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from app.domain.access import OF_A_PIN, Status
from app.domain.endings import EndedBy, ended_by
from app.domain.model import Session
from app.domain.month_report import DOUBTFUL
from app.domain.prices import cost_of, is_free
from ui.days import day
from ui.pools.words import price_words
from ui.strings import SENTENCES, sentence, tr
from ui.theme import Kind

NOTHING = "–"
# Of such a session only the end was ever reported: when it began and who charged is not known.
_START_NEVER_CAME = "start_never_came"
_STOP_NEVER_CAME = "stop_never_came"


def is_authorized(session: Session) -> bool:
    """Whether the card was accepted; also where only the end was reported, since nobody was refused then."""
    return session.status in ("", Status.ACCEPTED.value)


def began(session: Session) -> bool:
    """Whether it is known when it began."""
    return session.reason != _START_NEVER_CAME


def state_of(session: Session) -> tuple[str, Kind]:
    """What is going on, and how it is coloured."""
    flows = power(session)
    if not is_authorized(session):
        words = tr("Not authorized {power}").format(power=flows) if flows else tr("Not authorized")
        return words, "warn"
    if not session.is_open:
        return (tr("Ended, to check"), "warn") if is_doubtful(session) else (tr("Ended"), "grey")
    if session.power_w == 0:
        return tr("Paused"), "info"
    return tr("Charging {power}").format(power=flows) if flows else tr("Charging"), "info"


def power(session: Session) -> str:
    """What flows now, "7.1 kW"; empty where the station does not say."""
    return "" if session.power_w is None else tr("{amount} kW").format(amount=f"{session.power_w / 1000:,.1f}")


def who(session: Session) -> str:
    """The holder of the pass or the name of the PIN, else the card as the station sent it."""
    if is_by_pin(session):
        return tr("PIN {name}").format(name=session.holder) if session.holder else tr("PIN")
    return session.holder or session.raw_id_tag or NOTHING


def is_by_pin(session: Session) -> bool:
    """Whether digits on the station's keypad began it, right or wrong ones, and no card."""
    return session.reason in OF_A_PIN


def kwh(session: Session) -> str:
    """The energy charged, in kWh without the unit."""
    return NOTHING if session.energy_wh is None else f"{session.energy_wh / 1000:,.2f}"


def is_doubtful(session: Session) -> bool:
    """Whether something had to be supposed that its energy or its cost hangs on."""
    return not DOUBTFUL.isdisjoint(session.flags)


def to_know(session: Session) -> list[str]:
    """What had to be repaired or supposed about it, a sentence each."""
    return [sentence(f"flag.{flag}") for flag in session.flags]


def cost(session: Session) -> str:
    """What is to be paid for it so far: 4.44 EUR, or that it is free."""
    if is_free(session):
        return tr("free")
    amount = cost_of(session)
    return NOTHING if amount is None else money(amount, session.currency)


def money(amount: Decimal, currency: str) -> str:
    """An amount in a currency."""
    return tr("{amount} {currency}").format(amount=f"{amount:,}", currency=currency)


def costs(amounts: Sequence[tuple[str, Decimal]]) -> str:
    """Amounts in several currencies, which cannot be added up."""
    return " + ".join(money(amount, currency) for currency, amount in amounts) or NOTHING


def price(session: Session) -> str:
    """By which rule of its pool it is paid, and how much that is."""
    rule, amount = sentence(f"tariff.{session.tariff}"), price_words(session.price, session.currency)
    return tr("{rule}: {price}").format(rule=rule, price=amount) if amount else rule


def who_ended(session: Session) -> str:
    """Who or what ended it; empty while it runs."""
    by = ended_by(session)
    if by is None:
        return ""
    holder = session.stop_holder if by is EndedBy.CARD else ""
    words = sentence(f"ended_by.{by}")
    return tr("{what} ({whose})").format(what=words, whose=holder) if holder else words


def start(session: Session, at: datetime, now: datetime) -> str:
    """The day and time it began; `at` is that moment in this machine's zone."""
    return f"{day(at, now)} {at:%H:%M}" if began(session) else NOTHING


def duration(session: Session, now: datetime) -> str:
    """Hours and minutes from start to end, or until now: 0:48."""
    if not began(session):
        return NOTHING
    minutes = max(0, int(((session.stopped_at or now) - session.started_at).total_seconds()) // 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def why_ended(session: Session) -> str:
    """The station's reason in words, in its own where it has one that OCPP does not know; empty while it runs."""
    if session.is_open:
        return ""
    if session.stop_reason == _STOP_NEVER_CAME:
        return sentence(_STOP_NEVER_CAME)
    code = f"ended.{session.stop_reason}"
    return sentence(code) if code in SENTENCES else session.stop_reason


def why_decided(session: Session) -> str:
    """Why the card was accepted or refused."""
    return sentence(session.reason, pool=session.pool_name)
