"""The top and the foot of the window: what this program is, whether it listens and where, the finder, the action."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from ui.strings import tr
from ui.theme import Kind, font, metrics, tokens
from ui.widgets.buttons import link_button, primary_button
from ui.widgets.labels import Label, mono, small
from ui.widgets.pill import Pill, paint_pill, pill_width

_SIDE, _GAP = 13, 7


class FindButton(QAbstractButton):
    """Looks like a search field; a press opens the finder."""

    def __init__(self) -> None:
        super().__init__()
        self.setText(tr("Find anything…"))
        self.setAccessibleName(tr("Find anything"))
        keys = QKeySequence("Ctrl+K").toString(QKeySequence.SequenceFormat.NativeText)
        self._keys = keys.replace("+", " ")
        self.setToolTip(keys)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(230, 31)

    def minimumSizeHint(self) -> QSize:
        return QSize(110, 31)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(colours.surface))
            focus = self.hasFocus()
            painter.setPen(QPen(QColor(colours.accent if focus else colours.line), 2 if focus else 1))
            edge = 1 if focus else 0.5
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), 6, 6)
            room = QRectF(self.rect()).adjusted(11, 0, -10, 0)
            painter.setPen(QColor(colours.muted))
            painter.setFont(font(12, mono=True))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._keys)
            room.setRight(room.right() - metrics(12, mono=True).horizontalAdvance(self._keys) - 8)
            painter.setFont(font())
            text = metrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


class CountButton(QPushButton):
    """A button with how many wait behind it; none shows no number."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # Enter presses what the keyboard is on, also outside a dialog.
        self.setAutoDefault(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._count = 0
        self.show_count(0)

    @property
    def count(self) -> int:
        """How many it says."""
        return self._count

    def show_count(self, count: int) -> None:
        """Say another number."""
        self._count = count
        self.setAccessibleName(f"{self.text()} {count}" if count else self.text())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(2 * _SIDE + ceil(self._words_width() + self._badge_width()), 31)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        with QStylePainter(self) as painter:
            painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
            painter.setFont(font(weight=500))
            painter.setPen(QColor(tokens().text))
            room = QRectF(self.rect()).adjusted(_SIDE, 0, -_SIDE, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.text())
            if self._count:
                room.setLeft(room.left() + self._words_width() + _GAP)
                paint_pill(painter, room, str(self._count), "warn")

    def _words_width(self) -> float:
        return metrics(weight=500).horizontalAdvance(self.text())

    def _badge_width(self) -> float:
        return _GAP + pill_width(str(self._count)) if self._count else 0


class TopBar(QFrame):
    """Brand, state, address, finder, main action."""

    copy_address = Signal()
    qr_requested = Signal()
    search_requested = Signal()
    primary_clicked = Signal()

    def __init__(self, site: str, primary: str) -> None:
        super().__init__()
        self.setFixedHeight(52)
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 0, 16, 0)
        line.setSpacing(14)
        brand = QWidget()
        brand.setFixedWidth(184)
        names = QVBoxLayout(brand)
        names.setContentsMargins(0, 8, 0, 8)
        names.setSpacing(0)
        self.site = small(site)
        self.site.setMinimumHeight(14)
        name = Label("Tapdesk", 14, 700)
        name.setMinimumHeight(19)
        names.addWidget(name)
        names.addWidget(self.site)
        self.status = Pill(dot=True)
        self.address = mono()
        self._copy = link_button(tr("Copy"), self.copy_address.emit, tooltip=tr("Copy the address for the stations"))
        self._qr = link_button(tr("QR"), self.qr_requested.emit, tooltip=tr("Show the address as a QR code"))
        self._qr.setAccessibleName(tr("Show the address as a QR code"))
        self._find = FindButton()
        self._find.clicked.connect(self.search_requested)
        self._primary = primary_button(primary, self.primary_clicked.emit)
        self._primary.setVisible(bool(primary))
        for widget in (brand, self.status, self.address, self._copy, self._qr):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self._find, 100)
        line.addWidget(self._primary)
        self._line = line
        self.show_address("")

    def add(self, widget: QWidget) -> None:
        """Put a widget before the main action."""
        self._line.insertWidget(self._line.count() - 1, widget)

    def show_status(self, text: str, kind: Kind) -> None:
        """Whether the server listens."""
        self.status.show_state(text, kind)

    def show_address(self, address: str) -> None:
        """Where stations connect; empty hides it and its buttons."""
        self.address.setText(address)
        for widget in (self.address, self._copy, self._qr):
            widget.setVisible(bool(address))


class Footer(QFrame):
    """Facts at the left, one at the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(26)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(16, 0, 16, 0)
        self._line.setSpacing(18)
        self._left: list[Label] = []
        self._right = small()
        self._line.addStretch(1)
        self._line.addWidget(self._right)

    def show_facts(self, left: Sequence[str], right: str = "") -> None:
        """Show these instead of the ones before."""
        while len(self._left) < len(left):
            fact = small()
            self._line.insertWidget(len(self._left), fact)
            self._left.append(fact)
        for number, fact in enumerate(self._left):
            fact.setText(left[number] if number < len(left) else "")
            fact.setVisible(number < len(left))
        self._right.setText(right)
