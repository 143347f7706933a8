"""The page of organizations: the tree of them, and beside it the chosen one to be changed.

open_organizations(desk)                         # from anywhere: the page, or what makes it worth having one
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.application import OrganizationSummary
from ui.desk import Desk
from ui.freshness import Freshness
from ui.organizations.choice import organization_name
from ui.organizations.dialog import OrganizationsDialog, new_organization
from ui.organizations.editor import PASSES, STATIONS, OrganizationEditor
from ui.organizations.words import contents_of
from ui.strings import tr
from ui.tasks import ask
from ui.unhurried import Unhurried
from ui.widgets.boxes import Card, PageHead, page_layout, row
from ui.widgets.buttons import primary_button
from ui.widgets.tables import Column, RowsModel, TableView

__all__ = ["OrganizationsDialog", "OrganizationsPage", "open_organizations"]

LIST_LEAST, LIST_MOST, REST = 232, 300, 808
_LEVEL = "\u2002\u2002"
#: Deeper ones stand no further to the right: their names need the room.
_DEEPEST = 6


def open_organizations(desk: Desk) -> None:
    """The page; where there is only one organization, a dialog on what they are for, which makes the second."""
    if desk.application.organizations.is_single:
        desk.run(_make_the_second(desk))
    else:
        desk.go("organizations")


async def _make_the_second(desk: Desk) -> None:
    dialog = OrganizationsDialog(desk)
    if await ask(dialog) and dialog.saved is not None:
        desk.go("organizations", dialog.saved.id)


class OrganizationsPage(QWidget):
    """`select(organization_id)` shows that organization."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._all: list[OrganizationSummary] = []
        self.head = PageHead(tr("Organizations"), "", primary_button(tr("New organization"), self.new_organization))
        self.model = RowsModel(self._columns(), key=lambda summary: summary.organization.id)
        self.table = TableView(self.model, tr("Organizations"), head=False, row_height=54)
        self.editor = OrganizationEditor(desk)
        self._lay_out()
        self._add_actions()
        self.table.row_selected.connect(lambda summary: self.editor.show_organization(summary, self._all))
        self.table.row_activated.connect(lambda _summary: self.editor.name.edit())
        bridge = desk.bridge
        self._fresh = Freshness(self, self._refresh, bridge.organizations_changed, bridge.pools_changed)
        self._fresh_passes = Freshness(self, self._refresh_passes, bridge.passes_changed, bridge.identities_changed)
        self._read_stations = Unhurried(self, self._refresh_stations)
        self._fresh_stations = Freshness(self, self._read_stations, bridge.stations_changed)

    def select(self, key: object) -> None:
        """Select an organization by its id."""
        self._fresh.catch_up()
        if self.model.position(key) is None:
            # What was added a moment ago was not told yet.
            self._refresh()
        if self.table.select_key(key):
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def new_organization(self) -> None:
        """Ask for a new organization, below the chosen one to begin with, and select it."""
        self._desk.run(self._ask_new())

    def _columns(self) -> list[Column[OrganizationSummary]]:
        return [
            Column(
                title=tr("Organization"),
                prefix=_indent,
                text=lambda summary: organization_name(self._desk, summary.organization),
                below=lambda summary: _indent(summary) + contents_of(summary),
                weight=600,
                width=200,
                stretch=1,
            )
        ]

    def _lay_out(self) -> None:
        tree = Card()
        tree.setMinimumWidth(LIST_LEAST)
        tree.setMaximumWidth(LIST_MOST)
        tree.body.addWidget(self.table)
        line = row(spacing=12)
        line.addWidget(tree, LIST_MOST)
        line.addWidget(self.editor, REST)
        column = page_layout(self)
        column.addWidget(self.head)
        column.addLayout(line, 1)

    def _add_actions(self) -> None:
        rename = QAction(tr("Rename"), self.table)
        rename.setShortcut(QKeySequence("F2"))
        rename.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        rename.triggered.connect(self.editor.name.edit)
        self.addAction(rename)
        remove = QAction(tr("Remove"), self.table)
        remove.setShortcut(QKeySequence("Del"))
        remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        remove.triggered.connect(self.editor.remove)
        self.table.addActions([rename, remove])
        for keys, run in (("Ctrl+N", self.new_organization), ("Ctrl+F", self.editor.search.setFocus)):
            QShortcut(QKeySequence(keys), self, run).setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _refresh(self) -> None:
        # Which organization is below which one decides whose passes are its own.
        self.editor.forget(PASSES, STATIONS)
        self._read()

    def _refresh_passes(self) -> None:
        self.editor.forget_passes()
        self._read()

    def _refresh_stations(self) -> None:
        self.editor.forget(STATIONS)
        self._read()

    def _read(self) -> None:
        self._all = self._desk.application.organizations.all()
        before = self.table.selected_rows()
        place = self.model.position(before[0].organization.id) if before else None
        self.model.replace(self._all)
        if not self.table.selected_rows():
            self.table.selectRow(min(place or 0, len(self._all) - 1))
        chosen = self.table.selected_rows()
        self.editor.show_organization(chosen[0] if chosen else None, self._all)
        self.head.subtitle.setText(str(len(self._all)))

    async def _ask_new(self) -> None:
        chosen = self.table.selected_rows()
        parent_id = chosen[0].organization.id if chosen else None
        organization = await new_organization(self._desk, parent_id=parent_id)
        if organization is not None:
            self.select(organization.id)


def _indent(summary: OrganizationSummary) -> str:
    return _LEVEL * min(summary.depth, _DEEPEST)
