"""A table whose selected rows can be carried to another place with the pointer.

table = CarryTable(model, name, several=True); table.goal = other        # where they may be let go
table.carried.connect(self.move_selected)

Qt's own drag runs a loop of its own until the button is let go; this one does not. Esc lets the rows stay.
"""

from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from ui.strings import tr
from ui.widgets.pill import Pill
from ui.widgets.rows import Index
from ui.widgets.tables import TableView

_BESIDE_THE_POINTER = QPoint(14, 10)


class CarryTable(TableView):
    """`carried` tells that the selected rows were let go over `goal`."""

    carried = Signal()
    hovers = Signal(bool)  # over the goal, with rows in hand

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.goal: QWidget | None = None
        self._pressed_at: QPoint | None = None
        self._in_hand: Pill | None = None
        self._over = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        on_row = event.button() == Qt.MouseButton.LeftButton and self.indexAt(place).isValid()
        self._pressed_at = place if on_row else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        way = event.position().toPoint() - self._pressed_at
        if self._in_hand is None and way.manhattanLength() >= QGuiApplication.styleHints().startDragDistance():
            self._take_up()
        self._carry(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        carried, over = self._in_hand is not None, self._over
        self._pressed_at = None
        if not carried:
            super().mouseReleaseEvent(event)
            return
        self._let_go()
        if over:
            self.carried.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._in_hand is not None:
            self._pressed_at = None
            self._let_go()
        else:
            super().keyPressEvent(event)

    def selectionCommand(self, index: Index, event: QEvent | None = None) -> QItemSelectionModel.SelectionFlag:
        """A press on what is selected already may take up all of it: only its release chooses this one row."""
        flags = QItemSelectionModel.SelectionFlag
        if isinstance(event, QMouseEvent) and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            selected = index.isValid() and self.selectionModel().isSelected(index)
            if event.button() == Qt.MouseButton.LeftButton and selected:
                if event.type() == QEvent.Type.MouseButtonPress:
                    return flags.NoUpdate
                if event.type() == QEvent.Type.MouseButtonRelease:
                    return flags.ClearAndSelect | flags.Rows
        return super().selectionCommand(index, event)

    def _take_up(self) -> None:
        rows = self.selected_rows()
        if not rows or self.goal is None:
            self._pressed_at = None
            return
        words = tr("{count} rows").format(count=len(rows))
        if len(rows) == 1:
            words = self.model().columns[0].text(rows[0])
        self._in_hand = Pill(words, "info")
        self._in_hand.setParent(self.window())
        self._in_hand.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._in_hand.resize(self._in_hand.sizeHint())
        self._in_hand.show()
        self._in_hand.raise_()

    def _carry(self, pointer: QPoint) -> None:
        if self._in_hand is None or self.goal is None:
            return
        self._in_hand.move(self.window().mapFromGlobal(pointer) + _BESIDE_THE_POINTER)
        self._hover(over=self.goal.rect().contains(self.goal.mapFromGlobal(pointer)))
        shape = Qt.CursorShape.DragMoveCursor if self._over else Qt.CursorShape.ForbiddenCursor
        self.viewport().setCursor(shape)

    def _let_go(self) -> None:
        if self._in_hand is not None:
            self._in_hand.hide()
            self._in_hand.deleteLater()
            self._in_hand = None
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self._hover(over=False)

    def _hover(self, *, over: bool) -> None:
        if over != self._over:
            self._over = over
            self.hovers.emit(over)
