"""The last cards that were held to a reader: whose, what was decided, why, and what puts a refusal right.

cards = LastCards(desk); cards.refresh()        # at each tap, and when passes, pools or stations changed
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.domain.model import Tap, TapSource
from ui.days import day
from ui.desk import Desk
from ui.strings import sentence, tr
from ui.taps.fixes import fix_for
from ui.taps.words import verdict_now, what_was_held
from ui.widgets.boxes import Card, EmptyState
from ui.widgets.buttons import Action, link_button
from ui.widgets.tables import Column, RowsModel, TableView

ROWS = 6
ROW_HEIGHT = 34
# A start follows its Authorize; one later than this is another visit.
ONE_VISIT = timedelta(minutes=1)
_READ = 50


@dataclass(frozen=True)
class CardSeen:
    """A card at a reader; `charging` where the same visit started a charge."""

    tap: Tap
    charging: bool
    why: str
    fix: Action | None = None

    @property
    def accepted(self) -> bool:
        return self.tap.status == "Accepted"


def visits(taps: Iterable[Tap]) -> list[Tap]:
    """Taps, newest first, without each Authorize that a StartTransaction of that card at that station followed."""
    kept: list[Tap] = []
    starts: dict[tuple[str, str], Tap] = {}
    for tap in taps:
        key = (tap.station_id.casefold(), tap.uid)
        start = starts.get(key)
        if tap.source is TapSource.AUTHORIZE and start is not None and start.at - tap.at <= ONE_VISIT:
            # One start answers one Authorize: the card that was held before that one is a line of its own.
            del starts[key]
            continue
        if tap.source is TapSource.START:
            starts[key] = tap
        kept.append(tap)
    return kept


class LastCards(Card):
    """A few rows; each opens its message in the log."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Last cards"))
        self._desk = desk
        self.add_to_head(link_button(tr("Open live log"), lambda: desk.go("log")))
        self.model = RowsModel(self._columns(), key=lambda seen: seen.tap.id)
        teaching = EmptyState(
            tr("No card yet"), tr("Hold a card to a station: it is here at once, with what was decided and why.")
        )
        self.table = TableView(self.model, tr("Last cards"), empty=teaching, row_height=ROW_HEIGHT, head=False)
        self.table.row_activated.connect(lambda seen: desk.go("log", seen.tap.message_id))
        self.table.link_clicked.connect(lambda seen, _words: seen.fix.run())
        self.body.addWidget(self.table)
        self._fit()

    def refresh(self) -> None:
        """Look again: at the taps, and at what is still to be put right of them."""
        taps = visits(self._desk.application.journal.taps(limit=_READ))[:ROWS]
        self.model.replace([self._seen(tap) for tap in taps])
        self._fit()

    def _fit(self) -> None:
        rows = self.model.rowCount()
        self.table.setFixedHeight(rows * ROW_HEIGHT if rows else 110)

    def _seen(self, tap: Tap) -> CardSeen:
        why = sentence(tap.reason, pool=tap.pool_name)
        if tap.status == "Accepted":
            if tap.source is TapSource.STOP:
                why = tr("ended a session")
            return CardSeen(tap, tap.source is TapSource.START, why)
        fix = fix_for(self._desk, tap)
        if fix is None and verdict_now(self._desk, tap).decision.accepted:
            why = tr("{why}; it would be accepted now").format(why=why)
        return CardSeen(tap, tap.source is TapSource.START, why, fix)

    def _time(self, seen: CardSeen) -> str:
        """To the second today; a card of another day is not looked for by the second."""
        at, now = self._desk.local(seen.tap.at), self._desk.now()
        return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{day(at, now)} {at:%H:%M}"

    def _columns(self) -> Sequence[Column[CardSeen]]:
        return [
            Column(title=tr("Time"), text=self._time, mono=True, width=112),
            Column(title=tr("Station"), text=lambda seen: seen.tap.station_name, width=104, stretch=2),
            Column(title=tr("UID"), text=lambda seen: what_was_held(seen.tap), mono=True, width=152),
            Column(
                title=tr("Whose"),
                text=lambda seen: seen.tap.holder or "–",
                tone=lambda seen: "text" if seen.tap.holder else "muted",
                width=104,
                stretch=2,
            ),
            Column(
                title=tr("Decision"),
                text=lambda seen: tr("Accepted") if seen.accepted else tr("Refused"),
                pill=lambda seen: "ok" if seen.accepted else "bad",
                width=100,
            ),
            Column(
                title=tr("Why"),
                text=_why,
                tone="muted",
                link=lambda seen: seen.fix.text if seen.fix else "",
                width=184,
                stretch=3,
            ),
        ]


def _why(seen: CardSeen) -> str:
    return tr("{why}, charging").format(why=seen.why) if seen.charging and seen.accepted else seen.why
