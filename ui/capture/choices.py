"""What is chosen before cards are held: the reader, what they are captured for, and what new passes are made of."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from app.domain.capture import CaptureMode, CardReader, NewPasses, ReaderKind, TypedForm
from app.domain.errors import AppError
from app.domain.model import Registration
from ui.desk import Desk
from ui.strings import sentence, tr
from ui.widgets.boxes import row
from ui.widgets.inputs import DropDown, FormField, Segmented
from ui.widgets.labels import label

_READER_WIDTH = 240
_PAUSE_MS = 300


class CaptureChoices(QWidget):
    """Everything chosen here is kept at once."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._capturing = desk, desk.application.capturing
        self._readers: list[tuple[object, str]] = []
        self.reader = DropDown(tr("Reader"))
        # Where the room is short it gives way before the choices beside it.
        self.reader.setMinimumWidth(100)
        self.reader.setMaximumWidth(_READER_WIDTH)
        self.form = DropDown(tr("What the reader types"), _forms())
        self.mode = Segmented(
            tr("What cards are captured for"),
            [
                (CaptureMode.FILL, tr("Fill passes that have no UID")),
                (CaptureMode.NEW, tr("New pass for each card")),
                (CaptureMode.COLLECT, tr("Only collect UIDs")),
            ],
        )
        self.sound = QCheckBox(tr("Sound"))
        self.sound.setToolTip(tr("One beep for a card that is saved, two for one that needs a look"))
        self.pattern = QLineEdit()
        self.pattern_field = FormField(tr("Name of each pass"), self.pattern)
        self.pattern.setToolTip(tr("{n} is counted up; {nnn} is a number of three digits"))
        self.identity = DropDown(tr("Identity"))
        self.pool = DropDown(tr("Pool"))
        self.new_fields, self._usb = QWidget(), QWidget()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        fields = (
            self.pattern_field,
            FormField(tr("Identity"), self.identity),
            FormField(tr("May charge at"), self.pool),
        )
        line = row(*fields, spacing=12)
        for number in range(len(fields)):
            line.setStretch(number, 1)
        self.new_fields.setLayout(line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        first = row(self.reader, self.mode, None, self.sound)
        first.setStretch(0, 100)
        column.addLayout(first)
        self._usb.setLayout(row(label(tr("It types UIDs as")), self.form, None))
        column.addWidget(self._usb)
        column.addWidget(self.new_fields)

    def _connect(self) -> None:
        run, capturing = self._desk.run, self._capturing
        self.reader.changed.connect(lambda reader: run(capturing.choose_reader(reader)))
        self.form.changed.connect(lambda form: run(capturing.choose_typed_form(form)))
        self.mode.changed.connect(lambda mode: run(capturing.choose_mode(mode)))
        self.sound.toggled.connect(lambda sound: run(capturing.choose_sound(sound=sound)))
        self._typing = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._typing.timeout.connect(self._choose_new_passes)
        self.pattern.textEdited.connect(lambda _text: self._typing.start())
        self.pattern.returnPressed.connect(self._choose_new_passes)
        self.identity.changed.connect(lambda _identity: self._choose_new_passes())
        self.pool.changed.connect(lambda _pool: self._choose_new_passes())

    def show_chosen(self) -> None:
        """Show what is chosen, also what was chosen elsewhere."""
        capturing = self._capturing
        self.mode.select(capturing.mode)
        self.form.select(capturing.typed_form)
        self._usb.setVisible(capturing.reader.kind is ReaderKind.USB)
        self.sound.blockSignals(True)
        self.sound.setChecked(capturing.sound)
        self.sound.blockSignals(False)
        self.new_fields.setVisible(capturing.mode is CaptureMode.NEW)
        if not self.pattern.hasFocus():
            self.pattern.setText(capturing.new_passes.pattern)

    def show_readers(self) -> None:
        """Offer the stations there are."""
        application, chosen = self._desk.application, self._capturing.reader
        stations = [each for each in application.stations.all() if each.registration is Registration.ACCEPTED]
        online = application.server.connected
        readers: list[tuple[object, str]] = []
        for station in sorted(stations, key=lambda each: each.title.casefold()):
            words = tr("Reader: {station}") if station.station_id in online else tr("Reader: {station} (offline)")
            reader = CardReader(ReaderKind.STATION, station.station_id)
            readers.append((reader, words.format(station=station.title)))
        readers.append((CardReader(ReaderKind.ANY), tr("Reader: any station")))
        readers.append((CardReader(ReaderKind.USB), tr("Reader: USB (keyboard)")))
        if chosen not in [reader for reader, _ in readers]:
            words = tr("Reader: {station} (gone)") if chosen.station_id else tr("Choose a reader…")
            readers.insert(0, (chosen, words.format(station=chosen.station_id)))
        if readers != self._readers:
            # A list that is open on the screen stays so while nothing in it changes.
            self._readers = readers
            self.reader.set_choices(readers)
        self.reader.select(chosen)

    def show_people_and_pools(self) -> None:
        """Offer the identities and pools there are."""
        application, chosen = self._desk.application, self._capturing.new_passes
        people = [summary.identity for summary in application.identities.all()]
        named = sorted(
            ((each.id, _person(each.name, each.email)) for each in people), key=lambda one: one[1].casefold()
        )
        self.identity.set_choices([(None, tr("Nobody: external passes")), *named])
        self.identity.select(chosen.identity_id)
        pools = [summary.pool for summary in application.pools.all()]
        self.pool.set_choices([(None, tr("No pool of their own")), *((pool.id, pool.name) for pool in pools)])
        self.pool.select(chosen.pool_id)

    def _choose_new_passes(self) -> None:
        self._typing.stop()
        identity, pool = self.identity.value(), self.pool.value()
        chosen = NewPasses(
            self.pattern.text().strip() or NewPasses().pattern,
            identity if isinstance(identity, int) else None,
            pool if isinstance(pool, int) else None,
        )
        self.pattern_field.clear_error()
        if chosen != self._capturing.new_passes:
            self._desk.run(self._capturing.choose_new_passes(chosen), on_error=self._show_error)

    def _show_error(self, error: AppError) -> None:
        self.pattern_field.show_error(sentence(error.code, **error.params))


def _forms() -> list[tuple[object, str]]:
    return [
        (TypedForm.HEX, tr("Hex")),
        (TypedForm.HEX_REVERSED, tr("Hex, bytes reversed")),
        (TypedForm.DECIMAL, tr("Decimal")),
        (TypedForm.DECIMAL_REVERSED, tr("Decimal, bytes reversed")),
    ]


def _person(name: str, email: str) -> str:
    return name if name == email else f"{name} · {email}"
