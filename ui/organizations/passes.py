"""The passes of an organization with its setting of each: Whitelist, or Off at the stations allocated to it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.application import PassSummary
from ui.desk import Desk
from ui.passes.words import NOTHING
from ui.searching import Search
from ui.strings import tr
from ui.widgets.boxes import EmptyState, row
from ui.widgets.buttons import button
from ui.widgets.empty_table import EmptyTable
from ui.widgets.inputs import Segmented
from ui.widgets.labels import muted
from ui.widgets.tables import Column, RowsModel, TableView

OWN, OFF, ALL = "own", "off", "all"


class OrganizationPasses(QWidget):
    """`show_organization` reads what is not read yet; `forget` when passes or whom they belong to changed.

    `emptied` tells that the text is not looked for any more.
    """

    emptied = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._organization_id, self._name = 0, ""
        self._summaries: list[PassSummary] | None = None
        self._within: frozenset[int] = frozenset()
        self._off: frozenset[int] = frozenset()
        self._text = ""
        self._search = Search[PassSummary](
            key=lambda summary: summary.card.id,
            ids=lambda summary: (summary.card.uid, summary.card.visible_id),
            words=lambda summary: (summary.card.name, summary.holder, summary.email),
        )
        self.which = Segmented(tr("Which passes"), [(OWN, tr("Its passes")), (OFF, tr("Off")), (ALL, tr("All passes"))])
        self.meaning = muted()
        self.set_on = button(tr("Set to Whitelist"), lambda: self._set(self.table.selected_rows(), on=True))
        self.set_off = button(tr("Set to Off"), lambda: self._set(self.table.selected_rows(), on=False))
        self.model = RowsModel(self._columns(), key=lambda summary: summary.card.id)
        self._empty = EmptyTable(self._teaching(), self.show_all)
        self.table = TableView(self.model, tr("Passes"), empty=self._empty, several=True)
        self._lay_out()
        self._add_actions()
        self.which.changed.connect(lambda _which: self._filter())
        self.table.link_clicked.connect(lambda summary, _words: self._set([summary], on=self._is_off(summary)))
        self.table.row_activated.connect(lambda summary: desk.go("passes", summary.card.id))
        for changed in (self.table.selectionModel().selectionChanged, self.model.modelReset):
            changed.connect(lambda *_: self._selected())
        self._selected()

    def show_organization(self, organization_id: int, name: str, within: frozenset[int]) -> None:
        """Show the setting that an organization has of each pass; `within` are it and those below it."""
        if organization_id != self._organization_id:
            self.which.select(OWN)
        self._organization_id, self._name, self._within = organization_id, name, within
        application = self._desk.application
        self._off = application.organizations.passes_off(organization_id)
        self.meaning.setText(
            tr("Off: opens no station allocated to {organization}, whatever the pools say.").format(organization=name)
        )
        if self._summaries is None:
            self._summaries = application.passes.all()
            self._search.forget()
            self.model.replace(self._summaries)
        self._count()
        self._filter()

    def forget(self) -> None:
        """What was read of passes is not true any more."""
        self._summaries = None

    def filter(self, text: str) -> None:
        """Show those that a text means."""
        self._text = text
        self._filter()

    def show_all(self) -> None:
        """Show every pass there is."""
        self._text = ""
        self.emptied.emit()
        self.which.select(ALL)
        self._filter()

    # How it looks

    def _columns(self) -> list[Column[PassSummary]]:
        return [
            Column(title=tr("Pass"), text=lambda summary: summary.card.title, width=130, stretch=2),
            Column(
                title=tr("Visible ID"),
                text=lambda summary: summary.card.visible_id or NOTHING,
                tone=lambda summary: "text" if summary.card.visible_id else "muted",
                mono=True,
                width=154,
                drop=2,
            ),
            Column(
                title=tr("Hidden ID (UID)"),
                text=lambda summary: summary.card.uid or tr("no UID yet"),
                tone=lambda summary: "text" if summary.card.uid else "muted",
                mono=lambda summary: summary.card.uid is not None,
                width=140,
                drop=3,
            ),
            Column(
                title=tr("Identity"),
                text=lambda summary: summary.holder or tr("external"),
                tone=lambda summary: "text" if summary.holder else "muted",
                width=110,
                stretch=2,
                drop=1,
            ),
            Column(
                title=tr("Setting"),
                text=lambda summary: tr("Off") if self._is_off(summary) else tr("Whitelist"),
                pill=lambda summary: "grey" if self._is_off(summary) else "ok",
                width=100,
            ),
            Column(
                title="",
                text=lambda _summary: "",
                link=lambda summary: tr("Set to Whitelist") if self._is_off(summary) else tr("Set to Off"),
                width=132,
                sort=None,
            ),
        ]

    def _teaching(self) -> EmptyState:
        return EmptyState(
            tr("No passes here"),
            tr("The passes of its identities stand here, each of which it can set to Off at its stations."),
        )

    def _lay_out(self) -> None:
        head = row(self.which, None, self.set_on, self.set_off)
        head.setContentsMargins(14, 9, 14, 0)
        word = row(self.meaning)
        word.setContentsMargins(14, 6, 14, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(word)
        column.addWidget(self.table, 1)

    def _add_actions(self) -> None:
        for text, keys, run in (
            (tr("Set to Whitelist"), "", lambda: self._set(self.table.selected_rows(), on=True)),
            (tr("Set to Off"), "", lambda: self._set(self.table.selected_rows(), on=False)),
            (tr("Change the setting"), "Space", self._turn_round),
            (tr("Open the pass"), "", lambda: self._desk.go("passes", self.table.selected_rows()[0].card.id)),
        ):
            self._add_action(text, keys, run)

    def _add_action(self, text: str, keys: str, run: Callable[[], object]) -> None:
        action = QAction(text, self.table)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: run() if self.table.selected_rows() else None)
        self.table.addAction(action)

    # What is shown

    def _is_off(self, summary: PassSummary) -> bool:
        return summary.card.id in self._off

    def _is_own(self, summary: PassSummary) -> bool:
        return summary.organization_id in self._within

    def _count(self) -> None:
        summaries = self._summaries or []
        self.which.set_count(OWN, sum(map(self._is_own, summaries)))
        self.which.set_count(OFF, len(self._off))
        self.which.set_count(ALL, len(summaries))

    def _filter(self) -> None:
        of_kind = {OWN: self._is_own, OFF: self._is_off}.get(str(self.which.value()))
        wanted = [each for each in (of_kind, self._search.predicate(self._text)) if each]
        self.model.show_only((lambda summary: all(holds(summary) for holds in wanted)) if wanted else None)
        self._empty.choose(self.model.total() if self._text.strip() else 0)

    def _selected(self) -> None:
        chosen = self.table.selected_rows()
        self.set_on.setEnabled(any(map(self._is_off, chosen)))
        self.set_off.setEnabled(not all(map(self._is_off, chosen)))

    # What is done

    def _turn_round(self) -> None:
        chosen = self.table.selected_rows()
        self._set(chosen, on=all(map(self._is_off, chosen)))

    def _set(self, summaries: Sequence[PassSummary], *, on: bool) -> None:
        changed = [summary.card for summary in summaries if self._is_off(summary) is on]
        if not changed:
            return
        if on:
            said = tr("{name} is on the whitelist at the stations of {organization} again.")
            of_several = tr("{count} passes are on the whitelist at the stations of {organization} again.")
        else:
            said = tr("{name} is Off: it opens no station allocated to {organization}.")
            of_several = tr("{count} passes are Off: they open no station allocated to {organization}.")
        said = (said if len(changed) == 1 else of_several).format(
            name=changed[0].title, count=f"{len(changed):,}", organization=self._name
        )
        setting = self._desk.application.organizations.set_passes(
            self._organization_id, [card.id for card in changed], on=on
        )
        self._desk.do(setting, said)
