"""Who may charge where and why, for everyone at once; the same rules a tap meets, also for what is not done yet."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.application import Application
from app.database import schema
from app.domain.access import Moment, Reason, Status
from app.domain.drafts import IdentityDraft, PassDraft, possible_options
from app.domain.errors import AppError
from app.domain.model import AccessLevel, PoolOptions
from app.domain.pins import HIDDEN_PIN
from app.pins import PinDraft
from app.sessions import Admission, Start
from app.stations import Boot

NEWCOMER, STRANGER, PIN = "04FFFFFFFFFF80", "04EEEEEEEEEE80", "4821"


@pytest.fixture
async def hotel(site):
    """Guests (Anna is a member) and Staff, a station in each, one in none and one that waits; two cards of Anna's."""
    guests, staff = await site.pools.create("Guests"), await site.pools.create("Staff")
    await site.stations.accept("ALF-0021", name="Garage 2", pool_id=guests.id)
    await site.stations.accept("EVB-P1881", name="Entrance", pool_id=staff.id)
    await site.stations.accept("ABB-T54-7", name="Terrace")
    await site.stations.booted("EVB-P2118", Boot("EVBox", "Elvi"))
    anna = await site.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    await site.members.add(guests.id, identity_ids=[anna.id])
    card = await site.passes.add(PassDraft("04A2B3C4D5E680", "", "Card", anna.id))
    fob = await site.passes.add(PassDraft("5E0A917C", "", "Fob", anna.id))
    return {"guests": guests, "staff": staff, "anna": anna, "card": card, "fob": fob}


def told(answers):
    return [(answer.station_name, answer.decision.accepted, answer.decision.reason) for answer in answers]


class TestWhereOnePassCanCharge:
    async def test_every_accepted_station_answers_with_its_reason(self, site, hotel):
        assert told(site.explanations.of_pass(hotel["card"].id)) == [
            ("Entrance", False, Reason.NOT_A_MEMBER),
            ("Garage 2", True, Reason.IDENTITY_IS_MEMBER),
            ("Terrace", False, Reason.NO_POOL),
        ]

    async def test_the_answers_name_the_pools(self, site, hotel):
        pools = [(answer.pool_id, answer.pool_name) for answer in site.explanations.of_pass(hotel["card"].id)]
        assert pools == [(hotel["staff"].id, "Staff"), (hotel["guests"].id, "Guests"), (None, "")]

    async def test_a_pass_that_waits_for_its_uid_is_explained_as_if_it_had_one(self, site, hotel):
        waiting = await site.passes.add(PassDraft("", "NL-TNM-C00122045-K", "Night", hotel["anna"].id))
        assert told(site.explanations.of_pass(waiting.id)) == told(site.explanations.of_pass(hotel["card"].id))

    async def test_another_moment_can_be_asked_for(self, site, hotel, clock):
        visitor = await site.passes.add(PassDraft("B1204F77", "", "Visitor", valid_until=clock() + timedelta(days=1)))
        await site.members.add(hotel["staff"].id, pass_ids=[visitor.id], valid_until=clock() + timedelta(hours=1))

        def at(**later):
            answers = site.explanations.of_pass(visitor.id, at=clock() + timedelta(**later))
            return next(answer.decision.reason for answer in answers if answer.station_name == "Entrance")

        assert [at(minutes=1), at(hours=2), at(days=2)] == [
            Reason.PASS_IS_MEMBER,
            Reason.NOT_A_MEMBER,
            Reason.PASS_EXPIRED,
        ]

    async def test_a_pass_that_is_not_there_has_no_answers(self, site, hotel):
        assert site.explanations.of_pass(999) == []


class TestWhereAnIdentityCanCharge:
    async def test_the_best_of_its_passes_speaks_for_it(self, site, hotel):
        await site.members.add(hotel["staff"].id, pass_ids=[hotel["fob"].id])
        await site.passes.block([hotel["card"].id])
        assert told(site.explanations.of_identity(hotel["anna"].id)) == [
            ("Entrance", True, Reason.PASS_IS_MEMBER),
            ("Garage 2", True, Reason.IDENTITY_IS_MEMBER),
            ("Terrace", False, Reason.NO_POOL),
        ]

    async def test_of_refusals_the_one_that_came_furthest_is_told(self, site, hotel):
        await site.passes.block([hotel["card"].id])
        answers = site.explanations.of_identity(hotel["anna"].id)
        assert answers[0].decision.reason is Reason.NOT_A_MEMBER

    async def test_a_pass_without_uid_does_not_speak_while_another_has_one(self, site, hotel):
        waiting = await site.passes.add(PassDraft("", "NL-TNM-C00122045-K", "Night", hotel["anna"].id))
        await site.members.add(hotel["staff"].id, pass_ids=[waiting.id])
        assert not site.explanations.of_identity(hotel["anna"].id)[0].decision.accepted

    async def test_without_a_pass_there_is_nothing_to_answer(self, site, hotel):
        nobody = await site.identities.add(IdentityDraft("tom@delinde.example"))
        assert site.explanations.of_identity(nobody.id) == []

    async def test_it_says_what_asking_pass_by_pass_says(self, site, hotel):
        """Only one pass of each kind is asked; none may be missed."""
        chance, later = random.Random(5), timedelta(days=1)
        for number in range(30):
            until = chance.choice([None, site.clock() - later, site.clock() + later])
            card = await site.passes.add(PassDraft(f"AB{number:06}", "", "", hotel["anna"].id, valid_until=until))
            if chance.random() < 0.3:
                await site.passes.block([card.id])
            if chance.random() < 0.2:
                await site.members.add(hotel["staff"].id, pass_ids=[card.id])
        cards = [summary.card.id for summary in site.passes.of_identity(hotel["anna"].id)]
        accepted = {
            answer.station_id
            for pass_id in cards
            for answer in site.explanations.of_pass(pass_id)
            if answer.decision.accepted
        }
        answers = site.explanations.of_identity(hotel["anna"].id)
        assert {answer.station_id for answer in answers if answer.decision.accepted} == accepted
        assert len(accepted) == 2


class TestWhoCanChargeHere:
    async def test_everybody_is_listed_those_who_may_first(self, site, hotel):
        await site.passes.add(PassDraft("B1204F77", "", "Visitor"))
        await site.passes.block([hotel["fob"].id])
        answers = site.explanations.at_station("ALF-0021")
        assert [(each.holder, each.title, each.uid, each.decision.reason) for each in answers] == [
            ("Anna de Vries", "Card", "04A2B3C4D5E680", Reason.IDENTITY_IS_MEMBER),
            ("Anna de Vries", "Fob", "5E0A917C", Reason.PASS_BLOCKED),
            ("Visitor", "Visitor", "B1204F77", Reason.NOT_A_MEMBER),
        ]

    async def test_a_pool_answers_as_its_stations_do(self, site, hotel):
        assert site.explanations.in_pool(hotel["guests"].id) == site.explanations.at_station("ALF-0021")

    async def test_a_station_that_waits_lets_nobody_in(self, site, hotel):
        reasons = {answer.decision.reason for answer in site.explanations.at_station("EVB-P2118")}
        assert reasons == {Reason.STATION_NOT_ACCEPTED}

    async def test_what_is_not_there_lists_nobody(self, site, hotel):
        assert site.explanations.at_station("nowhere") == []
        assert site.explanations.in_pool(999) == []

    async def test_each_pass_is_answered_as_a_tap_of_it_would_be(self, site, clock):
        """Passes that are alike are decided once: on many random ones nobody must get another's answer."""
        chance = random.Random(11)
        pool_id = await furnish(site, chance, passes=200)
        await site.stations.accept("CP-2", name="Two", pool_id=pool_id)
        for answer in site.explanations.at_station("CP-2"):
            judged = site.taps.judge("CP-2", answer.uid, Moment.AUTHORIZE).decision
            assert (answer.decision.status, answer.decision.reason, answer.decision.trail) == (
                judged.status,
                judged.reason,
                judged.trail,
            )
            assert [answer] == [each for each in site.explanations.in_pool(pool_id) if each.pass_id == answer.pass_id]


async def furnish(site, chance, passes=12):
    """A pool with a random rule, its station CP-1, and passes of all kinds of which some are listed; its id."""
    now, level = site.clock(), chance.choice(list(AccessLevel))
    options = possible_options(PoolOptions(free_vend=chance.random() < 0.3, published=chance.random() < 0.6), level)
    pool = await site.pools.create("Pool", level, options)
    await site.stations.accept("CP-1", name="One", pool_id=pool.id)

    def moment():
        return chance.choice([None, None, None, now - timedelta(hours=1), now + timedelta(hours=1), now])

    def fill(connection):
        people = range(1, passes // 3 + 2)
        for number in people:
            connection.execute(
                insert(schema.identities).values(
                    id=number,
                    first_name=f"P{number}",
                    last_name="",
                    email=f"p{number}@x.example",
                    role="cardholder",
                    organization_id=1,
                    valid_until=moment(),
                    created_at=now,
                )
            )
        for number in range(1, passes + 1):
            connection.execute(
                insert(schema.passes).values(
                    id=number,
                    uid=f"{number:08X}",
                    name="",
                    identity_id=chance.choice([None, *people]),
                    blocked=chance.random() < 0.15,
                    valid_from=chance.choice([None, None, None, moment()]),
                    valid_until=moment(),
                    created_at=now,
                )
            )
        listed = chance.choice([0, 0, 1, 2, passes // 2])
        rows = [{"pass_id": each, "identity_id": None} for each in chance.sample(range(1, passes + 1), listed)]
        rows += [{"pass_id": None, "identity_id": each} for each in people if listed and chance.random() < 0.4]
        for row in rows:
            connection.execute(
                insert(schema.members).values(pool_id=pool.id, added_at=now, valid_until=moment(), **row)
            )

    await site.store.write(fill)
    return pool.id


def accepted_now(site, uids):
    return {uid for uid in uids if site.taps.judge("CP-1", uid, Moment.AUTHORIZE).decision.accepted}


class TestWhatAChangeWouldDo:
    @pytest.mark.parametrize("seed", range(40))
    async def test_it_is_what_the_change_really_does(self, site, tmp_path, clock, seed):
        """The change is made in a copy of the site, and every card held to the pool's station before and after."""
        chance = random.Random(seed)
        pool_id = await furnish(site, chance)
        await site.passes.add(PassDraft(NEWCOMER, "", "Newcomer"))
        takes_pins = chance.random() < 0.3
        if takes_pins:
            await site.pins.add(pool_id, PIN, PinDraft("Party", valid_until=clock() + timedelta(hours=1)))
        level = chance.choice([None, *AccessLevel])
        options = PoolOptions(free_vend=chance.random() < 0.4, published=chance.random() < 0.5)
        new_level = level or site.pools.require(pool_id).level
        options = chance.choice([None, possible_options(options, new_level)])
        ids = [member.id for member in site.members.of_pool(pool_id)]
        leaving = chance.choice([[], ids, chance.sample(ids, len(ids) // 2)])

        effect = site.explanations.effect_of(pool_id, level=level, options=options, without_members=leaving)

        await site.back_up(tmp_path / "copy.db")
        copy = Application(tmp_path / "copy.db", clock=clock)
        uids = [answer.uid for answer in copy.explanations.in_pool(pool_id)]
        assert len(uids) == 13
        before, stranger = accepted_now(copy, uids), accepted_now(copy, [STRANGER])
        await copy.pools.change(pool_id, level=level, options=options)
        await copy.members.remove(pool_id, leaving)
        after, stranger_after = accepted_now(copy, uids), accepted_now(copy, [STRANGER])
        typed = await copy.taps.judge_typed("CP-1", PIN, Moment.AUTHORIZE, rehearsed=True)
        closed = copy.pools.require(pool_id).level is not AccessLevel.PUBLIC
        await copy.stop()

        assert {answer.uid for answer in effect.loses} == before - after
        assert {answer.uid for answer in effect.gains} == after - before
        assert not any(answer.decision.accepted for answer in effect.loses)
        assert all(answer.decision.accepted for answer in effect.gains)
        opens = (NEWCOMER in after - before) or bool(stranger_after - stranger)
        assert effect.opens_to_everyone is opens
        assert effect.nobody_left is (closed and not after and not typed.decision.accepted)

    async def test_the_last_entry_of_a_published_list_opens_it_to_everyone(self, site, hotel):
        pool = await site.pools.create("By list", AccessLevel.BY_LIST, PoolOptions(published=True))
        await site.members.add(pool.id, pass_ids=[hotel["card"].id, hotel["fob"].id])
        ids = [member.id for member in site.members.of_pool(pool.id)]
        assert not site.explanations.effect_of(pool.id, without_members=ids[:1]).opens_to_everyone
        assert site.explanations.effect_of(pool.id, without_members=ids).opens_to_everyone

    async def test_of_a_list_that_is_not_published_the_last_entry_leaves_nobody(self, site, hotel):
        pool = await site.pools.create("By list", AccessLevel.BY_LIST)
        await site.members.add(pool.id, pass_ids=[hotel["card"].id])
        ids = [member.id for member in site.members.of_pool(pool.id)]
        effect = site.explanations.effect_of(pool.id, without_members=ids)
        assert (effect.opens_to_everyone, effect.nobody_left) == (False, True)
        assert [answer.title for answer in effect.loses] == ["Card"]

    async def test_free_vend_opens_a_public_pool_to_cards_that_nobody_knows(self, site):
        pool = await site.pools.create("Visitors", AccessLevel.PUBLIC)
        free = PoolOptions(free_vend=True)
        assert site.explanations.effect_of(pool.id, options=free).opens_to_everyone
        await site.pools.change(pool.id, options=free)
        assert not site.explanations.effect_of(pool.id, options=PoolOptions()).opens_to_everyone

    async def test_an_entry_whose_time_is_over_keeps_a_published_list_closed(self, site, hotel, clock):
        pool = await site.pools.create("By list", AccessLevel.BY_LIST, PoolOptions(published=True))
        await site.members.add(pool.id, pass_ids=[hotel["card"].id])
        await site.members.add(pool.id, pass_ids=[hotel["fob"].id], valid_until=clock() - timedelta(days=1))
        card_only = [member.id for member in site.members.of_pool(pool.id) if member.name == "Card"]
        effect = site.explanations.effect_of(pool.id, without_members=card_only)
        assert (effect.opens_to_everyone, effect.nobody_left) == (False, True)

    async def test_what_is_lost_is_told_with_the_reason_it_would_be_refused_for(self, site, hotel):
        ids = [member.id for member in site.members.of_pool(hotel["guests"].id)]
        effect = site.explanations.effect_of(hotel["guests"].id, without_members=ids)
        assert [(answer.title, answer.decision.status, answer.decision.reason) for answer in effect.loses] == [
            ("Card", Status.NOT_AT_THIS_LOCATION, Reason.NOT_A_MEMBER),
            ("Fob", Status.NOT_AT_THIS_LOCATION, Reason.NOT_A_MEMBER),
        ]

    async def test_a_member_of_another_pool_is_none_of_its_business(self, site, hotel):
        await site.members.add(hotel["staff"].id, pass_ids=[hotel["card"].id])
        elsewhere = [member.id for member in site.members.of_pool(hotel["staff"].id)]
        effect = site.explanations.effect_of(hotel["guests"].id, without_members=elsewhere)
        assert (effect.loses, effect.nobody_left) == ((), False)

    async def test_nothing_is_changed_by_asking(self, site, hotel, told):
        before = site.pools.all()
        site.explanations.effect_of(hotel["guests"].id, level=AccessLevel.PUBLIC)
        assert site.pools.all() == before
        assert told == []

    async def test_a_pool_that_is_gone_is_said_to_be_gone(self, site):
        with pytest.raises(AppError, match="pool_unknown"):
            site.explanations.effect_of(999)


class TestWhatStillRuns:
    @pytest.fixture
    def charging(self, site, hotel):
        """Begins a session of a card, or of a PIN, at Garage 2."""

        async def begin(id_tag, *, pass_id=None, pin_id=None, connector_id=1):
            now = site.clock()
            start = Start("ALF-0021", connector_id, id_tag, id_tag, 0, now, now.isoformat())
            admitted = Admission("Accepted", "pass_is_member", "Garage 2", "Guests", pass_id, None, "Anna", pin_id)
            return (await site.sessions.started(start, admitted)).transaction_id

        return begin

    async def test_the_session_of_a_removed_member_is_found_and_no_other(self, site, hotel, charging):
        other = await site.passes.add(PassDraft("B1204F77", "", "Visitor"))
        await site.members.add(hotel["guests"].id, pass_ids=[other.id])
        annas = await charging("04A2B3C4D5E680", pass_id=hotel["card"].id)
        await charging("B1204F77", pass_id=other.id, connector_id=2)
        assert site.explanations.still_running(hotel["guests"].id) == []
        gone = [each.id for each in site.members.of_pool(hotel["guests"].id) if each.identity_id]
        await site.members.remove(hotel["guests"].id, gone)
        assert [session.id for session in site.explanations.still_running(hotel["guests"].id)] == [annas]
        assert site.explanations.still_running(hotel["staff"].id) == []

    async def test_a_limit_of_simultaneous_sessions_makes_nobody_unwelcome(self, site, hotel, charging):
        await site.pools.change(hotel["guests"].id, options=PoolOptions(session_limit=1))
        await charging("04A2B3C4D5E680", pass_id=hotel["card"].id)
        assert site.explanations.still_running(hotel["guests"].id) == []

    async def test_the_session_of_a_pin_may_go_on_while_the_pin_is_there(self, site, hotel, charging):
        guests = hotel["guests"].id
        await site.pools.change(guests, level=AccessLevel.RESTRICTED)
        pin = await site.pins.add(guests, PIN, PinDraft("Party", uses=1))
        session_id = await charging(HIDDEN_PIN, pin_id=pin.id)
        assert site.explanations.still_running(guests) == []
        await site.pins.remove(pin.id)
        assert [session.id for session in site.explanations.still_running(guests)] == [session_id]

    async def test_a_pool_without_a_keypad_ends_its_pins_too(self, site, hotel, charging):
        guests = hotel["guests"].id
        await site.pools.change(guests, level=AccessLevel.RESTRICTED)
        pin = await site.pins.add(guests, PIN, PinDraft("Party"))
        await charging(HIDDEN_PIN, pin_id=pin.id)
        await site.pools.change(guests, level=AccessLevel.PRIVATE)
        assert len(site.explanations.still_running(guests)) == 1


async def test_a_pass_that_its_host_switched_off_is_off_at_that_station_only(site, hotel):
    """The pool itself knows nothing of it."""

    def answers():
        return {answer.title: answer.decision.reason for answer in site.explanations.at_station("ALF-0021")}

    def switch(connection):
        connection.execute(insert(schema.passes_off).values(organization_id=1, pass_id=hotel["fob"].id))
        connection.execute(schema.stations.update().filter_by(station_id="ALF-0021").values(host_id=1))

    await site.store.write(switch)
    assert answers() == {"Card": Reason.IDENTITY_IS_MEMBER, "Fob": Reason.PASS_OFF_HERE}
    assert all(answer.decision.accepted for answer in site.explanations.in_pool(hotel["guests"].id))
    best = site.explanations.of_identity(hotel["anna"].id)
    assert [answer.decision.accepted for answer in best] == [False, True, False]
    assert not any(answer.decision.accepted for answer in site.explanations.of_pass(hotel["fob"].id))
