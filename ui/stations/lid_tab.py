"""What a station does with cards while Tapdesk is closed: said in a sentence, set right by one button, tried out."""

from collections.abc import Coroutine

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from app.application import StationLid
from app.domain.lid_check import Light
from app.domain.lid_settings import OpensTo, SettingCheck
from app.domain.list_state import ListState, ListStatus
from app.domain.model import AccessLevel
from ui.pools.words import names_of
from ui.stations.card_test_view import CardTestView
from ui.stations.lid_words import about_former, about_members, about_strangers, fit_words, light_words, tone_of
from ui.stations.list_dialog import LocalListDialog
from ui.stations.list_words import WITHOUT, list_meaning, list_words, trouble_words, why_missing
from ui.stations.setting_right import set_right
from ui.stations.tab import StationTab
from ui.stations.words import NOTHING, StationNow, at_clock
from ui.strings import tr
from ui.tasks import ask
from ui.theme import Tone
from ui.widgets.boxes import Progress, empty, row
from ui.widgets.buttons import button, link_button, primary_button
from ui.widgets.labels import Paragraph, muted, paragraph, title
from ui.widgets.pane_place import keeping_place
from ui.widgets.pill import Pill
from ui.widgets.tables import Column, RowsModel, TableView

_ROW, _HEAD = 32, 40
_MISSING_NAMED = 6


class LidTab(StationTab):
    key = "lid"

    @property
    def name(self) -> str:
        return tr("With the lid shut")

    def build(self, now: StationNow) -> None:
        self._station_id = now.station.station_id
        self._busy = False
        self._said, self._list = QVBoxLayout(), QVBoxLayout()
        for column in (self._said, self._list):
            column.setSpacing(8)
        self.pane.add_section().addLayout(self._said)
        self.test = CardTestView(self.desk, self._station_id)
        self._test_place = self.pane.add_section()
        self._test_place.addWidget(self.test)
        settings = self.pane.add_section(margins=(0, 12, 0, 6))
        self._wanted_by = muted()
        line = row(title(tr("Settings in the station"), whole=True), self._wanted_by, None)
        line.setContentsMargins(16, 0, 16, 0)
        settings.addLayout(line)
        self._settings = RowsModel(self._columns(), key=lambda each: each.name)
        self.table = TableView(self._settings, tr("Settings in the station"), row_height=_ROW)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        settings.addWidget(self.table)
        self.pane.add_section().addLayout(self._list)

    def show(self, now: StationNow) -> None:
        lid = self.desk.application.lid.of(self._station_id)
        self.test.show_lid(lid, online=now.online)
        place = self.test.parentWidget()
        if place is not None:
            place.setVisible(not self.test.isHidden())
        if self.differs(
            "said", (lid.check, lid.list.members, lid.list.open_since, lid.read_at, now.online, self._busy)
        ):
            with keeping_place(self.pane):
                self._show_said(lid, now)
        if self.differs("settings", (lid.check.settings, lid.pool)):
            self._settings.replace(lid.check.settings)
            self._wanted_by.setText(_wanted_by(lid))
            self.table.setFixedHeight(_HEAD + _ROW * len(lid.check.settings))
        if self.differs("list", (lid.list, now.online)):
            with keeping_place(self.pane):
                self._show_list(lid.list, now)

    # What is said

    def _show_said(self, lid: StationLid, now: StationNow) -> None:
        empty(self._said)
        check = lid.check
        self._said.addLayout(row(Pill(*light_words(check.light)), None))
        head_tone: Tone = "bad" if check.members.light is Light.BAD else "text"
        self._said.addWidget(Paragraph(about_members(lid), size=15, weight=600, tone=head_tone))
        if strangers := about_strangers(lid):
            self._said.addWidget(paragraph(strangers, tone=tone_of(check.strangers.light)))
        stale = lid.list.open_since or lid.list.cache_stale_since
        if former := about_former(lid, at_clock(self.desk, stale) if stale else ""):
            self._said.addWidget(paragraph(former, tone="bad"))
        self._add_buttons(lid, now)
        read = (
            [tr("Its settings were read {time}.").format(time=at_clock(self.desk, lid.read_at))] if lid.read_at else []
        )
        if not now.online:
            read.append(tr("It can be asked and set when it is connected."))
        if read:
            self._said.addWidget(paragraph(" ".join(read), tone="muted"))

    def _add_buttons(self, lid: StationLid, now: StationNow) -> None:
        self.set_right = primary_button(tr("Set it right"), lambda: self._run(set_right(self.desk, self._station_id)))
        self.set_right.setVisible(bool(lid.check.to_change))
        self.read = button(
            tr("Read again") if lid.read_at else tr("Read its settings"), lambda: self._run(self._read())
        )
        self.try_cards = button(tr("Test it with cards…"), self.test.open_dialog)
        for each in (self.set_right, self.read, self.try_cards):
            each.setEnabled(now.online and not self._busy)
        if self.desk.application.lid.tests.running(self._station_id):
            self.try_cards.setEnabled(True)
        self._said.addLayout(row(self.set_right, self.try_cards, self.read, None))

    def _columns(self) -> list[Column[SettingCheck]]:
        return [
            Column(
                title=tr("Setting"),
                text=lambda each: each.name,
                mono=True,
                width=188,
                stretch=1,
                sort=None,
            ),
            Column(title=tr("Now"), text=lambda each: each.now or NOTHING, width=52, sort=None),
            Column(title=tr("Wanted"), text=_wanted, width=70, sort=None),
            Column(
                title="",
                text=lambda each: fit_words(each.fit)[0],
                pill=lambda each: fit_words(each.fit)[1],
                width=132,
                sort=None,
            ),
        ]

    # What is done

    def _run(self, work: Coroutine[object, object, object]) -> None:
        self.desk.run(self._busily(work))

    async def _busily(self, work: Coroutine[object, object, object]) -> None:
        self._busy = True
        self.forget("said")
        self.pane.tick()
        try:
            await work
        finally:
            self._busy = False
            self.forget("said")
            self.pane.tick()

    async def _read(self) -> None:
        await self.desk.application.lid.read(self._station_id)
        self.desk.say(tr("Its settings were read."))

    # The list

    def _show_list(self, status: ListStatus, now: StationNow) -> None:
        empty(self._list)
        online = now.online
        facts = []
        if status.version is not None and status.state not in WITHOUT:
            facts.append(tr("version {version}").format(version=status.version))
        if status.confirmed_at is not None:
            facts.append(tr("read back {time}").format(time=at_clock(self.desk, status.confirmed_at)))
        self.show_list = link_button(tr("Show"), lambda: self.desk.run(ask(self._dialog())))
        self._list.addLayout(row(title(tr("Local list"), whole=True), muted(", ".join(facts)), None, self.show_list))
        words, kind = list_words(status, online=online)
        again = link_button(tr("Try again"), lambda: self.desk.run(self._retry()))
        again.setVisible(status.state in (*WITHOUT, ListState.FAILING, ListState.TOO_SMALL, ListState.INCOMPLETE))
        self._list.addLayout(row(Pill(words, kind), None, again))
        if status.state not in (*WITHOUT, ListState.NOT_NEEDED):
            self._add_bar(status)
        for sentence in (list_meaning(status, online=online), trouble_words(status), *self._about_the_list(status)):
            if sentence:
                self._list.addWidget(paragraph(sentence, tone="muted"))
        if status.missing:
            self._list.addWidget(paragraph(self._missing(status), tone="warn"))

    def _add_bar(self, status: ListStatus) -> None:
        if status.state is ListState.SENDING:
            bar = Progress(tr("Sent so far"))
            bar.show_part(status.count, status.wanted)
            self._list.addWidget(bar)
            return
        if status.capacity:
            bar = Progress(tr("Places used"), "ok" if status.state is ListState.IN_STEP else "warn")
            bar.show_part(status.count, status.capacity)
            self._list.addWidget(bar)
            said = tr("{count} of {capacity} places used").format(count=status.count, capacity=status.capacity)
        else:
            said = tr("1 entry") if status.count == 1 else tr("{count} entries").format(count=status.count)
        self._list.addWidget(muted(said))

    def _about_the_list(self, status: ListStatus) -> list[str]:
        found = []
        if status.since is not None and status.state not in WITHOUT:
            found.append(tr("Not in step since {time}.").format(time=at_clock(self.desk, status.since)))
        if status.conflict_at is not None:
            found.append(
                tr("The station said at {time} that its list says otherwise than Tapdesk.").format(
                    time=at_clock(self.desk, status.conflict_at)
                )
            )
        return found

    def _missing(self, status: ListStatus) -> str:
        passes = self.desk.application.passes
        first = status.missing[:_MISSING_NAMED]
        titles = {each.card.id: each.card.title for each in passes.these([missing.pass_id for missing in first])}
        named = [f"{titles.get(each.pass_id, each.raw)} ({why_missing(each)})" for each in first]
        if more := len(status.missing) - len(named):
            named.append(tr("{count} more").format(count=more))
        return tr("Not in it: {passes}.").format(passes=names_of(named))

    def _dialog(self) -> LocalListDialog:
        return LocalListDialog(self.desk, self._station_id)

    async def _retry(self) -> None:
        await self.desk.application.local_lists.retry(self._station_id)
        self.desk.say(tr("Its list is tried again soon."))


def _wanted_by(lid: StationLid) -> str:
    """Whose rule says how they should be."""
    if lid.check.opens_to is OpensTo.ANYBODY:
        return tr("wanted for a free pool")
    words = {
        AccessLevel.PUBLIC: tr("wanted for a public pool"),
        AccessLevel.PRIVATE: tr("wanted for a private pool"),
        AccessLevel.RESTRICTED: tr("wanted for a restricted pool"),
        AccessLevel.BY_LIST: tr("wanted for a pool by list"),
    }
    return words[lid.pool.level] if lid.pool else tr("wanted in no pool")


def _wanted(each: SettingCheck) -> str:
    if each.wanted is None:
        return NOTHING
    return "true" if each.wanted else "false"
