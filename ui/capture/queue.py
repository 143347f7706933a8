"""The passes whose cards come next, in an order that is changed by dragging and with Alt and the arrow keys."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication

from app.application import PassSummary
from ui.strings import tr
from ui.theme import tokens
from ui.widgets.tables import Column, RowsModel, TableView

ROW_HEIGHT = 36


class QueueTable(TableView):
    """`moved` tells the id of a pass and the place in this list where it is wanted; -1 is before all of them.

    Enter or a double click takes a pass next.
    """

    moved = Signal(int, int)

    def __init__(self) -> None:
        self.passes: RowsModel[PassSummary] = RowsModel(_columns(), key=lambda summary: summary.card.id)
        super().__init__(self.passes, tr("Next"), row_height=ROW_HEIGHT, head=False)
        self._add_actions()
        self._pressed: tuple[int, QPoint] | None = None
        self._target: int | None = None

    def _add_actions(self) -> None:
        for words, keys, move in (
            (tr("Take it next"), "", self._take_next),
            (tr("Move up"), "Alt+Up", lambda: self._step(-1)),
            (tr("Move down"), "Alt+Down", lambda: self._step(1)),
        ):
            action = QAction(words, self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(move)
            self.addAction(action)

    def _take_next(self) -> None:
        if (current := self.currentIndex().row()) >= 0:
            self.row_activated.emit(self.passes.row(current))

    def _step(self, step: int) -> None:
        current = self.currentIndex().row()
        if current >= 0 and current + step < self.passes.rowCount():
            self.moved.emit(self.passes.key_at(current), current + step)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        at = self.indexAt(event.position().toPoint()).row()
        if at >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = (at, event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            super().mouseMoveEvent(event)
            return
        place = event.position().toPoint()
        if self._target is None and (place - self._pressed[1]).manhattanLength() < QApplication.startDragDistance():
            return
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        above = round((place.y() + self.verticalOffset()) / ROW_HEIGHT)
        self._target = min(max(above, 0), self.passes.rowCount())
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        target, self._target = self._target, None
        if pressed is None or target is None:
            super().mouseReleaseEvent(event)
            return
        self.viewport().unsetCursor()
        self.viewport().update()
        to = target - (1 if target > pressed[0] else 0)
        if to != pressed[0]:
            self.moved.emit(self.passes.key_at(pressed[0]), to)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._target is not None:
            with QPainter(self.viewport()) as painter:
                y = min(self._target * ROW_HEIGHT - self.verticalOffset(), self.viewport().height() - 2)
                painter.fillRect(0, max(y - 1, 0), self.viewport().width(), 2, QColor(tokens().accent))


def _columns() -> list[Column[PassSummary]]:
    return [
        Column(
            title=tr("Visible ID"),
            text=lambda summary: summary.card.visible_id or "",
            mono=True,
            width=150,
            sort=None,
        ),
        Column(title=tr("Name"), text=_name, tone="muted", width=120, stretch=1, sort=None),
    ]


def _name(summary: PassSummary) -> str:
    return " · ".join(part for part in (summary.card.name, summary.holder) if part)
