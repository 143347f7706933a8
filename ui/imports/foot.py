"""The foot of a list that is looked at: the button that names what it will do, and, while it does it, how far it is."""

import threading

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.domain.import_fields import ListKind
from ui.imports.preview import Preview
from ui.imports.words import counted, number
from ui.strings import tr
from ui.widgets.boxes import Progress, row
from ui.widgets.buttons import button, primary_button
from ui.widgets.labels import muted

PROGRESS_EVERY_MS = 80


class ImportFoot(QStackedWidget):
    """`wanted` comes when the list shall be carried out, `left` when nothing shall be done with it."""

    wanted = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.stopping = threading.Event()
        self._done = (0, 0)
        self.commit = primary_button("", self.wanted.emit)
        self.bar = Progress(tr("How much is imported"))
        self.bar.setMinimumWidth(200)
        self.words = muted()
        self.stop = button(tr("Stop"), self._stop)
        self._clock = QTimer(self, interval=PROGRESS_EVERY_MS)
        self._clock.timeout.connect(self._show_progress)
        safe = muted(tr("Nothing is written until you import. A backup is made first; Undo is available afterwards."))
        for line in (
            row(safe, None, button(tr("Cancel"), self.left.emit), self.commit),
            row(self.words, self.bar, self.stop),
        ):
            held = QWidget()
            held.setLayout(line)
            self.addWidget(held)

    @property
    def is_busy(self) -> bool:
        """Whether the list is being carried out."""
        return self.currentIndex() == 1

    def show_plan(self, kind: ListKind, preview: Preview | None) -> None:
        """Name what would be done; None while that is not known."""
        self.commit.setText(_commit_words(kind, preview))
        self.commit.setEnabled(preview is not None and bool(preview.carried_out or preview.planned.plan.removed))

    def begin(self, total: int) -> None:
        """Show progress from now on, and the way to stop."""
        self.stopping.clear()
        self.stop.setEnabled(True)
        self._done = (0, total)
        self._show_progress()
        self.setCurrentIndex(1)
        self._clock.start()

    def note(self, done: int, total: int) -> None:
        """So much is done; may be called in any thread."""
        self._done = (done, total)

    def end(self) -> None:
        """It is done, or not."""
        self._clock.stop()
        self.setCurrentIndex(0)

    def _stop(self) -> None:
        self.stopping.set()
        self.stop.setEnabled(False)
        self.words.setText(tr("Stopping…"))

    def _show_progress(self) -> None:
        if self.stopping.is_set():
            return
        done, total = self._done
        words = tr("Importing {done} of {total}") if done else tr("Making a backup first…")
        self.words.setText(words.format(done=number(done), total=number(total)))
        self.bar.show_part(done, total)


def _commit_words(kind: ListKind, preview: Preview | None) -> str:
    """The numbers in words: "Import 249 passes, remove 12"."""
    if preview is None:
        return tr("Import")
    removed = len(preview.planned.plan.removed)
    if preview.carried_out and removed:
        words = tr("Import {what}, remove {removed}")
    elif removed:
        words = tr("Remove {what_removed}")
    elif preview.carried_out:
        words = tr("Import {what}")
    else:
        return tr("Nothing to import")
    return words.format(
        what=counted(kind, preview.carried_out), removed=number(removed), what_removed=counted(kind, removed)
    )
