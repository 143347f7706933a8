"""The navigation at the left: `Rail().add(key, title)`, `show_current(key)`, `set_count(key, 7)`, `chosen` on a press.

One Tab stop; the arrow keys walk over the items.
"""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout

from ui.strings import tr
from ui.theme import BODY, SMALL, font, metrics, tokens
from ui.widgets.boxes import Line


class RailItem(QAbstractButton):
    """A page's name, with a number or a live dot at its end."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._count: int | None = None
        self._live: bool | None = None
        self.setText(title)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_count(self, count: int | None) -> None:
        """A number at the end; None takes it away."""
        self._count = count
        self.setAccessibleDescription("" if count is None else str(count))
        self.update()

    def show_live(self, live: bool | None) -> None:
        """A dot at the end, coloured while something is live; None takes it away."""
        self._live = live
        self.setAccessibleDescription(tr("live") if live else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(183, 33)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(event.key())
        rail = self.parentWidget()
        if step is not None and isinstance(rail, Rail):
            rail.walk(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours, on = tokens(), self.isChecked()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            if on or self.underMouse():
                painter.setBrush(QColor(colours.accent_soft if on else colours.bg))
                painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(colours.accent), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
            room = QRectF(self.rect()).adjusted(12, 0, -12, 0)
            words = QColor(colours.accent if on else colours.muted)
            if self._live is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours.accent if self._live else colours.faint))
                painter.drawEllipse(QPointF(room.right() - 5, room.center().y() - 0.5), 4.2, 4.2)
                room.setRight(room.right() - 18)
            elif self._count is not None:
                painter.setPen(words)
                painter.setFont(font(SMALL, 600 if on else 400))
                painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(self._count))
                room.setRight(room.right() - metrics(SMALL, 600).horizontalAdvance(str(self._count)) - 8)
            weight = 600 if on else 500
            text = metrics(BODY, weight).elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width() + 1)
            painter.setPen(words)
            painter.setFont(font(BODY, weight))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


class Rail(QFrame):
    """The list of pages."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Pages"))
        self.setFixedWidth(200)
        self._items: dict[str, RailItem] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 10, 8, 10)
        self._column.setSpacing(2)
        self._column.addStretch(1)

    def add(self, key: str, title: str, *, line_before: bool = False, before: str = "") -> None:
        """Put a page at the end, or before another; with a line above it when a new group begins."""
        end = self._column.indexOf(self._items[before]) if before else self._column.count() - 1
        if line_before:
            group = QVBoxLayout()
            group.setContentsMargins(4, 8, 4, 8)
            group.addWidget(Line())
            self._column.insertLayout(end, group)
            end += 1
        item = RailItem(title)
        item.clicked.connect(lambda: self.chosen.emit(key))
        current = next((each for each, other in self._items.items() if other.isChecked()), key)
        self._items[key] = item
        self._column.insertWidget(end, item)
        self.show_current(current)

    def offer(self, key: str, *, offered: bool) -> None:
        """Show the entry of a page, or keep it out of sight and out of reach."""
        self._items[key].setVisible(offered)

    def item(self, key: str) -> RailItem:
        """The entry of a page."""
        return self._items[key]

    def show_current(self, key: str) -> None:
        """Mark the page that is open."""
        for each, item in self._items.items():
            item.setChecked(each == key)
            item.setFocusPolicy(Qt.FocusPolicy.TabFocus if each == key else Qt.FocusPolicy.NoFocus)

    def walk(self, step: int) -> None:
        """Open the next or the previous page."""
        offered = {key: item for key, item in self._items.items() if not item.isHidden()}
        keys = sorted(offered, key=lambda key: self._column.indexOf(offered[key]))
        now = next((number for number, key in enumerate(keys) if offered[key].isChecked()), 0)
        key = keys[min(max(now + step, 0), len(keys) - 1)]
        self.chosen.emit(key)
        self._items[key].setFocus(Qt.FocusReason.TabFocusReason)
