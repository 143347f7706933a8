"""The boxes a page is built of.

layout = page_layout(self)                      # margins and spacing of every page
head = PageHead("Stations"); head.subtitle.setText("6 of 7 online"); head.add(button("Connect a station…", ...))
card = Card("Last cards"); card.add_to_head(link_button("Open live log", ...)); card.body.addWidget(table)
card.add_row(Pill("14", "warn"), label("Passes have no UID yet"), None, link_button("Capture", ...))
pane = SidePane(); pane.show_head("Garage 2", pill=("Available", "ok")); box = pane.add_section("Why refused")
layout.addLayout(beside(card, pane), 1)
grid = KeyValueGrid([("Visible ID", mono("NL-TNM-B12345-6")), ("Valid", "always")])
Banner("warn", "EVB-P2118 wants to join", "EVBox Elvi · from 192.168.1.44", [Action("Refuse", ...), Action(...)])
bar = Progress("Places used"); bar.show_part(33, 800)
EmptyState("No stations yet", "Point a station at the address above.", Action("Show how", ..., "primary"))
"""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.theme import Kind
from ui.widgets.buttons import Action, button_for
from ui.widgets.labels import Label, heading, label, muted, paragraph, title
from ui.widgets.pill import Pill

# The room of a page in a window of its first size.
_PAGE = 1090
#: Beside the one part of the empty end of a pane.
_ALL_THAT_IS_LEFT = 1_000


def page_layout(page: QWidget) -> QVBoxLayout:
    """The column every page is laid out in."""
    column = QVBoxLayout(page)
    column.setContentsMargins(20, 18, 20, 18)
    column.setSpacing(14)
    return column


def row(*items: QWidget | None, spacing: int = 10) -> QHBoxLayout:
    """Widgets side by side; None takes the room that is left."""
    line = QHBoxLayout()
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(spacing)
    for item in items:
        if item is None:
            line.addStretch(1)
        else:
            line.addWidget(item)
    return line


def beside(main: QWidget, pane: "SidePane") -> QHBoxLayout:
    """A table, and the pane on what is selected in it: the pane has its width in a large window, both shrink."""
    line = row(spacing=12)
    line.addWidget(main, _PAGE - pane.maximumWidth())
    line.addWidget(pane, pane.maximumWidth())
    return line


def empty(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if (inner := item.layout()) is not None:
            empty(inner)
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


class Line(QFrame):
    """A hairline across."""


class PageHead(QWidget):
    """The first row of a page: its name, a few facts beside it, its actions at the right."""

    def __init__(self, name: str, subtitle: str = "", *actions: QWidget) -> None:
        super().__init__()
        self.name, self.subtitle, self.pill = heading(name), muted(subtitle), Pill()
        self._row = row(self.name, self.pill, self.subtitle, None)
        self.setLayout(self._row)
        for action in actions:
            self.add(action)

    def add(self, widget: QWidget) -> None:
        """Put a button or another widget at the right end."""
        self._row.addWidget(widget)

    def add_fact(self, widget: QWidget) -> None:
        """Put a widget behind the facts."""
        self._row.insertWidget(self._row.indexOf(self.subtitle) + 1, widget)


class CardHead(QFrame):
    """The top row of a card or a side pane."""


class Card(QFrame):
    """A white box with a thin line round it. Put what it holds in `body`.

    `padding` is the room round the body: 0 for tables and rows, 14 for free content.
    """

    def __init__(self, name: str = "", subtitle: str = "", *, padding: int = 0) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        # Leaves the round corners free of square content.
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(0)
        self.title, self.subtitle = title(name, whole=True), muted(subtitle)
        self.setAccessibleName(name)
        self._head = CardHead()
        self._head_row = row(self.title, self.subtitle, None)
        self._head_row.setContentsMargins(14, 10, 14, 10)
        self._head.setLayout(self._head_row)
        column.addWidget(self._head)
        # Only now that it has a parent: before, it would show as a window of its own.
        self._head.setVisible(bool(name))
        self.body = QVBoxLayout()
        self.body.setContentsMargins(padding, padding, padding, padding)
        self.body.setSpacing(0)
        column.addLayout(self.body, 1)

    def add_to_head(self, widget: QWidget) -> None:
        """Put an action or a fact at the right end of the head."""
        self._head.setVisible(True)
        self._head_row.addWidget(widget)

    def add_row(self, *items: QWidget | None) -> QFrame:
        """A row under the others, closed by a hairline; None takes the room that is left."""
        frame = CardHead()
        line = row(*items)
        line.setContentsMargins(14, 10, 14, 10)
        frame.setLayout(line)
        frame.setMinimumHeight(42)
        self.body.addWidget(frame)
        return frame

    def clear(self) -> None:
        """Take everything out of the body."""
        empty(self.body)


class KeyValueGrid(QWidget):
    """Names at the left, values at the right: text or a widget, `mono(...)` or `link_button(..., flush=True)`."""

    def __init__(self, rows: Sequence[tuple[str, str | QWidget]] = (), *, names_width: int = 98) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, names_width)
        self._grid.setColumnStretch(1, 1)
        self.set_rows(rows)

    def set_rows(self, rows: Sequence[tuple[str, str | QWidget]]) -> None:
        """Show these instead."""
        empty(self._grid)
        for number, (name, value) in enumerate(rows):
            widget = label(value) if isinstance(value, str) else value
            widget.setAccessibleDescription(name)
            self._grid.addWidget(muted(name), number, 0)
            held = row(widget) if isinstance(widget, Label) else row(widget, None)
            self._grid.addLayout(held, number, 1)


class EmptyState(QWidget):
    """What an empty place says: what goes here, and how to get it here."""

    def __init__(self, name: str, sentence: str, action: Action | None = None) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(6)
        column.addStretch(1)
        self.title = Label(name, 15, 600)
        self.sentence = paragraph(sentence, tone="muted")
        for words in (self.title, self.sentence):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.sentence.setMaximumWidth(380)
        line = row(None, self.sentence, None)
        line.setStretch(1, 100)
        column.addWidget(self.title)
        column.addLayout(line)
        if action is not None:
            column.addSpacing(8)
            column.addWidget(button_for(action), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)


class Banner(QFrame):
    """A strip across a page about something that waits for the operator, or that is wrong."""

    def __init__(
        self, kind: Literal["warn", "bad", "info", "ok"], name: str, facts: str = "", actions: Sequence[Action] = ()
    ) -> None:
        super().__init__()
        self.setProperty("kind", kind)
        self.setAccessibleName(f"{name}. {facts}")
        self.title, self.facts = title(name, whole=True), muted(facts)
        line = row(self.title, self.facts, None, *(button_for(action) for action in actions))
        line.setContentsMargins(14, 9, 14, 9)
        self.setLayout(line)
        self.setMinimumHeight(51)


class Progress(QProgressBar):
    """How much of something is done or used; say the numbers in words beside it."""

    def __init__(self, name: str, kind: Literal["", "ok", "warn", "bad"] = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setProperty("kind", kind)
        self.setTextVisible(False)

    def show_part(self, done: int, total: int) -> None:
        """So much of so much; a total of 0 is a bar that is empty, not one that moves without end."""
        self.setRange(0, max(total, 1))
        self.setValue(min(done, total))


class Section(QFrame):
    """One part of a side pane."""


class _Sections(QScrollArea):
    """Scrolls up and down only: it is never narrower than what it holds."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)

    def minimumSizeHint(self) -> QSize:
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self.widget().minimumSizeHint().width() + bar, super().minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class SidePane(QFrame):
    """The column at the right that tells all about what is selected: a head, then sections with lines between them.

    Put it in the page with `beside`.
    """

    def __init__(self, width: int = 372) -> None:
        super().__init__()
        self.setMaximumWidth(width)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 2)
        self._column.setSpacing(0)
        self._head = CardHead()
        self._head_row = row()
        self._head_row.setContentsMargins(14, 10, 14, 10)
        self._head.setLayout(self._head_row)
        self._head.hide()
        self._column.addWidget(self._head)
        inside = QWidget()
        self._sections = QVBoxLayout(inside)
        self._sections.setContentsMargins(0, 0, 0, 0)
        self._sections.setSpacing(0)
        self._sections.addStretch(1)
        self._column.addWidget(_Sections(inside), 1)

    def show_head(
        self, name: str, subtitle: str = "", *, pill: tuple[str, Kind] | None = None, actions: Sequence[QWidget] = ()
    ) -> None:
        """Name what the pane is about, with a state, facts and buttons."""
        empty(self._head_row)
        self._head_row.addWidget(title(name) if subtitle else Label(name, 15, 600))
        if pill is not None:
            state = Pill(*pill)
            # A long name gives way before the state does.
            state.setMinimumWidth(state.sizeHint().width())
            self._head_row.addWidget(state)
        if subtitle:
            self._head_row.addWidget(muted(subtitle))
        self._head_row.addStretch(1)
        for action in actions:
            self._head_row.addWidget(action)
        self.setAccessibleName(name)
        self._head.show()

    def add_section(
        self, name: str = "", *, margins: tuple[int, int, int, int] = (16, 14, 16, 14), fills: bool = False
    ) -> QVBoxLayout:
        """A part below the others, with a line above it; put widgets in the layout it gives.

        One that `fills` takes the height that is left.
        """
        section = Section()
        section.setProperty("line", "true" if self._sections.count() > 1 else "false")
        column = QVBoxLayout(section)
        column.setContentsMargins(*margins)
        column.setSpacing(8)
        if name:
            column.addWidget(title(name))
        self._sections.insertWidget(self._sections.count() - 1, section, _ALL_THAT_IS_LEFT if fills else 0)
        return column

    def clear(self) -> None:
        """Take head and sections away."""
        self._head.hide()
        while self._sections.count() > 1:
            item = self._sections.takeAt(0)
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
