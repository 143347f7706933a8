"""The fields of a pass, for every dialog that makes or changes one.

form = PassForm([summary.identity for summary in application.identities.all()])
form.set_tapped(tap.raw_id_tag)                # a captured UID: passed on as it is unless the operator edits it
form.show_draft(PassDraft(uid, visible_id, name, identity_id))

draft, new_identity = form.draft()             # inside the coroutine that saves: it may raise an AppError
await application.passes.add(draft, new_identity=new_identity)

form.show_error(error)                         # True when it was shown at one of these fields, with its fix
form.pass_wanted.connect(...)                  # the id of the pass that has this UID or visible ID already
"""

from collections.abc import Callable, Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.domain.drafts import IdentityDraft, PassDraft, clean_name
from app.domain.errors import AppError
from app.domain.ids import (
    UidKind,
    canonical_uid,
    canonical_visible_id,
    classify_uid,
    parse_uid,
    parse_visible_id,
)
from app.domain.model import Identity
from ui.identities.chooser import IdentityChooser
from ui.passes.check_digit import CheckDigitWarning
from ui.strings import sentence, tr
from ui.theme import font
from ui.widgets.buttons import Action
from ui.widgets.inputs import FormField
from ui.widgets.labels import paragraph

_AT_UID = {
    "uid_empty",
    "uid_looks_like_visible_id",
    "uid_too_long",
    "uid_bad_characters",
    "uid_taken",
    "pass_without_id",
}
_AT_VISIBLE_ID = {
    "visible_id_empty",
    "visible_id_looks_like_uid",
    "visible_id_too_long",
    "visible_id_bad_characters",
    "visible_id_taken",
}
_NO_CARD = {UidKind.RANDOM, UidKind.VEHICLE, UidKind.FREE_VEND}


class PassForm(QWidget):
    """UID, visible ID, name and whose it is. An ID in the wrong one of the two fields is moved with a click."""

    pass_wanted = Signal(int)

    def __init__(self, identities: Iterable[Identity]) -> None:
        super().__init__()
        self._tapped = ""
        self.uid, self.visible_id, self.name = QLineEdit(), QLineEdit(), QLineEdit()
        for field in (self.uid, self.visible_id):
            field.setFont(font(13, mono=True))
        self.uid_field = FormField(
            tr("Hidden ID (UID)"),
            self.uid,
            helper=tr("The number a reader sees. Leave it empty to let the first tap fill it in."),
        )
        self.visible_id_field = FormField(
            tr("Visible ID"), self.visible_id, optional=tr("optional"), helper=tr("The number printed on the card.")
        )
        self.name_field = FormField(tr("Name"), self.name, optional=tr("optional"))
        self.name.setPlaceholderText(tr("Key fob, pool car, night shift…"))
        self.no_card = paragraph(tone="warn")
        self.no_card.hide()
        self.check_digit = CheckDigitWarning(self._use_visible_id)
        self.identity = IdentityChooser(identities)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (
            _together(self.uid_field, self.no_card),
            _together(self.visible_id_field, self.check_digit),
            self.name_field,
            self.identity,
        ):
            column.addWidget(part)
        self.uid.textChanged.connect(self._uid_changed)
        self.visible_id.textChanged.connect(self._visible_id_changed)
        self.name.textChanged.connect(self.name_field.clear_error)
        self.uid.editingFinished.connect(self._look_at_uid)
        self.visible_id.editingFinished.connect(self._look_at_visible_id)

    def show_draft(self, draft: PassDraft) -> None:
        """Fill the fields in. A `tapped` UID is taken as `set_tapped` takes it."""
        self._tapped = ""
        self.uid.setText(draft.uid)
        if draft.tapped:
            self.set_tapped(draft.tapped)
        self.visible_id.setText(draft.visible_id)
        self.name.setText(draft.name)
        self.identity.select(draft.identity_id)

    def set_tapped(self, raw: str) -> None:
        """Show a UID that a reader sent. Unless it is edited it is kept as it is, never judged by its looks."""
        self._tapped = raw
        self.uid.setText(canonical_uid(raw))

    def draft(self) -> tuple[PassDraft, IdentityDraft | None]:
        """What is filled in, and the new identity where one is. Raises AppError `identity_not_chosen`."""
        identity_id, new_identity = self.identity.choice()
        untouched = self._is_tapped()
        draft = PassDraft(
            uid="" if untouched else self.uid.text(),
            visible_id=self.visible_id.text(),
            name=self.name.text(),
            identity_id=identity_id,
            tapped=self._tapped if untouched else "",
        )
        return draft, new_identity

    def show_error(self, error: AppError) -> bool:
        """Show an error at the field it is about, with what puts it right; False when it is about none of these."""
        field: FormField | None = None
        if error.code in _AT_UID:
            field = self.uid_field
        elif error.code in _AT_VISIBLE_ID:
            field = self.visible_id_field
        elif error.code == "name_too_long" and self._name_is_too_long():
            field = self.name_field
        if field is None:
            return self.identity.show_error(error)
        field.show_error(sentence(error.code, **error.params), self._fix(error))
        field.input.setFocus()
        return True

    def clear_errors(self) -> None:
        """Nothing is wrong any more."""
        for field in (self.uid_field, self.visible_id_field, self.name_field, self.identity.name_field):
            field.clear_error()
        self.identity.new.clear_errors()

    def _fix(self, error: AppError) -> Action | None:
        pass_id = error.params.get("pass_id")
        if isinstance(pass_id, int):
            return Action(tr("Show that pass"), lambda: self.pass_wanted.emit(pass_id))
        if error.code == "uid_looks_like_visible_id" and self._makes_room(self.visible_id, self.uid):
            return Action(tr("Move it to Visible ID"), lambda: _move(self.uid, self.visible_id))
        if error.code == "visible_id_looks_like_uid" and self._makes_room(self.uid, self.visible_id):
            return Action(tr("Move it to Hidden ID (UID)"), lambda: _move(self.visible_id, self.uid))
        return None

    def _makes_room(self, target: QLineEdit, source: QLineEdit) -> bool:
        """Whether the other field is empty, says the same, or holds what belongs into the first one: then they swap."""
        text = target.text().strip()
        if not text or canonical_visible_id(text) == canonical_visible_id(source.text()):
            return True
        if target is self.uid:
            return not self._is_tapped() and _refused(parse_uid, text)
        return _refused(parse_visible_id, text)

    def _is_tapped(self) -> bool:
        return bool(self._tapped) and self.uid.text() == canonical_uid(self._tapped)

    def _uid_changed(self) -> None:
        self.uid_field.clear_error()
        kind = classify_uid(canonical_uid(self.uid.text()))
        self.no_card.setVisible(kind in _NO_CARD)
        if kind in _NO_CARD:
            self.no_card.say(sentence(f"kind.{kind.value}"))

    def _visible_id_changed(self) -> None:
        self.visible_id_field.clear_error()
        self.check_digit.look_at(self.visible_id.text())

    def _use_visible_id(self, visible_id: str) -> None:
        self.visible_id.setText(visible_id)
        self.visible_id.setFocus()

    def _look_at_uid(self) -> None:
        if self.uid.text().strip() and not self._is_tapped():
            self._look_at(parse_uid, self.uid, self.uid_field)

    def _look_at_visible_id(self) -> None:
        if self.visible_id.text().strip():
            self._look_at(parse_visible_id, self.visible_id, self.visible_id_field)

    def _look_at(self, parse: Callable[[str], object], source: QLineEdit, field: FormField) -> None:
        """Say at once what is wrong with an ID, without taking the keyboard away from where it went."""
        try:
            parse(source.text())
        except AppError as error:
            field.show_error(sentence(error.code, **error.params), self._fix(error))

    def _name_is_too_long(self) -> bool:
        return _refused(clean_name, self.name.text())


def _together(field: QWidget, below: QWidget) -> QWidget:
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(5)
    column.addWidget(field)
    column.addWidget(below)
    return both


def _move(source: QLineEdit, target: QLineEdit) -> None:
    """Put one field's text into the other; what was there comes back unless it says the same."""
    text, other = source.text(), target.text()
    same = canonical_visible_id(text) == canonical_visible_id(other)
    source.setText("" if same else other)
    if not same:
        target.setText(text)
    target.setFocus()


def _refused(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except AppError:
        return True
    return False
