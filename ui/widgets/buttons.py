"""Buttons, and the action behind one.

    button("Export…", self.export)   primary_button("New pass", self.new_pass)
    danger_button("Block", self.block)   link_button("Open live log", self.open_log)

`Action` is a button not made yet: banners, notes, empty pages and form fields take one and make the button themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QPushButton

from ui.theme import RESOURCES

ButtonKind = Literal["plain", "primary", "danger", "link"]
Run = Callable[[], object]


@dataclass(frozen=True)
class Action:
    """What a button says and what it does; `why_not` says why it cannot be done now, where it cannot."""

    text: str
    run: Run
    kind: ButtonKind = "plain"
    why_not: str = ""


def button(text: str, run: Run | None = None, kind: ButtonKind = "plain", *, tooltip: str = "") -> QPushButton:
    """A button. `run` is called without arguments at each press; without it, connect `clicked` yourself."""
    made = QPushButton(text)
    made.setProperty("kind", kind)
    # A ring after a mouse click only distracts; with the keyboard it is needed.
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAutoDefault(kind == "primary")
    made.setToolTip(tooltip)
    if kind == "link":
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    if run is not None:
        made.clicked.connect(lambda: run())
    return made


def primary_button(text: str, run: Run | None = None, *, tooltip: str = "") -> QPushButton:
    """The one thing to do on a page or in a dialog."""
    return button(text, run, "primary", tooltip=tooltip)


def danger_button(text: str, run: Run | None = None, *, tooltip: str = "") -> QPushButton:
    """Takes something away: block, remove."""
    return button(text, run, "danger", tooltip=tooltip)


def link_button(text: str, run: Run | None = None, *, tooltip: str = "", flush: bool = False) -> QPushButton:
    """Goes somewhere, or fixes the thing beside it. `flush` lets its words begin where plain words would."""
    made = button(text, run, "link", tooltip=tooltip)
    made.setProperty("flush", "true" if flush else "false")
    return made


def menu_button(text: str, actions: Sequence[Action | None]) -> QPushButton:
    """A button that opens a menu of actions; None is a line between them."""
    made = button(text)
    made.setProperty("menu", "true")
    menu = QMenu(made)
    fill_menu(menu, actions)
    made.setMenu(menu)
    return made


def fill_menu(menu: QMenu, actions: Sequence[Action | None]) -> None:
    """Put actions into a menu; what cannot be done now says why, on pointing and to a screen reader."""
    menu.setToolTipsVisible(True)
    for action in actions:
        if action is None:
            menu.addSeparator()
            continue
        entry = menu.addAction(action.text.replace("&", "&&"), action.run)
        entry.setEnabled(not action.why_not)
        if action.why_not:
            entry.setToolTip(action.why_not)
            entry.setStatusTip(action.why_not)


def close_button(name: str, run: Run) -> QPushButton:
    """A small cross; `name` is what a screen reader says."""
    made = button("", run, tooltip=name)
    made.setProperty("kind", "quiet")
    made.setIcon(QIcon(str(RESOURCES / "icons" / "close.svg")))
    made.setIconSize(QSize(14, 14))
    made.setAccessibleName(name)
    return made


def button_for(action: Action, kind: ButtonKind | None = None) -> QPushButton:
    """The button of an action, in its own kind or another."""
    return button(action.text, action.run, kind or action.kind)
