import asyncio
from datetime import timedelta

import pytest

from app.application import Application
from app.domain.access import Moment, Reason
from app.domain.capture import CardReader, ReaderKind
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import (
    IdentitiesChanged,
    OutboxChanged,
    PassesChanged,
    PoolsChanged,
    RequestsChanged,
)
from app.domain.history import ChangeKind, Origin
from app.domain.letters import LetterState
from app.domain.model import AccessLevel, PoolOptions, TapSource
from app.domain.requests import RequestState
from app.requests import asking
from tests.disk_faults import nothing_written

CARD, OTHER = "04A2246F", "04B1B1B1"
EVA = IdentityDraft("eva@home.example", "Eva", "Bakker")
ASKING = PoolOptions(takes_requests=True, notify=("owner@garage.example", "desk@garage.example"))


@pytest.fixture
async def pool(site):
    pool = await site.pools.create("Garage", AccessLevel.RESTRICTED, ASKING)
    await site.stations.accept("CP-1", name="Left", pool_id=pool.id)
    await site.stations.accept("CP-2", name="Right", pool_id=pool.id)
    return pool


@pytest.fixture
async def mail(site):
    await site.settings.change(mail_host="mail.example", mail_sender="tapdesk@site.example")


def hold(site, uid, station_id="CP-1", *, source=TapSource.AUTHORIZE, connector_id=None):
    """A card at a reader: decided, recorded and told, as the server does it."""
    moment = Moment.START if source is TapSource.START else Moment.AUTHORIZE
    verdict = site.taps.judge(station_id, uid, moment)
    site.taps.record(
        verdict, station_id=station_id, connector_id=connector_id, raw_id_tag=uid, source=source, message_id=1
    )
    return verdict.decision


async def ask(site, uid=CARD, station_id="CP-1", **how):
    """Hold a card and wait until its request is written."""
    hold(site, uid, station_id, **how)
    await written(site)


async def written(site):
    async with asyncio.timeout(5):
        while site.requests._asking._waiting:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.005)


async def the_request(site, uid=CARD, **how):
    await ask(site, uid, **how)
    return next(request for request in site.requests.pending() if request.uid == uid)


def may_charge(site, uid=CARD, station_id="CP-1"):
    return site.taps.judge(station_id, uid, Moment.AUTHORIZE).decision.accepted


def kinds(changes):
    return {(change.kind, change.origin) for change in changes}


def letters(site):
    return {(letter.recipient, letter.subject, letter.state) for letter in site.mail.letters()}


@pytest.mark.usefixtures("pool")
class TestAsking:
    async def test_an_unknown_card_at_such_a_pool_asks(self, site, pool, clock, told):
        told.clear()
        hold(site, CARD, connector_id=2)
        assert site.requests.pending() == []
        await written(site)
        (request,) = site.requests.pending()
        assert (request.pool_id, request.pool_name, request.uid, request.raw_id_tag) == (pool.id, "Garage", CARD, CARD)
        assert (request.station_id, request.station_name, request.connector_id) == ("CP-1", "Left", 2)
        assert (request.first_at, request.last_at, request.times) == (clock.now, clock.now, 1)
        assert (request.pass_id, request.identity_id, request.holder, request.email) == (None, None, "", "")
        assert (request.state, request.decided_at) == (RequestState.PENDING, None)
        assert site.requests.count_pending() == 1
        assert site.requests.require(request.id) == request
        assert RequestsChanged((pool.id,)) in told

    async def test_somebody_who_is_known_but_no_member_asks_by_name(self, site):
        eva = await site.identities.add(EVA)
        card = await site.passes.add(PassDraft(uid=CARD, identity_id=eva.id))
        request = await the_request(site)
        assert (request.pass_id, request.identity_id) == (card.id, eva.id)
        assert (request.holder, request.email) == ("Eva Bakker", "eva@home.example")

    async def test_the_same_card_again_is_the_same_request(self, site, clock):
        first = await the_request(site)
        clock.go_on(minutes=3)
        await ask(site, CARD, "CP-2", source=TapSource.START, connector_id=1)
        (again,) = site.requests.pending()
        assert (again.id, again.times, again.first_at, again.last_at) == (first.id, 2, first.first_at, clock.now)
        assert (again.station_id, again.station_name, again.connector_id) == ("CP-2", "Right", 1)

    async def test_a_card_held_many_times_while_the_first_is_written_is_counted_right(self, site):
        for _ in range(5):
            hold(site, CARD)
        await asyncio.sleep(0)
        for _ in range(5):
            hold(site, CARD, "CP-2")
        await written(site)
        (request,) = site.requests.pending()
        assert (request.times, request.station_id) == (10, "CP-2")

    @pytest.mark.parametrize("uid", ["08A2246F", "#FreeCharging", "A0000000", ""])
    async def test_what_can_never_be_a_pass_does_not_ask(self, site, uid):
        hold(site, uid)
        await ask(site, OTHER)
        assert [request.uid for request in site.requests.pending()] == [OTHER]

    async def test_a_stop_asks_for_nothing(self, site):
        hold(site, CARD, source=TapSource.STOP)
        await written(site)
        assert site.requests.pending() == []

    @pytest.mark.parametrize("level", [AccessLevel.PRIVATE, AccessLevel.PUBLIC, AccessLevel.BY_LIST])
    async def test_other_levels_take_no_requests(self, site, pool, level):
        await site.pools.change(pool.id, level=level)
        await ask(site)
        assert site.requests.pending() == []

    async def test_a_restricted_pool_takes_requests_only_where_that_was_chosen(self, site, pool):
        await site.pools.change(pool.id, options=PoolOptions())
        await ask(site)
        assert site.requests.pending() == []

    async def test_a_card_that_is_refused_for_another_reason_does_not_ask(self, site):
        await site.passes.add(PassDraft(uid=CARD))
        await site.passes.block([site.passes.find(CARD).id])
        await ask(site)
        assert site.requests.pending() == []

    async def test_a_card_that_was_let_in_before_its_request_was_written_asks_for_nothing(self, site, pool):
        card = await site.passes.add(PassDraft(uid=CARD))
        hold(site, CARD)
        await site.members.add(pool.id, pass_ids=[card.id])
        await written(site)
        assert site.requests.pending() == []

    async def test_each_pool_is_asked_for_itself(self, site, pool):
        other = await site.pools.create("Roof", AccessLevel.RESTRICTED, ASKING)
        await site.stations.accept("CP-9", pool_id=other.id)
        await ask(site)
        await ask(site, CARD, "CP-9")
        assert [request.pool_name for request in site.requests.pending()] == ["Garage", "Roof"]
        assert [request.pool_id for request in site.requests.of_pool(other.id)] == [other.id]

    async def test_a_flood_of_cards_is_kept_in_part_and_the_pool_says_so(self, site, pool, monkeypatch):
        monkeypatch.setattr(asking, "WRITE_EVERY_S", 0.0)
        assert not site.requests.is_full(pool.id)
        for number in range(asking.PENDING_LIMIT + 40):
            hold(site, f"04{number:012X}")
        await written(site)
        assert site.requests.count_pending() == asking.PENDING_LIMIT
        assert site.requests.is_full(pool.id)
        # Those that are pending are still counted.
        await ask(site, "04000000000000")
        assert site.requests.pending()[0].times == 2
        await site.requests.deny(site.requests.pending()[0].id)
        await ask(site, OTHER)
        assert OTHER in {request.uid for request in site.requests.pending()}

    async def test_what_waits_in_memory_is_bounded(self, site, monkeypatch):
        monkeypatch.setattr(asking, "WAITING_LIMIT", 3)
        for number in range(10):
            hold(site, f"04{number:012X}")
        await written(site)
        assert site.requests.count_pending() == 3

    async def test_while_the_disk_takes_nothing_requests_wait_and_cards_are_decided(self, site, monkeypatch):
        monkeypatch.setattr(asking, "DISK_AGAIN_S", 0.01)
        with nothing_written(site.store):
            assert hold(site, CARD).reason is Reason.UNKNOWN_CARD
            await asyncio.sleep(0.1)
            assert site.requests.pending() == []
            hold(site, CARD)
        await written(site)
        assert site.requests.pending()[0].times == 2

    async def test_stopping_writes_what_waits_all_of_it_and_once(self, site, database, clock, monkeypatch):
        monkeypatch.setattr(asking, "WRITE_CHUNK", 3)
        for number in range(10):
            hold(site, f"04{number:012X}")
        await asyncio.sleep(0)
        await site.stop()
        again = Application(database, read_only=True, clock=clock)
        assert [request.times for request in again.requests.pending()] == [1] * 10
        await again.stop()

    async def test_stopping_does_not_wait_for_a_disk_that_takes_nothing(self, site):
        with nothing_written(site.store):
            hold(site, CARD)
            await asyncio.sleep(0.05)
            async with asyncio.timeout(2):
                await site.requests.close()

    async def test_who_held_a_card_two_minutes_ago_still_waits_there(self, site, clock):
        request = await the_request(site)
        clock.go_on(minutes=2)
        assert site.requests.still_waits(request)
        clock.go_on(seconds=1)
        assert not site.requests.still_waits(request)


@pytest.mark.usefixtures("pool")
class TestApproving:
    async def test_with_a_new_identity_the_card_becomes_its_pass_and_charges_at_all_stations(self, site, pool, told):
        request = await the_request(site)
        told.clear()
        await site.requests.approve(request.id, new_identity=EVA, name="Blue card", valid_until=None)
        eva = site.identities.find("eva@home.example")
        card = site.passes.find(CARD)
        assert (card.identity_id, card.name, card.uid) == (eva.id, "Blue card", CARD)
        assert [member.identity_id for member in site.members.of_pool(pool.id)] == [eva.id]
        assert may_charge(site)
        assert may_charge(site, CARD, "CP-2")
        assert site.requests.pending() == []
        decided = site.requests.require(request.id)
        assert (decided.state, decided.decided_at, decided.pass_id) == (RequestState.APPROVED, site.clock(), card.id)
        assert (decided.holder, decided.email) == ("Eva Bakker", "eva@home.example")
        assert told == [
            RequestsChanged((pool.id,)),
            IdentitiesChanged((eva.id,)),
            PassesChanged((card.id,)),
            PoolsChanged((pool.id,)),
        ]

    async def test_for_an_identity_that_is_there(self, site, pool):
        eva = await site.identities.add(EVA)
        request = await the_request(site)
        await site.requests.approve(request.id, identity_id=eva.id)
        assert site.passes.find(CARD).identity_id == eva.id
        assert may_charge(site)

    async def test_a_pass_of_nobody_is_given_to_the_identity(self, site):
        card = await site.passes.add(PassDraft(uid=CARD, name="Found"))
        eva = await site.identities.add(EVA)
        request = await the_request(site)
        undo = await site.requests.approve(request.id, identity_id=eva.id, name="ignored")
        given = site.passes.require(card.id)
        assert (given.identity_id, given.name) == (eva.id, "Found")
        await undo()
        assert site.passes.require(card.id).identity_id is None
        assert not may_charge(site)

    async def test_without_an_identity_the_card_itself_is_let_in(self, site, pool):
        request = await the_request(site)
        await site.requests.approve(request.id)
        card = site.passes.find(CARD)
        assert card.identity_id is None
        assert [member.pass_id for member in site.members.of_pool(pool.id)] == [card.id]

    async def test_of_somebody_who_is_known_nothing_more_is_asked(self, site, pool):
        eva = await site.identities.add(EVA)
        await site.passes.add(PassDraft(uid=CARD, identity_id=eva.id))
        await site.passes.add(PassDraft(uid=OTHER, identity_id=eva.id))
        request = await the_request(site)
        await site.requests.approve(request.id)
        assert may_charge(site)
        assert may_charge(site, OTHER)

    async def test_a_card_that_was_linked_to_a_pass_is_that_pass(self, site):
        card = await site.passes.add(PassDraft(uid=OTHER))
        await site.passes.link(card.id, CARD)
        request = await the_request(site)
        assert request.pass_id == card.id
        await site.requests.approve(request.id)
        assert may_charge(site)
        assert site.passes.count() == 1

    async def test_until_a_moment(self, site, clock):
        request = await the_request(site)
        await site.requests.approve(request.id, valid_until=clock.now + timedelta(hours=8))
        assert may_charge(site)
        clock.go_on(hours=8)
        assert not may_charge(site)

    async def test_again_after_a_membership_has_ended(self, site, pool, clock):
        eva = await site.identities.add(EVA)
        await site.passes.add(PassDraft(uid=CARD, identity_id=eva.id))
        await site.members.add(pool.id, identity_ids=[eva.id], valid_until=clock.now + timedelta(hours=1))
        clock.go_on(hours=2)
        before = site.members.of_pool(pool.id)
        request = await the_request(site)
        undo = await site.requests.approve(request.id)
        assert may_charge(site)
        await undo()
        assert not may_charge(site)
        assert site.members.of_pool(pool.id) == before

    @pytest.mark.parametrize(
        ("who", "code"),
        [
            ({"identity_id": 999}, "identity_unknown"),
            ({"new_identity": IdentityDraft("")}, "email_empty"),
            ({"new_identity": IdentityDraft("bob@home.example")}, "email_taken"),
            ({"new_identity": IdentityDraft("new@home.example", organization_id=9)}, "organization_unknown"),
            ({"name": "n" * 121}, "name_too_long"),
        ],
    )
    async def test_what_cannot_be_done_leaves_the_request_as_it_was(self, site, who, code):
        await site.identities.add(IdentityDraft("bob@home.example"))
        request = await the_request(site)
        with pytest.raises(AppError) as refused:
            await site.requests.approve(request.id, **who)
        assert refused.value.code == code
        assert site.requests.pending() == [request]
        assert site.passes.count() == 0
        assert site.identities.count() == 1

    async def test_a_card_of_one_is_not_given_to_another(self, site):
        eva, bob = await site.identities.add(EVA), await site.identities.add(IdentityDraft("bob@home.example"))
        await site.passes.add(PassDraft(uid=CARD, identity_id=eva.id))
        request = await the_request(site)
        for who in ({"identity_id": bob.id}, {"new_identity": IdentityDraft("new@home.example")}):
            with pytest.raises(AppError) as refused:
                await site.requests.approve(request.id, **who)
            assert (refused.value.code, refused.value.params) == ("pass_has_holder", {"holder": "Eva Bakker"})
        await site.requests.approve(request.id, identity_id=eva.id)
        assert may_charge(site)

    async def test_approved_twice_at_once_the_second_is_told(self, site, pool):
        request = await the_request(site)
        outcomes = await asyncio.gather(
            site.requests.approve(request.id, new_identity=EVA),
            site.requests.approve(request.id, new_identity=IdentityDraft("bob@home.example")),
            site.requests.deny(request.id),
            return_exceptions=True,
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, AppError)]
        assert [error.code for error in refused] == ["request_decided", "request_decided"]
        assert [summary.identity.email for summary in site.identities.all()] == ["eva@home.example"]
        assert len(site.members.of_pool(pool.id)) == 1

    async def test_what_is_not_there_cannot_be_decided(self, site):
        for decide in (site.requests.approve, site.requests.deny):
            with pytest.raises(AppError, match="request_unknown"):
                await decide(7)
        with pytest.raises(AppError, match="request_unknown"):
            site.requests.require(7)

    async def test_it_is_written_into_the_history(self, site, pool):
        request = await the_request(site)
        undo = await site.requests.approve(request.id, new_identity=EVA)
        eva, card = site.identities.find("eva@home.example"), site.passes.find(CARD)
        assert {
            (ChangeKind.REQUEST_APPROVED, Origin.BY_HAND),
            (ChangeKind.MEMBER_ADDED, Origin.APPROVAL),
        } <= kinds(site.history.of_pool(pool.id))
        assert (ChangeKind.PASS_ADDED, Origin.APPROVAL) in kinds(site.history.of_pass(card.id))
        (approved,) = (c for c in site.history.of_identity(eva.id) if c.kind is ChangeKind.REQUEST_APPROVED)
        assert (approved.name, approved.pass_id, approved.pool_name) == ("Eva Bakker", card.id, "Garage")
        await undo()
        assert (ChangeKind.MEMBER_REMOVED, Origin.UNDO) in kinds(site.history.of_pool(pool.id))
        assert (ChangeKind.PASS_REMOVED, Origin.UNDO) in kinds(site.history.of_pass(card.id))
        assert (ChangeKind.IDENTITY_REMOVED, Origin.UNDO) in kinds(site.history.of_identity(eva.id))


@pytest.mark.usefixtures("pool")
class TestTakingAnApprovalBack:
    async def test_everything_is_as_it_was(self, site, pool, told):
        request = await the_request(site)
        undo = await site.requests.approve(request.id, new_identity=EVA)
        told.clear()
        await undo()
        assert site.requests.pending() == [request]
        assert (site.identities.count(), site.passes.count(), site.members.of_pool(pool.id)) == (0, 0, [])
        assert not may_charge(site)
        assert RequestsChanged((pool.id,)) in told
        assert PoolsChanged((pool.id,)) in told

    async def test_it_can_be_approved_anew(self, site):
        request = await the_request(site)
        undo = await site.requests.approve(request.id, new_identity=EVA)
        await undo()
        await site.requests.approve(request.id, new_identity=EVA)
        assert may_charge(site)

    async def test_once(self, site):
        request = await the_request(site)
        undo = await site.requests.approve(request.id)
        await undo()
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert site.requests.pending() == [request]

    async def test_what_was_made_stays_where_it_is_used_and_the_access_ends_all_the_same(self, site, pool):
        request = await the_request(site)
        undo = await site.requests.approve(request.id, new_identity=EVA)
        eva = site.identities.find("eva@home.example")
        await site.passes.add(PassDraft(uid=OTHER, identity_id=eva.id))
        roof = await site.pools.create("Roof")
        await site.members.add(roof.id, pass_ids=[site.passes.find(CARD).id])
        await undo()
        assert not may_charge(site)
        assert site.passes.find(CARD).identity_id == eva.id
        assert [member.pass_id for member in site.members.of_pool(roof.id)] == [site.passes.find(CARD).id]

    async def test_a_member_by_hand_stays_one(self, site, pool):
        eva = await site.identities.add(EVA)
        await site.passes.add(PassDraft(uid=CARD, identity_id=eva.id))
        request = await the_request(site)
        await site.members.add(pool.id, identity_ids=[eva.id])
        undo = await site.requests.approve(request.id)
        await undo()
        assert may_charge(site)

    async def test_after_the_pool_is_gone_nothing_is_changed(self, site, pool):
        request = await the_request(site)
        undo = await site.requests.approve(request.id, new_identity=EVA)
        await site.pools.remove(pool.id)
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert site.identities.count() == 1


@pytest.mark.usefixtures("pool")
class TestDenying:
    async def test_a_denied_card_stays_outside_and_asks_again_after_a_day(self, site, clock, pool):
        request = await the_request(site)
        await site.requests.deny(request.id)
        assert site.requests.pending() == []
        assert site.requests.require(request.id).state is RequestState.DENIED
        assert not may_charge(site)
        clock.go_on(hours=23, minutes=59)
        await ask(site)
        assert site.requests.pending() == []
        clock.go_on(minutes=1)
        await ask(site)
        (again,) = site.requests.pending()
        assert again.id != request.id
        assert [(each.id, each.state) for each in site.requests.of_pool(pool.id)] == [
            (again.id, RequestState.PENDING),
            (request.id, RequestState.DENIED),
        ]

    async def test_undo_lets_it_wait_again(self, site):
        request = await the_request(site)
        undo = await site.requests.deny(request.id)
        await undo()
        assert site.requests.pending() == [request]

    async def test_undo_comes_too_late_when_the_card_has_asked_anew(self, site, clock):
        request = await the_request(site)
        undo = await site.requests.deny(request.id)
        clock.go_on(hours=24)
        await ask(site)
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert site.requests.require(request.id).state is RequestState.DENIED
        assert site.requests.count_pending() == 1

    async def test_it_is_written_into_the_history(self, site, pool):
        request = await the_request(site)
        await site.requests.deny(request.id)
        (change,) = (c for c in site.history.of_pool(pool.id) if c.kind is ChangeKind.REQUEST_DENIED)
        assert change.name == CARD


@pytest.mark.usefixtures("pool")
class TestSettledByItself:
    """A request goes away when its card may charge in another way, or nobody can be asked any more."""

    async def by_hand(self, site, pool):
        card = await site.passes.add(PassDraft(uid=CARD))
        return await site.members.add(pool.id, pass_ids=[card.id])

    async def by_its_holder(self, site, pool):
        eva = await site.identities.add(EVA, pool_id=pool.id)
        card = await site.passes.add(PassDraft(uid=CARD))
        return await site.passes.change(card.id, PassDraft(uid=CARD, identity_id=eva.id))

    async def by_another_level(self, site, pool):
        return await site.pools.change(pool.id, level=AccessLevel.PRIVATE)

    async def by_no_more_requests(self, site, pool):
        return await site.pools.change(pool.id, options=PoolOptions())

    async def by_removing_the_pool(self, site, pool):
        return await site.pools.remove(pool.id)

    WAYS = ("by_hand", "by_its_holder", "by_another_level", "by_no_more_requests", "by_removing_the_pool")

    @pytest.mark.parametrize("way", WAYS)
    async def test_it_is_out_of_sight_at_once_and_undo_brings_it_back(self, site, pool, told, way):
        request = await the_request(site)
        told.clear()
        undo = await getattr(self, way)(site, pool)
        assert site.requests.pending() == []
        assert site.requests.count_pending() == 0
        assert site.requests.of_pool(pool.id) == []
        assert told.count(RequestsChanged((pool.id,))) == 1
        await site.requests.settle()
        await undo()
        assert [each.id for each in site.requests.pending()] == [request.id]
        assert told.count(RequestsChanged((pool.id,))) == 2

    @pytest.mark.parametrize("way", WAYS)
    async def test_after_a_minute_it_is_gone_for_good(self, site, pool, clock, way):
        request = await the_request(site)
        undo = await getattr(self, way)(site, pool)
        await site.requests.settle()
        clock.go_on(minutes=1)
        await site.requests.settle()
        await undo()
        gone = [each.id for each in site.requests.pending()]
        # What was removed with its pool comes back with it.
        assert gone == ([request.id] if way == "by_removing_the_pool" else [])

    async def test_one_that_comes_back_in_time_stays(self, site, pool, clock):
        request = await the_request(site)
        for _ in range(3):
            undo = await self.by_another_level(site, pool)
            await site.requests.settle()
            clock.go_on(seconds=50)
            await undo()
            await site.requests.settle()
            clock.go_on(seconds=50)
        assert [each.id for each in site.requests.pending()] == [request.id]

    async def test_a_member_that_is_removed_much_later_has_no_old_request(self, site, pool, clock):
        await the_request(site)
        await self.by_hand(site, pool)
        await site.requests.settle()
        clock.go_on(minutes=1)
        await site.requests.settle()
        await site.members.remove(pool.id, [member.id for member in site.members.of_pool(pool.id)])
        assert site.requests.pending() == []

    async def test_a_card_that_became_a_pass_but_no_member_asks_on_by_name(self, site):
        request = await the_request(site)
        eva = await site.identities.add(EVA)
        await site.passes.add(PassDraft(uid=CARD, identity_id=eva.id))
        (named,) = site.requests.pending()
        assert (named.id, named.holder) == (request.id, "Eva Bakker")


@pytest.mark.usefixtures("pool", "mail")
class TestLetters:
    REQUEST = "Somebody asks to charge at Garage"

    async def test_each_address_of_the_pool_is_written_to_once_for_each_request(self, site, told):
        await ask(site)
        await ask(site)
        assert letters(site) == {
            ("owner@garage.example", self.REQUEST, LetterState.WAITING),
            ("desk@garage.example", self.REQUEST, LetterState.WAITING),
        }
        assert OutboxChanged() in told
        body = site.mail.letters()[0].body
        assert f"Card:  {CARD}\n" in body
        assert "Where: Left\n" in body
        assert "Who:" not in body

    async def test_of_who_is_known_the_name_is_written_and_not_the_card(self, site):
        eva = await site.identities.add(EVA)
        await site.passes.add(PassDraft(uid=CARD, identity_id=eva.id))
        await ask(site)
        body = site.mail.letters()[0].body
        assert "Who:   Eva Bakker\n" in body
        assert CARD not in body

    async def test_a_flood_does_not_become_one_of_letters(self, site, monkeypatch):
        monkeypatch.setattr(asking, "WRITE_EVERY_S", 0.0)
        for number in range(60):
            hold(site, f"04{number:012X}")
        await written(site)
        assert site.requests.count_pending() == 60
        assert len(site.mail.letters(limit=999)) == 2 * asking.LETTERS_LIMIT

    async def test_a_decision_is_told_a_little_later_to_whom_it_is_about(self, site, clock):
        await ask(site)
        until = clock.now + timedelta(days=2)
        await site.requests.approve(site.requests.pending()[0].id, new_identity=EVA, valid_until=until)
        letter = site.mail.letters()[0]
        assert (letter.recipient, letter.subject) == ("eva@home.example", "You can charge at Garage")
        assert "Hello Eva Bakker," in letter.body
        assert "This holds until" in letter.body
        assert letter.due_at == clock.now + timedelta(seconds=10)

    async def test_a_denial_is_told_to_who_is_known(self, site):
        eva = await site.identities.add(EVA)
        await site.passes.add(PassDraft(uid=CARD, identity_id=eva.id))
        request = await the_request(site)
        undo = await site.requests.deny(request.id)
        assert site.mail.letters()[0].subject == "Your request to charge at Garage"
        await undo()
        assert "Your request" not in str(letters(site))

    async def test_whom_nobody_knows_is_not_written_to(self, site):
        request = await the_request(site)
        before = letters(site)
        await site.requests.deny(request.id)
        other = await the_request(site, OTHER)
        await site.requests.approve(other.id)
        assert {recipient for recipient, _, _ in letters(site) - before} <= {recipient for recipient, _, _ in before}

    async def test_undo_withdraws_a_letter_that_still_waits(self, site, told):
        request = await the_request(site)
        before = letters(site)
        undo = await site.requests.approve(request.id, new_identity=EVA)
        assert letters(site) != before
        told.clear()
        await undo()
        assert letters(site) == before
        assert OutboxChanged() in told

    async def test_without_a_mail_server_everything_else_works_and_nothing_is_written(self, site):
        await site.settings.change(mail_host="")
        request = await the_request(site)
        await site.requests.approve(request.id, new_identity=EVA)
        assert may_charge(site)
        assert site.mail.letters() == []


async def test_a_card_that_the_operator_captures_asks_for_nothing(site, pool):
    await site.capturing.choose_reader(CardReader(ReaderKind.STATION, "CP-1"))
    site.capturing.arm()
    await ask(site)
    assert site.requests.pending() == []
    await ask(site, station_id="CP-2")
    assert [request.uid for request in site.requests.pending()] == [CARD]
