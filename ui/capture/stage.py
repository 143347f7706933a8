"""The large half of the capture page: what to hold where now, and what became of the card before."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.application import PassSummary
from app.domain.capture import CapturedCard, CaptureMode, Outcome, ReaderKind
from ui.capture.card_drawing import CardDrawing
from ui.capture.words import explained, kind_of, outcome_of
from ui.desk import Desk
from ui.strings import tr
from ui.widgets.boxes import Card, empty, row
from ui.widgets.buttons import Action, button, button_for
from ui.widgets.labels import Label, Paragraph, mono
from ui.widgets.pill import Pill

COLOURED_MS = 1_600
_SECOND_BEEP_MS = 180
_WIDEST = 480
_ROOM_FOR_THE_LAST = 118
_TITLE_SHOWN = 24
_IN_NEED_OF_A_LOOK = frozenset({Outcome.BELONGS, Outcome.LATE, Outcome.UNFIT, Outcome.NOTHING_LEFT, Outcome.FAILED})


class CaptureStage(Card):
    """`show_next` says what is awaited, `show_card` what became of a card: in colour, in words, and in sound."""

    skip_asked = Signal()
    undo_asked = Signal()
    give_asked = Signal(int)  # the number of the card that goes to the next pass
    elsewhere = Signal(str)  # a page that helps

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._capturing = desk, desk.application.capturing
        self.setAccessibleName(tr("Next card"))
        self.next: PassSummary | None = None
        self.last: CapturedCard | None = None
        self.drawing = CardDrawing()
        self.prompt, self.warning = _sentence(), _sentence("warn")
        self.name = mono("", 26, 700)
        self.about = Label("", 15)
        self.skip = button(tr("Skip"), self.skip_asked.emit, tooltip=tr("Let the other passes go first (Ctrl+Right)"))
        self.undo = button(tr("Undo last"), self.undo_asked.emit, tooltip=tr("Take the last card back (Ctrl+Z)"))
        self.outcome, self.uid, self.said = Pill(), mono("", 13, 500), _sentence()
        self.choices = QHBoxLayout()
        self._last = QWidget()
        self._colour = QTimer(self, singleShot=True, interval=COLOURED_MS)
        self._colour.timeout.connect(lambda: self.drawing.show_kind(None))
        self._lay_out()

    def _lay_out(self) -> None:
        self.body.setSpacing(12)
        self.body.addStretch(3)
        self.body.addLayout(row(None, self.drawing, None))
        for words in (self.prompt, self.name, self.about, self.warning):
            self.body.addLayout(_middle(words))
        self.body.addLayout(row(None, self.skip, self.undo, None))
        self.body.addStretch(2)
        last = self._last
        column = QVBoxLayout(last)
        column.setContentsMargins(14, 0, 14, 14)
        column.setSpacing(8)
        column.addLayout(row(None, self.outcome, self.uid, None))
        column.addLayout(_middle(self.said))
        self.choices.setSpacing(10)
        column.addLayout(self.choices)
        column.addStretch(1)
        last.setMinimumHeight(_ROOM_FOR_THE_LAST)
        self.body.addWidget(last)
        policy = last.sizePolicy()
        # What is above must not jump when the first card comes.
        policy.setRetainSizeWhenHidden(True)
        last.setSizePolicy(policy)
        last.hide()

    def show_next(self, following: PassSummary | None, station: str, *, online: bool, typing_arrives: bool) -> None:
        """Say which card is awaited where. `station` is the name of the chosen one."""
        capturing, self.next = self._capturing, following
        mode, kind = capturing.mode, capturing.reader.kind
        done = mode is CaptureMode.FILL and following is None
        self.skip.setVisible(mode is CaptureMode.FILL)
        self.skip.setEnabled(following is not None)
        self.undo.setEnabled(capturing.can_undo())
        self.undo.setVisible(kind is not ReaderKind.NONE or capturing.can_undo())
        self._show_prompt(station, done=done)
        self._show_name(following)
        self._warn(station, online=online, typing_arrives=typing_arrives, done=done)
        self._show_choices()

    def _show_prompt(self, station: str, *, done: bool) -> None:
        kind, mode = self._capturing.reader.kind, self._capturing.mode
        if done:
            self.prompt.say_rich(tr("<b>Every pass has its UID</b>"))
            return
        which = tr("this card") if mode is CaptureMode.FILL else tr("a card")
        words = {
            ReaderKind.NONE: tr("<b>Choose the reader that you hold the cards to</b>"),
            ReaderKind.STATION: tr("Hold {card} to the reader of <b>{station}</b>"),
            ReaderKind.ANY: tr("Hold {card} to <b>any station</b>"),
            ReaderKind.USB: tr("Hold {card} to the <b>USB reader</b>"),
        }[kind]
        self.prompt.say_rich(words, card=which, station=station)

    def _show_name(self, following: PassSummary | None) -> None:
        capturing = self._capturing
        name, about = "", ""
        if capturing.mode is CaptureMode.FILL:
            if following is None:
                about = tr("Passes that are imported or made without one wait here.")
            else:
                card = following.card
                name = card.visible_id or card.title
                about = " · ".join(part for part in (card.name, following.email) if part)
        elif capturing.mode is CaptureMode.NEW:
            name = capturing.next_name()
        else:
            count = len([card for card in capturing.captured if card.mode is CaptureMode.COLLECT])
            name = tr("1 UID") if count == 1 else tr("{count} UIDs").format(count=count)
        self.name.setText(name)
        self.name.setVisible(bool(name))
        self.about.setText(about)
        self.about.set_tone("muted" if following is None else "text")
        self.about.setVisible(bool(about))

    def _warn(self, station: str, *, online: bool, typing_arrives: bool, done: bool) -> None:
        kind, words = self._capturing.reader.kind, ""
        if done:
            pass
        elif kind is ReaderKind.STATION and not online:
            words = tr("{station} is not connected: what is held to it does not arrive here now.").format(
                station=station
            )
        elif kind is ReaderKind.ANY:
            words = tr("Every card at every station counts, also a stranger's.")
        elif kind is ReaderKind.USB and not typing_arrives:
            words = tr("What the reader types goes elsewhere now: click on this page first.")
        self.warning.say(words)
        self.warning.setVisible(bool(words))

    # What became of a card

    def show_card(self, card: CapturedCard | None, *, is_new: bool) -> None:
        """Say what became of the last card; one that `is_new` is coloured, announced and heard."""
        self.last = card
        self._last.setVisible(card is not None)
        self._show_choices()
        if card is None:
            self._colour.stop()
            self.drawing.show_kind(None)
            return
        self.outcome.show_state(outcome_of(card), kind_of(card))
        self.uid.setText(card.uid)
        self.said.say(" ".join(part for part in (explained(card), self._losing(card)) if part))
        if is_new:
            self.drawing.show_kind(kind_of(card))
            self._colour.start()
            self._tell(card)

    def _tell(self, card: CapturedCard) -> None:
        words = f"{outcome_of(card)}. {explained(card)}"
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
        if self._capturing.sound and card.outcome is not Outcome.SAME:
            QApplication.beep()
            if card.outcome in _IN_NEED_OF_A_LOOK:
                QTimer.singleShot(_SECOND_BEEP_MS, self, QApplication.beep)

    def _show_choices(self) -> None:
        empty(self.choices)
        card, following = self.last, self.next
        offered: list[Action] = []
        if card is not None and card.outcome is Outcome.NOTHING_LEFT:
            offered.append(Action(tr("New pass for each card"), lambda: self.elsewhere.emit("new")))
        if card is not None and card.outcome in (Outcome.BELONGS, Outcome.LATE) and following is not None:
            words = tr("Move it to {title}") if card.outcome is Outcome.BELONGS else tr("Give it to {title}")
            words = words.format(title=_cut(following.card.visible_id or following.card.title))
            offered.append(Action(words, lambda: self.give_asked.emit(card.number)))
        if card is not None and card.outcome is Outcome.BELONGS:
            offered.append(
                Action(tr("Show {title}").format(title=_cut(card.title)), lambda: self.elsewhere.emit("pass"))
            )
        self.choices.addStretch(1)
        for action in offered:
            self.choices.addWidget(button_for(action))
        self.choices.addStretch(1)

    def _losing(self, card: CapturedCard) -> str:
        """What moving it would cost: nothing is left of a pass without a visible ID when its UID goes."""
        found = self._desk.application.passes.find(card.uid) if card.outcome is Outcome.BELONGS else None
        if found is None or found.uid != card.uid or found.visible_id is not None:
            return ""
        return tr("It has no other ID: moving the card removes that pass.")


def _cut(text: str) -> str:
    return text if len(text) <= _TITLE_SHOWN else f"{text[: _TITLE_SHOWN - 1]}…"


def _sentence(tone: str = "muted") -> Paragraph:
    made = Paragraph(tone="warn" if tone == "warn" else "muted")
    made.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return made


def _middle(widget: QWidget) -> QHBoxLayout:
    line = row(None, widget, None)
    if isinstance(widget, Paragraph):
        widget.setMaximumWidth(_WIDEST)
        line.setStretch(1, 100)
    return line
