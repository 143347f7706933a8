"""Whatever an operator does while cards come: no card is lost, none is doubled, none is given to two passes."""

import asyncio
import random
from contextlib import suppress

import pytest

from app.domain.capture import CaptureMode, CardReader, Outcome, ReaderKind
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.events import CardTapped
from app.domain.ids import Uid
from app.domain.model import Tap, TapSource

PASSES, STEPS = 12, 60


def tap_of(uid, at):
    return Tap(
        1, at, "ALF-0021", "Garage 2", 1, uid, Uid(uid), TapSource.AUTHORIZE, "Invalid", "unknown_card", (),
        None, "", None, "", None,
    )  # fmt: skip


class Operator:
    """Does anything at any time, while cards come."""

    def __init__(self, site, clock, chance):
        self.site, self.clock, self.chance = site, clock, chance
        self.capturing = site.capturing
        self.held = 0

    async def act(self):
        deeds = (self.hold, self.skip, self.choose_mode, self.undo, self.move, self.wait)
        await self.chance.choices(deeds, weights=(70, 8, 4, 8, 4, 6))[0]()

    async def hold(self):
        uid = f"04{self.chance.randrange(16):010X}80"
        self.site.bus.publish(CardTapped(tap_of(uid, self.clock.go_on(seconds=1))))
        self.held += 1

    async def skip(self):
        if queue := self.capturing.queue():
            await self.capturing.skip(self.chance.choice(queue))

    async def choose_mode(self):
        await self.capturing.choose_mode(self.chance.choice([CaptureMode.FILL, CaptureMode.FILL, CaptureMode.NEW]))

    async def undo(self):
        with suppress(AppError):
            await self.capturing.undo_last()

    async def move(self):
        belongs = [card for card in self.capturing.cards if card.outcome is Outcome.BELONGS]
        queue = self.capturing.queue()
        if belongs and queue:
            with suppress(AppError):
                await self.capturing.give_to(self.chance.choice(belongs).number, self.chance.choice(queue))

    async def wait(self):
        await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(12))
async def test_every_card_is_where_the_list_says_and_nowhere_else(site, clock, seed):
    operator, capturing = Operator(site, clock, random.Random(seed)), site.capturing
    for number in range(PASSES):
        await site.passes.add(PassDraft("", f"NL-TNM-B{20000 + number}"))
    await capturing.choose_reader(CardReader(ReaderKind.STATION, "ALF-0021"))
    capturing.arm()
    for _ in range(STEPS):
        await operator.act()
    await capturing.settled()

    assert [card.number for card in capturing.cards] == list(range(1, operator.held + 1))
    holders = {summary.card.uid: summary.card.id for summary in site.passes.all() if summary.card.uid}
    captured = [(card.uid, card.pass_id) for card in capturing.captured]
    assert holders.keys() == {uid for uid, _ in captured}
    assert set(holders.items()) <= set(captured)
    assert len(set(holders.values())) == len(holders)
    assert sorted(capturing.queue()) == sorted(summary.card.id for summary in site.passes.waiting())
