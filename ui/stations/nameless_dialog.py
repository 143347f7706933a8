"""Saying which station it is that comes from an address without naming itself.

await ask(NamelessDialog(desk, address))
"""

from PySide6.QtCore import Qt

from app.domain.errors import AppError
from app.domain.model import Registration
from ui.desk import Desk
from ui.strings import sentence, tr
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import DropDown, FormField
from ui.widgets.labels import paragraph


class NamelessDialog(FormDialog):
    """Offers the stations that were let in; the chosen one is expected from the address from now on."""

    def __init__(self, desk: Desk, address: str) -> None:
        super().__init__(desk.window, tr("Which station is at {address}?").format(address=address))
        self._desk, self._address = desk, address
        accepted = [each for each in desk.application.stations.all() if each.registration is Registration.ACCEPTED]
        self.station = DropDown(tr("Station"), [(each.station_id, each.title) for each in accepted])
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        words = tr(
            "Some stations cannot put their ID into the URL. What comes from this address without one is then taken "
            "for the station you choose, so the network has to give it a fixed address."
        )
        self.body.addWidget(paragraph(words, tone="muted"))
        self.body.addWidget(FormField(tr("Station"), self.station))
        if not accepted:
            self.problem.say(tr("No station is accepted yet. Add it by its ID first: Connect a station."))
            self.problem.show()
        self.body.addWidget(self.problem)
        save = self.add_buttons(tr("Let it in"), self.save)
        save.setEnabled(bool(accepted))
        self.station.setFocus(Qt.FocusReason.OtherFocusReason)

    def save(self) -> None:
        """Expect it from there, or say why not."""
        self._desk.run(self._save(), on_error=self._show_error)

    async def _save(self) -> None:
        station = self._desk.application.stations.require(str(self.station.value()))
        undo = await self._desk.application.habits.expect_nameless(station.station_id, self._address)
        said = tr("What comes from {address} without an ID is {station}.")
        self.accept()
        self._desk.offer_undo(said.format(address=self._address, station=station.title), undo)

    def _show_error(self, error: AppError) -> None:
        self.problem.say(sentence(error.code, **error.params))
        self.problem.show()
