"""What the live log says of a message, in words: one function per column, asked when a cell is painted."""

import json
from collections.abc import Sequence
from datetime import date

from app.domain.access import Reason, Status
from app.domain.model import Direction, Message
from ui.desk import Desk
from ui.strings import SENTENCES, sentence, tr
from ui.taps.words import decided
from ui.theme import Kind, Tone
from ui.widgets.rows import Column

_POOLS_REMEMBERED = 5_000
_ERROR = 4


class LogWords:
    """The names it needs are looked up once: call `names_changed` when stations change, `day_may_have_changed` now and
    then."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stations: dict[str, str] = {}
        self._pools: dict[int, str] = {}
        self.today: date = desk.now().date()
        self.names_changed()

    def names_changed(self) -> None:
        """Ask again what the stations are called."""
        stations = self._desk.application.stations.all()
        self._stations = {station.station_id: station.title for station in stations}

    def day_may_have_changed(self) -> bool:
        """Look at the calendar; True when yesterday's messages now need their date."""
        before, self.today = self.today, self._desk.now().date()
        return before != self.today

    def is_of_another_day(self, message: Message) -> bool:
        """Whether its time alone would mislead."""
        return self._desk.local(message.at).date() != self.today

    # The columns

    def time(self, message: Message) -> str:
        """Local, to the millisecond, with the day where that is not today."""
        at = self._desk.local(message.at)
        clock = f"{at:%H:%M:%S}.{at.microsecond // 1000:03}"
        return clock if at.date() == self.today else f"{at.day:2} {at:%b} {clock}"

    def station(self, message: Message) -> str:
        """Its name, or its ID while it has none."""
        return self._stations.get(message.station_id, message.station_id)

    def action(self, message: Message) -> str:
        """What the message is."""
        return message.action or sentence("fault")

    def outcome(self, message: Message) -> str:
        """What came of it, and a word where it had to be mended to be read."""
        return " · ".join(part for part in (self._outcome(message), self._repaired(message)) if part)

    def pill(self, message: Message) -> Kind | None:
        """Decisions about cards stand out."""
        if not message.reason:
            return None
        return "ok" if message.outcome == Status.ACCEPTED.value else "bad"

    def tone(self, message: Message) -> Tone:
        """Errors are not overlooked."""
        return "bad" if not message.action or is_error(message) else "muted"

    def pool(self, message: Message) -> str:
        """The pool that did not know the card."""
        if message.tap_id is None:
            return ""
        if message.tap_id not in self._pools:
            if len(self._pools) >= _POOLS_REMEMBERED:
                self._pools.clear()
            tap = self._desk.application.journal.tap(message.tap_id)
            self._pools[message.tap_id] = tap.pool_name if tap else ""
        return self._pools[message.tap_id]

    def _outcome(self, message: Message) -> str:
        if message.reason:
            pool = self.pool(message) if _names_its_pool(message) else ""
            return decided(message.outcome, message.reason, holder=message.holder, pool=pool)
        if not message.action:
            return _known(f"fault.{message.outcome}", message.outcome)
        if message.direction is Direction.TO_STATION:
            return _answer_to_us(message)
        if is_error(message):
            return tr("error {code}").format(code=message.outcome)
        return " · ".join(part for part in (message.outcome, message.holder) if part)

    @staticmethod
    def _repaired(message: Message) -> str:
        return tr("repaired") if message.repairs else ""


def log_columns(words: LogWords) -> Sequence[Column[Message]]:
    """The columns of the live log. None can be ordered by: the log is in the order of what happened."""
    return (
        Column(title=tr("Time"), text=words.time, mono=True, width=111, sort=None),
        Column(title=tr("Station"), text=words.station, width=112, stretch=1, sort=None),
        Column(title="", text=arrow, width=34, drop=1, sort=None),
        Column(title=tr("Message"), text=words.action, width=134, stretch=1, sort=None),
        Column(title=tr("idTag"), text=lambda message: message.id_tag, mono=True, width=126, drop=2, sort=None),
        # With the pane open and dates in the first column, every column still has its place in a window of first size.
        Column(
            title=tr("Outcome"), text=words.outcome, pill=words.pill, tone=words.tone, width=150, stretch=20, sort=None
        ),
    )


def arrow(message: Message) -> str:
    """From the station, or to it."""
    return "→" if message.direction is Direction.FROM_STATION else "←"


def is_error(message: Message) -> bool:
    """Whether the answer is a CALLERROR (OCPP-J 1.6 §4.2.3)."""
    return message.response.lstrip().startswith(f"[{_ERROR}")


def repairs_in_words(message: Message) -> list[str]:
    """A sentence for everything that was put right to read it."""
    return [_known(f"repair.{repair}", repair) for repair in message.repairs]


def decoded(text: str) -> object | None:
    """A frame as JSON; None when it is none."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _answer_to_us(message: Message) -> str:
    if message.outcome or message.response:
        return _known(f"unanswered.{message.outcome}", message.outcome or tr("answered"))
    return tr("waiting for the answer")


def _names_its_pool(message: Message) -> bool:
    return message.reason == Reason.NOT_A_MEMBER.value or (
        message.reason == Reason.REGISTERED_PASS.value and not message.holder
    )


def _known(code: str, otherwise: str) -> str:
    return sentence(code) if code in SENTENCES else otherwise
