"""What is set inside a station: every key or variable, searched, changed where it stands, read back."""

from shiboken6 import isValid

from app.application import WriteOutcome, Written
from app.domain.errors import AppError
from app.domain.model import Station
from app.domain.variables import Variable
from ui.desk import Desk
from ui.freshness import Freshness
from ui.stations.asking import ask_to_restart
from ui.stations.refusals import refusal_words
from ui.stations.tab import StationTab
from ui.stations.variable_table import ROWS_IN_SIGHT, VariableTable
from ui.stations.variable_words import meaning
from ui.stations.words import StationNow, at_clock
from ui.strings import tr
from ui.widgets.boxes import EmptyState, SidePane
from ui.widgets.buttons import Action, button
from ui.widgets.inputs import SearchField
from ui.widgets.labels import muted, paragraph
from ui.widgets.pane_table import ROW_HEIGHT, indented, table_section


class ConfigurationTab(StationTab):
    key = "configuration"

    def __init__(self, desk: Desk, pane: SidePane) -> None:
        super().__init__(desk, pane)
        self._station_id = ""
        self._online = False
        self._reading: set[str] = set()

    @property
    def name(self) -> str:
        return tr("Configuration")

    def build(self, now: StationNow) -> None:
        self._station_id = station_id = now.station.station_id
        self.search = SearchField(tr("Name, value, what it means"))
        self.again = button(tr("Read again"), lambda: self.read(station_id))
        self.again.setObjectName("read configuration")
        self.when = muted()
        self.meaning = paragraph(tone="muted")
        self.table = VariableTable(
            EmptyState(tr("No setting is called so"), tr("Search for another part of its name."))
        )
        self.table.changed.connect(lambda variable, value: self._change(now.station, variable, value))
        self.table.row_selected.connect(self._explain)
        self.search.searched.connect(self.table.search)
        section = table_section(self.pane, tr("Set inside the station"), fills=True)
        section.addLayout(indented(self.when, None, self.again))
        section.addLayout(indented(self.meaning))
        section.addLayout(indented(self.search))
        section.addWidget(self.table, 1)
        section.addStretch()
        self.table.setMinimumHeight(ROWS_IN_SIGHT * ROW_HEIGHT)
        self._fresh = Freshness(self.when, self._read_what_is_kept, self.desk.bridge.configuration_changed)
        self._read_what_is_kept()

    def show(self, now: StationNow) -> None:
        self._online = now.online
        self._show_state()

    def _show_state(self) -> None:
        if not isValid(self.again):
            return
        busy = self._station_id in self._reading
        self.table.writable = self._online
        self.again.setEnabled(self._online and not busy)
        self.again.setText(tr("Reading…") if busy else tr("Read again") if self._kept else tr("Read now"))
        self.again.setToolTip("" if self._online else tr("It is not connected."))

    def read(self, station_id: str) -> None:
        """Read all of it from the station."""
        self.desk.run(self._read(station_id), on_error=self._say_why_not)

    @property
    def _kept(self) -> list[Variable]:
        return self.desk.application.configuration.of(self._station_id)

    async def _read(self, station_id: str) -> None:
        self._reading.add(station_id)
        self._show_state()
        try:
            read = await self.desk.application.configuration.read(station_id)
        finally:
            self._reading.discard(station_id)
            self._show_state()
        if not read:
            self.desk.notes.show_note(tr("The station gave no settings."), "warn")

    def _read_what_is_kept(self) -> None:
        kept = self._kept
        self.table.show_variables(kept)
        self.search.setVisible(bool(kept))
        self.table.setVisible(bool(kept))
        if kept:
            latest = max(each.read_at for each in kept if each.read_at is not None)
            self.when.setText(
                tr("{count} settings, read {time}").format(count=len(kept), time=at_clock(self.desk, latest))
            )
        else:
            self.when.setText(tr("Not read yet"))
        self._explain(next(iter(self.table.selected_rows()), None))
        self._show_state()

    def _explain(self, variable: Variable | None) -> None:
        if variable is None:
            words = (
                tr("Select a setting to see what it means. Enter changes it; what the station has then is read back.")
                if self._kept
                else tr("A station says what is set inside it when it is asked. Nothing is changed by reading.")
            )
        else:
            words = meaning(variable.name) or tr("It has nothing to do with who may charge; see the station's manual.")
            if variable.is_secret:
                words = tr("A password or key: neither shown nor set here.")
            elif variable.read_only:
                words = tr("{meaning} The station lets nobody change it.").format(meaning=words)
        self.meaning.say(words)

    def _change(self, station: Station, variable: Variable, value: str) -> None:
        self.desk.run(self._write(station, variable.name, value, variable.value), on_error=self._say_why_not)

    def _say_why_not(self, error: AppError) -> None:
        station = self.desk.application.stations.require(self._station_id)
        self.desk.notes.problem(refusal_words(station, error))

    async def _write(self, station: Station, name: str, value: str, before: str | None) -> None:
        written = await self.desk.application.configuration.write(station.station_id, name, value)
        if written.outcome is WriteOutcome.APPLIED and before is not None:

            async def undo() -> None:
                back = await self.desk.application.configuration.write(station.station_id, name, before)
                if not back.holds:
                    self.desk.notes.problem(written_words(station, back))

            self.desk.offer_undo(written_words(station, written), undo)
        elif written.outcome is WriteOutcome.AFTER_RESTART:
            restart = Action(tr("Restart"), lambda: ask_to_restart(self.desk, station, hard=False))
            self.desk.notes.show_note(written_words(station, written), "warn", restart)
        elif written.holds:
            self.desk.say(written_words(station, written))
        else:
            self.desk.notes.problem(written_words(station, written))


def written_words(station: Station, written: Written) -> str:
    """What came of a new value, in a sentence."""
    sentences = {
        WriteOutcome.APPLIED: tr("{name} is {value} now, as {station} says itself."),
        WriteOutcome.AFTER_RESTART: tr("{station} takes {name} = {wanted} with its next restart."),
        WriteOutcome.NOT_APPLIED: tr("{station} accepted {name} = {wanted}, and still has {value}."),
        WriteOutcome.NOT_READ_BACK: tr("{station} accepted {name} = {wanted}. What it has now cannot be read."),
        WriteOutcome.REJECTED: tr("{station} refused {name} = {wanted}."),
        WriteOutcome.UNKNOWN: tr("{station} has no setting called {name}."),
    }
    return sentences[written.outcome].format(
        station=station.title, name=written.name, wanted=written.wanted or "“”", value=written.value or "“”"
    )
