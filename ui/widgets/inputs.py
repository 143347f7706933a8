"""Where the operator chooses and types.

    seg = Segmented("Which messages", [("all", "All"), ("cards", "Cards only")]); seg.changed.connect(...); seg.value()
    box = DropDown("Station", [(None, "All stations"), ("ALF-0021", "Garage 2")]); box.changed.connect(...); box.value()
    find = SearchField("Visible ID, UID, name, person"); find.searched.connect(...)       # after a pause in typing
    port = NumberField("Port", 1, 65_535, 9000)
    uid = FormField("Hidden ID (UID)", QLineEdit(), helper="The number the reader sees")
    uid.show_error("This is a visible ID.", Action("Move it to Visible ID", self.move_it)); uid.clear_error()

A change made by the program (`select`, `set_choices`, `set_text`) emits nothing: only the operator's hand does.
"""

from collections.abc import Hashable, Sequence
from math import ceil

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui.theme import RESOURCES, metrics
from ui.widgets.boxes import row
from ui.widgets.buttons import Action, button_for
from ui.widgets.labels import label, paragraph, small

_SEARCHABLE_FROM = 12


class Segment(QPushButton):
    """One choice of a `Segmented`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setCheckable(True)
        self.setAutoDefault(False)

    def sizeHint(self) -> QSize:
        # The chosen one is drawn heavier: all are as wide as that, so that nothing moves.
        return QSize(ceil(metrics(weight=600).horizontalAdvance(self.text())) + 28, 29)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}.get(event.key())
        parent = self.parentWidget()
        if step is None or not isinstance(parent, Segmented):
            super().keyPressEvent(event)
        else:
            parent.walk(step)


class Segmented(QFrame):
    """A few choices side by side of which one holds. Tab reaches it, the arrow keys move the choice."""

    changed = Signal(object)

    def __init__(self, name: str, choices: Sequence[tuple[Hashable, str]]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        self._texts = dict(choices)
        self._segments = {key: Segment(text) for key, text in choices}
        for number, (key, segment) in enumerate(self._segments.items()):
            last = number == len(choices) - 1
            segment.setProperty("place", ("only" if last else "first") if number == 0 else "last" if last else "middle")
            segment.clicked.connect(lambda _checked=False, key=key: self._choose(key))
            line.addWidget(segment)
        self._value: Hashable = choices[0][0]
        self.select(self._value)

    def value(self) -> Hashable:
        """The key of the choice that holds."""
        return self._value

    def select(self, key: Hashable) -> None:
        """Make a choice hold."""
        self._value = key
        for each, segment in self._segments.items():
            segment.setChecked(each == key)
            segment.setFocusPolicy(Qt.FocusPolicy.TabFocus if each == key else Qt.FocusPolicy.NoFocus)

    def set_count(self, key: Hashable, count: int | None) -> None:
        """Show a number after the words of a choice; None takes it away."""
        self._segments[key].setText(self._texts[key] if count is None else f"{self._texts[key]} {count}")

    def segment(self, key: Hashable) -> QPushButton:
        """The button of a choice, to disable it or to explain it."""
        return self._segments[key]

    def walk(self, step: int) -> None:
        """Move the choice by so many places that are enabled, staying inside."""
        keys = [key for key, segment in self._segments.items() if segment.isEnabled()]
        to = min(max(keys.index(self._value) + step, 0), len(keys) - 1)
        if keys[to] != self._value:
            self._choose(keys[to])
            self._segments[keys[to]].setFocus(Qt.FocusReason.TabFocusReason)

    def _choose(self, key: Hashable) -> None:
        new = key != self._value
        self.select(key)
        if new:
            self.changed.emit(key)


class SearchField(QLineEdit):
    """Text to look for. `searched` comes a moment after the last key, at once on Enter; Esc empties it."""

    searched = Signal(str)

    def __init__(self, placeholder: str, *, pause_ms: int = 120) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self._clear = self.addAction(
            QIcon(str(RESOURCES / "icons" / "close.svg")), QLineEdit.ActionPosition.TrailingPosition
        )
        self._clear.setVisible(False)
        self._clear.triggered.connect(self._empty)
        self._timer = QTimer(self, singleShot=True, interval=pause_ms)
        self._timer.timeout.connect(self._search)
        self.textEdited.connect(lambda: self._timer.start())
        self.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))
        self.returnPressed.connect(self._search)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self._empty()
        else:
            super().keyPressEvent(event)

    def _empty(self) -> None:
        self.clear()
        self._search()

    def _search(self) -> None:
        self._timer.stop()
        self.searched.emit(self.text().strip())


class DropDown(QComboBox):
    """One choice of a list. Where the list is long, typing narrows it to what contains the text."""

    changed = Signal(object)

    def __init__(self, name: str, choices: Sequence[tuple[object, str]] = ()) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMaxVisibleItems(14)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumContentsLength(6)
        self.set_choices(choices)
        self.activated.connect(lambda: self.changed.emit(self.value()))

    def value(self) -> object:
        """What stands behind the chosen text."""
        return self.currentData()

    def select(self, value: object) -> None:
        """Choose the entry of a value; a value that is not in the list changes nothing."""
        for number in range(self.count()):
            if self.itemData(number) == value:
                with QSignalBlocker(self):
                    self.setCurrentIndex(number)
                return

    def set_choices(self, choices: Sequence[tuple[object, str]]) -> None:
        """Offer these instead; the choice stays where it still exists."""
        before = self.value()
        with QSignalBlocker(self):
            self.clear()
            for value, text in choices:
                self.addItem(text, value)
        self._make_searchable(len(choices) >= _SEARCHABLE_FROM)
        self.select(before)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling a page must not change a choice under the pointer.
        event.ignore()

    def _make_searchable(self, searchable: bool) -> None:
        if searchable == self.isEditable():
            return
        self.setEditable(searchable)
        edit, completer = self.lineEdit(), self.completer()
        if edit is None or completer is None:
            return
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        popup = QListView()
        popup.setObjectName("completions")
        completer.setPopup(popup)
        edit.editingFinished.connect(self._settle)
        edit.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        edit = self.lineEdit()
        if event.type() == QEvent.Type.FocusIn and edit is not None and watched is edit:
            QTimer.singleShot(0, edit, edit.selectAll)
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        found = self.findText(self.currentText(), Qt.MatchFlag.MatchFixedString)
        if found < 0:
            self.setEditText(self.itemText(self.currentIndex()))
        elif found != self.currentIndex():
            self.setCurrentIndex(found)
            self.changed.emit(self.value())


class NumberField(QSpinBox):
    """A whole number between two limits, both allowed."""

    def __init__(self, name: str, least: int, most: int, value: int) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setRange(least, most)
        self.setValue(value)
        self.setFixedHeight(31)
        self.lineEdit().setTextMargins(7, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class FormField(QWidget):
    """An input with its name above it, a word of help below, and a place for what is wrong with it."""

    def __init__(self, name: str, field: QWidget, *, helper: str = "", optional: str = "") -> None:
        super().__init__()
        self.input = field
        field.setAccessibleName(name)
        field.setAccessibleDescription(helper)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        self.name = label(name, weight=500)
        self.name.setBuddy(field)
        column.addLayout(row(self.name, small(optional), None, spacing=8) if optional else row(self.name))
        column.addWidget(field)
        self._helper = helper
        self.helper = paragraph(helper, tone="muted")
        self.helper.setVisible(bool(helper))
        column.addWidget(self.helper)
        self.error = paragraph(tone="bad")
        self._error = QWidget()
        self._error_row = row(self.error, spacing=8)
        self._error_row.setStretch(0, 1)
        self._error.setLayout(self._error_row)
        self._error.hide()
        column.addWidget(self._error)

    def show_error(self, sentence: str, fix: Action | None = None) -> None:
        """Say what is wrong, with a button that puts it right where there is one."""
        self.clear_error()
        self.error.say(sentence)
        if fix is not None:
            self._error_row.addWidget(button_for(fix, "link"), 0, Qt.AlignmentFlag.AlignTop)
        self._mark(bad=True)
        self.input.setAccessibleDescription(sentence)

    def clear_error(self) -> None:
        """Nothing is wrong any more."""
        while self._error_row.count() > 1:
            item = self._error_row.takeAt(1)
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._mark(bad=False)
        self.input.setAccessibleDescription(self._helper)

    def has_error(self) -> bool:
        """Whether an error is shown now."""
        return not self._error.isHidden()

    def _mark(self, *, bad: bool) -> None:
        self._error.setVisible(bad)
        self.helper.setVisible(bool(self._helper) and not bad)
        self.input.setProperty("bad", "true" if bad else "false")
        self.input.style().unpolish(self.input)
        self.input.style().polish(self.input)
