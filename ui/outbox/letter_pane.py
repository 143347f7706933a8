"""All that is known of one letter, at the right of the outbox.

pane = LetterPane(desk); pane.closed.connect(...)
pane.show_letter(letter)
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.domain.letters import Letter, LetterState
from ui.days import moment
from ui.desk import Desk
from ui.outbox.letter_words import problem_of, state_of, what_now
from ui.strings import tr
from ui.widgets.boxes import KeyValueGrid, SidePane
from ui.widgets.buttons import close_button
from ui.widgets.labels import Paragraph, label, mono, paragraph
from ui.widgets.pane_place import keeping_place


class LetterPane(SidePane):
    """What became of it, and what is in it."""

    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def show_letter(self, letter: Letter) -> None:
        """Show this one."""
        with keeping_place(self):
            self.clear()
            close = close_button(tr("Close"), self.closed.emit)
            close.setObjectName("close")
            self.show_head(letter.recipient, pill=state_of(letter), actions=[close])
            self.add_section().addWidget(KeyValueGrid(self._facts(letter)))
            if words := self._what_happened(letter):
                self.add_section(tr("What happened")).addWidget(_selectable(words))
            content = self.add_section()
            content.addWidget(label(letter.subject, weight=600))
            content.addWidget(_selectable(letter.body))

    def _facts(self, letter: Letter) -> list[tuple[str, str | QWidget]]:
        now = self._desk.now()
        facts: list[tuple[str, str | QWidget]] = [
            (tr("Written"), moment(self._desk.local(letter.created_at), now)),
            (tr("Attempts"), str(letter.attempts)),
        ]
        if letter.sent_at is not None:
            facts.append((tr("Sent"), moment(self._desk.local(letter.sent_at), now)))
        facts.append((tr("Message ID"), mono(letter.message_id)))
        return facts

    def _what_happened(self, letter: Letter) -> str:
        if letter.state is LetterState.UNSURE:
            return tr(
                "Tapdesk ended while it was being sent, so it may have arrived. "
                "Try again if it must not be missed: at worst it arrives twice."
            )
        if letter.state is LetterState.REFUSED:
            return tr("The server refused it for good: {problem}").format(problem=problem_of(letter))
        return "" if letter.state is LetterState.SENT else what_now(self._desk, letter)


def _selectable(text: str) -> Paragraph:
    made = paragraph(text)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
