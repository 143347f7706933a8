"""Asking a station something about a card: to start a charge with it, or to forget whose it is.

dialog = StartChargeDialog(desk, station, connector_id)     # for `ui.tasks.ask`
dialog = ForgetHolderDialog(desk, station)
"""

from shiboken6 import isValid

from app.application import PassSummary
from app.domain.commands import Command, CustomerData, StartCharge
from app.domain.errors import AppError
from app.domain.model import Station
from ui.desk import Desk
from ui.stations.pass_choice import PassChoice
from ui.stations.refusals import refusal_words
from ui.strings import tr
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import DropDown, FormField
from ui.widgets.labels import paragraph

_WIDTH = 640


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

    def command(self, summary: PassSummary) -> Command[None]:
        """What the station is asked about the chosen pass."""
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
            await self._desk.application.carry_out(self._station.station_id, self.command(summary))
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
        self.connector = DropDown(tr("Connector"), self._connectors())
        self.connector.select(connector_id)
        self.body.addWidget(FormField(tr("Connector"), self.connector))
        self.finish(tr("Start"))

    def command(self, summary: PassSummary) -> Command[None]:
        connector = self.connector.value()
        return StartCharge(summary.card.uid or "", connector if isinstance(connector, int) else None)

    def said(self, who: str) -> str:
        words = tr("{station} begins with {who} as soon as a cable is in.")
        return words.format(station=self._station.title, who=who)

    def _connectors(self) -> list[tuple[object, str]]:
        own = self._station.station_id.casefold()
        numbers = [
            each.connector_id
            for each in self._desk.application.stations.connectors()
            if each.connector_id and each.station_id.casefold() == own
        ]
        named: list[tuple[object, str]] = [(each, tr("Connector {number}").format(number=each)) for each in numbers]
        return [(None, tr("Whichever is free")), *named]


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

    def command(self, summary: PassSummary) -> Command[None]:
        request_id = int(self._desk.now().timestamp()) % 2**31
        return CustomerData(request_id, summary.card.uid or "", report=True, clear=True)

    def said(self, who: str) -> str:
        return tr("{station} forgets what it keeps about {who}.").format(station=self._station.title, who=who)
