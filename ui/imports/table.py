"""The preview of a list: each row with its verdict, its cells as they would be, and what is wrong with it.

model = ImportRows(preview); table = ImportTable(model)
model.show_preview(preview); model.show_which(Which.ERRORS)
table.mapped.connect(...)        # a column of the sheet, and the field it shall hold (None: nothing)
table.corrected.connect(...)     # {(row, column): text}, counted from 0 as `ImportJob.corrections`

Text is made when a cell is painted; the rows under each filter are sorted beforehand, so that a filter is a new list.
"""

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from string import ascii_uppercase

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from app.domain.import_fields import FIELDS, Field, ListKind
from app.domain.import_plan import PlannedRow, Verdict
from ui.imports.preview import Preview, RemovedRow, ShownRow, Which, waits_for_uid
from ui.imports.words import field_name, reason
from ui.strings import tr
from ui.theme import SMALL, Kind, Tone, metrics
from ui.widgets.boxes import EmptyState
from ui.widgets.cells import SIDE
from ui.widgets.rows import Column, Index, RowsModel
from ui.widgets.tables import TableView

NOTHING = "—"
#: Columns that hold nothing for Tapdesk are shown all the same, so that they can be given a meaning; but not hundreds.
MOST_OTHER_COLUMNS = 12
SAMPLE = 200
LONGEST_HEADER = 24

_IDS = frozenset({Field.VISIBLE_ID, Field.UID, Field.STATION_ID})
_NARROW = frozenset({Field.ROLE, Field.VALID_FROM, Field.VALID_UNTIL, Field.BLOCKED})
_VERDICTS: dict[Verdict | None, tuple[str, Kind]] = {
    Verdict.NEW: ("New", "ok"),
    Verdict.CHANGE: ("Change", "info"),
    Verdict.SAME: ("Same", "grey"),
    Verdict.CHECK: ("Check", "warn"),
    Verdict.ERROR: ("Error", "bad"),
    None: ("Removed", "warn"),
}


class ImportRows(RowsModel[ShownRow]):
    """The rows of a preview. All previews it is given have the same columns."""

    corrected = Signal(object)

    def __init__(self, preview: Preview) -> None:
        self._preview = preview
        self._which = Which.ALL
        #: The column of the sheet at each column of the table; None where there is none.
        self.places: list[int | None] = []
        super().__init__(self._columns(), key=lambda row: row.number)
        self._rows: Sequence[ShownRow] = preview.rows[Which.ALL]

    def show_preview(self, preview: Preview) -> None:
        """Show another plan of the same sheet and columns."""
        self._preview = preview
        self.show_which(self._which)

    def show_which(self, which: Which) -> None:
        """Show the rows under a filter."""
        self._which = which
        self.beginResetModel()
        self._rows = self._preview.rows[which]
        self.endResetModel()

    def show_nothing(self) -> None:
        """Let the rows go: this list is not looked at any more."""
        self.beginResetModel()
        self._rows = ()
        self.endResetModel()
        self._preview = self._preview.emptied()

    @property
    def kind(self) -> ListKind:
        """What the list is a list of."""
        return self._preview.planned.job.kind

    def field_at(self, place: int) -> Field | None:
        """What a column of the sheet holds."""
        by_field = self._preview.planned.job.columns.by_field
        return next((each for each, column in by_field.items() if column == place), None)

    def offered_in(self, row: ShownRow) -> tuple[int, str] | None:
        """The column of the sheet and the value that may be meant there, of the first problem that offers one."""
        by_field = self._preview.planned.job.columns.by_field
        for problem in row.problems:
            place = by_field.get(problem.field) if problem.field else None
            if problem.offered and place is not None:
                return place, problem.offered
        return None

    # What the table asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def row(self, at: int) -> ShownRow:
        return self._rows[at]

    def key_at(self, at: int) -> Hashable:
        return self._rows[at].number

    def position(self, key: Hashable) -> int | None:
        if not isinstance(key, int):
            return None
        at = bisect_left(self._rows, key, key=lambda row: row.number)
        return at if at < len(self._rows) and self._rows[at].number == key else None

    def total(self) -> int:
        return len(self._preview.rows[Which.ALL])

    def text_at(self, at: int, column: int) -> str:
        row, of = self._rows[at], self.columns[column]
        return (of.prefix(row) if of.prefix else "") + of.text(row)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        is_cell = self.places[index.column()] is not None and isinstance(self._rows[index.row()], PlannedRow)
        return flags | Qt.ItemFlag.ItemIsEditable if is_cell else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        place = self.places[index.column()] if index.isValid() else None
        if role == Qt.ItemDataRole.EditRole and place is not None:
            return self._raw(self._rows[index.row()], place)
        return super().data(index, role)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        place, row = self.places[index.column()], self._rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or place is None or value == self._raw(row, place):
            return False
        self.corrected.emit({(row.number - 1, place): str(value)})
        return True

    # The columns

    def _columns(self) -> list[Column[ShownRow]]:
        columns: list[Column[ShownRow]] = [
            Column(title=tr("Row"), text=_number, tone="muted", width=62, sort=None),
            Column(title="", text=_verdict, pill=_verdict_kind, width=100, sort=None),
        ]
        meant, others = self._places_shown()
        self.places = [None, None, *meant, None, *others]
        columns += [self._column(place) for place in meant]
        columns.append(
            Column(
                title=tr("Remarks"),
                text=self._reasons,
                tone=self._reasons_tone,
                link=self._offer,
                width=230,
                stretch=4,
                sort=None,
            )
        )
        return columns + [self._column(place) for place in others]

    def _places_shown(self) -> tuple[list[int], list[int]]:
        """The columns of the sheet that have a meaning, and others in which something stands."""
        columns = self._preview.planned.job.columns
        first = columns.header_row or 0
        sample = self._preview.planned.job.sheet.rows[first : first + SAMPLE]
        meant = set(columns.by_field.values())
        filled = {place for row in sample for place, text in enumerate(row) if text.strip()}
        return sorted(meant), sorted(filled - meant)[:MOST_OTHER_COLUMNS]

    def _column(self, place: int) -> Column[ShownRow]:
        wanted = self.field_at(place)
        if wanted is None:
            title = tr("{header}: left out").format(header=self._header(place)[:LONGEST_HEADER]) + " ▾"
            return Column(
                title=title,
                text=lambda row: self._raw(row, place),
                tone="muted",
                width=round(metrics(SMALL, 500).horizontalAdvance(title) + 2 * SIDE) + 2,
                sort=None,
            )
        is_id = wanted in _IDS
        width = 168 if is_id else 108 if wanted in _NARROW else 170 if wanted is Field.EMAIL else 110
        return Column(
            title=f"{field_name(wanted, self._preview.planned.job.kind)} ▾",
            text=lambda row: self._after(row, place, wanted),
            prefix=lambda row: _before(row, wanted),
            tone=lambda row: self._tone(row, place, wanted),
            mono=(lambda row: self._after(row, place, wanted) != NOTHING) if is_id else False,
            width=width,
            stretch=0 if wanted in _NARROW else 1 if is_id else 2,
            sort=None,
        )

    def _header(self, place: int) -> str:
        job = self._preview.planned.job
        row = [] if job.columns.header_row is None else job.sheet.rows[job.columns.header_row]
        text = row[place].strip() if place < len(row) else ""
        return text or tr("Column {letter}").format(letter=letters(place))

    def _raw(self, row: ShownRow, place: int) -> str:
        """What stands in the sheet, or what was put right there."""
        if row.number < 1:
            return ""
        job = self._preview.planned.job
        corrected = job.corrections.get((row.number - 1, place))
        if corrected is not None:
            return corrected
        cells = job.sheet.rows[row.number - 1]
        return cells[place] if place < len(cells) else ""

    def _after(self, row: ShownRow, place: int, wanted: Field) -> str:
        if isinstance(row, RemovedRow):
            text = row.shown(wanted)[0]
        elif row.verdict is Verdict.ERROR:
            text = self._raw(row, place)
        else:
            text = row.shown(wanted)[1]
        return text or (NOTHING if wanted in _IDS else "")

    def _tone(self, row: ShownRow, place: int, wanted: Field) -> Tone:
        of_cell = [problem for problem in row.problems if problem.field is wanted]
        if of_cell:
            return "bad" if any(problem.is_error for problem in of_cell) else "warn"
        if (row.number - 1, place) in self._preview.planned.job.corrections:
            return "accent"
        return "text"

    def _reasons(self, row: ShownRow) -> str:
        if isinstance(row, RemovedRow):
            return tr("not in the list")
        problems = sorted(row.problems, key=lambda problem: not problem.is_error)
        return "; ".join([*map(reason, problems), *self._notes(row)])

    def _notes(self, row: PlannedRow[object]) -> list[str]:
        """What is not wrong, and good to know."""
        if not row.is_carried_out or row.after is None:
            return []
        notes = []
        email = str(getattr(row.after, "email", ""))
        if email and email.casefold() in self._preview.new_emails:
            notes.append(tr("holder not known: will be created"))
        if self.kind is ListKind.MEMBERS and getattr(row.after, "is_pass", False) and _is_unknown(row.after):
            notes.append(tr("pass not known: will be made"))
        if waits_for_uid(row.after):
            notes.append(tr("no UID yet: capture it later"))
        return notes

    def _reasons_tone(self, row: ShownRow) -> Tone:
        if row.verdict is Verdict.ERROR:
            return "bad"
        return "warn" if row.problems or isinstance(row, RemovedRow) else "muted"

    def _offer(self, row: ShownRow) -> str:
        offered = self.offered_in(row)
        return tr("Make it {offered}").format(offered=offered[1]) if offered else ""


class ImportTable(TableView):
    """The preview as a table: the heads say what the columns hold and change it, the cells can be put right."""

    mapped = Signal(int, object)
    corrected = Signal(object)

    def __init__(self, model: ImportRows) -> None:
        nothing = EmptyState(tr("No rows here"), tr("None of the rows is like that. “All” shows the whole list."))
        super().__init__(model, tr("What the list would change"), empty=nothing, several=True)
        self._model = model
        head = self.horizontalHeader()
        head.setSortIndicatorShown(False)
        head.setCursor(Qt.CursorShape.PointingHandCursor)
        head.sectionClicked.connect(self.offer_meanings)
        model.corrected.connect(self.corrected)
        self.row_activated.connect(lambda _row: self._edit_current())
        self.link_clicked.connect(self._take_offer)
        choose = QAction(tr("What this column holds…"), self)
        choose.setShortcut(QKeySequence("Alt+Down"))
        choose.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        choose.triggered.connect(lambda: self.offer_meanings(self.currentIndex().column()))
        correct = QAction(tr("Put this cell right"), self)
        correct.setShortcut(QKeySequence("F2"))
        correct.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        correct.triggered.connect(self._edit_current)
        self.addActions([correct, choose])

    def offer_meanings(self, section: int) -> None:
        """Open the menu in which a column is told what it holds."""
        place = self._model.places[section] if 0 <= section < len(self._model.places) else None
        if place is None:
            return
        menu = self.meanings(place)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        head = self.horizontalHeader()
        menu.popup(head.mapToGlobal(QPoint(head.sectionViewportPosition(section), head.height())))

    def meanings(self, place: int) -> QMenu:
        """What a column of the sheet may hold, as a menu."""
        menu, now = QMenu(self), self._model.field_at(place)
        kind = self._model.kind
        for each in FIELDS[kind]:
            action = menu.addAction(field_name(each, kind))
            action.setCheckable(True)
            action.setChecked(each is now)
            action.triggered.connect(lambda _checked=False, each=each: self.mapped.emit(place, each))
        menu.addSeparator()
        leave_out = menu.addAction(tr("Leave this column out"))
        leave_out.setEnabled(now is not None)
        leave_out.triggered.connect(lambda: self.mapped.emit(place, None))
        return menu

    def _edit_current(self) -> None:
        at = self.currentIndex()
        # The Enter that closes an editor reaches the table too.
        is_editing = self.state() == TableView.State.EditingState
        if not is_editing and at.isValid() and Qt.ItemFlag.ItemIsEditable in self._model.flags(at):
            self.edit(at)

    def _take_offer(self, row: ShownRow, _words: str) -> None:
        offered = self._model.offered_in(row)
        if offered is not None:
            self.corrected.emit({(row.number - 1, offered[0]): offered[1]})


def letters(place: int) -> str:
    """A column's letters in a spreadsheet: A, B … Z, AA."""
    text, place = "", place + 1
    while place:
        place, last = divmod(place - 1, len(ascii_uppercase))
        text = ascii_uppercase[last] + text
    return text


def _number(row: ShownRow) -> str:
    return str(row.number) if row.number > 0 else ""


def _verdict(row: ShownRow) -> str:
    return tr(_VERDICTS[row.verdict][0])


def _verdict_kind(row: ShownRow) -> Kind:
    return _VERDICTS[row.verdict][1]


def _is_unknown(member: object) -> bool:
    return getattr(member, "pass_id", None) is None


def _before(row: ShownRow, wanted: Field) -> str:
    """What there is now, where it would be something else."""
    if isinstance(row, RemovedRow) or row.before is None or row.verdict is Verdict.ERROR:
        return ""
    before, after = row.shown(wanted)
    return "" if before == after else f"{before or NOTHING} → "
