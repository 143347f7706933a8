"""All about one identity: the pane beside the table of identities."""

from PySide6.QtWidgets import QWidget

from app.application import IdentitySummary, PassSummary, PoolSummary
from app.domain.errors import AppError
from app.domain.model import Identity, Role
from ui.access.change_words import of_identity
from ui.access.explanations import StationLine, how_many_of, station_lines, station_table
from ui.access.history import AccessHistoryDialog
from ui.desk import Desk
from ui.identities.dialog import edit_identity
from ui.passes.dialog import new_pass
from ui.passes.history import session_line, told
from ui.passes.words import NOTHING, state_of, validity
from ui.pools.choice import add_identity_to_a_pool, pools_named
from ui.pools.words import level_of
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.boxes import EmptyState, KeyValueGrid, SidePane, row
from ui.widgets.buttons import button, danger_button, link_button
from ui.widgets.labels import muted, paragraph
from ui.widgets.pane_place import keeping_place
from ui.widgets.pane_table import indented, pane_table, table_section
from ui.widgets.tables import Column

HISTORY = 8


def remove_identity(desk: Desk, summary: IdentitySummary) -> None:
    """Remove an identity with its passes, and say how many those were."""
    name = summary.identity.name
    if summary.passes == 0:
        said = tr("{name} was removed.").format(name=name)
    elif summary.passes == 1:
        said = tr("{name} was removed, with 1 pass.").format(name=name)
    else:
        said = tr("{name} was removed, with {count} passes.").format(name=name, count=summary.passes)
    desk.do(desk.application.identities.remove(summary.identity.id), said)


class IdentityPane(SidePane):
    """`show_identity` with what is selected; it reads the rest, and is filled anew only when something differs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._told: object = ()
        self._shown: IdentitySummary | None = None
        self.show_identity(None)

    def show_identity(self, summary: IdentitySummary | None) -> None:
        """Tell all about an identity, or that none is selected."""
        self._shown = summary
        told: object = None
        if summary is not None:
            identity = summary.identity
            passes, pools = self._passes(identity), self._pools(summary)
            told = (
                summary,
                passes,
                pools,
                self._stations(identity),
                self._history(identity, passes),
                self._home(identity),
            )
        if told == self._told:
            return
        self._told = told
        with keeping_place(self):
            self.clear()
            if summary is not None:
                self._show(summary)
            else:
                self.add_section().addWidget(
                    EmptyState(
                        tr("No identity is selected"),
                        tr("Select one to see its passes, the pools it is a member of and when it charged."),
                    )
                )

    def refresh(self) -> None:
        """Look again: something happened that may concern what is shown."""
        self.show_identity(self._shown)

    def _show(self, summary: IdentitySummary) -> None:
        desk, identity = self._desk, summary.identity
        administrator = identity.role is Role.ADMINISTRATOR
        self.show_head(identity.name, pill=(tr("Administrator"), "info") if administrator else None)
        facts = self.add_section()
        facts.addWidget(
            KeyValueGrid(
                [
                    (tr("E-mail"), identity.email),
                    (tr("Role"), tr("Administrator") if administrator else tr("Cardholder")),
                    (tr("External ID"), identity.external_id or NOTHING),
                    *self._home(identity),
                    *self._validity(identity),
                ]
            )
        )
        edit = button(tr("Edit…"), lambda: desk.run(edit_identity(desk, identity)))
        remove = danger_button(tr("Remove"), lambda: remove_identity(desk, summary))
        facts.addLayout(row(_called(edit, "edit"), _called(remove, "remove"), None))
        self._show_passes(identity)
        self._show_pools(summary)
        self._show_stations(identity)
        history = self.add_section(tr("History"))
        for line in self._history(identity, self._passes(identity)) or (tr("Nothing has happened yet."),):
            history.addWidget(muted(line))
        changes = link_button(tr("All changes…"), lambda: self._all_changes(identity), flush=True)
        history.addLayout(row(_called(changes, "changes"), None))

    def _home(self, identity: Identity) -> list[tuple[str, str]]:
        """The organization it belongs to; nothing where there is only one."""
        organizations = self._desk.application.organizations
        if organizations.is_single:
            return []
        return [(tr("Organization"), organizations.require(identity.organization_id).name)]

    def _validity(self, identity: Identity) -> list[tuple[str, str]]:
        """From when until when; nothing where it is always valid."""
        if identity.valid_from is None and identity.valid_until is None:
            return []
        return [(tr("Valid"), validity(self._desk, identity))]

    def _stations(self, identity: Identity) -> tuple[StationLine, ...]:
        return station_lines(self._desk, self._desk.application.explanations.of_identity(identity.id))

    def _show_stations(self, identity: Identity) -> None:
        lines = self._stations(identity)
        if not lines:
            # Without a pass, or without a station, there is nothing to explain.
            return
        section = table_section(self, tr("Where it can charge"), how_many_of(lines))
        if not any(summary.card.uid for summary in self._passes(identity)):
            words = tr("Nowhere yet: none of its passes has a UID. With one:")
            section.addLayout(indented(paragraph(words, tone="muted")))
        section.addWidget(station_table(self._desk, lines))

    def _all_changes(self, identity: Identity) -> None:
        dialog = AccessHistoryDialog(self._desk, identity.name, lambda history: history.show_identity(identity.id))
        self._desk.run(ask(dialog))

    def _show_passes(self, identity: Identity) -> None:
        desk, passes = self._desk, self._passes(identity)
        section = table_section(self, tr("Passes"))
        if passes:
            columns: list[Column[PassSummary]] = [
                Column(title=tr("Pass"), text=lambda _pass: "", link=lambda each: each.card.title, width=80, stretch=1),
                Column(
                    title=tr("State"),
                    text=lambda each: state_of(desk, each.card)[0],
                    pill=lambda each: state_of(desk, each.card)[1],
                    width=120,
                ),
            ]
            table = pane_table(tr("Passes"), columns, passes, key=lambda each: each.card.id)
            table.link_clicked.connect(lambda each, _words: desk.go("passes", each.card.id))
            table.row_activated.connect(lambda each: desk.go("passes", each.card.id))
            section.addWidget(table)
        else:
            section.addLayout(indented(paragraph(tr("None: it cannot charge anywhere yet."), tone="muted")))
        add = link_button(tr("New pass…"), lambda: desk.run(new_pass(desk, identity.id)), flush=True)
        section.addLayout(indented(_called(add, "new pass"), None))

    def _show_pools(self, summary: IdentitySummary) -> None:
        desk, pools = self._desk, self._pools(summary)
        section = table_section(self, tr("Pools"))
        if pools:
            columns: list[Column[PoolSummary]] = [
                Column(title=tr("Pool"), text=lambda _pool: "", link=lambda each: each.pool.name, width=80, stretch=1),
                Column(
                    title=tr("Access level"),
                    text=lambda each: level_of(each.pool)[0],
                    pill=lambda each: level_of(each.pool)[1],
                    width=84,
                ),
                Column(title="", text=lambda _pool: "", link=lambda _pool: tr("Remove"), width=76),
            ]
            table = pane_table(tr("Pools"), columns, pools, key=lambda each: each.pool.id)
            table.link_clicked.connect(lambda each, words: self._pool_clicked(summary.identity, each, words))
            table.row_activated.connect(lambda each: desk.go("pools", each.pool.id))
            section.addWidget(table)
        else:
            section.addLayout(indented(paragraph(tr("It is a member of none."), tone="muted")))
        add = link_button(
            tr("Add to a pool…"), lambda: desk.run(add_identity_to_a_pool(desk, summary.identity)), flush=True
        )
        section.addLayout(indented(_called(add, "add"), None))

    def _pool_clicked(self, identity: Identity, summary: PoolSummary, words: str) -> None:
        if words == summary.pool.name:
            self._desk.go("pools", summary.pool.id)
        else:
            self._desk.run(self._leave(identity, summary))

    async def _leave(self, identity: Identity, summary: PoolSummary) -> None:
        members, pool = self._desk.application.members, summary.pool
        ids = [member.id for member in members.of_pool(pool.id) if member.identity_id == identity.id]
        member_ids = [member_id for member_id in ids if member_id is not None]
        if not member_ids:
            raise AppError("not_a_member_of_pool", pool=pool.name)
        undo = await members.remove(pool.id, member_ids)
        said = tr("{name} is not a member of {pool} any more.")
        self._desk.offer_undo(said.format(name=identity.name, pool=pool.name), undo)

    def _passes(self, identity: Identity) -> tuple[PassSummary, ...]:
        return tuple(self._desk.application.passes.of_identity(identity.id))

    def _pools(self, summary: IdentitySummary) -> tuple[PoolSummary, ...]:
        return tuple(pools_named(self._desk.application.pools.all(), summary.pools))

    def _history(self, identity: Identity, passes: tuple[PassSummary, ...]) -> tuple[str, ...]:
        """The latest sessions, which are among those of the passes that were used last, and the latest changes."""
        application = self._desk.application
        used = [summary.card for summary in passes if summary.card.last_used_at is not None]
        used.sort(key=lambda card: card.last_used_at or card.created_at, reverse=True)
        read = application.sessions.of_pass
        lines = [session_line(session) for card in used[:HISTORY] for session in read(card.id, limit=HISTORY)]
        lines += [(each.at, of_identity(each)) for each in application.history.of_identity(identity.id, limit=HISTORY)]
        return told(self._desk, lines, limit=HISTORY)


def _called(widget: QWidget, name: str) -> QWidget:
    """Named, so that the keyboard finds the same button again after the pane was filled anew."""
    widget.setObjectName(name)
    return widget
