"""What closing the window means, asked once."""

from PySide6.QtWidgets import QCheckBox, QDialog, QVBoxLayout, QWidget

from ui.strings import tr
from ui.widgets.boxes import row
from ui.widgets.buttons import button, primary_button
from ui.widgets.labels import heading, paragraph


class ClosingDialog(QDialog):
    """Accepted: read `keep_serving` and `remember`. Refused: the window stays open."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Close Tapdesk"))
        self.keep_serving = False
        self._again = QCheckBox(tr("Do this from now on"))
        self._again.setChecked(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(14)
        column.addWidget(heading(tr("Keep serving your stations?")))
        column.addWidget(
            paragraph(
                tr(
                    "With Tapdesk in the tray, cards are decided and sessions are stored as before. "
                    "When you quit, stations decide by themselves until Tapdesk is back."
                )
            )
        )
        column.addWidget(self._again)
        column.addLayout(
            row(
                button(tr("Cancel"), self.reject),
                None,
                button(tr("Quit"), lambda: self._close(keep_serving=False)),
                primary_button(tr("Keep serving"), lambda: self._close(keep_serving=True)),
            )
        )

    @property
    def remember(self) -> bool:
        """Whether the choice holds from now on."""
        return self._again.isChecked()

    def _close(self, *, keep_serving: bool) -> None:
        self.keep_serving = keep_serving
        self.accept()
