"""The fields of a pass: each mistake is shown where it was made, with what puts it right."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.model import Identity, Role
from ui.identities.chooser import IdentityChooser
from ui.identities.form import IdentityForm
from ui.passes.form import PassForm

ANNA = Identity(1, "Anna", "de Vries", "anna@delinde.example", Role.ADMINISTRATOR, 1)
JAN = Identity(2, "Jan", "Bakker", "jan@delinde.example", Role.CARDHOLDER, 1)
OTHER_JAN = Identity(3, "Jan", "Bakker", "jan@bakker.example", Role.CARDHOLDER, 1)
COMPANY = Identity(4, "", "", "planning@vdmeulen.example", Role.CARDHOLDER, 1)
RIGHT, WRONG = "NL-TNM-012204-5", "NL-TNM-012204-6"
UID = "04A2B3C4D5E680"


@pytest.fixture
def form(shown):
    return shown(PassForm([ANNA, JAN, OTHER_JAN, COMPANY]))


def leave(field):
    """Type nothing more and go on, as Tab does."""
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Tab)


def test_a_visible_id_in_the_uid_field_is_told_on_leaving_it_and_moved_with_a_click(form, press):
    form.uid.setText(RIGHT)
    leave(form.uid)
    assert "printed on the card" in form.uid_field.error.words()
    press(form.uid_field, "Move it to Visible ID")
    assert (form.uid.text(), form.visible_id.text()) == ("", RIGHT)
    assert not form.uid_field.has_error()


def test_a_uid_in_the_visible_id_field_is_moved_the_other_way(form, press):
    form.visible_id.setText("04:a2:b3:c4:d5:e6:80")
    leave(form.visible_id)
    press(form.visible_id_field, "Move it to Hidden ID (UID)")
    assert (form.uid.text(), form.visible_id.text()) == ("04:a2:b3:c4:d5:e6:80", "")


def test_two_ids_in_each_others_field_change_places(form, press):
    form.uid.setText(RIGHT)
    form.visible_id.setText(UID)
    leave(form.uid)
    press(form.uid_field, "Move it to Visible ID")
    assert (form.uid.text(), form.visible_id.text()) == (UID, RIGHT)


def test_the_same_visible_id_in_both_fields_stays_in_the_right_one(form, press):
    form.uid.setText("NLTNM0122045")
    form.visible_id.setText(RIGHT)
    leave(form.uid)
    press(form.uid_field, "Move it to Visible ID")
    assert (form.uid.text(), form.visible_id.text()) == ("", RIGHT)


def test_moving_never_drives_out_an_id_that_stands_right(form):
    form.visible_id.setText("NL-DEL-000011-8")
    form.uid.setText(RIGHT)
    leave(form.uid)
    assert form.uid_field.has_error()
    assert form.uid_field.findChildren(QPushButton) == []


def test_a_wrong_check_digit_is_a_warning_never_a_refusal(form):
    form.visible_id.setText(WRONG)
    assert form.check_digit.isVisible()
    assert "should be 5" in form.check_digit.sentence.words()
    leave(form.visible_id)
    assert not form.visible_id_field.has_error()
    assert form.draft()[0].parsed()[1] == WRONG


def test_the_likely_visible_id_is_taken_with_a_click(form, press):
    form.visible_id.setText(WRONG)
    press(form.check_digit, RIGHT)
    assert form.visible_id.text() == RIGHT
    assert not form.check_digit.isVisible()


def test_a_phone_is_named_as_one_while_its_uid_is_typed(form):
    form.uid.setText("088F31C5")
    assert "phone" in form.no_card.words()
    assert form.no_card.isVisible()
    form.uid.setText(UID)
    assert not form.no_card.isVisible()


def test_a_captured_uid_is_passed_on_as_the_reader_sent_it(form):
    form.set_tapped("DE*8AA*C12345678*9 ")
    draft, _ = form.draft()
    assert (draft.tapped, draft.uid) == ("DE*8AA*C12345678*9 ", "")
    leave(form.uid)
    assert not form.uid_field.has_error()


def test_an_edited_captured_uid_is_judged_as_typed(form):
    form.set_tapped(UID)
    form.uid.setText(RIGHT)
    draft, _ = form.draft()
    assert (draft.tapped, draft.uid) == ("", RIGHT)
    with pytest.raises(AppError, match="uid_looks_like_visible_id"):
        draft.parsed()


def test_an_id_that_another_pass_has_leads_to_that_pass(form, press):
    wanted = []
    form.pass_wanted.connect(wanted.append)
    assert form.show_error(AppError("visible_id_taken", value=RIGHT, title="Guest card 1", pass_id=7))
    assert "Guest card 1" in form.visible_id_field.error.words()
    press(form.visible_id_field, "Show that pass")
    assert wanted == [7]


def test_a_pass_without_any_id_is_told_at_the_first_of_the_two_fields(form):
    assert form.show_error(AppError("pass_without_id"))
    assert form.uid_field.has_error()
    assert form.uid.hasFocus()


def test_a_name_that_is_too_long_is_told_at_the_field_that_holds_it(form):
    error = AppError("name_too_long", limit=120)
    form.name.setText("x" * 121)
    assert form.show_error(error)
    assert form.name_field.has_error()
    form.name.setText("Key fob")
    form.identity.unfold()
    form.identity.new.last_name.setText("x" * 121)
    assert form.show_error(error)
    assert form.identity.new.last_name_field.has_error()


def test_an_error_about_something_else_is_left_to_the_dialog(form):
    assert not form.show_error(AppError("disk_full"))


def test_an_error_goes_as_soon_as_its_field_is_changed(form):
    form.show_error(AppError("pass_without_id"))
    QTest.keyClicks(form.uid, "0")
    assert not form.uid_field.has_error()


def test_showing_a_pass_again_forgets_the_uid_that_was_captured_before(form):
    form.set_tapped(UID)
    form.show_draft(PassDraft(visible_id=RIGHT, name="Night shift", identity_id=JAN.id))
    draft, new_identity = form.draft()
    assert draft == PassDraft(visible_id=RIGHT, name="Night shift", identity_id=JAN.id)
    assert new_identity is None


class TestIdentity:
    @pytest.fixture
    def chooser(self, shown):
        return shown(IdentityChooser([ANNA, JAN, OTHER_JAN, COMPANY]))

    def test_a_few_letters_find_somebody(self, chooser):
        QTest.keyClicks(chooser.name, "vri")
        found = chooser.name.completer().completionModel()
        assert [found.index(row, 0).data() for row in range(found.rowCount())] == [
            "Anna de Vries · anna@delinde.example"
        ]

    @pytest.mark.parametrize(
        ("typed", "who"),
        [
            ("", None),
            ("Anna de Vries · anna@delinde.example", ANNA),
            ("anna DE vries", ANNA),
            (" ANNA@delinde.example ", ANNA),
            ("jan@bakker.example", OTHER_JAN),
            ("planning@vdmeulen.example", COMPANY),
        ],
    )
    def test_whoever_is_meant_is_chosen(self, chooser, typed, who):
        chooser.name.setText(typed)
        assert chooser.choice() == (who.id if who else None, None)

    @pytest.mark.parametrize("typed", ["Piet", "Jan Bakker"])
    def test_nobody_and_two_of_one_name_are_no_choice(self, chooser, typed, press):
        chooser.name.setText(typed)
        with pytest.raises(AppError, match="identity_not_chosen") as refused:
            chooser.choice()
        assert chooser.show_error(refused.value)
        assert typed in chooser.name_field.error.words()
        press(chooser.name_field, "New identity…")
        assert chooser.is_unfolded()

    @pytest.mark.parametrize(
        ("typed", "first", "last", "email"),
        [("Piet van Dam", "Piet", "van Dam", ""), ("piet@dam.example", "", "", "piet@dam.example"), ("", "", "", "")],
    )
    def test_what_was_typed_begins_the_new_identity(self, chooser, typed, first, last, email, press):
        chooser.name.setText(typed)
        press(chooser, "New identity…")
        draft = chooser.choice()[1]
        assert (draft.first_name, draft.last_name, draft.email) == (first, last, email)
        assert draft.role is Role.CARDHOLDER

    def test_a_taken_address_is_told_at_its_field_and_chosen_with_a_click(self, chooser, press):
        chooser.unfold()
        chooser.new.email.setText("anna@delinde.example")
        assert chooser.show_error(AppError("email_taken", email="anna@delinde.example"))
        assert chooser.new.email_field.has_error()
        press(chooser.new.email_field, "Choose that one")
        assert chooser.choice() == (ANNA.id, None)

    def test_what_was_filled_in_is_still_there_after_a_look_at_the_list(self, chooser, press):
        press(chooser, "New identity…")
        chooser.new.first_name.setText("Piet")
        press(chooser, "Choose one that is there already")
        assert chooser.choice() == (None, None)
        press(chooser, "New identity…")
        assert chooser.choice()[1].first_name == "Piet"

    def test_down_opens_the_list_while_nothing_is_typed(self, chooser):
        QTest.keyClick(chooser.name, Qt.Key.Key_Down)
        popup = chooser.name.completer().popup()
        assert popup.isVisible()
        popup.hide()


def test_the_errors_of_an_address_are_shown_at_the_address(qtbot):
    form = IdentityForm()
    qtbot.addWidget(form)
    for code, params in (("email_empty", {}), ("email_not_an_address", {"email": "anna"})):
        assert form.show_error(AppError(code, **params))
        assert form.email_field.has_error()
    assert not form.show_error(AppError("uid_empty"))


def test_every_field_is_named_and_reached_by_tab(form, out_of_reach):
    form.uid.setText(RIGHT)
    form.visible_id.setText(WRONG)
    leave(form.uid)
    form.identity.unfold()
    assert out_of_reach(form) == []
