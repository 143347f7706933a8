"""Two windows, an import and two stations at the same moment: some order of what they did explains all they saw.

Each does one thing after the other; what the others do meanwhile it does not know. Afterwards a plain model of one pool
is asked for an order in which every answer would have been the one that was given. What had ended before another thing
began comes before it; what overlapped may have happened either way.
"""

import asyncio
import itertools
import os
import threading
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

import pytest

from app.application import Application
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.history import Origin
from app.domain.model import AccessLevel, PoolOptions
from app.members import insert_members
from app.pools import require_pool
from tests.wire import raw_station

ROUNDS = int(os.environ.get("TAPDESK_CONCURRENCY_ROUNDS", "12"))
CARDS = {1: "04A2246F", 2: "04A22470", 3: "04A22471", 4: "04A22472"}
STATIONS = ("CP1", "CP2")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ONE_AT_A_TIME = PoolOptions(session_limit=1)


@dataclass(frozen=True)
class Row:
    """A member."""

    id: int
    card: int
    has_ended: bool = False


@dataclass(frozen=True)
class Site:
    """One pool, its members and stations, and the charges that count against the limit of one per pass."""

    level: AccessLevel = AccessLevel.PRIVATE
    published: bool = False
    is_gone: bool = False
    members: frozenset[Row] = frozenset()
    next_id: int = 1
    stations: frozenset[str] = frozenset(STATIONS)
    charging: frozenset[tuple[int, int]] = frozenset()
    #: What can be taken back, by the number of the deed.
    effects: tuple[tuple[int, object], ...] = ()

    def doing(self, number: int, effect: object, **changes: object) -> "Site":
        return replace(self, effects=(*self.effects, (number, effect)), **changes)

    def cards(self) -> set[int]:
        return {row.card for row in self.members}

    def admits(self, station: str, card: int) -> bool:
        if station not in self.stations:
            return False
        if self.level is AccessLevel.PUBLIC:
            return True
        if self.level is AccessLevel.BY_LIST and self.published and not self.members:
            return True
        return any(row.card == card and not row.has_ended for row in self.members)

    def with_rows(self, rows: frozenset[Row]) -> "Site | None":
        """These rows put back; None when one of them is there again or the pool is not."""
        taken = self.cards() & {row.card for row in rows} or {row.id for row in self.members} & {row.id for row in rows}
        if rows and (self.is_gone or taken):
            return None
        return replace(self, members=self.members | rows)


@dataclass
class Deed:
    """What somebody did, from when to when, and what came of it: an answer, or the code of an AppError."""

    number: int
    kind: str
    arguments: tuple = ()
    result: object = None
    began: int = 0
    ended: int = 0


def after(site: Site, deed: Deed) -> Site | None:
    """The site after it, had it happened now; None when then another answer would have been given."""
    outcome = MODEL[deed.kind](site, deed.number, *deed.arguments)
    new, result = outcome if isinstance(outcome, tuple) else (outcome, None)
    return new if result == deed.result else None


def look(site, number):
    return site, site.members


def add(site, number, cards):
    if site.is_gone:
        return site, "pool_unknown"
    over = frozenset(row for row in site.members if row.has_ended and row.card in cards)
    left = site.members - over
    taken = {row.card for row in left}
    # An id goes by for each that is a member already, too.
    rows = frozenset(Row(site.next_id + place, card) for place, card in enumerate(cards) if card not in taken)
    return site.doing(number, (rows, over), members=left | rows, next_id=site.next_id + len(cards))


def take_out_again(site, number, done):
    rows, over = dict(site.effects)[done]
    added = {row.id for row in rows}
    left = replace(site, members=frozenset(row for row in site.members if row.id not in added))
    return left.with_rows(over) or (site, "undo_overtaken")


def remove(site, number, ids):
    rows = frozenset(row for row in site.members if row.id in ids)
    return site.doing(number, rows, members=site.members - rows)


def bring_back(site, number, done):
    return site.with_rows(dict(site.effects)[done]) or (site, "undo_overtaken")


def end(site, number, ids):
    rows = frozenset(row for row in site.members if row.id in ids and not row.has_ended)
    over = frozenset(replace(row, has_ended=True) for row in rows)
    return site.doing(number, over, members=(site.members - rows) | over)


def end_no_more(site, number, done):
    over = dict(site.effects)[done]
    if not over <= site.members:
        return site, "undo_overtaken"
    return replace(site, members=(site.members - over) | {replace(row, has_ended=False) for row in over})


def change(site, number, level, published):
    if site.is_gone:
        return site, "pool_unknown"
    wanted = {"level": level, "published": published}
    effect = tuple((name, getattr(site, name), value) for name, value in wanted.items() if getattr(site, name) != value)
    return site.doing(number, effect, **wanted)


def change_back(site, number, done):
    effect = dict(site.effects)[done]
    back = replace(site, **{name: was for name, was, _ in effect})
    is_possible = back.level is AccessLevel.BY_LIST or not back.published
    if effect and (site.is_gone or not is_possible or any(getattr(site, name) != is_now for name, _, is_now in effect)):
        return site, "undo_overtaken"
    return back


def move(site, number, station, into):
    if site.is_gone and into:
        return site, "pool_unknown"
    stations = site.stations | {station} if into else site.stations - {station}
    return site.doing(number, (station, into) if stations != site.stations else None, stations=stations)


def move_back(site, number, done):
    effect = dict(site.effects)[done]
    if effect is None:
        return site
    station, into = effect
    if site.is_gone or (station in site.stations) is not into:
        return site, "undo_overtaken"
    return replace(site, stations=site.stations ^ {station})


def remove_pool(site, number):
    if site.is_gone:
        return site, "pool_unknown"
    return site.doing(number, site, is_gone=True, members=frozenset(), stations=frozenset())


def restore_pool(site, number, done):
    was = dict(site.effects)[done]
    return replace(
        site,
        is_gone=False,
        level=was.level,
        published=was.published,
        members=was.members,
        stations=was.stations,
    )


def ask(site, number, station, card):
    return site, "Accepted" if site.admits(station, card) else "Invalid"


def start(site, number, station, card, transaction):
    if not site.admits(station, card):
        return site, "Invalid"
    if any(charging == card for _, charging in site.charging):
        return site, "ConcurrentTx"
    return replace(site, charging=site.charging | {(transaction, card)}), "Accepted"


def stop(site, number, transaction):
    return replace(site, charging=frozenset(each for each in site.charging if each[0] != transaction))


DEEDS = (look, add, remove, end, change, move, remove_pool, ask, start, stop)
UNDOS = (take_out_again, bring_back, end_no_more, change_back, move_back, restore_pool)
MODEL = {each.__name__: each for each in (*DEEDS, *UNDOS)}


def explains(histories: list[list[Deed]]) -> bool:
    """Whether some order of these, each history in its own, gives every answer that was given."""
    seen, waiting = set(), [(tuple(0 for _ in histories), Site())]
    while waiting:
        places, site = waiting.pop()
        nexts = [history[place] for history, place in zip(histories, places, strict=True) if place < len(history)]
        if not nexts:
            return True
        first_end = min(deed.ended for deed in nexts)
        for which, history in enumerate(histories):
            if places[which] == len(history) or history[places[which]].began > first_end:
                continue
            new = after(site, history[places[which]])
            reached = (tuple(place + (each == which) for each, place in enumerate(places)), new)
            if new is not None and reached not in seen:
                seen.add(reached)
                waiting.append(reached)
    return False


@dataclass
class Actor:
    """A window, an import or a station, which does one thing after the other."""

    application: Application
    random: Random
    ticks: "itertools.count[int]"
    numbers: "itertools.count[int]"
    pool_id: int
    done: list[Deed] = field(default_factory=list)
    undos: list = field(default_factory=list)
    seen: frozenset[Row] = frozenset()

    async def does(self, kind, *arguments, work, then=None):
        """`work` is awaited and noted; with `then` the deed can be taken back."""
        deed = Deed(next(self.numbers), kind, arguments, began=next(self.ticks))
        try:
            outcome = await work()
        except AppError as error:
            deed.result = error.code
        else:
            if then:
                self.undos.append((then, deed.number, outcome))
            else:
                deed.result = outcome
        deed.ended = next(self.ticks)
        self.done.append(deed)
        for _ in range(self.random.choice([0, 0, 1, 5, 20])):
            await asyncio.sleep(0)
        return deed

    async def looks(self):
        async def work():
            found = self.application.members.of_pool(self.pool_id)
            return frozenset(Row(each.id, each.pass_id, each.valid_until is not None) for each in found)

        self.seen = (await self.does("look", work=work)).result

    async def acts(self):
        """One thing by chance, with what it saw last, however long ago that was."""
        ids = [row.id for row in self.seen if self.random.random() < 0.6]
        cards = self.random.sample(sorted(CARDS), self.random.randint(1, 3))
        application, pool_id, random = self.application, self.pool_id, self.random
        kind = random.choice(["look", "add", "add", "remove", "end", "change", "move", "remove_pool", *["undo"] * 4])
        if kind == "look":
            await self.looks()
        elif kind == "add":
            await self.does(
                kind,
                tuple(cards),
                work=lambda: application.members.add(pool_id, pass_ids=cards),
                then="take_out_again",
            )
        elif kind == "remove":
            work = lambda: application.members.remove(pool_id, ids)  # noqa: E731
            await self.does(kind, tuple(ids), work=work, then="bring_back")
        elif kind == "end":
            work = lambda: application.members.set_end(pool_id, ids, LONG_AGO)  # noqa: E731
            await self.does(kind, tuple(ids), work=work, then="end_no_more")
        elif kind == "change":
            level = random.choice(list(AccessLevel))
            published = level is AccessLevel.BY_LIST and random.random() < 0.7
            options = replace(ONE_AT_A_TIME, published=published)
            work = lambda: application.pools.change(pool_id, level=level, options=options)  # noqa: E731
            await self.does(kind, level, published, work=work, then="change_back")
        elif kind == "move":
            station, into = random.choice(STATIONS), random.random() < 0.6
            work = lambda: application.stations.move([station], pool_id if into else None)  # noqa: E731
            await self.does(kind, station, into, work=work, then="move_back")
        elif kind == "remove_pool":
            await self.does(kind, work=lambda: application.pools.remove(pool_id), then="restore_pool")
        elif self.undos:
            then, number, undo = self.undos.pop(random.randrange(len(self.undos)))
            await self.does(then, number, work=undo)

    async def is_a_window(self):
        for _ in range(12):
            await self.acts()

    async def imports(self):
        for _ in range(3):
            cards = self.random.sample(sorted(CARDS), 4)

            def write(connection, cards=cards):
                require_pool(connection, self.pool_id)
                insert_members(connection, self.pool_id, self.application.clock(), Origin.IMPORT, pass_ids=cards)

            await self.does("add", tuple(cards), work=lambda write=write: self.application.store.write(write))

    async def is_a_station(self, wire, station):
        for meter in range(6):
            card = self.random.choice(list(CARDS))
            tag = {"idTag": CARDS[card]}

            async def asks(tag=tag):
                return (await wire.call("Authorize", tag))["idTagInfo"]["status"]

            await self.does("ask", station, card, work=asks)
            now = datetime.now(UTC).isoformat()
            begins = tag | {"connectorId": 1, "meterStart": meter, "timestamp": now}
            transaction = None

            async def starts(begins=begins):
                nonlocal transaction
                answer = await wire.call("StartTransaction", begins)
                transaction = answer["transactionId"]
                return answer["idTagInfo"]["status"]

            deed = await self.does("start", station, card, None, work=starts)
            deed.arguments = (station, card, transaction)
            ends = {"transactionId": transaction, "meterStop": meter, "timestamp": now}

            async def stops(ends=ends):
                await wire.call("StopTransaction", ends)

            await self.does("stop", transaction, work=stops)


def told(histories):
    """What happened, for whoever has to find out why nothing explains it."""
    deeds = sorted((deed for history in histories for deed in history), key=lambda deed: deed.began)
    return "\n".join(
        f"{each.began:>4}-{each.ended:<4} #{each.number} {each.kind}{each.arguments} -> {each.result}" for each in deeds
    )


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_some_order_explains_every_answer_and_what_is_left(application, url, seed):
    random = Random(seed)
    pool = await application.pools.create("Yard", options=ONE_AT_A_TIME)
    for card, uid in CARDS.items():
        assert (await application.passes.add(PassDraft(uid=uid))).id == card
    for station in STATIONS:
        await application.stations.accept(station, pool_id=pool.id)
    ticks, numbers = itertools.count(), itertools.count()
    actors = [Actor(application, Random(random.random()), ticks, numbers, pool.id) for _ in range(5)]
    first, second, importing, *stations = actors
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(raw_station(url, station)) for station in STATIONS]
        async with asyncio.TaskGroup() as group:
            group.create_task(first.is_a_window())
            group.create_task(second.is_a_window())
            group.create_task(importing.imports())
            for actor, wire, station in zip(stations, wires, STATIONS, strict=True):
                group.create_task(actor.is_a_station(wire, station))
        # What is left at the end is what the same order leaves.
        await first.looks()
        for actor, wire, station in zip(stations, wires, STATIONS, strict=True):
            for card, uid in CARDS.items():
                asked = wire.call("Authorize", {"idTag": uid})
                status = (await asked)["idTagInfo"]["status"]
                await actor.does("ask", station, card, work=lambda status=status: answered(status))
    assert explains([actor.done for actor in actors]), told([actor.done for actor in actors])


async def answered(status):
    return status


async def test_who_is_refused_for_what_another_did_can_see_that_it_was_done(application):
    """Both wait for the disk together: the refusal is told after the commit, like everything else."""
    pool = await application.pools.create("Yard")
    gate = threading.Event()
    application.store.submit(lambda _connection: gate.wait(10))
    removing = asyncio.create_task(application.pools.remove(pool.id))
    adding = asyncio.create_task(application.members.add(pool.id))
    await asyncio.sleep(0.01)
    gate.set()
    with pytest.raises(AppError, match="pool_unknown"):
        await adding
    assert application.pools.all() == []
    await removing


class TestTheModel:
    """The judge is judged: it finds an order where there is one, and none where there is none."""

    def explained(self, *histories):
        numbers = itertools.count()
        made = []
        for history in histories:
            made.append([])
            for kind, arguments, result, began, ended in history:
                made[-1].append(Deed(next(numbers), kind, arguments, result, began, ended))
        return explains(made)

    def test_what_overlaps_may_have_happened_either_way(self):
        adds = [("add", ((1,),), None, 0, 5)]
        for status in ("Accepted", "Invalid"):
            assert self.explained(adds, [("ask", ("CP1", 1), status, 1, 2)])

    def test_what_came_later_is_not_explained_by_an_earlier_state(self):
        adds = [("add", ((1,),), None, 0, 1)]
        assert self.explained(adds, [("ask", ("CP1", 1), "Accepted", 2, 3)])
        assert not self.explained(adds, [("ask", ("CP1", 1), "Invalid", 2, 3)])

    def test_no_two_starts_of_one_pass_count_as_the_first(self):
        adds = [("add", ((1,),), None, 0, 1)]
        one, two = [("start", ("CP1", 1, 7), "Accepted", 2, 4)], [("start", ("CP2", 1, 8), "Accepted", 3, 5)]
        assert not self.explained(adds, one, two)
        assert self.explained(adds, one, [("start", ("CP2", 1, 8), "ConcurrentTx", 3, 5)])

    def test_half_of_an_addition_is_no_state(self):
        adds = [("add", ((1, 2),), None, 0, 5)]
        both, half = frozenset({Row(1, 1), Row(2, 2)}), frozenset({Row(1, 1)})
        assert self.explained(adds, [("look", (), both, 1, 2)])
        assert not self.explained(adds, [("look", (), half, 1, 2)])

    def test_what_was_overtaken_is_not_taken_back(self):
        changes = [
            ("change", (AccessLevel.PUBLIC, False), None, 0, 1),
            ("change", (AccessLevel.RESTRICTED, False), None, 2, 3),
        ]
        assert self.explained([*changes, ("change_back", (0,), "undo_overtaken", 4, 5)])
        assert not self.explained([*changes, ("change_back", (0,), None, 4, 5)])
