"""A card that nobody knows is one of the passes: one that waits for its first tap, or one that reads otherwise here.

assign_pass(desk, tap)                       # asks, keeps, says so with Undo
dialog = AssignPassDialog(desk, tap)         # for `ui.tasks.ask`, which is what the above does
"""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from shiboken6 import isValid

from app.application import PassSummary
from app.domain.errors import AppError
from app.domain.ids import canonical_uid
from app.domain.model import Tap
from ui.desk import Desk
from ui.strings import sentence, tr
from ui.taps.admission import Admission
from ui.taps.words import said_after, when_and_where
from ui.tasks import ask
from ui.theme import Kind
from ui.widgets.boxes import Card, EmptyState, row
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import SearchField, Segmented
from ui.widgets.labels import mono, muted, paragraph
from ui.widgets.tables import Column, RowsModel, TableView

_WIDTH, _LIST_HEIGHT = 680, 300


def assign_pass(desk: Desk, tap: Tap) -> None:
    """Open the dialog; what was done becomes a note with Undo."""
    desk.run(ask(AssignPassDialog(desk, tap)))


@dataclass(frozen=True)
class Choice:
    """A pass that the card may be; `likeness` is why its UID resembles the card's."""

    summary: PassSummary
    likeness: str = ""

    @property
    def searched(self) -> str:
        """What the search looks in."""
        card = self.summary.card
        parts = (card.visible_id, card.uid, card.name, self.summary.holder, self.summary.email)
        return "\n".join(part for part in parts if part).casefold()


class PassList(Card):
    """Passes to choose one of."""

    def __init__(self, name: str, columns: list[Column[Choice]], nothing: EmptyState) -> None:
        super().__init__()
        self.rows: RowsModel[Choice] = RowsModel(columns, key=lambda choice: choice.summary.card.id)
        self.table = TableView(self.rows, name, empty=nothing)
        self.body.addWidget(self.table)
        self.setFixedHeight(_LIST_HEIGHT)

    def chosen(self) -> Choice | None:
        """The one that is selected."""
        selected = self.table.selected_rows()
        return selected[0] if selected else None

    def search(self, text: str) -> None:
        """Show what holds all these words; one alone is chosen at once."""
        words = text.casefold().split()
        self.rows.show_only(lambda choice: all(word in choice.searched for word in words))
        if words and self.rows.rowCount() == 1:
            self.table.selectRow(0)


class AssignPassDialog(FormDialog):
    """Keeps the assignment by itself and is accepted then."""

    def __init__(self, desk: Desk, tap: Tap) -> None:
        super().__init__(desk.window, tr("Assign to a pass"), width=_WIDTH)
        self._desk, self._tap = desk, tap
        waiting = [Choice(summary) for summary in desk.application.passes.waiting()]
        self.which = Segmented(
            tr("Which passes"),
            [("waiting", tr("Waiting for its first tap")), ("known", tr("Another card of a known pass"))],
        )
        self.which.set_count("waiting", len(waiting))
        self.search = SearchField(tr("Visible ID, name, person"))
        self.waiting = PassList(tr("Passes that wait for their first tap"), _columns(), _nothing_waits())
        self.waiting.rows.replace(waiting)
        self.known = PassList(tr("Known passes"), [_id(), *_columns()[1:-1], _likeness()], _nothing_known())
        self.meaning = paragraph(tone="muted")
        self.admission = Admission(desk, tap)
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        for each in (self.waiting, self.known):
            each.table.row_selected.connect(self._choice_changed)
            each.table.row_activated.connect(self.assign)
        self.body.addLayout(row(mono(canonical_uid(tap.raw_id_tag), 15, 700), muted(when_and_where(desk, tap)), None))
        self.body.addLayout(row(self.which, None))
        self.body.addWidget(self.meaning)
        self.body.addWidget(self.search)
        self.body.addWidget(self.waiting)
        self.body.addWidget(self.known)
        self.body.addWidget(self.admission)
        self.body.addWidget(self.problem)
        self.assign_button = self.add_buttons(tr("Assign"), self.assign)
        self.which.changed.connect(self._show)
        self.search.searched.connect(self._search)
        self.search.installEventFilter(self)
        self._show("waiting")
        self.search.setFocus()

    @property
    def shown(self) -> PassList:
        """The list that is chosen from now."""
        return self.waiting if self.which.value() == "waiting" else self.known

    def assign(self) -> None:
        """Keep that the card is the chosen pass."""
        choice = self.shown.chosen()
        if choice is not None and self.assign_button.isEnabled():
            self.problem.hide()
            # Now and not when the task begins: a second press may come in between.
            self.assign_button.setEnabled(False)
            self._desk.run(self._assign(choice), on_error=self._show_error)

    async def _assign(self, choice: Choice) -> None:
        card, raw, passes = choice.summary.card, self._tap.raw_id_tag, self._desk.application.passes
        try:
            if self.shown is self.waiting:
                undo = await passes.give_uid(card.id, raw, pool_id=self.admission.pool_id())
                done = tr("{title} has its UID")
            else:
                undo = await passes.link(card.id, raw)
                done = tr("This card is {title} too")
        finally:
            if isValid(self):
                self.assign_button.setEnabled(True)
        if isValid(self):
            self.accept()
        self._desk.offer_undo(said_after(self._desk, self._tap, done.format(title=card.title)), undo)

    def _show_error(self, error: AppError) -> None:
        if not isValid(self):
            self._desk.notes.problem(sentence(error.code, **error.params))
            return
        self.problem.say(sentence(error.code, **error.params))
        self.problem.show()

    def _show(self, which: object) -> None:
        if which == "known" and not self.known.rows.total():
            self.known.rows.replace(self._known_passes())
        self.waiting.setVisible(self.shown is self.waiting)
        self.known.setVisible(self.shown is self.known)
        self.meaning.say(
            tr("The pass you choose gets this UID. From then on its card opens stations.")
            if which == "waiting"
            else tr(
                "The pass keeps its UID, and this one opens stations as the same pass too: for a reader that reads "
                "the card otherwise, or a second card of the same holder."
            )
        )
        self._search(self.search.text())

    def _known_passes(self) -> list[Choice]:
        """Those whose UID resembles the card's come first."""
        passes = self._desk.application.passes
        alike = {suggestion.card.id: suggestion.likeness for suggestion in passes.suggestions(self._tap.raw_id_tag)}
        known = [
            Choice(summary, sentence(f"alike.{alike[summary.card.id].value}") if summary.card.id in alike else "")
            for summary in passes.all()
            if summary.card.uid is not None
        ]
        return sorted(known, key=lambda choice: not choice.likeness)

    def _search(self, text: str) -> None:
        self.shown.search(text)
        self._choice_changed()

    def _choice_changed(self, _choice: object = None) -> None:
        choice = self.shown.chosen()
        self.assign_button.setEnabled(choice is not None)
        self.admission.setVisible(self.shown is self.waiting)
        self.admission.look_at(choice.summary.card.identity_id if choice else None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            table = self.shown.table
            if event.key() == Qt.Key.Key_Down and self.shown.rows.rowCount():
                table.setFocus(Qt.FocusReason.TabFocusReason)
                if self.shown.chosen() is None:
                    table.selectRow(0)
                return True
        return super().eventFilter(watched, event)


def _columns() -> list[Column[Choice]]:
    return [
        Column(title=tr("Visible ID"), text=lambda choice: choice.summary.card.visible_id or "", mono=True, width=170),
        Column(title=tr("Name"), text=lambda choice: choice.summary.card.name, width=130, stretch=1),
        Column(title=tr("Identity"), text=lambda choice: choice.summary.holder, width=130, stretch=1),
        Column(title=tr("Pools"), text=lambda choice: choice.summary.pools, tone="muted", width=110, stretch=1, drop=1),
    ]


def _id() -> Column[Choice]:
    return Column(
        title=tr("Printed or hidden ID"),
        text=lambda choice: choice.summary.card.visible_id or choice.summary.card.uid or "",
        mono=True,
        width=170,
    )


def _likeness() -> Column[Choice]:
    def pill(choice: Choice) -> Kind | None:
        return "info" if choice.likeness else None

    return Column(title=tr("Looks like it"), text=lambda choice: choice.likeness, pill=pill, width=190)


def _nothing_waits() -> EmptyState:
    return EmptyState(
        tr("No pass waits for its first tap"),
        tr("A pass that was made with its visible ID only waits here until its card is held to a station."),
    )


def _nothing_known() -> EmptyState:
    return EmptyState(tr("No pass has a UID yet"), tr("Passes whose card is known are listed here."))
