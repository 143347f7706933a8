"""What is set inside a station, as a table in which a value is changed where it stands.

table = VariableTable(); table.show_variables(application.configuration.of(station_id))
table.changed.connect(self._write)                    # the variable, and the new value as text
table.search(text)

Enter or a double click edits; Enter keeps, Esc leaves it as it was. What matters for access stands first.
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.domain.variables import Variable
from ui.stations.variable_words import matters, meaning
from ui.strings import tr
from ui.theme import Kind, font
from ui.widgets.inputs import DropDown
from ui.widgets.pane_table import ROW_HEIGHT
from ui.widgets.tables import Column, RowsModel, TableView

ROWS_IN_SIGHT = 6
_BOOLEANS = ("true", "false")
_VALUE = 1


class VariableTable(TableView):
    changed = Signal(object, str)

    def __init__(self, empty: QWidget | None = None) -> None:
        self._model = RowsModel(_columns(), key=lambda variable: variable.name.casefold())
        super().__init__(self._model, tr("Settings in the station"), empty=empty, row_height=ROW_HEIGHT)
        self._editor: QWidget | None = None
        self._editing: Variable | None = None
        self._waiting: Sequence[Variable] | None = None
        self.writable = True
        self.row_activated.connect(self.edit_value)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.stop_editing())

    def show_variables(self, variables: Sequence[Variable]) -> None:
        """Show these; while a value is being typed they wait."""
        if self._editor is not None:
            self._waiting = variables
            return
        self._model.replace(sorted(variables, key=lambda each: (not matters(each.name), each.name.casefold())))

    def search(self, text: str) -> None:
        """Show what holds all these words in its name, its value or its meaning."""
        words = text.casefold().split()

        def meant(variable: Variable) -> bool:
            said = f"{variable.name}\n{variable.value or ''}\n{meaning(variable.name)}".casefold()
            return all(word in said for word in words)

        self._model.show_only(meant if words else None)

    def edit_value(self, variable: Variable) -> None:
        """Let its value be changed; nothing happens where that cannot be."""
        at = self._model.position(variable.name.casefold())
        if at is None or not self.writable or variable.read_only or variable.is_secret:
            return
        self.stop_editing()
        place = self._model.index(at, _VALUE)
        self.scrollTo(place)
        self._editing = variable
        self._editor = self._editor_for(variable)
        # Not an index widget: that one is destroyed by the view, at times while it is still heard of.
        self._editor.setParent(self.viewport())
        self._editor.setGeometry(self.visualRect(place))
        self._editor.show()
        self._editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if isinstance(self._editor, DropDown):
            self._editor.showPopup()

    def stop_editing(self) -> None:
        """Leave the value as it was."""
        editor, self._editor, self._editing = self._editor, None, None
        if editor is None:
            return
        editor.hide()
        editor.deleteLater()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self.show_variables(waiting)

    def _editor_for(self, variable: Variable) -> QWidget:
        if (variable.value or "").casefold() in _BOOLEANS:
            choice = DropDown(variable.name, [(each, each) for each in _BOOLEANS])
            choice.select((variable.value or "").casefold())
            choice.changed.connect(lambda value: self._keep(str(value)))
            choice.setFixedHeight(ROW_HEIGHT)
            return choice
        field = _ValueEdit(variable.value or "")
        field.setAccessibleName(variable.name)
        field.returnPressed.connect(lambda: self._keep(field.text()))
        field.left.connect(self.stop_editing)
        return field

    def _keep(self, value: str) -> None:
        variable = self._editing
        self.stop_editing()
        if variable is not None and value != variable.value:
            self.changed.emit(variable, value)


class _ValueEdit(QLineEdit):
    """A value being typed; `left` when it shall stay as it was."""

    left = Signal()

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.setFont(font(12, mono=True))
        self.setFixedHeight(ROW_HEIGHT)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
        # What is pressed here is not for the table below.
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        reasons = Qt.FocusReason
        if event.reason() in (reasons.MouseFocusReason, reasons.TabFocusReason, reasons.BacktabFocusReason):
            self.left.emit()


def _columns() -> list[Column[Variable]]:
    return [
        Column(
            title=tr("Setting in the station"),
            text=lambda variable: variable.name,
            mono=lambda _variable: True,
            width=206,
            stretch=3,
        ),
        Column(title=tr("Now"), text=_value, tone=_tone, width=92, stretch=2),
        Column(title="", text=_mark, pill=_kind, width=96, sort=None),
    ]


def _value(variable: Variable) -> str:
    if variable.is_secret:
        return tr("kept secret")
    return variable.value if variable.value is not None else tr("not given")


def _tone(variable: Variable) -> str:
    return "muted" if variable.value is None or variable.read_only else "text"


def _mark(variable: Variable) -> str:
    if variable.is_secret:
        return tr("Security")
    return tr("read only") if variable.read_only else tr("access") if matters(variable.name) else ""


def _kind(variable: Variable) -> Kind | None:
    if not _mark(variable):
        return None
    return "info" if matters(variable.name) and not variable.read_only else "grey"
