"""The PINs of a pool inside its options: each with when it is good and how often it was used.

self.body.addWidget(PinList(desk, pool, dialog))       # what is done here is kept at once, with Undo below the list
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.application import Undo
from app.domain.errors import AppError
from app.domain.model import Pool
from app.domain.pins import Pin
from ui.days import day
from ui.desk import Desk
from ui.passes.words import last_day
from ui.pools.pin_dialog import PinDialog
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.theme import Tone
from ui.widgets.boxes import row
from ui.widgets.buttons import button, link_button
from ui.widgets.labels import Paragraph, muted, paragraph, title
from ui.widgets.pane_table import ROW_HEIGHT
from ui.widgets.tables import Column, RowsModel, TableView

ROWS_IN_SIGHT = 5


class PinList(QWidget):
    """Enter, a double click or a click on its name changes one; Del takes one away."""

    def __init__(self, desk: Desk, pool: Pool, dialog: QDialog) -> None:
        """`dialog` is the one it stands in: that of a PIN opens above it."""
        super().__init__()
        self._desk, self._pool, self._dialog = desk, pool, dialog
        self._undo: Undo | None = None
        self.model = RowsModel(self._columns(), key=lambda pin: pin.id)
        self.table = TableView(self.model, tr("PINs"), head=False, row_height=ROW_HEIGHT)
        self.none = paragraph(
            tr("No PIN yet. A PIN is typed on a station's keypad and gives one session to whoever knows it."),
            tone="muted",
        )
        self.said: Paragraph = paragraph()
        self.undo_button = link_button(tr("Undo"), self._take_back)
        self._lay_out()
        self.table.row_activated.connect(self._change)
        self.table.link_clicked.connect(self._follow)
        remove = QAction(tr("Remove"), self.table)
        remove.setShortcut(QKeySequence("Del"))
        remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        remove.triggered.connect(lambda: [self._remove(pin) for pin in self.table.selected_rows()])
        self.table.addAction(remove)
        desk.bridge.pools_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read them anew."""
        pins = self._desk.application.pins.of_pool(self._pool.id)
        self.model.replace(pins)
        self.table.setVisible(bool(pins))
        self.none.setVisible(not pins)
        self.table.setFixedHeight(min(len(pins), ROWS_IN_SIGHT) * ROW_HEIGHT + 2)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        fact = muted(tr("kept at once"))
        column.addLayout(row(title(tr("PINs"), whole=True), fact, None, button(tr("Add PIN…"), self._add)))
        column.addWidget(self.table)
        column.addWidget(self.none)
        self._told = QWidget()
        line = row(self.said, self.undo_button)
        line.setStretch(0, 1)
        self._told.setLayout(line)
        self._told.hide()
        column.addWidget(self._told)

    def _columns(self) -> list[Column[Pin]]:
        return [
            Column(title=tr("Name"), text=lambda _pin: "", link=lambda pin: pin.name, width=110, stretch=2),
            Column(title=tr("Valid"), text=self._valid, tone=self._valid_tone, width=112, stretch=1),
            Column(title=tr("Used"), text=_used, tone=_used_tone, width=104),
            Column(title="", text=lambda _pin: "", link=lambda _pin: tr("Remove"), width=76, sort=None),
        ]

    def _valid(self, pin: Pin) -> str:
        now = self._desk.now()
        begins = day(self._desk.local(pin.valid_from), now) if pin.valid_from else ""
        ends = day(last_day(self._desk, pin.valid_until), now) if pin.valid_until else ""
        if pin.valid_until is not None and pin.valid_until <= now:
            return tr("ended {day}").format(day=ends)
        if begins and ends:
            return tr("{begins} to {ends}").format(begins=begins, ends=ends)
        if begins:
            return tr("from {day}").format(day=begins)
        return tr("until {day}").format(day=ends) if ends else tr("always")

    def _valid_tone(self, pin: Pin) -> Tone:
        return "bad" if pin.valid_until is not None and pin.valid_until <= self._desk.now() else "muted"

    # What is done

    def _add(self) -> None:
        self._desk.run(self._ask(None))

    def _change(self, pin: Pin) -> None:
        self._desk.run(self._ask(pin))

    def _follow(self, pin: Pin, words: str) -> None:
        (self._change if words == pin.name else self._remove)(pin)

    async def _ask(self, pin: Pin | None) -> None:
        dialog = PinDialog(self._desk, self._pool, pin, parent=self._dialog)
        if not await ask(dialog) or dialog.saved is None or not isValid(self):
            return
        said = tr("{name} was changed.") if pin is not None else tr("{name} opens stations from now on.")
        self._tell(said.format(name=dialog.saved.name), dialog.undo)

    def _remove(self, pin: Pin) -> None:
        async def remove() -> None:
            undo = await self._desk.application.pins.remove(pin.id)
            if isValid(self):
                self._tell(tr("{name} opens nothing any more.").format(name=pin.name), undo)

        self._desk.run(remove(), on_error=self._refused)

    def _tell(self, words: str, undo: Undo | None) -> None:
        self.refresh()
        self._undo = undo
        self.said.say(words)
        self.undo_button.setVisible(undo is not None)
        self._told.show()

    def _take_back(self) -> None:
        undo, self._undo = self._undo, None
        self._told.hide()
        if undo is not None:
            self._desk.run(_awaited(undo), on_error=self._refused)

    def _refused(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if isValid(self):
            self._tell(words, None)
        else:
            self._desk.notes.problem(words)


async def _awaited(undo: Undo) -> None:
    await undo()


def _used(pin: Pin) -> str:
    if pin.uses is None:
        return tr("1 use") if pin.used == 1 else tr("{used} uses").format(used=pin.used)
    return tr("{used} of {uses} uses").format(used=pin.used, uses=pin.uses)


def _used_tone(pin: Pin) -> Tone:
    return "bad" if pin.uses is not None and pin.used >= pin.uses else "muted"
