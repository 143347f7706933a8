"""One setting on the page: its input, saved when it was changed and is valid.

field = setting_field(desk, "server_port", setting_words()["server_port"])
field.refresh()                  # the stored value may be another one now; what is being typed stays
"""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QLineEdit, QWidget

from app.domain.errors import AppError
from ui.desk import Desk
from ui.settings.words import SettingWords
from ui.strings import sentence, tr
from ui.widgets.inputs import DropDown, FormField, NumberField, Segmented

_EVERY_ADDRESS, _LOOPBACK = "", "127.0.0.1"
# Wider than any setting's limits: a number out of them is answered with a sentence, not by a key that does nothing.
_LARGEST = 9_999_999
_NUMBER_WIDTH = 160
_PAUSE_MS = 600


class SettingField(FormField):
    """`read` gives what the input holds, `show` puts a value into it without telling anyone."""

    def __init__(
        self,
        desk: Desk,
        key: str,
        words: SettingWords,
        field: QWidget,
        read: Callable[[], object],
        show: Callable[[object], object],
    ) -> None:
        super().__init__(words.name, field, helper=words.helper)
        self._desk, self._key, self._name = desk, key, words.name
        self._read, self._show = read, show
        self._shown: object = None
        self._saving: object = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.save)
        self.refresh()

    def refresh(self) -> None:
        """Show the stored value if it is another one than was shown before; what is being typed stays otherwise."""
        stored = self._stored()
        if stored != self._shown:
            self._shown = stored
            self._show(stored)
            self.clear_error()

    def save(self) -> None:
        """Keep what the input holds. What is wrong with it is said at the input."""
        self._pause.stop()
        value = self._read()
        if value == self._stored():
            self.clear_error()
        elif value != self._saving:
            self._saving = value
            self._desk.run(self._save(value), on_error=self._refused)

    def save_soon(self) -> None:
        """Keep it after a pause: more steps may follow this one."""
        self._pause.start()

    def _stored(self) -> object:
        return getattr(self._desk.application.settings, self._key)

    async def _save(self, value: object) -> None:
        settings, before = self._desk.application.settings, self._stored()

        async def undo() -> None:
            await settings.change(**{self._key: before})

        try:
            await settings.change(**{self._key: value})
        finally:
            self._saving = None
        self._shown = self._stored()
        self._show(self._shown)
        self.clear_error()
        self._desk.offer_undo(tr("{setting} is changed.").format(setting=self._name), undo)

    def _refused(self, error: AppError) -> None:
        self.show_error(sentence(error.code, **error.params))


def setting_field(desk: Desk, key: str, words: SettingWords) -> SettingField:
    """The field of a setting, with the input that suits its kind."""
    stored = getattr(desk.application.settings, key)
    if key == "server_host":
        return _chosen_in_list(desk, key, words, _addresses(desk, str(stored)))
    if words.choices:
        return _chosen_side_by_side(desk, key, words)
    return _number(desk, key, words) if isinstance(stored, int) else _text(desk, key, words)


def _text(desk: Desk, key: str, words: SettingWords) -> SettingField:
    edit = QLineEdit()
    edit.setPlaceholderText(words.placeholder)

    def show(value: object) -> None:
        edit.setText(str(value))

    field = SettingField(desk, key, words, edit, lambda: edit.text().strip(), show)
    edit.editingFinished.connect(field.save)
    edit.textEdited.connect(lambda _text: field.clear_error())
    return field


def _number(desk: Desk, key: str, words: SettingWords) -> SettingField:
    number = NumberField(words.name, 0, _LARGEST, 0)
    number.setSuffix(words.unit)
    number.setFixedWidth(_NUMBER_WIDTH)
    # Typing is settled by Enter or by leaving, the arrows by a pause.
    number.setKeyboardTracking(False)

    def show(value: object) -> None:
        with QSignalBlocker(number):
            number.setValue(int(str(value)))

    field = SettingField(desk, key, words, number, number.value, show)
    number.valueChanged.connect(lambda _value: field.save_soon())
    number.editingFinished.connect(field.save)
    field.layout().setAlignment(number, Qt.AlignmentFlag.AlignLeft)
    return field


def _chosen_side_by_side(desk: Desk, key: str, words: SettingWords) -> SettingField:
    choice = Segmented(words.name, words.choices)
    field = SettingField(desk, key, words, choice, choice.value, choice.select)
    choice.changed.connect(lambda _value: field.save())
    field.layout().setAlignment(choice, Qt.AlignmentFlag.AlignLeft)
    return field


def _chosen_in_list(desk: Desk, key: str, words: SettingWords, choices: list[tuple[object, str]]) -> SettingField:
    choice = DropDown(words.name, choices)
    field = SettingField(desk, key, words, choice, choice.value, choice.select)
    choice.changed.connect(lambda _value: field.save())
    field.layout().setAlignment(choice, Qt.AlignmentFlag.AlignLeft)
    return field


def _addresses(desk: Desk, stored: str) -> list[tuple[object, str]]:
    """Where this machine can listen, and where it was told to though it cannot at the moment."""
    here = desk.application.own_addresses()
    found: list[tuple[object, str]] = [(_EVERY_ADDRESS, tr("All addresses of this machine"))]
    found += [(address, address) for address in here]
    found.append((_LOOPBACK, tr("{address}, from this machine only").format(address=_LOOPBACK)))
    if stored not in {value for value, _ in found}:
        found.append((stored, tr("{address}, not an address of this machine now").format(address=stored)))
    return found
