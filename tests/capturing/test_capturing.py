"""Cards held to real stations, one after another: each goes where it was meant to, once, in the order of holding."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from app.application import Application, PinDraft
from app.domain.capture import CaptureMode, CardReader, NewPasses, Outcome, ReaderKind, TypedForm
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import CaptureChanged, CardTapped
from app.domain.model import AccessLevel, PoolOptions
from app.simulation.station import SimulatedStation
from tests.wire import raw_station

ARMED, STRANGERS = "ALF-0021", "EVB-P1882"
GARAGE = CardReader(ReaderKind.STATION, ARMED)
CARD, OTHER = "04A2B3C4D5E680", "0431BE02FF1290"


def uid_of(number):
    return f"04{number:010X}80"


@pytest.fixture
async def application(database, clock):
    """A site with two stations, whose clock stands until a test lets it go on."""
    application = Application(database, clock=clock)
    await application.start("127.0.0.1", 0)
    staff = await application.pools.create("Staff")
    for station_id, name in ((ARMED, "Garage 2"), (STRANGERS, "Entrance")):
        await application.stations.accept(station_id, name=name, pool_id=staff.id)
    yield application
    await application.stop()


@pytest.fixture
def capturing(application):
    return application.capturing


@pytest.fixture
async def armed(capturing):
    """Listening to Garage 2, to fill passes."""
    await capturing.choose_reader(GARAGE)
    capturing.arm()
    return capturing


@pytest.fixture
def waiting(application):
    """Makes passes that wait for their UID; gives them in the order in which they were made."""

    async def make(count, first=1):
        return [
            await application.passes.add(PassDraft("", f"NL-TNM-B{20000 + number}", f"Pass {number}"))
            for number in range(first, first + count)
        ]

    return make


@pytest.fixture
async def garage(application, url):
    async with raw_station(url, ARMED) as station:
        yield station


@pytest.fixture
def held(capturing, garage):
    """Holds cards to Garage 2 and waits until each is dealt with."""

    async def hold(*uids, at=garage):
        for uid in uids:
            await at.call("Authorize", {"idTag": uid})
        await capturing.settled()
        return capturing.cards[-1] if capturing.cards else None

    return hold


def outcomes(capturing):
    return [(card.uid, card.outcome.value) for card in capturing.cards]


def uids_of(application, passes):
    return [application.passes.require(card.id).uid for card in passes]


def start_of(uid, at, connector=1):
    return {"connectorId": connector, "idTag": uid, "meterStart": 100, "timestamp": at.isoformat()}


class TestFilling:
    async def test_the_next_pass_of_the_list_gets_the_card(self, application, armed, waiting, held):
        first, second = await waiting(2)
        card = await held(CARD)
        assert uids_of(application, [first, second]) == [CARD, None]
        assert (card.outcome, card.pass_id, card.title, card.where) == (Outcome.SAVED, first.id, "Pass 1", "Garage 2")
        assert armed.queue() == [second.id]

    async def test_the_card_opens_a_station_from_then_on(self, application, armed, garage, held):
        pool = application.pools.all()[0].pool
        anna = await application.identities.add(IdentityDraft("anna@delinde.example"))
        await application.members.add(pool.id, identity_ids=[anna.id])
        await application.passes.add(PassDraft("", "NL-TNM-B20001", identity_id=anna.id))
        await held(CARD)
        assert (await garage.call("Authorize", {"idTag": CARD}))["idTagInfo"]["status"] == "Accepted"

    @pytest.mark.parametrize("a_second", [1, 20])
    async def test_fifty_cards_in_a_row_are_fifty_passes_in_order(
        self, application, armed, waiting, clock, url, a_second
    ):
        passes = await waiting(50)
        uids = [uid_of(number) for number in range(50)]
        async with SimulatedStation(url, ARMED) as station:
            await station.start_up()
            for uid in uids:
                clock.go_on(seconds=1 / a_second)
                await station.tap(uid)
        await armed.settled()
        assert uids_of(application, passes) == uids
        assert outcomes(armed) == [(uid, "saved") for uid in uids]
        assert armed.queue() == []

    async def test_fifty_cards_at_once_from_ten_connections_to_any_station_are_none_lost_and_none_doubled(
        self, application, capturing, waiting, url
    ):
        passes = await waiting(50)
        await capturing.choose_reader(CardReader(ReaderKind.ANY))
        capturing.arm()
        for number in range(10):
            await application.stations.accept(f"CP-{number}", name=f"Station {number}")

        async def hold(number):
            async with raw_station(url, f"CP-{number}") as station:
                for card in range(5):
                    await station.call("Authorize", {"idTag": uid_of(number * 5 + card)})

        await asyncio.gather(*(hold(number) for number in range(10)))
        await capturing.settled()
        got = uids_of(application, passes)
        assert sorted(got) == [uid_of(number) for number in range(50)]
        # In the order in which the cards came, the passes were given in theirs.
        assert got == [card.uid for card in capturing.cards]

    async def test_every_answer_comes_at_once_while_the_pass_is_written(self, armed, waiting, garage):
        await waiting(20)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(20):
            await garage.call("Authorize", {"idTag": uid_of(number)})
        assert loop.time() - began < 2
        await armed.settled()
        assert len(armed.captured) == 20

    async def test_a_pass_that_got_its_uid_elsewhere_is_passed_over(self, application, armed, waiting, held):
        first, second = await waiting(2)
        await application.passes.give_uid(first.id, OTHER)
        card = await held(CARD)
        assert card.pass_id == second.id

    async def test_passes_that_come_meanwhile_go_to_the_end(self, armed, waiting, held):
        _first, second = await waiting(2)
        await held(CARD)
        [third] = await waiting(1, first=3)
        assert armed.queue() == [second.id, third.id]

    async def test_when_every_pass_has_its_uid_the_card_is_told_so_and_nothing_is_made(self, application, armed, held):
        assert (await held(CARD)).outcome is Outcome.NOTHING_LEFT
        assert application.passes.all() == []

    async def test_what_was_chosen_when_the_card_was_held_holds_for_it(self, application, armed, waiting, garage):
        await waiting(1)
        for uid in (CARD, OTHER):
            await garage.call("Authorize", {"idTag": uid})
        await armed.choose_mode(CaptureMode.NEW)
        armed.disarm()
        await armed.settled()
        assert outcomes(armed) == [(CARD, "saved"), (OTHER, "nothing_left")]


class TestWhichReader:
    async def test_a_strangers_card_at_a_busy_station_is_decided_as_ever_and_not_captured(
        self, application, armed, waiting, held, url
    ):
        passes = await waiting(3)
        async with SimulatedStation(url, STRANGERS) as busy:
            await busy.start_up()
            assert (await busy.tap("B1204F77")).status == "Invalid"
            await held(CARD)
            assert (await busy.tap("774F20B1")).status == "Invalid"
            await armed.settled()
        assert uids_of(application, passes) == [CARD, None, None]
        assert outcomes(armed) == [(CARD, "saved")]

    async def test_nothing_is_captured_before_it_is_armed_nor_after(self, capturing, waiting, held):
        await waiting(2)
        await capturing.choose_reader(GARAGE)
        assert await held(CARD) is None
        capturing.arm()
        capturing.disarm()
        assert await held(OTHER) is None

    async def test_nothing_is_captured_while_no_reader_is_chosen(self, capturing, waiting, held):
        await waiting(1)
        capturing.arm()
        assert not capturing.is_armed
        assert await held(CARD) is None

    async def test_a_pin_never_counts(self, application, capturing, garage, held, clock):
        fast = await application.pools.create("DC fast", AccessLevel.RESTRICTED, PoolOptions())
        await application.stations.move([ARMED], fast.id)
        await application.pins.add(fast.id, "4821", PinDraft("Wedding party"))
        await application.passes.add(PassDraft("", "NL-TNM-B20001"))
        await capturing.choose_reader(CardReader(ReaderKind.ANY))
        capturing.arm()
        assert await held("4821", "1111") is None


class TestStationsThatOnlyReportStarts:
    async def test_a_start_is_a_card_that_was_held(self, application, armed, waiting, garage, clock):
        [card] = await waiting(1)
        await garage.call("StartTransaction", start_of(CARD, clock()))
        await armed.settled()
        assert uids_of(application, [card]) == [CARD]

    async def test_the_charge_that_follows_a_tap_a_minute_later_is_the_same_card(
        self, armed, waiting, garage, held, clock
    ):
        await waiting(2)
        await held(CARD)
        await garage.call("StartTransaction", start_of(CARD, clock.go_on(minutes=1)))
        await armed.settled()
        assert outcomes(armed) == [(CARD, "saved"), (CARD, "same")]

    async def test_a_card_that_was_only_listed_before_is_saved_when_its_charge_begins(
        self, application, armed, waiting, garage, held, clock
    ):
        [card] = await waiting(1)
        await armed.choose_mode(CaptureMode.COLLECT)
        await held(CARD)
        await armed.choose_mode(CaptureMode.FILL)
        await garage.call("StartTransaction", start_of(CARD, clock.go_on(minutes=1)))
        await armed.settled()
        assert uids_of(application, [card]) == [CARD]

    async def test_a_charge_of_this_morning_that_is_reported_now_gives_its_card_to_nobody_by_itself(
        self, application, armed, waiting, garage, clock
    ):
        [card] = await waiting(1)
        await garage.call("StartTransaction", start_of(CARD, clock() - timedelta(hours=3)))
        await armed.settled()
        assert outcomes(armed) == [(CARD, "late")]
        assert uids_of(application, [card]) == [None]
        await armed.give_to(armed.cards[0].number, card.id)
        assert uids_of(application, [card]) == [CARD]


class TestCardsThatAreNotNews:
    async def test_the_same_card_within_five_seconds_is_ignored_and_shown(
        self, application, armed, waiting, held, clock
    ):
        passes = await waiting(2)
        await held(CARD)
        clock.go_on(seconds=4.9)
        assert (await held(CARD)).outcome is Outcome.SAME
        assert uids_of(application, passes) == [CARD, None]

    async def test_a_card_left_on_the_reader_stays_the_same_card(self, armed, waiting, held, clock):
        await waiting(2)
        for _ in range(5):
            await held(CARD)
            clock.go_on(seconds=3)
        assert [outcome for _, outcome in outcomes(armed)] == ["saved", *["same"] * 4]

    async def test_a_card_of_somebody_is_named_and_kept(self, application, armed, waiting, held):
        [card] = await waiting(1)
        annas = await application.passes.add(PassDraft(CARD, "", "Anna's card"))
        told = await held(CARD)
        assert (told.outcome, told.pass_id, told.title) == (Outcome.BELONGS, annas.id, "Anna's card")
        assert uids_of(application, [annas, card]) == [CARD, None]

    async def test_on_request_it_is_moved_and_the_pass_it_was_waits_again(self, application, armed, waiting, held):
        annas = await application.passes.add(PassDraft(CARD, "NL-DEL-000011-2", "Anna's card"))
        [card] = await waiting(1)
        await held(OTHER)
        told = await held(CARD)
        assert told.outcome is Outcome.BELONGS
        [second] = await waiting(1, first=2)
        await armed.give_to(told.number, second.id)
        assert uids_of(application, [annas, card, second]) == [None, OTHER, CARD]
        assert annas.id in armed.queue()
        await armed.undo_last()
        assert uids_of(application, [annas, card, second]) == [CARD, OTHER, None]

    async def test_a_pass_without_another_id_is_removed_when_its_card_moves_and_comes_back_with_undo(
        self, application, armed, waiting, held
    ):
        pool = application.pools.all()[0].pool
        fob = await application.passes.add(PassDraft(CARD, "", "Fob"), pool_id=pool.id)
        [card] = await waiting(1)
        told = await held(CARD)
        await armed.give_to(told.number, card.id)
        assert [summary.card.title for summary in application.passes.all()] == ["Pass 1"]
        assert application.members.of_pool(pool.id) == []
        await armed.undo_last()
        assert application.passes.require(fob.id).uid == CARD
        assert [member.pass_id for member in application.members.of_pool(pool.id)] == [fob.id]
        assert uids_of(application, [card]) == [None]

    async def test_a_linked_card_moves_and_the_pass_keeps_its_own(self, application, armed, waiting, held):
        annas = await application.passes.add(PassDraft(OTHER, "", "Anna's card"))
        await application.passes.link(annas.id, CARD)
        [card] = await waiting(1)
        told = await held(CARD)
        assert told.pass_id == annas.id
        await armed.give_to(told.number, card.id)
        assert application.passes.find(CARD).id == card.id
        assert application.passes.find(OTHER).id == annas.id
        await armed.undo_last()
        assert application.passes.find(CARD).id == annas.id

    async def test_moving_to_a_pass_that_has_a_uid_by_now_is_refused_and_changes_nothing(
        self, application, armed, waiting, held
    ):
        annas = await application.passes.add(PassDraft(CARD, "", "Anna's card"))
        [card] = await waiting(1)
        told = await held(CARD)
        await application.passes.give_uid(card.id, OTHER)
        with pytest.raises(AppError, match="pass_has_uid"):
            await armed.give_to(told.number, card.id)
        assert uids_of(application, [annas, card]) == [CARD, OTHER]

    @pytest.mark.parametrize("uid", ["08A1B2C3", "A0000000", "VID:001122334455"])
    async def test_a_phone_or_what_is_no_card_never_becomes_a_pass(self, application, armed, waiting, held, uid):
        [card] = await waiting(1)
        assert (await held(uid)).outcome is Outcome.UNFIT
        assert uids_of(application, [card]) == [None]


class TestNewPasses:
    @pytest.fixture
    async def making(self, application, armed):
        anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna"))
        guests = await application.pools.create("Guests")
        await armed.choose_new_passes(NewPasses("Guest {nn}", anna.id, guests.id))
        await armed.choose_mode(CaptureMode.NEW)
        return anna, guests

    async def test_each_card_becomes_a_pass_of_the_chosen_identity_and_pool(self, application, making, held):
        anna, guests = making
        await held(CARD, OTHER)
        made = [application.passes.find(uid) for uid in (CARD, OTHER)]
        assert [(card.name, card.identity_id) for card in made] == [("Guest 01", anna.id), ("Guest 02", anna.id)]
        assert {member.pass_id for member in application.members.of_pool(guests.id)} == {card.id for card in made}

    async def test_numbers_go_on_after_the_highest_there_is(self, application, armed, making, held):
        await application.passes.add(PassDraft(OTHER, "", "Guest 07"))
        await held(CARD)
        assert application.passes.find(CARD).name == "Guest 08"
        assert armed.next_name() == "Guest 09"

    async def test_fifty_cards_at_once_have_fifty_names(self, application, making, held):
        await held(*map(uid_of, range(50)))
        assert sorted(application.passes.names()) == [f"Guest {number:02}" for number in range(1, 51)]

    async def test_undo_removes_the_pass_and_its_number_is_free_again(self, application, armed, making, held):
        await held(CARD)
        await armed.undo_last()
        assert application.passes.all() == []
        assert (await held(CARD)).title == "Guest 01"

    async def test_a_pool_that_is_gone_is_said_and_the_card_can_be_held_again_at_once(
        self, application, armed, making, held
    ):
        await application.pools.remove(making[1].id)
        told = await held(CARD)
        assert (told.outcome, told.code) == (Outcome.FAILED, "pool_unknown")
        await armed.choose_new_passes(NewPasses("Guest {n}"))
        assert (await held(CARD)).outcome is Outcome.SAVED

    async def test_a_name_that_would_be_too_long_is_refused(self, armed):
        with pytest.raises(AppError, match="name_too_long"):
            await armed.choose_new_passes(NewPasses("x" * 121))
        assert armed.new_passes == NewPasses()


class TestCollecting:
    @pytest.fixture
    async def collecting(self, armed):
        await armed.choose_mode(CaptureMode.COLLECT)
        return armed

    async def test_uids_are_listed_and_nothing_is_made(self, application, collecting, held):
        await held(CARD, OTHER)
        assert [card.uid for card in collecting.captured] == [CARD, OTHER]
        assert application.passes.all() == []

    async def test_a_card_is_listed_once_however_often_it_is_held(self, collecting, held, clock):
        await held(CARD)
        clock.go_on(minutes=1)
        await held(CARD)
        assert outcomes(collecting) == [(CARD, "collected"), (CARD, "same")]

    async def test_a_card_that_is_a_pass_is_listed_with_its_name(self, application, collecting, held):
        await application.passes.add(PassDraft(CARD, "", "Anna's card"))
        told = await held(CARD)
        assert (told.outcome, told.title) == (Outcome.COLLECTED, "Anna's card")

    async def test_undo_takes_the_last_one_off_the_list(self, collecting, held):
        await held(CARD, OTHER)
        await collecting.undo_last()
        assert [card.uid for card in collecting.captured] == [CARD]


class TestSkippingAndUndoing:
    async def test_a_skipped_pass_comes_last(self, armed, waiting, held):
        first, second, third = await waiting(3)
        await armed.skip(first.id)
        assert armed.queue() == [second.id, third.id, first.id]
        assert (await held(CARD)).pass_id == second.id

    async def test_a_pass_is_put_anywhere_in_the_queue(self, armed, waiting):
        first, second, third = await waiting(3)
        await armed.place(third.id, 0)
        await armed.place(first.id, 2)
        assert armed.queue() == [third.id, second.id, first.id]

    async def test_undo_makes_the_pass_the_next_one_and_the_card_can_be_held_again_at_once(
        self, application, armed, waiting, held
    ):
        first, second = await waiting(2)
        await held(CARD)
        await armed.undo_last()
        assert armed.queue() == [first.id, second.id]
        assert outcomes(armed) == [(CARD, "undone")]
        assert (await held(CARD)).pass_id == first.id

    async def test_undo_goes_back_card_by_card(self, application, armed, waiting, held):
        passes = await waiting(2)
        await held(CARD, OTHER)
        assert [(await armed.undo_last()).uid, (await armed.undo_last()).uid] == [OTHER, CARD]
        assert uids_of(application, passes) == [None, None]
        assert not armed.can_undo()
        assert await armed.undo_last() is None

    async def test_what_was_changed_since_is_not_taken_back(self, application, armed, waiting, held):
        [card] = await waiting(1)
        await held(CARD)
        await application.passes.change(card.id, PassDraft(OTHER, "NL-TNM-B20001"))
        with pytest.raises(AppError, match="undo_overtaken"):
            await armed.undo_last()
        assert uids_of(application, [card]) == [OTHER]


class TestUsbReaders:
    @pytest.fixture
    async def usb(self, capturing):
        await capturing.choose_reader(CardReader(ReaderKind.USB))
        capturing.arm()
        return capturing

    async def test_a_line_it_types_is_a_card(self, application, usb, waiting):
        [card] = await waiting(1)
        usb.typed("04a2b3c4d5e680")
        await usb.settled()
        assert uids_of(application, [card]) == [CARD]

    async def test_decimal_in_either_byte_order_becomes_the_cards_hex(self, usb):
        await usb.choose_mode(CaptureMode.COLLECT)
        for form, line in ((TypedForm.DECIMAL, "2971684727"), (TypedForm.DECIMAL_REVERSED, "2971684727")):
            await usb.choose_typed_form(form)
            usb.typed(line)
            await usb.settled()
        assert [card.uid for card in usb.captured] == ["B1204F77", "774F20B1"]

    async def test_what_is_no_card_number_is_shown_with_its_reason(self, usb):
        usb.typed("&é\"'")
        await usb.settled()
        [card] = usb.cards
        assert (card.outcome, card.code, card.facts) == (Outcome.FAILED, "typed_not_hex", (("typed", "&É\"'"),))

    async def test_stations_do_not_count_while_it_is_chosen(self, usb, waiting, held):
        await waiting(1)
        assert await held(CARD) is None

    async def test_typing_does_not_count_while_a_station_is_chosen(self, armed, waiting):
        await waiting(1)
        armed.typed("04a2b3c4d5e680")
        await armed.settled()
        assert armed.cards == []


class TestStoppingAndGoingOn:
    @asynccontextmanager
    async def again(self, database, clock):
        application = Application(database, clock=clock)
        yield application
        await application.stop()

    async def test_what_was_chosen_and_captured_is_there_after_a_restart(
        self, application, armed, waiting, held, database, clock
    ):
        first, _second, third = await waiting(3)
        await armed.skip(first.id)
        await held(CARD)
        await armed.choose_new_passes(NewPasses("Key {n}", None, None))
        await armed.choose_mode(CaptureMode.COLLECT)
        await armed.choose_typed_form(TypedForm.DECIMAL_REVERSED)
        await armed.choose_sound(sound=False)
        await held(OTHER)
        before = armed.cards
        await application.stop()
        async with self.again(database, clock) as later:
            capturing = later.capturing
            assert capturing.cards == before
            assert capturing.queue() == [third.id, first.id]
            assert (capturing.mode, capturing.reader) == (CaptureMode.COLLECT, GARAGE)
            assert (capturing.new_passes, capturing.sound) == (NewPasses("Key {n}"), False)
            assert capturing.typed_form is TypedForm.DECIMAL_REVERSED
            assert not capturing.is_armed
            assert [card.uid for card in capturing.captured] == [CARD, OTHER]
            # The list can still be shortened; a pass of then is changed where passes are.
            assert (await capturing.undo_last()).uid == OTHER
            assert not capturing.can_undo()

    async def test_cards_held_before_the_end_are_dealt_with_before_it(
        self, application, armed, waiting, garage, database, clock
    ):
        await waiting(20)
        for number in range(20):
            await garage.call("Authorize", {"idTag": uid_of(number)})
        await application.stop()
        async with self.again(database, clock) as later:
            assert [summary.card.uid for summary in reversed(later.passes.all())] == [uid_of(n) for n in range(20)]

    async def test_what_cannot_be_read_begins_anew_and_says_so_in_the_log(
        self, application, armed, database, clock, caplog
    ):
        await armed.choose_sound(sound=False)
        await application.store.write(lambda c: c.exec_driver_sql("UPDATE settings SET value = '{\"mode\": 7}'"))
        await application.stop()
        async with self.again(database, clock) as later:
            assert later.capturing.reader == CardReader()
        assert "capturing begins anew" in caplog.text
        caplog.clear()

    async def test_finish_begins_a_new_list_and_can_be_taken_back(self, application, armed, waiting, held):
        [card, _] = await waiting(2)
        await held(CARD)
        undo = await armed.finish()
        assert (armed.cards, armed.is_armed) == ([], False)
        assert uids_of(application, [card]) == [CARD]
        armed.arm()
        await held(OTHER)
        await undo()
        assert [each.uid for each in armed.captured] == [CARD, OTHER]
        assert len({each.number for each in armed.cards}) == 2

    async def test_everything_is_told(self, application, armed, waiting, held):
        told = []
        await waiting(1)
        application.bus.subscribe(CaptureChanged, told.append)
        await held(CARD)
        assert len(told) == 1
        await armed.undo_last()
        assert len(told) == 2


class TestAFullDisk:
    async def test_a_card_that_could_not_be_written_says_so_and_its_pass_waits_on(
        self, application, armed, waiting, held, monkeypatch
    ):
        [card] = await waiting(1)

        async def full(_write):
            raise AppError("disk_full")

        with monkeypatch.context() as patched:
            patched.setattr(application.capturing._passes._store, "write", full)
            told = await held(CARD)
            assert (told.outcome, told.code) == (Outcome.FAILED, "disk_full")
        assert armed.queue() == [card.id]
        assert (await held(CARD)).outcome is Outcome.SAVED

    async def test_a_uid_that_could_not_be_listed_for_good_says_so(self, application, armed, held, monkeypatch):
        await armed.choose_mode(CaptureMode.COLLECT)

        async def full(_write):
            raise AppError("disk_full")

        with monkeypatch.context() as patched:
            patched.setattr(application.store, "write", full)
            assert (await held(CARD)).outcome is Outcome.FAILED
        assert armed.captured == []
        assert (await held(CARD)).outcome is Outcome.COLLECTED


async def test_no_other_part_need_speak_of_a_tap_that_is_captured(application, armed, garage):
    heard = []
    application.bus.subscribe(CardTapped, lambda event: heard.append(armed.hears(event.tap)))
    await garage.call("Authorize", {"idTag": CARD})
    armed.disarm()
    await garage.call("Authorize", {"idTag": CARD})
    assert heard == [True, False]
