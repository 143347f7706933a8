"""The test with cards, as it stands: the time that is left, what the station reported, what the operator saw.

view = CardTestView(desk, station_id)       # in the pane and in its dialog; hidden while there is nothing to tell
"""

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.application import StationLid
from app.domain.card_test import CardTest, Looked, RunningTest, Stage, Whose
from ui.desk import Desk
from ui.stations.words import at_clock
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.boxes import Progress, empty, row
from ui.widgets.buttons import button, primary_button
from ui.widgets.inputs import Segmented
from ui.widgets.labels import heading, label, mono, muted, paragraph, title

_EACH_MS = 500
_WIDTH = 520


class CardTestView(QWidget):
    """A test that runs, or what the last one showed; hidden where there was none."""

    def __init__(self, desk: Desk, station_id: str) -> None:
        super().__init__()
        self._desk, self._station_id = desk, station_id
        self._shown: object = None
        self._running: RunningTest | None = None
        self._bar, self._left = Progress(tr("Time")), muted()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._timer = QTimer(self, interval=_EACH_MS)
        self._timer.timeout.connect(self._tick)
        self.hide()

    def show_lid(self, lid: StationLid, *, online: bool) -> None:
        """Show how the test of this station stands."""
        running = self._desk.application.lid.tests.running(self._station_id)
        shown = (running, lid.test, lid.test_holds, online)
        if shown == self._shown:
            return
        self._shown, self._running = shown, running
        empty(self._column)
        self.setVisible(running is not None or lid.test is not None)
        if running is not None:
            self._show_running(running)
        elif lid.test is not None:
            self._show_result(lid.test, holds=lid.test_holds)
        if running is None:
            self._timer.stop()
        else:
            self._timer.start()

    def open_dialog(self) -> None:
        """Explain the test, begin it and follow it; closing the dialog does not end it."""
        self._desk.run(ask(CardTestDialog(self._desk, self._station_id)))

    # While it runs

    def _show_running(self, running: RunningTest) -> None:
        heads = {
            Stage.ALONE: tr("Nobody answers this station now"),
            Stage.AWAITED: tr("It is listened to again"),
            Stage.TELLING: tr("It is back"),
        }
        words = {
            Stage.ALONE: tr(
                "Hold a member's card to it and begin to charge, then a stranger's, at another connector or after "
                "stopping. Watch what the station shows."
            ),
            Stage.AWAITED: tr("Waiting for the station to connect again. Some take a few minutes."),
            Stage.TELLING: tr("It has a moment to report what it charged meanwhile."),
        }
        stops = {
            Stage.ALONE: tr("Listen again now"),
            Stage.AWAITED: tr("Do not wait any longer"),
            Stage.TELLING: tr("That is all"),
        }
        self._bar, self._left = Progress(tr("Time")), muted()
        self.go_on = button(stops[running.stage], lambda: self._desk.application.lid.tests.go_on(self._station_id))
        for widget in (title(heads[running.stage]), paragraph(words[running.stage]), self._bar):
            self._column.addWidget(widget)
        self._column.addLayout(row(self.go_on, None, self._left))
        self._tick()

    def _tick(self) -> None:
        if self._running is None:
            return
        now = self._desk.application.clock()
        left = max(0, round((self._running.until - now).total_seconds()))
        whole = max(1, round((self._running.until - self._running.since).total_seconds()))
        self._bar.show_part(whole - left, whole)
        self._left.setText(tr("{minutes}:{seconds:02} left").format(minutes=left // 60, seconds=left % 60))

    # What it showed

    def _show_result(self, test: CardTest, *, holds: bool) -> None:
        tested = tr("Tested {time}").format(time=at_clock(self._desk, test.began_at))
        self._column.addLayout(row(title(tr("Test with cards"), whole=True), muted(tested), None))
        if not holds:
            words = tr("Settings of the station changed since, so it says nothing of it any more.")
            self._column.addWidget(paragraph(words, tone="warn"))
        for charge in test.charges:
            who = charge.pass_name or charge.holder
            words = (
                tr("charged at {time} with a member's card")
                if charge.whose is Whose.MEMBER
                else tr("charged at {time} with a stranger's card")
            ).format(time=at_clock(self._desk, charge.started_at))
            self._column.addLayout(row(mono(charge.raw_id_tag), label(" ".join(filter(None, (who, words)))), None))
        if not test.came_back:
            words = tr("The station had not come back when the test ended: what it did meanwhile is not known.")
            self._column.addWidget(paragraph(words, tone="warn"))
        elif not test.charges:
            words = tr(
                "The station reported no charge. It may have refused the cards, or cannot begin a charge alone, or "
                "forgets what it did: what you saw at it says more."
            )
            self._column.addWidget(paragraph(words, tone="muted"))
        self._ask_what_was_seen(test)

    def _ask_what_was_seen(self, test: CardTest) -> None:
        questions = {
            Whose.MEMBER: tr("A member's card"),
            Whose.STRANGER: tr("A stranger's card"),
        }
        answers = [
            (Looked.CHARGED, tr("charged")),
            (Looked.REFUSED, tr("was refused")),
            (Looked.NOT_TRIED, tr("not tried")),
        ]
        reported = {charge.whose for charge in test.charges}
        for whose, question in questions.items():
            if whose in reported:
                continue
            choice = Segmented(question, answers)
            choice.setObjectName(f"saw {whose.value}")
            choice.select(test.looked.get(whose, Looked.NOT_TRIED))
            choice.changed.connect(lambda looked, whose=whose: self._judge(whose, looked))
            name = label(question)
            name.setMinimumWidth(118)
            self._column.addLayout(row(name, choice, None))

    def _judge(self, whose: Whose, looked: object) -> None:
        self._desk.run(self._desk.application.lid.tests.judge(self._station_id, whose, Looked(str(looked))))


class CardTestDialog(QDialog):
    """What the test is, its beginning, and how it goes."""

    def __init__(self, desk: Desk, station_id: str) -> None:
        super().__init__(desk.window)
        self._desk, self._station_id = desk, station_id
        station = desk.application.stations.require(station_id)
        name = tr("Test {name} with cards").format(name=station.title)
        self.setWindowTitle(name)
        self.setAccessibleName(name)
        self.setFixedWidth(_WIDTH)
        self.view = CardTestView(desk, station_id)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.begin = primary_button(tr("Begin"), self._begin)
        close = button(tr("Close"), self.accept)
        self._rows = column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(12)
        column.addWidget(heading(name))
        for words in (
            tr("Tapdesk will stop listening to this station for two minutes; the others are served as ever."),
            tr("Tap a member's card, then a stranger's, each as if you came to charge."),
            tr("Then Tapdesk listens again, and tells what the station reports. You may close this; the test goes on."),
        ):
            column.addWidget(paragraph(words))
        column.addWidget(self.view)
        column.addLayout(row(None, close, self.begin))
        desk.bridge.lids_changed.connect(self._show)
        desk.bridge.stations_changed.connect(self._show)
        self._show()
        # Enter begins it; no button wears the ring before the keyboard is used.
        self.begin.setDefault(True)
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            # Its words wrap: only for a width is their height known.
            self.setFixedHeight(self._rows.totalHeightForWidth(self.width()))
        return super().event(event)

    def _begin(self) -> None:
        self._desk.run(self._begun())

    async def _begun(self) -> None:
        self._desk.application.lid.tests.begin(self._station_id)

    def _show(self) -> None:
        application = self._desk.application
        online = application.server.last_heard(self._station_id) is not None
        self.view.show_lid(application.lid.of(self._station_id), online=online)
        runs = application.lid.tests.running(self._station_id) is not None
        self.begin.setVisible(not runs)
        self.begin.setEnabled(online)
        self.begin.setToolTip("" if online else tr("It is not connected."))
