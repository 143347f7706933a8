"""PINs of pools: what an operator does with them, and what becomes of digits that are typed."""

import asyncio
import threading
from datetime import timedelta

import pytest

from app import pins
from app.domain.access import Moment, Reason, Status
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.events import PinEntryClosed, PoolsChanged
from app.domain.history import ChangeKind, Origin
from app.domain.model import AccessLevel, PoolOptions, TapSource
from app.domain.pins import HIDDEN_PIN
from app.pins import MOST_USES, PinDraft
from app.sessions import Admission, Start

WRONG = ("0000", "1111", "2222", "3333", "5555", "6666")


@pytest.fixture
async def garage(site):
    """A Restricted pool with one station."""
    pool = await site.pools.create("Garage", AccessLevel.RESTRICTED)
    await site.stations.accept("CP-1", pool_id=pool.id)
    return pool


@pytest.fixture
async def wedding(site, garage):
    """A PIN, 4711, that is good for two sessions."""
    return await site.pins.add(garage.id, "4711", PinDraft("Wedding", uses=2))


def rows_of(site, table):
    return [dict(row) for row in site.store.reader.exec_driver_sql(f"select * from {table}").mappings()]


async def charge(site, pin, *, status="Accepted", connector=1, station="CP-1"):
    """Store a start by a PIN as it was decided."""
    now = site.clock()
    start = Start(station, connector, HIDDEN_PIN, HIDDEN_PIN, 0, now, f"{now} {connector}")
    admission = Admission(status, "pin", station, "Garage", None, None, pin.name, pin.id)
    return (await site.sessions.started(start, admission)).transaction_id


async def typed(site, digits, moment=Moment.AUTHORIZE, *, station="CP-1"):
    return await site.taps.judge_typed(station, digits, moment)


async def reason(site, digits, moment=Moment.AUTHORIZE, *, station="CP-1"):
    return (await typed(site, digits, moment, station=station)).decision.reason


class TestAnOperator:
    async def test_makes_one_whose_digits_are_kept_nowhere(self, site, garage, told, wedding):
        assert site.pins.of_pool(garage.id) == [wedding]
        assert (wedding.name, wedding.digits, wedding.uses, wedding.used) == ("Wedding", 4, 2, 0)
        (row,) = rows_of(site, "pins")
        assert len(row["digest"]) == 64
        assert "4711" not in str(rows_of(site, "pins") + rows_of(site, "access_changes"))
        assert told[-1] == PoolsChanged((garage.id,))

    async def test_sees_them_by_name(self, site, garage, wedding):
        await site.pins.add(garage.id, "0042", PinDraft(" Ann's \n guests "))
        assert [pin.name for pin in site.pins.of_pool(garage.id)] == ["Ann's guests", "Wedding"]

    @pytest.mark.parametrize(
        ("digits", "draft", "code"),
        [
            ("12a4", PinDraft("A"), "pin_not_digits"),
            ("123", PinDraft("A"), "pin_wrong_length"),
            ("12345678", PinDraft("A"), "pin_wrong_length"),
            ("1234", PinDraft("  "), "pin_name_empty"),
            ("1234", PinDraft("x" * 121), "name_too_long"),
            ("1234", PinDraft("A", uses=0), "pin_uses"),
            ("1234", PinDraft("A", uses=MOST_USES + 1), "pin_uses"),
            ("1234", PinDraft("A", uses=2**70), "pin_uses"),
        ],
    )
    async def test_is_told_what_cannot_be_one(self, site, garage, digits, draft, code):
        with pytest.raises(AppError, match=code):
            await site.pins.add(garage.id, digits, draft)
        assert site.pins.of_pool(garage.id) == []

    async def test_gives_no_end_before_the_beginning(self, site, garage, clock):
        with pytest.raises(AppError, match="validity_reversed"):
            await site.pins.add(garage.id, "1234", PinDraft("A", clock.now, clock.now))

    async def test_finds_no_pool_that_is_gone(self, site):
        with pytest.raises(AppError, match="pool_unknown"):
            await site.pins.add(99, "1234", PinDraft("A"))

    async def test_gives_the_same_digits_once_in_a_pool_and_again_in_another(self, site, garage, wedding):
        with pytest.raises(AppError, match="pin_taken"):
            await site.pins.add(garage.id, "4711", PinDraft("Again"))
        yard = await site.pools.create("Yard", AccessLevel.RESTRICTED)
        other = await site.pins.add(yard.id, "4711", PinDraft("Again"))
        assert await site.pins.find(yard.id, "4711") == other.id

    async def test_in_two_windows_gives_the_same_digits_once(self, site, garage):
        made = await asyncio.gather(
            *(site.pins.add(garage.id, "4711", PinDraft(name)) for name in "ABC"), return_exceptions=True
        )
        assert [each.code for each in made if isinstance(each, AppError)] == ["pin_taken"] * 2
        assert len(site.pins.of_pool(garage.id)) == 1

    async def test_in_two_windows_makes_the_first_pins_of_a_pool_and_each_is_good(self, site, garage):
        made = await asyncio.gather(*(site.pins.add(garage.id, digits, PinDraft(digits)) for digits in WRONG))
        for digits, pin in zip(WRONG, made, strict=True):
            assert await site.pins.find(garage.id, digits) == pin.id
        assert len({row["salt"] for row in rows_of(site, "pins")}) == 1

    async def test_changes_when_and_how_often_it_is_good_and_takes_that_back(self, site, wedding, clock, told):
        undo = await site.pins.change(wedding.id, PinDraft("Party", None, clock.now + timedelta(days=1), 5))
        changed = site.pins.require(wedding.id)
        assert (changed.name, changed.valid_until, changed.uses) == ("Party", clock.now + timedelta(days=1), 5)
        assert await site.pins.find(wedding.pool_id, "4711") == wedding.id
        await undo()
        assert site.pins.require(wedding.id) == wedding
        assert told[-1] == PoolsChanged((wedding.pool_id,))

    async def test_cannot_change_one_that_is_gone(self, site, wedding):
        undo = await site.pins.change(wedding.id, PinDraft("Party"))
        await site.pins.remove(wedding.id)
        with pytest.raises(AppError, match="pin_unknown"):
            await site.pins.change(wedding.id, PinDraft("Party"))
        with pytest.raises(AppError, match="pin_unknown"):
            await undo()

    async def test_removes_it_from_the_next_try_on_and_takes_that_back_with_what_it_was_used_for(self, site, wedding):
        session_id = await charge(site, wedding)
        undo = await site.pins.remove(wedding.id)
        assert await reason(site, "4711") is Reason.UNKNOWN_CARD
        assert site.sessions.find(session_id).holder == "Wedding"
        await undo()
        assert site.pins.require(wedding.id).used == 1
        assert site.sessions.find(session_id).pin_id == wedding.id
        assert await reason(site, "4711") is Reason.PIN

    async def test_may_make_others_before_taking_a_removal_back(self, site, garage, wedding):
        undo = await site.pins.remove(wedding.id)
        other = await site.pins.add(garage.id, "0815", PinDraft("Other"))
        await undo()
        assert await site.pins.find(garage.id, "4711") == wedding.id
        assert await site.pins.find(garage.id, "0815") == other.id
        for digits in ("4711", "0815"):
            with pytest.raises(AppError, match="pin_taken"):
                await site.pins.add(garage.id, digits, PinDraft("Third"))

    async def test_removes_a_pool_with_its_pins_and_takes_that_back(self, site, garage, wedding):
        await charge(site, wedding)
        before = rows_of(site, "pins"), rows_of(site, "sessions")
        undo = await site.pools.remove(garage.id)
        assert rows_of(site, "pins") == []
        await undo()
        assert (rows_of(site, "pins"), rows_of(site, "sessions")) == before

    async def test_finds_each_change_in_the_history(self, site, garage, wedding):
        await (await site.pins.change(wedding.id, PinDraft("Party")))()
        await (await site.pins.remove(wedding.id))()
        changes = [each for each in site.history.of_pool(garage.id) if each.kind.value.startswith("pin_")]
        assert [(each.kind, each.origin, each.name) for each in changes] == [
            (ChangeKind.PIN_ADDED, Origin.UNDO, "Wedding"),
            (ChangeKind.PIN_REMOVED, Origin.BY_HAND, "Wedding"),
            (ChangeKind.PIN_CHANGED, Origin.UNDO, "Wedding"),
            (ChangeKind.PIN_CHANGED, Origin.BY_HAND, "Party"),
            (ChangeKind.PIN_ADDED, Origin.BY_HAND, "Wedding"),
        ]


class TestWhatIsTyped:
    async def test_is_let_in_under_the_pins_name(self, site, wedding, clock):
        verdict = await typed(site, "4711")
        assert (verdict.decision.status, verdict.decision.reason) == (Status.ACCEPTED, Reason.PIN)
        assert (verdict.holder, verdict.pin_id, verdict.pass_id, verdict.uid) == ("Wedding", wedding.id, None, "")
        assert verdict.decision.expires_at == clock.now + timedelta(minutes=5)

    @pytest.mark.parametrize("sent", [" 4711", "4711#", "4711\x00", "*4711#", "47-11"])
    async def test_may_come_with_blanks_and_the_enter_key(self, site, wedding, sent):
        assert await reason(site, sent) is Reason.PIN

    @pytest.mark.parametrize("sent", ["4712", "471", "47110", "711", "0", "0004711"])
    async def test_is_wrong_when_a_digit_is(self, site, wedding, sent):
        verdict = await typed(site, sent)
        assert (verdict.decision.reason, verdict.is_typed, verdict.uid) == (Reason.WRONG_PIN, True, "")

    async def test_is_good_for_so_many_sessions(self, site, wedding):
        await charge(site, wedding, status="Invalid")
        await charge(site, wedding, connector=2)
        assert await reason(site, "4711", Moment.START) is Reason.PIN
        await charge(site, wedding, connector=3, station="CP-2")
        assert site.pins.require(wedding.id).used == 2
        assert await reason(site, "4711", Moment.START) is Reason.PIN_USED_UP

    async def test_ends_where_it_charges_what_it_began_with_its_last_use(self, site, garage, wedding):
        await site.stations.accept("CP-2", pool_id=garage.id)
        for connector in (1, 2):
            await charge(site, wedding, connector=connector)
        assert await reason(site, "4711", Moment.AUTHORIZE) is Reason.PIN
        assert await reason(site, "4711", Moment.STOP) is Reason.PIN
        assert await reason(site, "4711", Moment.START) is Reason.PIN_USED_UP
        assert await reason(site, "4711", Moment.AUTHORIZE, station="CP-2") is Reason.PIN_USED_UP

    async def test_is_good_within_its_time(self, site, garage, clock):
        hour = timedelta(hours=1)
        await site.pins.add(garage.id, "0042", PinDraft("Later", clock.now + hour, clock.now + 2 * hour))
        assert await reason(site, "0042") is Reason.PIN_NOT_YET_VALID
        clock.go_on(hours=1)
        assert await reason(site, "0042") is Reason.PIN
        clock.go_on(hours=1)
        assert await reason(site, "0042") is Reason.PIN_EXPIRED

    async def test_is_a_pass_when_one_has_these_digits(self, site, garage, wedding):
        await site.passes.add(PassDraft(uid="4711"), pool_id=garage.id)
        verdict = await typed(site, "4711")
        assert (verdict.decision.reason, verdict.uid) == (Reason.PASS_IS_MEMBER, "4711")

    async def test_is_no_pin_of_a_pool_at_another_level(self, site, garage, wedding):
        for level in (AccessLevel.PRIVATE, AccessLevel.BY_LIST, AccessLevel.PUBLIC):
            await site.pools.change(garage.id, level=level)
            verdict = await typed(site, "4711")
            assert (verdict.decision.reason, verdict.is_typed) == (Reason.WRONG_PIN, True)
        await site.pools.change(garage.id, level=AccessLevel.PUBLIC, options=PoolOptions(free_vend=True))
        verdict = await typed(site, "4711")
        assert (verdict.decision.reason, verdict.is_typed) == (Reason.FREE_VEND, True)

    async def test_at_another_pool_is_wrong_and_as_secret_and_not_counted(self, site, wedding, told):
        yard = await site.pools.create("Yard", AccessLevel.RESTRICTED)
        await site.stations.accept("CP-2", pool_id=yard.id)
        for _ in range(9):
            verdict = await typed(site, "4711", station="CP-2")
            assert (verdict.decision.reason, verdict.is_typed, verdict.uid) == (Reason.WRONG_PIN, True, "")
        assert site.pins.closed_until("CP-2") is None

    async def test_is_a_card_where_no_pool_has_a_pin(self, site, garage):
        verdict = await typed(site, "4711")
        assert (verdict.decision.reason, verdict.is_typed, verdict.uid) == (Reason.UNKNOWN_CARD, False, "4711")

    @pytest.mark.parametrize("digits", ["4711", "4712"])
    async def test_is_told_and_kept_without_its_digits(self, site, wedding, digits, clock):
        verdict = await typed(site, digits)
        where = {"station_id": "CP-1", "connector_id": 1, "source": TapSource.AUTHORIZE, "message_id": 1}
        tap = site.taps.record(verdict, raw_id_tag=digits, **where)
        assert (tap.raw_id_tag, tap.uid, tap.pass_id) == (HIDDEN_PIN, "", None)
        assert tap.holder == ("Wedding" if digits == "4711" else "")
        assert digits not in repr(tap)
        # Whoever looks at it again learns no more, and is offered no card.
        again = site.taps.judge("CP-1", tap.raw_id_tag, Moment.AUTHORIZE)
        assert (again.decision.reason, again.uid, again.may_be_pin) == (Reason.WRONG_PIN, "", True)


class TestAMomentBetween:
    """While a PIN is tried, everything else goes on."""

    @pytest.fixture
    def meanwhile(self, site, monkeypatch):
        """Does something after the PIN was found and before the start is decided."""

        def prepare(change):
            typed = site.pins.typed

            async def found(*asked):
                result = await typed(*asked)
                await change()
                return result

            monkeypatch.setattr(site.pins, "typed", found)

        return prepare

    async def test_a_pin_that_is_removed_opens_nothing(self, site, wedding, meanwhile):
        meanwhile(lambda: site.pins.remove(wedding.id))
        verdict = await typed(site, "4711", Moment.START)
        assert (verdict.decision.reason, verdict.pin_id, verdict.uid) == (Reason.WRONG_PIN, None, "")

    async def test_a_station_that_is_moved_takes_no_pin_of_the_pool_it_was_in(self, site, wedding, meanwhile):
        yard = await site.pools.create("Yard", AccessLevel.RESTRICTED)
        meanwhile(lambda: site.stations.move(["CP-1"], yard.id))
        verdict = await typed(site, "4711", Moment.START)
        assert (verdict.decision.reason, verdict.pool_name, verdict.pin_id) == (Reason.WRONG_PIN, "Yard", None)

    async def test_a_pass_that_is_made_of_the_digits_is_that_pass(self, site, garage, wedding, meanwhile):
        meanwhile(lambda: site.passes.add(PassDraft(uid="4711"), pool_id=garage.id))
        verdict = await typed(site, "4711", Moment.START)
        assert (verdict.decision.reason, verdict.pin_id) == (Reason.PASS_IS_MEMBER, None)


class TestWrongOnes:
    async def test_close_the_entry_at_that_station_for_right_ones_too(self, site, garage, wedding, clock, told):
        await site.stations.accept("CP-2", pool_id=garage.id)
        for digits in WRONG[:5]:
            assert site.pins.closed_until("CP-1") is None
            assert await reason(site, digits) is Reason.WRONG_PIN
            clock.go_on(minutes=1)
        opens_at = clock.now + timedelta(minutes=5)
        assert [each for each in told if isinstance(each, PinEntryClosed)] == [PinEntryClosed("CP-1", opens_at)]
        assert site.pins.closed_until("cp-1") == opens_at
        assert await reason(site, "4711") is Reason.PIN_ENTRY_CLOSED
        assert await reason(site, WRONG[5]) is Reason.PIN_ENTRY_CLOSED
        assert await reason(site, "4711", station="CP-2") is Reason.PIN
        clock.now = opens_at
        assert await reason(site, "4711") is Reason.PIN

    async def test_are_not_forgiven_by_a_right_one(self, site, wedding):
        for digits in WRONG[:4]:
            await typed(site, digits)
        assert await reason(site, "4711") is Reason.PIN
        assert await reason(site, WRONG[4]) is Reason.WRONG_PIN
        assert await reason(site, "4711") is Reason.PIN_ENTRY_CLOSED

    async def test_that_no_pin_can_be_are_not_counted(self, site, wedding):
        for _ in range(9):
            assert await reason(site, "0", Moment.STOP) is Reason.WRONG_PIN
        assert await reason(site, "4711") is Reason.PIN

    async def test_that_an_operator_tries_are_not_counted(self, site, wedding, told):
        for digits in (*WRONG, "4711"):
            verdict = await site.taps.judge_typed("CP-1", digits, Moment.AUTHORIZE, rehearsed=True)
            assert verdict.decision.accepted is (digits == "4711")
        assert site.pins.closed_until("CP-1") is None
        assert not [each for each in told if isinstance(each, PinEntryClosed)]

    async def test_that_come_at_once_are_tried_five_times_and_one_after_the_other(self, site, wedding, monkeypatch):
        hashed, running, digest = [], [], pins._digest

        def watched(*typed_and_salt):
            running.append(1)
            hashed.append((len(running), threading.current_thread()))
            try:
                return digest(*typed_and_salt)
            finally:
                running.pop()

        monkeypatch.setattr(pins, "_digest", watched)
        reasons = await asyncio.gather(*(reason(site, f"1{number:03}") for number in range(20)))
        assert reasons == [Reason.WRONG_PIN] * 5 + [Reason.PIN_ENTRY_CLOSED] * 15
        assert [at_once for at_once, _ in hashed] == [1] * 5
        # It takes longer than a frame: the loop's thread must not wait for it.
        assert threading.current_thread() not in {thread for _, thread in hashed}
