"""The page of letters with a real mail server: what is said of each, trying again, discarding."""

import logging

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.domain.letters import LetterState
from tests.mail_server import DROP, HOST, TAKE_AND_DROP, MemoryKeyring, mail_server
from ui.outbox.page import OutboxPage
from ui.widgets.labels import Paragraph

SARA, NOBODY = "sara@visitor.example", "nobody@visitor.example"


@pytest.fixture(autouse=True)
def _no_keyring_of_this_machine(monkeypatch):
    monkeypatch.setattr("keyring.core._keyring_backend", MemoryKeyring())
    # The log of the mail server in the test, which tells of what these tests make it do.
    logging.getLogger("mail").setLevel(logging.CRITICAL)


@pytest.fixture
async def page(desk, qtbot):
    made = OutboxPage(desk)
    qtbot.addWidget(made)
    made.resize(1120, 780)
    made.show()
    return made


@pytest.fixture
async def post(application):
    async with mail_server() as post:
        await application.settings.change(
            mail_host=HOST, mail_port=post.port, mail_security="none", mail_sender="us@site.example"
        )
        yield post


@pytest.fixture
def write(application):
    async def write(*recipients):
        facts = {"who": "Sara Visser", "pool": "DC fast"}
        ids = await application.store.write(
            lambda connection: application.mail.write(connection, "approved", recipients, facts, request_id=1)
        )
        application.mail.tell()
        return ids

    return write


def shown(page):
    """What each row says: state, recipient, what now."""
    model = page.model
    return [tuple(model.text_at(at, column) for column in (0, 1, 3)) for at in range(model.rowCount())]


def states(page):
    return [state for state, *_ in shown(page)]


async def test_an_empty_one_leads_to_the_settings(page, went):
    assert page.table.isVisible()
    assert page.head.subtitle.text() == ""
    next(each for each in page.findChildren(QPushButton) if each.text() == "Mail settings").click()
    assert went == [("settings", "mail")]


async def test_what_was_sent_is_listed_with_when(page, post, write, until):
    await write(SARA)
    await until(lambda: states(page) == ["Sent"])
    [(_, recipient, when)] = shown(page)
    assert recipient == SARA
    assert when.endswith("today")
    assert page.head.subtitle.text() == "1 letter"


async def test_what_the_server_refused_is_said_in_its_words(page, post, write, until):
    post.steps["RCPT"] = "550 5.1.1 no such mailbox here"
    [letter_id] = await write(NOBODY)
    await until(lambda: states(page) == ["Refused"])
    assert "550 5.1.1 no such mailbox here" in shown(page)[0][2]
    page.select(letter_id)
    assert page.pane.isVisible()
    assert any("refused it for good: 550 5.1.1" in each.words() for each in page.pane.findChildren(Paragraph))
    assert any("Sara Visser" in each.words() or "DC fast" in each.words() for each in page.pane.findChildren(Paragraph))


async def test_what_may_have_arrived_is_left_to_the_operator(page, post, write, until, press):
    post.steps["text"] = TAKE_AND_DROP
    [letter_id] = await write(SARA)
    await until(lambda: states(page) == ["Unsure"])
    page.select(letter_id)
    assert any("at worst it arrives twice" in each.words() for each in page.pane.findChildren(Paragraph))
    post.steps.clear()
    press(page, "Try again")
    await until(lambda: states(page) == ["Sent"])
    assert len(post.letters) == 2


async def test_a_server_that_is_away_is_tried_again_and_said(page, post, write, until):
    post.steps["connect"] = DROP
    await write(SARA)
    await until(lambda: states(page) == ["Retrying"])
    assert "again at" in shown(page)[0][2]
    assert page.head.subtitle.text() == "1 letter · 1 waiting"


async def test_a_server_that_was_taken_out_of_the_settings_is_why_a_letter_waits(page, post, write, until, application):
    post.steps["connect"] = DROP
    await write(SARA)
    await until(lambda: states(page) == ["Retrying"])
    await application.settings.change(mail_host="")
    await until(lambda: shown(page)[0][2] == "no mail server is set up")


async def test_discarding_can_be_undone(page, post, write, until, said, application):
    post.steps["RCPT"] = "550 no such mailbox"
    [letter_id] = await write(NOBODY)
    await until(lambda: states(page) == ["Refused"])
    page.select(letter_id)
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    note = await said("1 letter is discarded.")
    assert application.mail.letters() == []
    next(each for each in note.findChildren(QPushButton) if each.text() == "Undo").click()
    await until(lambda: states(page) == ["Refused"])


async def test_only_those_that_are_stuck_are_shown_on_wish(page, post, write, until):
    post.steps["RCPT"] = iter([None, "550 no such mailbox"]).__next__
    await write(SARA, NOBODY)
    await until(lambda: sorted(states(page)) == ["Refused", "Sent"])
    assert page.which.segment("stuck").text() == "Stuck 1"
    page.select("stuck")
    assert states(page) == ["Refused"]


async def test_the_buttons_work_only_on_what_they_can_change(page, post, write, until):
    [letter_id] = await write(SARA)
    assert not page.try_again.isEnabled()
    assert not page.discard.isEnabled()
    await until(lambda: states(page) == ["Sent"])
    page.select(letter_id)
    assert not page.try_again.isEnabled()
    assert page.discard.isEnabled()


async def test_the_pane_closes(page, post, write, until):
    [letter_id] = await write(SARA)
    await until(lambda: states(page) == ["Sent"])
    page.select(letter_id)
    assert page.pane.isVisible()
    page.pane.findChild(QPushButton, "close").click()
    assert not page.pane.isVisible()


async def test_every_control_is_reached_and_named(page, post, write, until, out_of_reach):
    [letter_id] = await write(SARA)
    await until(lambda: states(page) == ["Sent"])
    page.select(letter_id)
    assert out_of_reach(page) == []


async def test_every_state_has_its_word_and_its_colour(page, post, write, until, application):
    [letter_id] = await write(SARA)
    await until(lambda: states(page) == ["Sent"])
    seen = set()
    for state in LetterState:
        await application.store.write(
            lambda connection, state=state: connection.exec_driver_sql(
                "update outbox set state = ? where id = ?", (state.value, letter_id)
            )
        )
        page._refresh()
        seen.add((states(page)[0], page.model.columns[0].pill(page.model.row(0))))
    assert len(seen) == len(LetterState)


async def test_a_password_that_is_missing_is_said_in_our_own_words(page, post, write, until, application):
    await application.settings.change(mail_user="us@site.example")
    await write(SARA)
    await until(lambda: states(page) == ["Retrying"])
    assert shown(page)[0][2].startswith("the mail server wants a password, and none is kept; again at")
