"""The finder of Ctrl+K: any station, identity, pass, pool or page by a few letters.

    finder = Finder(window, find)                       # find(text) -> list[Hit], called on the loop's thread
    window.search_requested.connect(finder.open_finder)

`find("")` is asked too: pages, or what was opened last, are a good answer. Hits are grouped by `kind`, the kinds in the
order in which they first appear. Up and Down choose, Enter opens, Esc closes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ui.strings import tr
from ui.theme import BODY, SMALL, font, metrics, tokens
from ui.widgets.boxes import Line
from ui.widgets.labels import paragraph

PAUSE_MS = 50
_WIDE, _TALL, _TOP = 560, 460, 64
_HIT = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Hit:
    """Something found: what it is, its name, what tells it from others, and what opens it."""

    kind: str
    title: str
    subtitle: str
    activate: Callable[[], object]


class _HitPainter(QStyledItemDelegate):
    """Name at the left, what tells it apart at the right; the kind as a small heading."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(100, 34 if index.data(_HIT) is not None else 28)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        colours, hit, room = tokens(), index.data(_HIT), QRectF(option.rect).adjusted(12, 0, -12, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if hit is None:
            painter.setFont(font(SMALL, 500))
            painter.setPen(QColor(colours.muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignBottom, index.data())
        else:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            if chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours.accent_soft))
                painter.drawRoundedRect(QRectF(option.rect).adjusted(4, 1, -4, -1), 6, 6)
            words = metrics(BODY, 500)
            title = words.elidedText(hit.title, Qt.TextElideMode.ElideRight, room.width() * 0.6)
            painter.setFont(font(BODY, 500))
            painter.setPen(QColor(colours.accent if chosen else colours.text))
            painter.drawText(room, middle, title)
            room.setLeft(room.left() + words.horizontalAdvance(title) + 16)
            painter.setFont(font())
            painter.setPen(QColor(colours.muted))
            subtitle = metrics().elidedText(hit.subtitle, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, subtitle)
        painter.restore()


class Finder(QFrame):
    """The finder of one window; hidden until it is opened."""

    def __init__(self, window: QWidget, find: Callable[[str], Sequence[Hit]]) -> None:
        super().__init__(window)
        self._find = find
        self._back: QWidget | None = None
        self.setAccessibleName(tr("Find anything"))
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Station, pass, person, pool or page"))
        self.field.setAccessibleName(tr("Find anything"))
        self.field.setFont(font(15))
        self.field.setFrame(False)
        self.field.setObjectName("find")
        self.list = QListWidget()
        self.list.setAccessibleName(tr("What was found"))
        self.list.setItemDelegate(_HitPainter(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.itemEntered.connect(self.list.setCurrentItem)
        self.list.itemClicked.connect(self._open)
        self.nothing = paragraph(tone="muted")
        self.nothing.setContentsMargins(16, 14, 16, 16)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        for widget in (self.field, Line(), self.list, self.nothing):
            column.addWidget(widget)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(40)
        shadow.setOffset(0, 10)
        shadow.setColor(QColor(0, 0, 0, 70))
        self.setGraphicsEffect(shadow)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._search)
        self.field.textEdited.connect(lambda: self._timer.start())
        self.field.installEventFilter(self)
        window.installEventFilter(self)
        self.hide()

    def open_finder(self) -> None:
        """Show the finder, empty, with the cursor in it."""
        self._back = self.window().focusWidget()
        self.field.clear()
        self._search()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_finder(self) -> None:
        """Hide it and give the focus back."""
        self._timer.stop()
        self.hide()
        if self._back is not None and isValid(self._back):
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def hits(self) -> list[Hit]:
        """What is in the list now, from top to bottom."""
        found = [self.list.item(number).data(_HIT) for number in range(self.list.count())]
        return [hit for hit in found if hit is not None]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field:
            if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
                self._left(event.reason())
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._key(event)
        elif event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _left(self, reason: Qt.FocusReason) -> None:
        # Its own menu, or a switch to another program, is not a wish to close it.
        if self.isVisible() and reason not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.close_finder()

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
        if key in steps:
            self._walk(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._timer.isActive():
                self._search()
            self._open(self.list.currentItem())
        elif key == Qt.Key.Key_Escape:
            self.close_finder()
        else:
            return False
        return True

    def _walk(self, step: int) -> None:
        places = [number for number in range(self.list.count()) if self.list.item(number).data(_HIT) is not None]
        if places:
            now = places.index(self.list.currentRow()) if self.list.currentRow() in places else 0
            self.list.setCurrentRow(places[min(max(now + step, 0), len(places) - 1)])

    def _open(self, item: QListWidgetItem | None) -> None:
        hit = item.data(_HIT) if item is not None else None
        if hit is not None:
            self.close_finder()
            hit.activate()

    def _search(self) -> None:
        self._timer.stop()
        text = self.field.text().strip()
        groups: dict[str, list[Hit]] = {}
        for hit in self._find(text):
            groups.setdefault(hit.kind, []).append(hit)
        self.list.clear()
        for kind, hits in groups.items():
            head = QListWidgetItem(kind, self.list)
            head.setFlags(Qt.ItemFlag.NoItemFlags)
            for hit in hits:
                item = QListWidgetItem(f"{hit.title} {hit.subtitle}", self.list)
                item.setData(_HIT, hit)
        if groups:
            self.list.setCurrentRow(1)
        self.list.setVisible(bool(groups))
        self.nothing.setVisible(not groups)
        self.nothing.say(
            tr(
                "Nothing is called “{text}”. Names, IDs printed on cards, UIDs and e-mail addresses are searched."
            ).format(text=text)
            if text
            else tr("Type a name, a UID, the ID on a card or an e-mail address.")
        )
        self._place()

    def _place(self) -> None:
        window = self.parentWidget()
        rows = sum(self.list.sizeHintForRow(number) for number in range(self.list.count()))
        wide = min(_WIDE, window.width() - 40)
        tall = min(rows + 8 + 56 if rows else 126, _TALL, window.height() - _TOP - 40)
        self.setGeometry(QRect((window.width() - wide) // 2, _TOP, wide, tall))
