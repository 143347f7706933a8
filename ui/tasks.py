"""Work started by a widget, and dialogs that are waited for.

    tasks = Tasks(notes.problem)                  # one for the window, handed to every page
    tasks.run(self._save())                       # from any slot; errors become notes
    tasks.run(self._save(), on_error=lambda error: self.uid.show_error(sentence(error.code, **error.params)))
    if await ask(PassDialog(self)): ...           # never a nested event loop

Needs a running loop: qasync's in the window.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable, Coroutine

from PySide6.QtWidgets import QDialog
from shiboken6 import isValid

from app.domain.errors import AppError
from ui.strings import sentence, tr

log = logging.getLogger(__name__)

_FAREWELL_S = 1.0


class Tasks:
    """Runs coroutines for widgets and shows what goes wrong in them.

    `show` takes a sentence for the operator. An AppError is shown in its own words. Anything else is a fault of the
    program: it is logged with its traceback each time, and shown only the first time it comes from the same place.
    """

    def __init__(self, show: Callable[[str], object]) -> None:
        self._show = show
        self._running: set[asyncio.Task[None]] = set()
        self._faults_shown: set[tuple[str, str, int]] = set()

    def run(
        self, work: Coroutine[object, object, object], *, on_error: Callable[[AppError], object] | None = None
    ) -> asyncio.Task[None]:
        """Start `work` now and keep it alive until it ends. `on_error` gets an AppError in place of the note."""
        task = asyncio.get_running_loop().create_task(self._guard(work, on_error))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def close(self) -> None:
        """Wait for what still runs, such as a save, but not for long: what takes longer is cancelled."""
        if self._running:
            await asyncio.wait(self._running, timeout=_FAREWELL_S)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _guard(
        self, work: Coroutine[object, object, object], on_error: Callable[[AppError], object] | None
    ) -> None:
        try:
            await work
        except AppError as error:
            if on_error is not None:
                on_error(error)
            else:
                self._show(sentence(error.code, **error.params))
        except Exception as error:  # noqa: BLE001  (the edge where a fault of the program meets the operator)
            self._fault(error)

    def _fault(self, error: Exception) -> None:
        log.error("A task of the window failed", exc_info=error)
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = (type(error).__name__, last.filename, last.lineno or 0)
        if place not in self._faults_shown:
            self._faults_shown.add(place)
            self._show(
                tr("Something went wrong inside Tapdesk: {what}. The log file has the details.").format(
                    what=f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
                )
            )


async def ask(dialog: QDialog) -> bool:
    """Open a dialog and wait until it is closed: True when it was accepted. Read its fields before you let go of it.

    The window keeps working behind it. When the waiting is cancelled the dialog is closed as refused.
    """
    closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def finish(result: int) -> None:
        if not closed.done():
            closed.set_result(result)

    dialog.finished.connect(finish)
    dialog.destroyed.connect(lambda: finish(QDialog.DialogCode.Rejected))
    dialog.open()
    try:
        return await closed == QDialog.DialogCode.Accepted
    finally:
        if isValid(dialog):
            dialog.hide()
            dialog.deleteLater()
