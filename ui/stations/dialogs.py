"""Letting a station in, and showing how one is connected.

await ask(AcceptStationDialog(desk, "EVB-P2118"))       # one that knocked; without an ID one that will come later
await ask(ConnectStationDialog(desk))
"""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout
from shiboken6 import isValid

from app.domain.drafts import clean_name, clean_station_id
from app.domain.errors import AppError
from app.domain.model import Station
from ui.desk import Desk
from ui.organizations.allocation import HostField
from ui.pools.field import NONE, PoolField
from ui.stations.connect_panel import ConnectPanel
from ui.stations.words import about_words
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.widgets.boxes import row
from ui.widgets.buttons import button, primary_button
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField
from ui.widgets.labels import heading, paragraph


class AcceptStationDialog(FormDialog):
    """Lets the station in by itself and is accepted then; what will not do is said at its field, and all stays."""

    def __init__(self, desk: Desk, station_id: str = "") -> None:
        station = desk.application.stations.find(station_id) if station_id else None
        name = tr("Accept {station_id}").format(station_id=station_id) if station_id else tr("Add a station")
        super().__init__(desk.window, name)
        self._desk = desk
        self.station_id = QLineEdit(station_id)
        self.station_id_field = FormField(
            tr("Station ID"),
            self.station_id,
            helper=tr("The last part of the address it connects to. It is let in as soon as it comes."),
        )
        self.station_id_field.setVisible(not station_id)
        self.name = QLineEdit(station.name if station else "")
        self.name_field = FormField(
            tr("Name"), self.name, optional=tr("optional"), helper=tr("Where it is: Garage 2, Entrance left.")
        )
        self.name.setPlaceholderText(station_id or tr("its ID"))
        self.pool = PoolField(desk, chosen=station.pool_id if station else None)
        self.host = HostField(desk, chosen=station.host_id if station else None)
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        if about := about_words(station) if station else "":
            self.body.addWidget(paragraph(about, tone="muted"))
        for widget in (self.station_id_field, self.name_field, self.pool, self.host, self.problem):
            self.body.addWidget(widget)
        self.accept_button = self.add_buttons(tr("Accept") if station_id else tr("Add"), self.save)
        self.station_id.textEdited.connect(self._id_typed)
        self.name.textEdited.connect(lambda _text: self.name_field.clear_error())
        self.pool.choice.changed.connect(self._pool_chosen)
        self._pool_chosen(self.pool.choice.value())
        (self.name if station_id else self.station_id).setFocus()

    def save(self) -> None:
        """Let it in, unless something is still to be filled in."""
        self.problem.hide()
        if self.pool.complete() and self._has_host():
            self._desk.run(self._save(), on_error=self._show_error)

    def _has_host(self) -> bool:
        """Whether it may be put into the chosen pool; else it says at the field what is missing."""
        if not self.host.is_needed or self.host.host_id() is not None or self.pool.choice.value() == NONE:
            return True
        return not self.host.show_error_of(AppError("station_not_allocated", station_id=self.station_id.text()))

    def _pool_chosen(self, pool_id: object) -> None:
        """Who hosts a pool most likely hosts the station too."""
        if isinstance(pool_id, int):
            self.host.suggest(self._desk.application.pools.require(pool_id).options.organization_id)

    async def _save(self) -> None:
        # Looked at first: a new pool must not stay behind when the rest will not do.
        station_id, name = clean_station_id(self.station_id.text()), clean_name(self.name.text())
        self.accept_button.setEnabled(False)
        try:
            pool_id = await self.pool.pool_id()
            station = await self._desk.application.stations.accept(
                station_id, name=name, pool_id=pool_id, host_id=self.host.host_id()
            )
            if station.pool_id != pool_id:
                await self._desk.application.stations.move([station_id], pool_id)
        finally:
            if isValid(self):
                self.accept_button.setEnabled(True)
        if isValid(self):
            self.accept()
        self._desk.say(_said(self._desk, station, pool_id))

    def _show_error(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if self.pool.show_error(error) or self.host.show_error_of(error):
            return
        if error.code.startswith("station_id"):
            self.station_id_field.show_error(words)
            self.station_id.setFocus()
        elif error.code == "name_too_long":
            self.name_field.show_error(words)
            self.name.setFocus()
        else:
            self.problem.say(words)
            self.problem.show()

    def _id_typed(self, text: str) -> None:
        self.station_id_field.clear_error()
        self.name.setPlaceholderText(text.strip() or tr("its ID"))


class ConnectStationDialog(QDialog):
    """The address and the steps; who has the ID already can let the station in ahead of its coming."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.window)
        self._desk = desk
        self.setWindowTitle(tr("Connect a station"))
        self.setAccessibleName(tr("Connect a station"))
        self.setFixedWidth(680)
        self.panel = ConnectPanel(desk)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(16)
        column.addWidget(heading(tr("Connect a station")))
        column.addWidget(self.panel)
        self.ahead = button(tr("Add one by its ID…"), self._add_ahead)
        self.ahead.setToolTip(tr("Let a station in before it connects for the first time"))
        close = primary_button(tr("Close"), self.accept)
        close.setDefault(True)
        column.addLayout(row(self.ahead, None, close))
        # Enter closes it; no button wears the ring before the keyboard is used.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            # The steps wrap: only for a width is their height known.
            self.setFixedHeight(self._column.totalHeightForWidth(self.width()))
        return super().event(event)

    def _add_ahead(self) -> None:
        self.accept()
        self._desk.run(ask(AcceptStationDialog(self._desk)))


def _said(desk: Desk, station: Station, pool_id: int | None) -> str:
    if station.station_id not in desk.application.server.connected:
        return tr("{station} is let in as soon as it connects.").format(station=station.title)
    if station.host_id is None:
        return tr("{station} is accepted. It belongs to no organization yet, so it can be in no pool.").format(
            station=station.title
        )
    if pool_id is None:
        return tr("{station} is accepted. It is in no pool yet, so nobody can charge there.").format(
            station=station.title
        )
    return tr("{station} is accepted.").format(station=station.title)
