"""How a station behaves: its clock, what it does otherwise than OCPP has it, and how it wants to be treated."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QVBoxLayout

from app.application import Habits, Repair
from app.domain.behaviour import Behaviour
from ui.desk import Desk
from ui.stations.behaviour_words import (
    SCHEMA,
    behaviour_words,
    clock_words,
    how_often,
    is_clock_wrong,
    repair_words,
)
from ui.stations.exchanged import ExchangedQuestion
from ui.stations.fields import named
from ui.stations.tab import StationTab
from ui.stations.words import StationNow
from ui.strings import tr
from ui.widgets.boxes import SidePane, empty, row
from ui.widgets.buttons import link_button
from ui.widgets.inputs import DropDown
from ui.widgets.labels import Label, muted, paragraph
from ui.widgets.pane_place import keeping_place

#: As much of an example as three lines hold; the live log has the whole message.
_EXAMPLE = 240
_DELAYS_MS = (0, 250, 500, 1000, 2000)


class BehaviourTab(StationTab):
    key = "behaviour"

    def __init__(self, desk: Desk, pane: SidePane) -> None:
        super().__init__(desk, pane)
        self._open_example = ""

    @property
    def name(self) -> str:
        return tr("Behaviour")

    def build(self, now: StationNow) -> None:
        self._station_id = now.station.station_id
        self.question = ExchangedQuestion(self.desk)
        self.question.add_to(self.pane)
        self._said = _section(self.pane, tr("How it behaves"))
        self._repaired = _section(self.pane, tr("Read all the same"))
        self._deviating = _section(self.pane, tr("Not as OCPP has it"))
        self._build_treatment()

    def show(self, now: StationNow) -> None:
        application = self.desk.application
        self.question.show_station(now.station)
        self._show_behaviour(application.server.behaviour(now.station.station_id))
        repairs = application.repairs.of(now.station.station_id)
        known = [repair for repair in repairs if not repair.code.startswith(SCHEMA)]
        self._show_repairs("repaired", self._repaired, known)
        self._show_repairs("deviating", self._deviating, [each for each in repairs if each not in known])
        self._show_treatment(application.habits.of(now.station.station_id))

    def _show_behaviour(self, behaviour: Behaviour) -> None:
        if not self.differs("behaviour", behaviour):
            return
        with keeping_place(self.pane):
            empty(self._said)
            tone = "bad" if is_clock_wrong(behaviour) else "text"
            self._said.addWidget(paragraph(clock_words(behaviour), tone=tone))
            for words in behaviour_words(behaviour):
                self._said.addWidget(paragraph(words))

    def _show_repairs(self, part: str, place: QVBoxLayout, repairs: Sequence[Repair]) -> None:
        if not self.differs(part, (tuple(repairs), self._open_example)):
            return
        with keeping_place(self.pane):
            empty(place)
            for repair in repairs:
                self._add(place, repair)
            if not repairs and part == "repaired":
                words = tr("Nothing had to be put right in its messages so far.")
                place.addWidget(paragraph(words, tone="muted"))
            elif not repairs:
                words = tr("Its messages are looked at now and then; nothing was found so far.")
                place.addWidget(paragraph(words, tone="muted"))

    def _add(self, place: QVBoxLayout, repair: Repair) -> None:
        key = f"{repair.code} {repair.about}"
        is_open = self._open_example == key
        place.addWidget(paragraph(repair_words(repair)))
        link = link_button(tr("Hide example") if is_open else tr("Example"), lambda: self._open(key), flush=True)
        link.setAccessibleDescription(repair_words(repair))
        place.addLayout(row(muted(how_often(self.desk, repair)), link, None))
        if is_open:
            place.addWidget(_example(repair.example))

    def _open(self, key: str) -> None:
        self._open_example = "" if self._open_example == key else key
        repairs = self.desk.application.repairs.of(self._station_id)
        known = [repair for repair in repairs if not repair.code.startswith(SCHEMA)]
        self._show_repairs("repaired", self._repaired, known)
        self._show_repairs("deviating", self._deviating, [each for each in repairs if each not in known])

    # How it wants to be treated

    def _build_treatment(self) -> None:
        section = self.pane.add_section(tr("How it is treated"))
        words = tr("Right for nearly all stations as it is. Some break off when an answer comes too soon.")
        section.addWidget(paragraph(words, tone="muted"))
        self.delay = DropDown(tr("Answers"))
        self.delay.changed.connect(self._delay)
        section.addLayout(named(tr("Answers"), self.delay))
        self.milliseconds = QCheckBox(tr("Times with milliseconds"))
        self.milliseconds.toggled.connect(self._write_milliseconds)
        section.addLayout(row(self.milliseconds, None))
        self.nameless = paragraph()
        self.forget_address = link_button(tr("End this"), self._forget_address, flush=True)
        section.addLayout(row(self.nameless, self.forget_address, None))
        self.forget("habits")

    def _show_treatment(self, habits: Habits) -> None:
        if not self.differs("habits", habits):
            return
        delays = sorted({*_DELAYS_MS, habits.answer_delay_ms})
        self.delay.set_choices([(delay_ms, _delayed(delay_ms)) for delay_ms in delays])
        self.delay.select(habits.answer_delay_ms)
        with QSignalBlocker(self.milliseconds):
            self.milliseconds.setChecked(habits.milliseconds)
        nameless = tr("What comes from {address} without an ID is taken for it.")
        self.nameless.say(nameless.format(address=habits.nameless_at))
        for widget in (self.nameless, self.forget_address):
            widget.setVisible(bool(habits.nameless_at))

    def _delay(self, delay_ms: object) -> None:
        if isinstance(delay_ms, int) and delay_ms != self.desk.application.habits.of(self._station_id).answer_delay_ms:
            said = tr("{station_id}: {delay}.").format(station_id=self._station_id, delay=_delayed(delay_ms))
            self.desk.do(self.desk.application.habits.treat(self._station_id, answer_delay_ms=delay_ms), said)

    def _forget_address(self) -> None:
        said = tr("{station_id} has to name itself from now on.").format(station_id=self._station_id)
        self.desk.do(self.desk.application.habits.expect_nameless(self._station_id, ""), said)

    def _write_milliseconds(self, written: bool) -> None:
        with_them, without = tr("{station_id} gets times with milliseconds."), tr("{station_id} gets whole seconds.")
        said = (with_them if written else without).format(station_id=self._station_id)
        self.desk.do(self.desk.application.habits.treat(self._station_id, milliseconds=written), said)


def _section(pane: SidePane, name: str) -> QVBoxLayout:
    inside = QVBoxLayout()
    inside.setSpacing(6)
    pane.add_section(name).addLayout(inside)
    return inside


def _example(message: str) -> Label:
    short = message if len(message) <= _EXAMPLE else f"{message[:_EXAMPLE]}…"
    shown = paragraph(short, tone="muted")
    shown.setToolTip(message)
    return shown


def _delayed(delay_ms: int) -> str:
    if not delay_ms:
        return tr("at once")
    return tr("after {seconds} s").format(seconds=f"{delay_ms / 1000:g}")
