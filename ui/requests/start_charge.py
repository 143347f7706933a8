"""The charge of a driver who was let in just now and still stands at the station.

offer_start(desk, request)                     # a note with the button, where somebody is likely to be there
"""

from PySide6.QtCore import QObject
from shiboken6 import isValid

from app.domain.commands import StartCharge
from app.domain.errors import AppError
from app.domain.model import Session
from app.domain.requests import AccessRequest
from ui.desk import Desk
from ui.requests.words import waits_there, who
from ui.strings import tr
from ui.widgets.buttons import Action
from ui.widgets.notes import Note

#: Who waits longer holds the card again.
SECONDS = 90.0


def offer_start(desk: Desk, request: AccessRequest) -> None:
    """Offer to start the charge, until it begins or the driver is likely to have left."""
    if not waits_there(desk, request):
        return
    words = tr("{who} still waits at {station}.").format(who=who(request), station=request.station_name)
    start = Action(tr("Start the charge now"), lambda: desk.run(_start(desk, request)))
    _UntilItBegins(desk, request, desk.notes.show_note(words, "info", start, seconds=SECONDS))


class _UntilItBegins(QObject):
    """Takes the offer back when the driver began to charge without it, or is not let in after all."""

    def __init__(self, desk: Desk, request: AccessRequest, note: Note) -> None:
        super().__init__(note)
        self._desk, self._request, self._note = desk, request, note
        desk.bridge.sessions_reported.connect(self._look)
        desk.bridge.requests_changed.connect(self._look_at_request)

    def _look(self, sessions: list[Session]) -> None:
        mine = (self._request.station_id.casefold(), self._request.raw_id_tag)
        began = any(each.is_open and (each.station_id.casefold(), each.raw_id_tag) == mine for each in sessions)
        if began:
            self._take_back()

    def _look_at_request(self) -> None:
        if any(each.id == self._request.id for each in self._desk.application.requests.pending()):
            self._take_back()

    def _take_back(self) -> None:
        if isValid(self._note) and self._note in self._desk.notes.shown:
            self._note.close_note()


async def _start(desk: Desk, request: AccessRequest) -> None:
    station = request.station_name
    asking = desk.notes.show_note(tr("Asking {station} to start…").format(station=station), seconds=None)
    try:
        await desk.application.server.carry_out(
            request.station_id, StartCharge(request.raw_id_tag, request.connector_id)
        )
    except AppError as error:
        if error.code != "station_refused":
            raise
        why = str(error.params.get("error", ""))
        desk.notes.problem(
            tr("{station} does not start a charge now ({why}). Plug the cable in and hold the card again.").format(
                station=station, why=why
            )
        )
        return
    finally:
        if isValid(asking):
            asking.close_note()
    desk.say(tr("{station} starts the charge. The cable must be plugged in.").format(station=station))
