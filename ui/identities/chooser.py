"""Whose a pass is: nobody's, somebody's found by a few letters, or a new identity's filled in on the spot.

chooser = IdentityChooser([summary.identity for summary in application.identities.all()])
chooser.select(identity.id)
identity_id, new = chooser.choice()            # (None, None): nobody's, an external pass
"""

from collections import Counter
from collections.abc import Iterable

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from app.domain.drafts import IdentityDraft
from app.domain.errors import AppError
from app.domain.model import Identity
from ui.identities.form import IdentityForm
from ui.strings import sentence, tr
from ui.widgets.boxes import row
from ui.widgets.buttons import Action, link_button
from ui.widgets.inputs import FormField
from ui.widgets.labels import title

_LINES = 8


class NameField(QLineEdit):
    """Text that is completed from a list. Down opens the list, also while nothing is typed."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        finder = QCompleter(QStringListModel(names, self), self)
        finder.setFilterMode(Qt.MatchFlag.MatchContains)
        finder.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        finder.setMaxVisibleItems(_LINES)
        popup = QListView()
        popup.setObjectName("completions")
        popup.setUniformItemSizes(True)
        finder.setPopup(popup)
        self.setCompleter(finder)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.completer().setCompletionPrefix(self.text())
            self.completer().complete()
        else:
            super().keyPressEvent(event)


class IdentityChooser(QWidget):
    """A field that finds an identity, and behind it the fields of a new one."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        super().__init__()
        people = {_words(identity): identity for identity in identities}
        self._words_of = {identity.id: words for words, identity in people.items()}
        self._ids = _spellings(people)
        self.name = NameField(list(people))
        self.name.setPlaceholderText(tr("Nobody: type a name or an e-mail address"))
        self.name_field = FormField(
            tr("Identity"), self.name, optional=tr("optional"), helper=tr("Leave it empty for an external pass.")
        )
        self._existing = QWidget()
        existing = QVBoxLayout(self._existing)
        existing.setContentsMargins(0, 0, 0, 0)
        existing.setSpacing(4)
        existing.addWidget(self.name_field)
        existing.addLayout(row(link_button(tr("New identity…"), self.unfold, flush=True), None))
        self.new = IdentityForm()
        self._unfolded = self._frame()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._existing)
        column.addWidget(self._unfolded)
        self._unfolded.hide()
        self.name.textChanged.connect(self.name_field.clear_error)
        self.new.existing_wanted.connect(self._take_existing)

    def _frame(self) -> QFrame:
        frame = QFrame()
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        back = link_button(tr("Choose one that is there already"), self.fold, flush=True)
        column.addLayout(row(title(tr("New identity"), whole=True), None, back))
        column.addWidget(self.new)
        return frame

    def select(self, identity_id: int | None) -> None:
        """Choose an identity, or nobody."""
        self.fold()
        self.name.setText(self._words_of.get(identity_id, "") if identity_id is not None else "")

    def unfold(self) -> None:
        """Show the fields of a new identity, beginning with what was typed to find one."""
        typed = self.name.text().strip()
        if typed and self._id() is None and not self.is_unfolded():
            self.new.begin_with(typed)
        self._existing.hide()
        self._unfolded.show()
        self.new.first_name.setFocus(Qt.FocusReason.OtherFocusReason)

    def fold(self) -> None:
        """Go back to finding one; what was filled in stays behind, should it be wanted again."""
        if self.is_unfolded():
            self._unfolded.hide()
            self._existing.show()
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def is_unfolded(self) -> bool:
        """Whether a new identity is being filled in."""
        return not self._unfolded.isHidden()

    def choice(self) -> tuple[int | None, IdentityDraft | None]:
        """The identity's id, or a new one's draft, or neither.

        Raises AppError `identity_not_chosen` when what was typed is nobody's name.
        """
        if self.is_unfolded():
            return None, self.new.draft()
        text = self.name.text().strip()
        if text and self._id() is None:
            raise AppError("identity_not_chosen", text=text)
        return self._id(), None

    def show_error(self, error: AppError) -> bool:
        """Show an error that is about the identity; False for any other."""
        if self.is_unfolded() and self.new.show_error(error):
            return True
        if error.code not in ("identity_not_chosen", "identity_unknown"):
            return False
        self.fold()
        self.name_field.show_error(sentence(error.code, **error.params), Action(tr("New identity…"), self.unfold))
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _id(self) -> int | None:
        return self._ids.get(self.name.text().strip().casefold())

    def _take_existing(self, email: str) -> None:
        identity_id = self._ids.get(email.strip().casefold())
        self.select(identity_id)


def _words(identity: Identity) -> str:
    return identity.email if identity.name == identity.email else f"{identity.name} · {identity.email}"


def _spellings(people: dict[str, Identity]) -> dict[str, int]:
    """What may be typed for whom: the words of the list, the address, and the name where only one has it."""
    names = Counter(identity.name.casefold() for identity in people.values())
    found = {identity.name.casefold(): identity.id for identity in people.values()}
    found = {name: identity_id for name, identity_id in found.items() if names[name] == 1}
    for words, identity in people.items():
        found[words.casefold()] = identity.id
        found[identity.email.casefold()] = identity.id
    return found
