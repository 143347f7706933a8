"""What every page works at: the application, what happens in it, and the ways to act, to tell and to go elsewhere.

desk.bridge.passes_changed.connect(self.refresh)
desk.do(desk.application.passes.block([card.id]), tr("{name} is blocked").format(name=card.title))
desk.run(self._accept())                              # a coroutine; errors become notes
desk.go("stations", "ALF-0021")                       # another page, with something selected there
"""

from collections.abc import Callable, Coroutine
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.application import Application, Undo
from app.domain.errors import AppError
from ui.bridge import Bridge
from ui.strings import tr
from ui.tasks import Tasks
from ui.widgets.buttons import Action
from ui.widgets.notes import Notes


class Desk(QObject):
    """One per window."""

    going = Signal(str, object)  # the key of a page, and what to select there (None: nothing)

    def __init__(self, application: Application, bridge: Bridge, notes: Notes, window: QWidget, host: str = "") -> None:
        super().__init__()
        self.application = application
        self.bridge = bridge
        self.notes = notes
        self.window = window
        self.host = host
        self.tasks = Tasks(notes.problem)

    def run(
        self,
        work: Coroutine[object, object, object],
        *,
        on_error: Callable[[AppError], object] | None = None,
    ) -> None:
        """Start a coroutine; an AppError in it goes to `on_error`, else it becomes a note."""
        self.tasks.run(work, on_error=on_error)

    def do(self, work: Coroutine[object, object, Undo], said: str) -> None:
        """Carry out an action and say so in a note with Undo."""

        async def carry_out() -> None:
            self.offer_undo(said, await work)

        self.run(carry_out())

    def offer_undo(self, said: str, undo: Undo) -> None:
        """A note on what was done, with the way back."""
        self.notes.show_note(said, "ok", Action(tr("Undo"), lambda: self.run(undo())))

    def say(self, text: str) -> None:
        """A note on something that needs no way back."""
        self.notes.show_note(text, "ok")

    def go(self, page: str, select: object = None) -> None:
        """Open another page, with something selected there."""
        self.going.emit(page, select)

    def now(self) -> datetime:
        """The time, aware, in this machine's zone."""
        return self.local(self.application.clock())

    def local(self, moment: datetime) -> datetime:
        """A moment in this machine's zone, for painting."""
        return moment.astimezone()
