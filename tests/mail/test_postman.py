import asyncio
import contextlib
import logging
import socket
from datetime import timedelta

import pytest

from app.application import Application
from app.domain.letters import LetterState
from app.mail import delivery, postman
from tests.disk_faults import nothing_written
from tests.mail_server import DROP, HANG, HOST, TAKE_AND_DROP, mail_server

TO = "owner@garage.example"
FACTS = {"who": "Eva", "station": "Left", "pool": "Garage", "at": "2026-03-02 09:00"}


@pytest.fixture(autouse=True)
def quickly(monkeypatch, caplog):
    monkeypatch.setattr(postman, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(postman, "DISK_AGAIN_S", 0.02)
    monkeypatch.setattr(postman, "FINISH_WITHIN_S", 0.2)
    # The server of the tests tells of each connection that is dropped on it.
    logging.getLogger("mail").setLevel(logging.CRITICAL)


@pytest.fixture
async def post():
    async with mail_server() as post:
        yield post


async def set_up(site, port):
    await site.settings.change(mail_host=HOST, mail_port=port, mail_security="none", mail_sender="tapdesk@site.example")


@pytest.fixture
async def sending(site, post):
    """The site, with the server set, sending."""
    await set_up(site, post.port)
    site.mail.start()
    yield site


async def write(site, *recipients, facts=FACTS, after=timedelta(0), request_id=7):
    def write(connection):
        return site.mail.write(connection, "request", recipients, facts, request_id=request_id, after=after)

    ids = await site.store.write(write)
    site.mail.tell()
    return ids


def states(site):
    return {letter.recipient: letter.state for letter in site.mail.letters()}


async def until(true, *, within_s=5.0):
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


async def settled(site, state, recipient=TO):
    await until(lambda: states(site).get(recipient) is state)
    return next(letter for letter in site.mail.letters() if letter.recipient == recipient)


class TestSending:
    async def test_a_letter_arrives_as_it_was_written(self, sending, post, clock):
        await write(sending, TO)
        letter = await settled(sending, LetterState.SENT)
        (arrived,) = post.letters
        assert arrived["Subject"] == letter.subject == "Somebody asks to charge at Garage"
        assert arrived["To"] == TO
        assert arrived["From"] == "Tapdesk <tapdesk@site.example>"
        assert arrived["Message-ID"] == letter.message_id
        assert arrived["Date"].datetime == clock.now
        assert arrived["Auto-Submitted"] == "auto-generated"
        assert arrived.get_content().replace("\r\n", "\n") == letter.body
        assert (letter.sent_at, letter.problem) == (clock.now, "")

    async def test_each_of_many_arrives_once_over_one_connection(self, sending, post):
        await write(sending, *(f"n{number}@garage.example" for number in range(30)))
        await until(lambda: set(states(sending).values()) == {LetterState.SENT})
        assert sorted(letter["To"] for letter in post.letters) == sorted(f"n{n}@garage.example" for n in range(30))
        assert post.seen["connect"] == 1

    async def test_a_letter_waits_for_its_time(self, sending, post, clock):
        await write(sending, TO, after=timedelta(seconds=10))
        await asyncio.sleep(0.1)
        assert states(sending) == {TO: LetterState.WAITING}
        assert not post.seen
        clock.go_on(seconds=10)
        await settled(sending, LetterState.SENT)

    async def test_what_was_written_before_the_start_is_sent_after_it(self, site, post):
        await set_up(site, post.port)
        await write(site, TO)
        assert not post.seen
        site.mail.start()
        await settled(site, LetterState.SENT)

    async def test_odd_letters_and_names_arrive_unharmed(self, sending, post):
        who = "Zoë Ünïcode 電気\r\nBcc: everyone@evil.example\x00\ud800"
        await sending.settings.change(site_name="Hôtel “Zee”, Ünïts <b@c.example>")
        await write(sending, TO, facts=FACTS | {"who": who, "pool": "Garage\r\nX-Evil: 1"})
        await settled(sending, LetterState.SENT)
        (arrived,) = post.letters
        assert arrived["Bcc"] is None
        assert arrived["X-Evil"] is None
        assert arrived["Subject"] == "Somebody asks to charge at Garage X-Evil: 1"
        assert arrived["From"].addresses[0].addr_spec == "tapdesk@site.example"
        assert arrived["From"].addresses[0].display_name == "Hôtel “Zee”, Ünïts <b@c.example>"
        assert "Who:   Zoë Ünïcode 電気 Bcc: everyone@evil.example\n" in arrived.get_content().replace("\r\n", "\n")

    async def test_a_line_that_begins_with_a_dot_ends_nothing(self, sending, post):
        await sending.settings.change(site_name=". the end")
        await write(sending, TO)
        await settled(sending, LetterState.SENT)
        assert post.letters[0].get_content().rstrip().endswith("\n. the end")

    async def test_an_address_beyond_ascii_is_written_to(self, sending, post):
        await write(sending, "zoë@bücher.example")
        letter = await settled(sending, LetterState.SENT, "zoë@bücher.example")
        (arrived,) = post.letters
        assert arrived["To"] == "zoë@xn--bcher-kva.example"
        assert arrived["Message-ID"] == letter.message_id


class TestWhatAServerMaySay:
    async def test_an_address_it_does_not_take_is_refused_in_its_words_and_the_others_are_sent(self, sending, post):
        answers = iter(["550 5.1.1 no such user", None])
        post.steps["RCPT"] = lambda: next(answers)
        await write(sending, TO, "other@garage.example")
        letter = await settled(sending, LetterState.REFUSED)
        assert letter.problem == "550 5.1.1 no such user"
        await settled(sending, LetterState.SENT, "other@garage.example")
        assert [each["To"] for each in post.letters] == ["other@garage.example"]

    @pytest.mark.parametrize("step", ["DATA", "text"])
    async def test_a_letter_it_refuses_for_good_is_refused(self, sending, post, step):
        post.steps[step] = "554 5.7.1 looks like spam"
        await write(sending, TO)
        assert (await settled(sending, LetterState.REFUSED)).problem == "554 5.7.1 looks like spam"
        assert not post.taken

    @pytest.mark.parametrize(
        ("step", "answer"),
        [
            ("MAIL", "451 4.3.0 later"),
            ("MAIL", "553 5.7.1 not your address"),
            ("RCPT", "450 4.2.0 greylisted"),
            ("RCPT", "530 5.7.0 authentication required"),
            ("DATA", "451 4.3.0 later"),
            ("text", "452 4.3.1 disk full"),
            ("EHLO", "421 4.3.2 going down"),
        ],
    )
    async def test_what_may_pass_is_tried_again_later_and_less_and_less_often(self, sending, post, clock, step, answer):
        post.steps[step] = answer
        await write(sending, TO)
        pauses = []
        for attempt in range(1, 9):
            await until(lambda: sending.mail.letters()[0].attempts == attempt)  # noqa: B023 - awaited in this turn
            letter = sending.mail.letters()[0]
            assert (letter.state, letter.problem) == (LetterState.WAITING, answer)
            pauses.append((letter.due_at - clock.now) / timedelta(minutes=1))
            clock.now = letter.due_at
        assert pauses == [1, 5, 15, 60, 180, 360, 360, 360]
        post.steps.clear()
        name = sending.mail.letters()[0].message_id
        assert (await settled(sending, LetterState.SENT)).message_id == name
        assert post.count(name) == 1

    @pytest.mark.parametrize("step", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
    async def test_a_connection_that_breaks_before_the_text_costs_nothing(self, sending, post, clock, step):
        post.steps[step] = DROP
        await write(sending, TO)
        await until(lambda: sending.mail.letters()[0].attempts == 1)
        assert states(sending) == {TO: LetterState.WAITING}
        post.steps.clear()
        clock.go_on(minutes=1)
        await settled(sending, LetterState.SENT)
        assert len(post.taken) == 1

    @pytest.mark.parametrize(("how", "taken"), [(DROP, 0), (TAKE_AND_DROP, 1)])
    async def test_a_connection_that_breaks_after_the_text_leaves_it_unsure_and_it_is_not_sent_again(
        self, sending, post, clock, how, taken
    ):
        post.steps["text"] = how
        await write(sending, TO)
        letter = await settled(sending, LetterState.UNSURE)
        assert letter.problem
        post.steps.clear()
        clock.go_on(days=3)
        await write(sending, "other@garage.example")
        await settled(sending, LetterState.SENT, "other@garage.example")
        assert post.count(letter.message_id) == taken
        assert states(sending)[TO] is LetterState.UNSURE

    async def test_an_operator_may_send_it_again_under_the_same_name(self, sending, post):
        post.steps["text"] = TAKE_AND_DROP
        await write(sending, TO)
        letter = await settled(sending, LetterState.UNSURE)
        post.steps.clear()
        await sending.mail.try_again([letter.id])
        await settled(sending, LetterState.SENT)
        assert [each["Message-ID"] for each in post.letters] == [letter.message_id] * 2

    @pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA"])
    async def test_a_server_that_says_nothing_any_more_is_given_up(self, sending, post, clock, monkeypatch, step):
        monkeypatch.setattr(delivery, "ANSWER_WITHIN_S", 0.1)
        post.steps[step] = HANG
        await write(sending, TO)
        await until(lambda: sending.mail.letters()[0].attempts == 1)
        assert states(sending) == {TO: LetterState.WAITING}
        post.steps.clear()
        clock.go_on(minutes=1)
        await settled(sending, LetterState.SENT)

    async def test_no_answer_to_the_text_leaves_it_unsure(self, sending, post, monkeypatch):
        monkeypatch.setattr(delivery, "TAKEN_WITHIN_S", 0.1)
        post.steps["text"] = HANG
        await write(sending, TO)
        await settled(sending, LetterState.UNSURE)

    async def test_an_answer_to_the_text_that_means_nothing_leaves_it_unsure(self, sending, post):
        post.steps["text"] = "299\x07 what"
        await write(sending, TO)
        await settled(sending, LetterState.SENT)
        post.steps["text"] = "354 go on"
        await write(sending, "other@garage.example")
        assert (await settled(sending, LetterState.UNSURE, "other@garage.example")).problem == "354 go on"


class TestOffline:
    async def test_letters_wait_while_the_server_cannot_be_reached_and_go_when_it_can(self, site, clock):
        with socket.create_server((HOST, 0)) as taken:
            port = taken.getsockname()[1]
        await set_up(site, port)
        site.mail.start()
        await write(site, TO, "other@garage.example")
        await until(lambda: {letter.attempts for letter in site.mail.letters()} == {1})
        assert set(states(site).values()) == {LetterState.WAITING}
        assert "connect" in site.mail.letters()[0].problem.casefold()
        async with mail_server(port=port) as post:
            clock.go_on(minutes=1)
            await until(lambda: set(states(site).values()) == {LetterState.SENT})
            assert len(post.taken) == 2
            await site.mail.stop()

    async def test_when_it_is_there_again_nothing_waits_out_its_pause(self, sending, post, clock):
        post.steps["connect"] = DROP
        await write(sending, TO)
        for attempt in range(1, 6):
            await until(lambda: sending.mail.letters()[0].attempts == attempt)  # noqa: B023 - awaited in this turn
            clock.now = sending.mail.letters()[0].due_at
        await until(lambda: sending.mail.letters()[0].attempts == 6)
        post.steps.clear()
        await write(sending, "other@garage.example")
        await until(lambda: set(states(sending).values()) == {LetterState.SENT})

    async def test_a_changed_setting_is_tried_at_once(self, site, clock):
        await site.settings.change(mail_host="no.such.host.invalid", mail_sender="a@b.example", mail_security="none")
        site.mail.start()
        await write(site, TO)
        await until(lambda: site.mail.letters()[0].attempts == 1, within_s=30)
        async with mail_server() as post:
            await set_up(site, post.port)
            await settled(site, LetterState.SENT)
            await site.mail.stop()

    async def test_while_no_server_is_set_what_was_written_waits_in_peace(self, sending, post):
        await write(sending, TO, after=timedelta(seconds=5))
        await sending.settings.change(mail_host="")
        sending.clock.go_on(seconds=10)
        await asyncio.sleep(0.1)
        assert states(sending) == {TO: LetterState.WAITING}
        assert sending.mail.letters()[0].attempts == 0


class TestTheEndOfTheProgram:
    async def test_what_was_being_sent_when_it_was_killed_is_unsure_afterwards(self, site, post, database, clock):
        await set_up(site, post.port)
        (letter_id,) = await write(site, TO)
        await site.store.write(
            lambda connection: connection.exec_driver_sql(
                "update outbox set state = 'sending' where id = ?", (letter_id,)
            )
        )
        site.mail.start()
        await settled(site, LetterState.UNSURE)
        await asyncio.sleep(0.05)
        assert not post.taken

    async def test_a_letter_whose_text_is_out_may_still_be_taken(self, sending, post, monkeypatch):
        monkeypatch.setattr(postman, "FINISH_WITHIN_S", 5.0)
        post.steps["text"] = 0.2
        await write(sending, TO)
        await until(lambda: post.seen["text"])
        await sending.mail.stop()
        assert states(sending) == {TO: LetterState.SENT}

    async def test_one_that_is_not_taken_in_time_is_unsure(self, sending, post):
        post.steps["text"] = HANG
        await write(sending, TO)
        await until(lambda: post.seen["text"])
        await sending.mail.stop()
        assert states(sending) == {TO: LetterState.UNSURE}

    async def test_ending_does_not_wait_for_a_server_that_hangs(self, sending, post):
        post.steps["MAIL"] = HANG
        await write(sending, TO)
        await until(lambda: post.seen["MAIL"])
        async with asyncio.timeout(1):
            await sending.mail.stop()
        assert states(sending) == {TO: LetterState.WAITING}

    async def test_the_next_start_tries_at_once_what_was_put_off(self, sending, post, database, clock):
        post.steps["connect"] = DROP
        await write(sending, TO)
        await until(lambda: sending.mail.letters()[0].attempts == 1)
        await sending.stop()
        post.steps.clear()
        again = Application(database, clock=clock)
        again.mail.start()
        await settled(again, LetterState.SENT)
        await again.stop()


class TestTheDisk:
    async def test_nothing_is_sent_that_cannot_be_marked(self, sending, post):
        await write(sending, TO, after=timedelta(seconds=5))
        with nothing_written(sending.store):
            sending.clock.go_on(seconds=5)
            await asyncio.sleep(0.2)
            assert not post.taken
        await settled(sending, LetterState.SENT)
        assert len(post.taken) == 1

    async def test_what_was_sent_is_marked_when_the_disk_takes_it_again(self, sending, post):
        stack = contextlib.ExitStack()

        def fail_from_now_on():
            stack.enter_context(nothing_written(sending.store))

        post.steps["text"] = fail_from_now_on
        with stack:
            await write(sending, TO)
            await until(lambda: post.taken)
            await asyncio.sleep(0.2)
            assert states(sending) == {TO: LetterState.SENDING}
        await settled(sending, LetterState.SENT)
        await asyncio.sleep(0.1)
        assert len(post.taken) == 1
