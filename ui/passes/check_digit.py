"""The warning under a visible ID whose check digit is wrong, with what was probably meant: never a refusal.

warning = CheckDigitWarning(self.use)          # use(visible_id) is called with the one that was clicked
warning.look_at("NL-TNM-012204-6")             # shows itself, or hides where nothing is wrong
"""

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.ids import CheckDigit, check_visible_id
from ui.strings import tr
from ui.theme import font
from ui.widgets.boxes import empty, row
from ui.widgets.buttons import link_button
from ui.widgets.labels import paragraph

_OFFERED = 3


class CheckDigitWarning(QWidget):
    """Hidden until `look_at` finds something to warn of."""

    def __init__(self, use: Callable[[str], object]) -> None:
        super().__init__()
        self._use = use
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.sentence = paragraph(tone="warn")
        self._offers = QVBoxLayout()
        self._offers.setSpacing(2)
        column.addWidget(self.sentence)
        column.addLayout(self._offers)
        self.hide()

    def look_at(self, visible_id: str) -> None:
        """Warn of this visible ID, or of nothing when its check digit is right or it has none."""
        empty(self._offers)
        check = check_visible_id(visible_id)
        wrong = check is not None and check.check_digit is CheckDigit.WRONG
        self.setVisible(wrong)
        if check is None or not wrong:
            return
        self.sentence.say(tr("The check digit should be {digit}. Probably:").format(digit=check.expected))
        for likely in check.likely[:_OFFERED]:
            offer = link_button(likely, lambda likely=likely: self._use(likely), flush=True)
            offer.setFont(font(12, 500, mono=True))
            offer.setAccessibleName(tr("Use {visible_id}").format(visible_id=likely))
            self._offers.addLayout(row(offer, None))
