"""The page of letters: those that wait, that may have arrived, that were refused and that were sent.

It belongs to the settings: there is nothing to do here while mail works.
"""

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.domain.letters import Letter, LetterState
from ui.days import last_time
from ui.desk import Desk
from ui.freshness import Freshness
from ui.outbox.letter_pane import LetterPane
from ui.outbox.letter_words import can_be_tried, is_stuck, state_of, what_now
from ui.stations.words import joined
from ui.strings import tr
from ui.widgets.boxes import Card, EmptyState, PageHead, beside, page_layout, row
from ui.widgets.buttons import Action, button, danger_button, link_button
from ui.widgets.empty_table import EmptyTable
from ui.widgets.inputs import Segmented
from ui.widgets.tables import Column, RowsModel, TableView

#: Older ones were sent long ago, or nobody misses them.
LIMIT = 1_000
_ALL, _STUCK = "all", "stuck"


class OutboxPage(QWidget):
    """The letters, latest first; beside them the one that is selected."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.try_again = button(
            tr("Try again"), self._try_again, tooltip=tr("Send the selected letters now, also those refused before")
        )
        self.discard = danger_button(tr("Discard"), self._discard, tooltip=tr("Del"))
        self.head = PageHead(tr("Outbox"), "", self.try_again, self.discard)
        self.which = Segmented(tr("Which letters"), [(_ALL, tr("All")), (_STUCK, tr("Stuck"))])
        self.model = RowsModel(self._columns(), key=lambda letter: letter.id)
        teaching = EmptyState(
            tr("No letters"),
            tr("Tapdesk writes when somebody asks for access, to the addresses of the pool, and when you decide."),
            Action(tr("Mail settings"), lambda: desk.go("settings", "mail")),
        )
        self._empty = EmptyTable(teaching, self._show_all)
        self.table = TableView(self.model, tr("Letters"), empty=self._empty, several=True)
        self.pane = LetterPane(desk)
        self._lay_out()
        self.which.changed.connect(lambda _value: self._filter())
        self.table.row_selected.connect(self._selected)
        self.table.selectionModel().selectionChanged.connect(self._enable)
        self.pane.closed.connect(self.table.clearSelection)
        self._fresh = Freshness(self, self._refresh, desk.bridge.outbox_changed, desk.bridge.settings_changed)
        self._selected(None)

    def _lay_out(self) -> None:
        for words, keys, run in (
            (tr("Try again"), "Ctrl+Return", self._try_again),
            (tr("Discard"), "Del", self._discard),
        ):
            action = QAction(words, self.table)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(run)
            self.table.addAction(action)
        card = Card()
        card.body.addWidget(self.table)
        back = link_button(tr("‹ Settings"), lambda: self._desk.go("settings", "mail"), flush=True)
        back.setAccessibleName(tr("Back to the settings"))
        page = page_layout(self)
        page.addLayout(row(back, None))
        page.addWidget(self.head)
        page.addLayout(row(self.which, None))
        page.addLayout(beside(card, self.pane), 1)

    def select(self, key: object) -> None:
        """Show the letter with this id, or those that are stuck."""
        self._fresh.catch_up()
        if key == _STUCK:
            self.which.select(_STUCK)
            self._filter()
        elif isinstance(key, int):
            self._show_all()
            self.table.select_key(key)

    # What is shown

    def _refresh(self) -> None:
        letters = self._desk.application.mail.letters(limit=LIMIT)
        stuck = sum(map(is_stuck, letters))
        self.model.replace(letters)
        self._empty.choose(len(letters))
        self.which.set_count(_STUCK, stuck or None)
        waiting = sum(letter.state in (LetterState.WAITING, LetterState.SENDING) for letter in letters)
        facts = tr("1 letter") if len(letters) == 1 else tr("{count} letters").format(count=len(letters))
        going = tr("{count} waiting").format(count=waiting) if waiting else ""
        self.head.subtitle.setText(joined(facts, going) if letters else "")
        self._enable()

    def _filter(self) -> None:
        self.model.show_only(is_stuck if self.which.value() == _STUCK else None)

    def _show_all(self) -> None:
        self.which.select(_ALL)
        self._filter()

    def _selected(self, letter: Letter | None) -> None:
        self.pane.setVisible(letter is not None)
        if letter is not None:
            self.pane.show_letter(letter)
        self._enable()

    def _enable(self) -> None:
        chosen = self.table.selected_rows()
        self.try_again.setEnabled(any(map(can_be_tried, chosen)))
        self.discard.setEnabled(any(letter.state is not LetterState.SENDING for letter in chosen))

    # What can be done

    def _try_again(self) -> None:
        chosen = [letter.id for letter in self.table.selected_rows() if can_be_tried(letter)]
        if chosen:
            self._desk.run(self._desk.application.mail.try_again(chosen))

    def _discard(self) -> None:
        chosen = [letter.id for letter in self.table.selected_rows() if letter.state is not LetterState.SENDING]
        if not chosen:
            return
        said = tr("1 letter is discarded.") if len(chosen) == 1 else tr("{count} letters are discarded.")
        self._desk.do(self._desk.application.mail.discard(chosen), said.format(count=len(chosen)))

    def _columns(self) -> list[Column[Letter]]:
        return [
            Column(
                title=tr("State"),
                text=lambda letter: state_of(letter)[0],
                pill=lambda letter: state_of(letter)[1],
                width=116,
            ),
            Column(title=tr("To"), text=lambda letter: letter.recipient, width=190, stretch=2),
            Column(title=tr("Subject"), text=lambda letter: letter.subject, width=200, stretch=3),
            Column(
                title=tr("What now"),
                text=lambda letter: what_now(self._desk, letter),
                tone="muted",
                width=200,
                stretch=3,
            ),
            Column(
                title=tr("Written"),
                text=lambda letter: last_time(self._desk.local(letter.created_at), self._desk.now()),
                sort=lambda letter: letter.created_at,
                width=110,
            ),
        ]
