"""One request in the drop-down: who asks, when and where, and the two answers.

row = RequestRow(desk, request)
row.approved.connect(...); row.denied.connect(...)
row.show_request(newer)                         # the card was held again, or some time went by
row.settle()                                    # it is being decided: it takes no more presses
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout

from app.domain.requests import AccessRequest
from ui.days import moment
from ui.desk import Desk
from ui.requests.words import ago, is_known, waits_there, where, who
from ui.strings import tr
from ui.widgets.boxes import Section, row
from ui.widgets.buttons import button, primary_button
from ui.widgets.labels import Label, mono, muted, paragraph, title


class RequestRow(Section):
    """`approved` and `denied` tell of a press; what comes of it is not known here."""

    approved = Signal()
    denied = Signal()

    def __init__(self, desk: Desk, request: AccessRequest) -> None:
        super().__init__()
        self._desk = desk
        self.request = request
        self.settled = self.gone = False
        self.setProperty("line", "true")
        self.name = title("")
        self.card = mono(weight=700)
        self.when = muted()
        self.when.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.card.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.where = paragraph(tone="muted")
        self.approve = primary_button(tr("Approve…"), self.approved.emit)
        self.deny = button(tr("Deny"), self.denied.emit)
        # Enter presses what the keyboard is on, also outside a dialog.
        self.deny.setAutoDefault(True)
        head = row(self.name, self.card, None, self.when, spacing=6)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self.where)
        column.addSpacing(5)
        column.addLayout(row(self.approve, self.deny, None))
        self.show_request(request)

    def show_request(self, request: AccessRequest) -> None:
        """Show it as it is now."""
        self.request = request
        now = self._desk.now()
        last = self._desk.local(request.last_at)
        _say(self.name, request.holder or tr("Card"))
        _say(self.card, "" if request.holder else request.uid)
        _say(self.when, ago(last, now))
        self.when.setToolTip(moment(last, now))
        words = where(request, still_there=waits_there(self._desk, request))
        if self.where.words() != words:
            self.where.say(words)
        # The dots promise a question.
        self.approve.setText(tr("Approve") if is_known(request) else tr("Approve…"))
        for each, verb in ((self.approve, tr("Approve {who}")), (self.deny, tr("Deny {who}"))):
            each.setAccessibleName(verb.format(who=who(request)))
            each.setAccessibleDescription(words)

    def settle(self) -> None:
        """Take no more presses."""
        self.settled = True
        for each in self.buttons():
            each.setEnabled(False)

    def unsettle(self) -> None:
        """Take presses again: it was not decided after all."""
        self.settled = False
        for each in self.buttons():
            each.setEnabled(True)

    def buttons(self) -> tuple[QPushButton, QPushButton]:
        """Approve, Deny."""
        return self.approve, self.deny


def _say(words: Label, text: str) -> None:
    words.setText(text)
    words.setVisible(bool(text))
