import pytest

from app.domain.errors import AppError
from app.domain.events import OutboxChanged
from app.domain.letters import LetterState
from app.mail.wording import worded

FACTS = {"who": "Eva", "pool": "Garage", "until": ""}


@pytest.fixture
async def site(site):
    await site.settings.change(mail_host="mail.example", mail_sender="tapdesk@site.example", site_name="Hotel Zee")
    return site


async def write(site, *recipients):
    return await site.store.write(
        lambda connection: site.mail.write(connection, "approved", recipients, FACTS, request_id=3)
    )


def set_state(site, letter_id, state):
    return site.store.write(
        lambda connection: connection.exec_driver_sql("update outbox set state = ? where id = ?", (state, letter_id))
    )


def set_sent_later(site, letter_id, later_ms):
    how = "update outbox set sent_at = created_at + ? where id = ?"
    return site.store.write(lambda connection: connection.exec_driver_sql(how, (later_ms, letter_id)))


class TestWriting:
    async def test_a_letter_is_written_with_the_change_it_tells_of_or_not_at_all(self, site):
        def write(connection):
            site.mail.write(connection, "approved", ["a@b.example"], FACTS, request_id=3)
            raise AppError("changed_my_mind")

        with pytest.raises(AppError, match="changed_my_mind"):
            await site.store.write(write)
        assert site.mail.letters() == []

    async def test_while_no_server_is_set_none_is_written(self, site):
        await site.settings.change(mail_host="")
        assert not site.mail.is_set_up
        assert await write(site, "a@b.example") == []
        assert site.mail.letters() == []

    async def test_each_letter_has_a_name_of_its_own(self, site):
        await write(site, "a@b.example", "c@d.example")
        names = {letter.message_id for letter in site.mail.letters()}
        assert len(names) == 2
        assert all(name.startswith("<") and name.endswith("@site.example>") for name in names)

    @pytest.mark.parametrize("sender", ["a@bücher.example", "a@b!c", "a@[127.0.0.1]"])
    async def test_whatever_the_sender_the_name_is_one_that_every_server_reads(self, site, sender):
        await site.settings.change(mail_sender=sender)
        await write(site, "a@b.example")
        assert site.mail.letters()[0].message_id.endswith("@tapdesk.invalid>")

    async def test_the_latest_are_shown_first_and_so_many(self, site):
        await write(site, *(f"n{number}@b.example" for number in range(5)))
        assert [letter.recipient for letter in site.mail.letters(limit=2)] == ["n4@b.example", "n3@b.example"]


class TestWording:
    def test_a_line_about_what_is_not_known_is_left_out(self):
        known = worded("request", {"who": "Eva", "station": "Left", "pool": "Garage", "at": "today", "card": ""})
        assert "Who:   Eva\n" in known.body
        assert "Card" not in known.body
        assert known.body.endswith("under Requests.\n")

    def test_a_fact_is_never_read_as_a_template(self):
        assert "Hello $pool ${x} $,\n" in worded("denied", {"who": "$pool ${x} $", "pool": "Garage"}).body

    def test_nothing_in_a_fact_begins_a_line(self):
        wording = worded("approved", {"who": "Eva\r\n\r\nPay me \x85\x0b\u2028 now", "pool": "A\nB", "until": ""})
        assert "Hello Eva Pay me now," in wording.body
        assert wording.subject == "You can charge at A B"

    @pytest.mark.parametrize("template", ["request", "approved", "denied", "test"])
    def test_every_template_has_a_subject_and_says_something(self, template):
        facts = dict.fromkeys(("who", "card", "station", "pool", "at", "until", "site"), "something")
        wording = worded(template, facts)
        assert wording.subject
        assert len(wording.body.splitlines()) >= 3
        assert "$" not in wording.subject + wording.body


class TestTheOutbox:
    async def test_a_letter_is_discarded_and_put_back(self, site, told):
        ids = await write(site, "a@b.example", "c@d.example")
        before = site.mail.letters()
        told.clear()
        undo = await site.mail.discard(ids)
        assert site.mail.letters() == []
        await undo()
        assert site.mail.letters() == before
        assert told == [OutboxChanged(), OutboxChanged()]

    async def test_one_that_is_on_its_way_stays(self, site):
        (letter_id,) = await write(site, "a@b.example")
        await set_state(site, letter_id, "sending")
        await site.mail.discard([letter_id])
        await site.mail.try_again([letter_id])
        assert [letter.state for letter in site.mail.letters()] == [LetterState.SENDING]

    @pytest.mark.parametrize("state", ["waiting", "refused", "unsure"])
    async def test_what_is_tried_again_waits_as_if_it_were_new(self, site, clock, state):
        (letter_id,) = await write(site, "a@b.example")
        await set_state(site, letter_id, state)
        clock.go_on(hours=1)
        await site.mail.try_again([letter_id])
        (letter,) = site.mail.letters()
        assert (letter.state, letter.attempts, letter.problem, letter.due_at) == (
            LetterState.WAITING,
            0,
            "",
            clock.now,
        )

    async def test_what_was_sent_is_not_sent_again(self, site):
        (letter_id,) = await write(site, "a@b.example")
        await set_state(site, letter_id, "sent")
        await site.mail.try_again([letter_id])
        assert site.mail.letters()[0].state is LetterState.SENT

    async def test_only_letters_that_still_wait_are_withdrawn(self, site):
        first, second = await write(site, "a@b.example", "c@d.example")
        await set_state(site, first, "sending")
        await site.store.write(lambda connection: site.mail.withdraw(connection, [first, second]))
        assert [letter.id for letter in site.mail.letters()] == [first]

    async def test_letters_sent_long_ago_are_forgotten_and_no_others(self, site, clock):
        ids = await write(site, *(f"n{number}@b.example" for number in range(4)))
        for letter_id, state in zip(ids, ("sent", "sent", "refused", "waiting"), strict=True):
            await set_state(site, letter_id, state)
        await set_sent_later(site, ids[0], 0)
        await set_sent_later(site, ids[1], 86_400_000)
        clock.go_on(days=30, hours=1)
        await site.mail.forget_old()
        assert sorted(letter.id for letter in site.mail.letters()) == ids[1:]
