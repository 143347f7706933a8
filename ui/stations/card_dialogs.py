"""Asking a station something about a card: starting with it, keeping a connector for it, forgetting whose it is.

dialog = StartChargeDialog(desk, station, connector_id)     # for `ui.tasks.ask`
dialog = ReserveDialog(desk, station)
dialog = ForgetHolderDialog(desk, station)
"""

from datetime import datetime, timedelta

from shiboken6 import isValid

from app.application import PassSummary
from app.domain.commands import CustomerData, StartCharge
from app.domain.errors import AppError
from app.domain.model import Station
from ui.desk import Desk
from ui.stations.pass_choice import PassChoice
from ui.stations.refusals import refusal_words
from ui.stations.words import at_clock, lasted
from ui.strings import tr
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import DropDown, FormField
from ui.widgets.labels import paragraph

_WIDTH = 640
_USUALLY_LASTS = timedelta(hours=1)
_RESERVATIONS_LAST = (
    *(timedelta(minutes=minutes) for minutes in (15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 24)),
)
#: Whether a station can keep any connector free, whichever that is (1.6 §9.4.1; 2.x part 2 appendices).
_KEEPS_ANY = ("ReserveConnectorZeroSupported", "ReservationCtrlr.NonEvseSpecific")


class _CardDialog(FormDialog):
    """Asks the station by itself and is accepted once it said yes."""

    def __init__(self, desk: Desk, station: Station, name: str, about: str) -> None:
        super().__init__(desk.window, name, width=_WIDTH)
        self._desk, self._station = desk, station
        self.passes = PassChoice(desk)
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        self.body.addWidget(paragraph(about, tone="muted"))
        self.body.addWidget(self.passes)

    def finish(self, action: str) -> None:
        """Put what is said of errors and the buttons below the rest."""
        self.body.addWidget(self.problem)
        self.ask_button = self.add_buttons(action, self.ask)
        self.passes.changed.connect(self._chosen)
        self.passes.taken.connect(self.ask)
        self._chosen()
        self.passes.search.setFocus()

    async def ask_about(self, summary: PassSummary) -> None:
        """Ask the station about the chosen pass; returns when it said yes."""
        raise NotImplementedError

    def said(self, who: str) -> str:
        """What is told once it said yes."""
        raise NotImplementedError

    def ask(self) -> None:
        """Ask the station, with the chosen pass."""
        chosen = self.passes.chosen()
        if chosen is not None and self.ask_button.isEnabled():
            self.problem.hide()
            self.ask_button.setEnabled(False)
            self._desk.run(self._ask(chosen), on_error=self._show_error)

    async def _ask(self, summary: PassSummary) -> None:
        try:
            await self.ask_about(summary)
        finally:
            if isValid(self):
                self.ask_button.setEnabled(True)
        if isValid(self):
            self.accept()
        self._desk.say(self.said(summary.holder or summary.card.title))

    def _show_error(self, error: AppError) -> None:
        words = refusal_words(self._station, error)
        if not isValid(self):
            self._desk.notes.problem(words)
            return
        self.problem.say(words)
        self.problem.show()

    def _chosen(self) -> None:
        self.ask_button.setEnabled(self.passes.chosen() is not None)


class StartChargeDialog(_CardDialog):
    """With which pass, at which connector."""

    def __init__(self, desk: Desk, station: Station, connector_id: int | None = None) -> None:
        super().__init__(
            desk,
            station,
            tr("Start a charge at {station}").format(station=station.title),
            tr("The station begins as if this pass were held to it. It waits for the cable first, if none is in."),
        )
        self.connector = DropDown(tr("Connector"), _connectors(desk, station))
        self.connector.select(connector_id)
        self.body.addWidget(FormField(tr("Connector"), self.connector))
        self.finish(tr("Start"))

    async def ask_about(self, summary: PassSummary) -> None:
        command = StartCharge(summary.card.uid or "", _chosen_connector(self.connector))
        await self._desk.application.carry_out(self._station.station_id, command)

    def said(self, who: str) -> str:
        words = tr("{station} begins with {who} as soon as a cable is in.")
        return words.format(station=self._station.title, who=who)


class ReserveDialog(_CardDialog):
    """For which pass a connector is kept free, which one, and until when."""

    def __init__(self, desk: Desk, station: Station) -> None:
        super().__init__(
            desk,
            station,
            tr("Reserve a connector at {station}").format(station=station.title),
            tr(
                "The station keeps it free for this pass, and others of its group, until they charge or the time is "
                "over. Whoever comes with another pass is turned away there."
            ),
        )
        self.connector = DropDown(tr("Connector"), _connectors(desk, station, any_one=_keeps_any(desk, station)))
        self.lasts = DropDown(tr("Until"), self._ends())
        self.lasts.select(_USUALLY_LASTS)
        self.body.addWidget(FormField(tr("Connector"), self.connector))
        self.body.addWidget(FormField(tr("Until"), self.lasts))
        self.finish(tr("Reserve"))

    async def ask_about(self, summary: PassSummary) -> None:
        await self._desk.application.reservations.reserve(
            self._station.station_id, summary.card.uid or "", self._until(), _chosen_connector(self.connector)
        )

    def said(self, who: str) -> str:
        words = tr("{station} keeps a connector for {who} until {time}.")
        return words.format(station=self._station.title, who=who, time=at_clock(self._desk, self._until()))

    def _until(self) -> datetime:
        lasts = self.lasts.value()
        return self._desk.application.clock() + (lasts if isinstance(lasts, timedelta) else _USUALLY_LASTS)

    def _ends(self) -> list[tuple[object, str]]:
        now = self._desk.application.clock()
        words = tr("{time} from now, until {clock}")
        return [
            (each, words.format(time=lasted(each), clock=at_clock(self._desk, now + each)))
            for each in _RESERVATIONS_LAST
        ]


class ForgetHolderDialog(_CardDialog):
    """What a station of OCPP 2.x keeps about the holder of a card goes (N09, N10)."""

    def __init__(self, desk: Desk, station: Station) -> None:
        super().__init__(
            desk,
            station,
            tr("Forget a card’s holder at {station}").format(station=station.title),
            tr(
                "The station forgets what it keeps about the holder of this card, and first tells what that was: "
                "its messages show it. Passes and sessions here stay as they are."
            ),
        )
        self.finish(tr("Forget"))

    async def ask_about(self, summary: PassSummary) -> None:
        request_id = int(self._desk.now().timestamp()) % 2**31
        command = CustomerData(request_id, summary.card.uid or "", report=True, clear=True)
        await self._desk.application.carry_out(self._station.station_id, command)

    def said(self, who: str) -> str:
        return tr("{station} forgets what it keeps about {who}.").format(station=self._station.title, who=who)


def _connectors(desk: Desk, station: Station, *, any_one: bool = True) -> list[tuple[object, str]]:
    own = station.station_id.casefold()
    numbers = [
        each.connector_id
        for each in desk.application.stations.connectors()
        if each.connector_id and each.station_id.casefold() == own
    ]
    named: list[tuple[object, str]] = [(each, tr("Connector {number}").format(number=each)) for each in numbers]
    return [(None, tr("Whichever is free")), *named] if any_one or not named else named


def _chosen_connector(choice: DropDown) -> int | None:
    number = choice.value()
    return number if isinstance(number, int) else None


def _keeps_any(desk: Desk, station: Station) -> bool:
    """Unless it is known that the station cannot, as far as its settings were read."""
    read = (desk.application.configuration.find(station.station_id, name) for name in _KEEPS_ANY)
    return all(variable is None or (variable.value or "").casefold() != "false" for variable in read)
