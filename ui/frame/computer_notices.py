"""What happens to this computer, in notes of the window: its clock was set, its addresses changed.

notices = ComputerNotices(desk, window)        # keep it for as long as the window lives
"""

from PySide6.QtCore import QObject
from shiboken6 import isValid

from ui.desk import Desk
from ui.frame.main_window import MainWindow
from ui.stations.behaviour_words import span
from ui.strings import tr
from ui.widgets.buttons import Action
from ui.widgets.notes import Note


class ComputerNotices(QObject):
    """One note about the clock and one about the network at a time."""

    def __init__(self, desk: Desk, window: MainWindow) -> None:
        super().__init__(window)
        self._desk = desk
        self._clock: Note | None = None
        self._network: Note | None = None
        desk.bridge.clock_set.connect(self._tell_of_clock)
        desk.bridge.addresses_changed.connect(self._tell_of_network)

    def _tell_of_clock(self) -> None:
        surroundings = self._desk.application.surroundings
        by = surroundings.clock_set_by
        _close(self._clock)
        if not by:
            return
        words = tr("This computer's clock was set {time} ahead while Tapdesk runs.")
        if by.total_seconds() < 0:
            words = tr(
                "This computer's clock was set {time} back while Tapdesk runs. "
                "Stations are told a time that never runs back, so for a while it is ahead."
            )
        ask = tr("Look at its date and time.")
        self._clock = self._desk.notes.show_note(
            f"{words.format(time=span(by))} {ask}",
            "bad",
            Action(tr("It is right"), surroundings.clock_is_right),
            seconds=None,
        )

    def _tell_of_network(self) -> None:
        application = self._desk.application
        _close(self._network)
        if not application.surroundings.addresses:
            words = tr("This computer is in no network any more, so no station reaches it. Look at its cable or Wi-Fi.")
            self._network = self._desk.notes.problem(words)
            return
        url = application.station_urls(self._desk.host)[0]
        said, show = tr("Stations reach this computer at {url} now.").format(url=url), list[Action]()
        if astray := len(application.stations_astray()):
            one, many = tr("1 station may need the new address."), tr("{count} stations may need the new address.")
            said = f"{said} {one if astray == 1 else many.format(count=astray)}"
            show.append(Action(tr("Show"), lambda: self._desk.go("stations")))
        self._network = self._desk.notes.show_note(
            said, "warn" if show else "info", *show, seconds=None if show else 15.0
        )


def _close(note: Note | None) -> None:
    if note is not None and isValid(note):
        note.close_note()
