"""The one style sheet: `stylesheet(colours, icons, scheme)` gives its text for a scheme.

Widgets say what they are with a property and are coloured here: `kind` on buttons (primary, danger, link, quiet),
`tone` on labels (muted, accent, ok, bad, warn, info), `bad` on fields that hold a mistake. Sizes are pixels of an
unscaled screen.
"""

from collections.abc import Mapping
from pathlib import Path
from string import Template


def stylesheet(colours: Mapping[str, str], icons: Path, scheme: str) -> str:
    """`icons` is the folder of the small drawings, `scheme` ("light" or "dark") the end of their names."""
    drawings = {name: f'url("{(icons / f"{name}-{scheme}.svg").as_posix()}")' for name in ("check", "down", "up")}
    return Template(_SHEET).substitute(colours, **drawings)


_SHEET = """
QLabel[tone="muted"] { color: $muted; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="ok"] { color: $ok; }
QLabel[tone="bad"] { color: $bad; }
QLabel[tone="warn"] { color: $warn; }
QLabel[tone="info"] { color: $info; }

TopBar { background: $surface; border: none; border-bottom: 1px solid $line; }
Footer { background: $surface; border: none; border-top: 1px solid $line; }
Rail { background: $rail; border: none; border-right: 1px solid $line; }
Line { background: $line; border: none; min-height: 1px; max-height: 1px; }

Card, SidePane { background: $surface; border: 1px solid $line; border-radius: 8px; }
CardHead { background: transparent; border: none; border-bottom: 1px solid $line; }
Section { background: transparent; border: none; }
Section[line="true"] { border-top: 1px solid $line; }
Note, Finder, RequestsPanel { background: $surface; border: 1px solid $line; border-radius: 8px; }
Banner { border: 1px solid transparent; border-radius: 8px; }
Banner[kind="warn"] { background: $warn_soft; }
Banner[kind="bad"] { background: $bad_soft; }
Banner[kind="info"] { background: $info_soft; }
Banner[kind="ok"] { background: $ok_soft; }
QDialog { background: $surface; }

QPushButton { background: $surface; color: $text; border: 1px solid $line; border-radius: 6px;
  padding: 5px 12px; min-height: 19px; font-weight: 500; }
QPushButton:hover { background: $bg; }
QPushButton:pressed { background: $line; }
QPushButton:disabled { color: $faint; }
QPushButton:focus { border: 2px solid $accent; padding: 4px 11px; }
QPushButton::menu-indicator { image: $down; width: 14px; height: 14px; subcontrol-origin: padding;
  subcontrol-position: center right; right: 8px; }
QPushButton[menu="true"] { padding-right: 26px; }
QPushButton[menu="true"]:focus { padding-right: 25px; }
QPushButton[kind="primary"] { background: $accent; border-color: $accent; color: $on_accent; }
QPushButton[kind="primary"]:hover { border-color: $text; }
QPushButton[kind="primary"]:pressed { background: $accent; border-color: $text; }
QPushButton[kind="primary"]:disabled { background: $line; border-color: $line; color: $muted; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="danger"] { color: $bad; }
QPushButton[kind="danger"]:hover { background: $bad_soft; }
QPushButton[kind="danger"]:disabled { color: $faint; }
QPushButton[kind="link"] { background: transparent; border: 1px solid transparent; color: $accent; padding: 1px 4px; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:disabled { color: $faint; }
QPushButton[kind="link"]:focus { border: 2px solid $accent; border-radius: 4px; padding: 0px 3px; }
QPushButton[flush="true"] { padding: 0px; min-height: 17px; }
QPushButton[flush="true"]:focus { border: 1px solid $accent; padding: 0px; }
QPushButton[kind="quiet"] { background: transparent; border: 1px solid transparent; color: $muted; padding: 1px; }
QPushButton[kind="quiet"]:hover { background: $bg; }
QPushButton[kind="quiet"]:focus { border: 2px solid $accent; border-radius: 4px; padding: 0px; }

Segmented { background: $surface; border: 1px solid $line; border-radius: 6px; }
Segment { background: transparent; color: $muted; border: none; border-right: 1px solid $line; border-radius: 0px;
  padding: 5px 13px; }
Segment:hover { background: $bg; color: $text; }
Segment[place="first"] { border-top-left-radius: 5px; border-bottom-left-radius: 5px; }
Segment[place="last"] { border-right: none; border-top-right-radius: 5px; border-bottom-right-radius: 5px; }
Segment[place="only"] { border-right: none; border-radius: 5px; }
Segment:checked { background: $accent_soft; color: $accent; font-weight: 600; }
Segment:disabled { color: $faint; }
Segment:focus { border: 2px solid $accent; padding: 3px 12px 3px 11px; }

QAbstractScrollArea { background: transparent; border: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox { background: $surface; color: $text;
  border: 1px solid $line; border-radius: 6px; padding: 5px 10px; min-height: 19px;
  selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus { border: 2px solid $accent; padding: 4px 9px; }
QLineEdit { padding: 4px 8px 6px 8px; placeholder-text-color: $muted; }
QLineEdit:focus { border: 2px solid $accent; padding: 3px 7px 5px 7px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { background: $bg;
  color: $faint; }
QLineEdit[bad="true"], QPlainTextEdit[bad="true"], QComboBox[bad="true"], QAbstractSpinBox[bad="true"] {
  border-color: $bad; }
QLineEdit#find, QLineEdit#find:focus { border: none; background: transparent; padding: 8px 10px; min-height: 24px; }
QAbstractSpinBox { padding: 5px 22px 5px 0px; }
QAbstractSpinBox:focus { padding: 4px 21px 4px 0px; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus { border: none; padding: 0px; min-height: 0px;
  background: transparent; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: 20px; background: transparent; }
QAbstractSpinBox::up-arrow { image: $up; width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: $down; width: 12px; height: 12px; }
QDateTimeEdit::drop-down { border: none; width: 24px; subcontrol-origin: padding; subcontrol-position: center right; }
QDateTimeEdit::down-arrow { image: $down; width: 14px; height: 14px; }
QComboBox { font-weight: 500; padding-right: 26px; combobox-popup: 0; }
QComboBox:hover { background: $bg; }
QComboBox:focus, QComboBox:on { border: 2px solid $accent; padding: 4px 25px 4px 9px; }
QComboBox::drop-down { border: none; width: 26px; subcontrol-position: center right; }
QComboBox::down-arrow { image: $down; width: 14px; height: 14px; }
QComboBox QLineEdit, QComboBox QLineEdit:focus { border: none; padding: 0px; background: transparent; }
QComboBox QAbstractItemView, QListView#completions { background: $surface; color: $text; border: 1px solid $line;
  outline: none; padding: 4px; selection-background-color: $accent_soft; selection-color: $accent; }
QComboBox QAbstractItemView::item, QListView#completions::item { min-height: 28px; padding: 0px 8px;
  border-radius: 4px; }
QComboBox QAbstractItemView::item:hover, QComboBox QAbstractItemView::item:selected,
QListView#completions::item:hover, QListView#completions::item:selected { background: $accent_soft; color: $accent; }

JsonView, JsonView:focus { background: transparent; border: none; border-radius: 4px; padding: 0px; min-height: 0px; }

QCheckBox, QRadioButton { color: $text; spacing: 8px; min-height: 19px; padding: 2px; border: 1px solid transparent;
  border-radius: 4px; }
QCheckBox:focus, QRadioButton:focus { border: 2px solid $accent; padding: 1px; }
QCheckBox:disabled, QRadioButton:disabled { color: $faint; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; background: $surface;
  border: 1px solid $faint; }
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: $check; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent; background: $on_accent; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: $bg; border-color: $line; }

QProgressBar { background: $line; border: none; border-radius: 3px; min-height: 6px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QProgressBar[kind="ok"]::chunk { background: $ok; }
QProgressBar[kind="warn"]::chunk { background: $warn; }
QProgressBar[kind="bad"]::chunk { background: $bad; }

TableView { background: transparent; border: none; outline: none; }
QHeaderView { background: transparent; border: none; }
QTableCornerButton::section { background: transparent; border: none; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; border: none; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; border: none; }
QScrollBar::handle { background: $faint; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0px; height: 0px; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }

QSplitter::handle { background: transparent; }
QSplitter::handle:horizontal { width: 12px; }
QSplitter::handle:vertical { height: 12px; }

QMenu { background: $surface; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; color: $accent; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QToolTip { background: $surface; color: $text; border: 1px solid $line; padding: 2px; }
"""
