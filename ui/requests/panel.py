"""The list of who was refused and may be let in; it drops from its button in the top bar.

panel = RequestsPanel(desk, window, button)
panel.toggle(); panel.drop_down(keyboard=True); panel.close_panel()

Up and Down walk over the requests, Left and Right between the two answers, Enter presses, Esc closes. After the last
request it closes by itself.
"""

from collections.abc import Callable, Coroutine, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.domain.requests import AccessRequest
from ui.desk import Desk
from ui.frame.top_bar import CountButton
from ui.requests.approve_dialog import approve_request, deny_request
from ui.requests.row import RequestRow
from ui.strings import tr
from ui.widgets.boxes import EmptyState, Line, Section, row
from ui.widgets.labels import muted, paragraph, title

_WIDE, _BELOW, _EDGE = 380, 8, 20
#: Leaves the round corners free of square content.
_FOOT = 2
_EMPTY_HEIGHT = 148
#: More than this nobody reads in a drop-down; the others come up as these are decided.
ROWS = 100
TICK_MS = 15_000


class _Curtain(QWidget):
    """Lies over the window while the list is open: a press beside the list closes it, and does nothing else."""

    pressed = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.pressed.emit()


class RequestsPanel(QFrame):
    """The list. It keeps its order while it is open, so that nothing moves under the pointer."""

    opened = Signal()

    def __init__(self, desk: Desk, window: QWidget, anchor: CountButton) -> None:
        self._curtain = _Curtain(window)
        super().__init__(self._curtain)
        self._desk, self._window, self._anchor = desk, window, anchor
        self._rows: dict[int, RequestRow] = {}
        self._back: QWidget | None = None
        self.setAccessibleName(tr("Pending requests"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.nobody = EmptyState(
            tr("Nobody is waiting"),
            tr("A card that is refused where access is on request waits here until you decide."),
        )
        self.more = paragraph(tone="muted")
        self.more.setContentsMargins(14, 10, 14, 12)
        self._lay_out()
        self._clock = QTimer(self, interval=TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._curtain.pressed.connect(self.close_panel)
        self._curtain.hide()
        window.installEventFilter(self)
        desk.bridge.requests_changed.connect(self.refresh)
        desk.bridge.stations_changed.connect(self._tick)

    def _lay_out(self) -> None:
        self._head = Section()
        words = row(title(tr("Pending requests"), whole=True), None, muted(tr("for all stations of the pool")))
        words.setContentsMargins(14, 10, 14, 10)
        self._head.setLayout(words)
        self._line = Line()
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.more)
        self._column.addStretch(1)
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, _FOOT)
        whole.setSpacing(0)
        whole.addWidget(self._head)
        whole.addWidget(self._line)
        whole.addWidget(self.scroll, 1)
        whole.addWidget(self.nobody, 1)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        shadow.setColor(QColor(0, 0, 0, 60))
        self.setGraphicsEffect(shadow)

    # Coming and going

    def toggle(self) -> None:
        """Open it, or close it when it is open."""
        if self.isVisible():
            self.close_panel()
        else:
            self.drop_down(keyboard=self._anchor.hasFocus())

    def drop_down(self, *, keyboard: bool) -> None:
        """Show the list below its button; `keyboard` puts the ring on the first answer."""
        if not self.isVisible():
            self._back = self._window.focusWidget()
            for each in self.rows:
                self._take_out(each)
            self._show_rows()
            self._curtain.show()
            self._curtain.raise_()
            self._place()
            self._clock.start()
            self.opened.emit()
        buttons = self._buttons()
        if keyboard and buttons:
            buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_panel(self) -> None:
        """Hide the list and give the keyboard back."""
        if not self.isVisible():
            return
        self._clock.stop()
        self._curtain.hide()
        if self._back is not None and isValid(self._back) and self._back.isVisible():
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        """Below the button, its right edge under the button's, as high as its rows and the window allow."""
        self._curtain.setGeometry(self._window.rect())
        below = self._anchor.mapTo(self._window, QPoint(self._anchor.width(), self._anchor.height() + _BELOW))
        wide = min(_WIDE, self._window.width() - 2 * _EDGE)
        inside = self._column.heightForWidth(wide - 2 * self.frameWidth()) if self._rows else _EMPTY_HEIGHT
        whole = self._head.sizeHint().height() + inside + 2 * self.frameWidth() + _FOOT
        tall = min(whole, self._window.height() - below.y() - _EDGE)
        self.setGeometry(QRect(max(_EDGE, below.x() - wide), below.y(), wide, tall))

    # What is in it

    @property
    def rows(self) -> list[RequestRow]:
        """The requests on the screen, from top to bottom."""
        return list(self._rows.values())

    def refresh(self) -> None:
        """Show what is pending now, while it is open."""
        if self.isVisible():
            self._show_rows()
            self._place()

    def _show_rows(self) -> None:
        """Show every row as its request is now; new ones come below those that are shown, decided ones go."""
        pending = {request.id: request for request in self._desk.application.requests.pending()}
        for request_id, each in self._rows.items():
            if request_id not in pending:
                self._let_go(each)
            elif not each.gone:
                each.show_request(pending[request_id])
        self._add([request for request_id, request in pending.items() if request_id not in self._rows])
        hidden = len(pending.keys() - self._rows.keys())
        self.more.setVisible(hidden > 0)
        self.more.say(tr("{count} more come up when these are decided.").format(count=hidden))
        self.scroll.setVisible(bool(self._rows))
        for part in (self.nobody, self._line):
            part.setVisible(not self._rows)

    def _add(self, requests: Sequence[AccessRequest]) -> None:
        """Below the others, the latest first: who stands at a station now is served first."""
        room = max(0, ROWS - len(self._rows))
        for request in sorted(requests, key=lambda each: (each.last_at, each.id), reverse=True)[:room]:
            made = RequestRow(self._desk, request)
            made.approved.connect(lambda made=made: self._decide(made, approve_request))
            made.denied.connect(lambda made=made: self._decide(made, deny_request))
            for each in made.buttons():
                each.installEventFilter(self)
            self._rows[request.id] = made
            self._column.insertWidget(self._column.count() - 2, made)

    def _let_go(self, decided: RequestRow) -> None:
        """Keep a decided row for as long as a double click takes: its second press must not fall on the next row."""
        if not decided.gone:
            self._settle(decided)
            decided.gone = True
            QTimer.singleShot(QApplication.doubleClickInterval(), decided, lambda: self._leave(decided))

    def _leave(self, decided: RequestRow) -> None:
        self._take_out(decided)
        if self._rows or self._desk.application.requests.count_pending():
            self.refresh()
        else:
            self.close_panel()

    def _take_out(self, each: RequestRow) -> None:
        del self._rows[each.request.id]
        self._column.removeWidget(each)
        each.hide()
        each.deleteLater()

    def _settle(self, chosen: RequestRow) -> None:
        """Take no more presses there; the keyboard goes on to the next row."""
        if self._has_keyboard(chosen):
            places = [each for each in self.rows if not each.settled or each is chosen]
            at = places.index(chosen)
            others = places[at + 1 :] or places[:at][-1:]
            if others:
                others[0].approve.setFocus(Qt.FocusReason.TabFocusReason)
            else:
                self.setFocus(Qt.FocusReason.OtherFocusReason)
        chosen.settle()

    def _tick(self) -> None:
        """Times go on without an event, and so does who still waits."""
        if self.isVisible():
            for each in self.rows:
                each.show_request(each.request)

    # Deciding

    def _decide(
        self, chosen: RequestRow, how: Callable[[Desk, AccessRequest], Coroutine[object, object, None]]
    ) -> None:
        keyboard = self._has_keyboard(chosen)
        self._settle(chosen)

        async def decide() -> None:
            try:
                await how(self._desk, chosen.request)
            finally:
                self._decided(chosen, keyboard=keyboard)

        self._desk.run(decide())

    def _decided(self, chosen: RequestRow, *, keyboard: bool) -> None:
        """It is decided, or it was let be, or it could not be: then it takes presses again."""
        if not isValid(self) or not isValid(chosen) or chosen.gone:
            return
        if any(request.id == chosen.request.id for request in self._desk.application.requests.pending()):
            chosen.unsettle()
            if keyboard and self.isVisible():
                chosen.approve.setFocus(Qt.FocusReason.TabFocusReason)
        self.refresh()

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 0, Qt.Key.Key_Up: -1}
        buttons = self._buttons()
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        elif event.key() in steps and buttons:
            self._to(buttons[0] if steps[event.key()] == 0 else buttons[-2])
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round inside the list."""
        buttons = self._buttons()
        if not buttons:
            return True
        at = next((number for number, each in enumerate(buttons) if each.hasFocus()), None)
        step = 1 if forward else -1
        self._to(buttons[(at + step) % len(buttons)] if at is not None else buttons[0 if forward else -1])
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and watched is not self._window:
            return self._walk(watched, event.key())
        return False

    def _walk(self, watched: QObject, key: int) -> bool:
        """Up and Down keep to the same answer, Left and Right go to the other one; they stop at the ends."""
        buttons = self._buttons()
        step = {Qt.Key.Key_Down: 2, Qt.Key.Key_Up: -2, Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key))
        if step is None or watched not in buttons:
            return False
        at = buttons.index(watched)
        same_row = abs(step) == 2 or (at // 2 == (at + step) // 2)
        if same_row and 0 <= at + step < len(buttons):
            self._to(buttons[at + step])
        return True

    def _to(self, button: QPushButton) -> None:
        button.setFocus(Qt.FocusReason.TabFocusReason)
        around = next(each for each in self.rows if each.isAncestorOf(button))
        self.scroll.ensureWidgetVisible(around, 0, 0)

    def _buttons(self) -> list[QPushButton]:
        """Approve and Deny of each row that takes presses."""
        return [button for each in self.rows if not each.settled for button in each.buttons()]

    def _has_keyboard(self, each: RequestRow) -> bool:
        return any(button.hasFocus() for button in each.buttons())
