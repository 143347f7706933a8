"""Whatever a server does, no letter is lost, and none arrives twice unless it says that this may have happened."""

import asyncio
import logging
import random

import pytest

from app.domain.letters import LetterState
from app.mail import delivery, postman
from tests.disk_faults import nothing_written
from tests.mail_server import DROP, HANG, HOST, TAKE_AND_DROP, TAKE_AND_HANG, mail_server

MISHAPS = {
    "connect": (DROP,),
    "EHLO": (DROP, HANG, "421 4.3.2 going down", "554 5.3.2 no"),
    "MAIL": (DROP, HANG, "451 4.3.0 later", "421 4.3.2 going down", "553 5.1.8 no"),
    "RCPT": (DROP, HANG, "450 4.2.0 greylisted", "550 5.1.1 nobody", "421 4.3.2 going down", "oh dear"),
    "DATA": (DROP, HANG, "451 4.3.0 later", "554 5.7.1 no"),
    "text": (
        DROP,
        TAKE_AND_DROP,
        TAKE_AND_HANG,
        TAKE_AND_HANG,
        HANG,
        "451 4.3.0 later",
        "554 5.7.1 no",
        "354 what",
        "oh dear",
    ),
}


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    for module, name, seconds in (
        (postman, "LOOK_EVERY_S", 0.01),
        (postman, "DISK_AGAIN_S", 0.01),
        (postman, "FINISH_WITHIN_S", 0.02),
        (delivery, "ANSWER_WITHIN_S", 0.05),
        (delivery, "TAKEN_WITHIN_S", 0.2),
        (delivery, "QUIT_WITHIN_S", 0.05),
    ):
        monkeypatch.setattr(module, name, seconds)
    logging.getLogger("mail").setLevel(logging.CRITICAL)


def misbehave(post, chance):
    """More often where it matters most: when the text is out and the answer is not there yet."""
    for step, outcomes in MISHAPS.items():
        how_often = 0.4 if step == "text" else 0.1
        post.steps[step] = lambda outcomes=outcomes, how_often=how_often: (
            chance.choice(outcomes) if chance.random() < how_often else None
        )


async def write(site, numbers):
    facts = {"who": "Eva", "pool": "Garage"}
    recipients = [f"n{number}@garage.example" for number in numbers]
    ids = await site.store.write(
        lambda connection: site.mail.write(connection, "denied", recipients, facts, request_id=1)
    )
    site.mail.tell()
    return ids


def states(site):
    return {letter.state for letter in site.mail.letters(limit=999)}


async def happen(site, chance, written):
    """What an operator, a power cut or a disk may do meanwhile; the letters that were withdrawn."""
    chosen = chance.choice(written)
    match chance.randrange(6):
        case 0 | 5:
            # The program ends, while a letter is on its way if there is one soon, and begins again.
            for _ in range(50):
                if LetterState.SENDING in states(site):
                    break
                await asyncio.sleep(0.005)
            await site.mail.stop()
            site.mail.start()
        case 1:
            with nothing_written(site.store):
                await asyncio.sleep(0.03)
        case 2:
            undo = await site.mail.discard([chosen])
            await undo()
        case 3:
            await site.store.write(lambda connection: site.mail.withdraw(connection, [chosen]))
            return {chosen}
    return set()


def check(site, post):
    letters = site.mail.letters(limit=999)
    for letter in letters:
        arrived = post.count(letter.message_id)
        possible = {LetterState.SENT: {1}, LetterState.UNSURE: {0, 1}}.get(letter.state, {0})
        assert arrived in possible, (letter, arrived)
    names = {letter.message_id for letter in letters}
    assert all(letter["Message-ID"] in names for letter in post.letters)


@pytest.mark.parametrize("seed", range(4))
async def test_each_letter_ends_where_it_says(site, clock, seed):
    chance = random.Random(seed)
    async with mail_server() as post:
        await site.settings.change(mail_host=HOST, mail_port=post.port, mail_security="none", mail_sender="a@b.example")
        misbehave(post, chance)
        site.mail.start()
        written, withdrawn, turn = [], set(), 0
        async with asyncio.timeout(60):
            # Long enough that letters have come to several ends.
            while turn < 12 or not {LetterState.SENT, LetterState.REFUSED} <= states(site):
                written += await write(site, range(turn * 4, turn * 4 + 4))
                await asyncio.sleep(chance.random() * 0.2)
                clock.go_on(minutes=chance.choice((1, 10, 100)))
                withdrawn |= await happen(site, chance, written)
                turn += 1
            post.steps.clear()
            while states(site) & {LetterState.WAITING, LetterState.SENDING}:
                clock.go_on(hours=6)
                await asyncio.sleep(0.02)
        assert {letter.id for letter in site.mail.letters(limit=999)} >= set(written) - withdrawn
        check(site, post)
        await site.mail.stop()
