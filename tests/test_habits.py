"""How a station wants to be treated, and by which serial number it is known."""

import pytest

from app.domain.errors import AppError
from app.domain.events import StationsChanged
from app.habits import LONGEST_DELAY_MS, Habits


async def test_a_station_of_which_nothing_is_known_has_no_wishes(site):
    assert site.habits.of("CP1") == Habits()
    assert site.habits.all() == {}


async def test_what_is_changed_is_kept_under_whatever_case_of_its_name_and_can_be_taken_back(site, told):
    await site.habits.treat("CP1", answer_delay_ms=1000)
    undo = await site.habits.treat("cp1", milliseconds=True)
    assert site.habits.of("Cp1") == Habits(answer_delay_ms=1000, milliseconds=True)
    assert told == [StationsChanged(("CP1",)), StationsChanged(("cp1",))]
    await undo()
    assert site.habits.of("CP1") == Habits(answer_delay_ms=1000)


async def test_a_change_is_not_taken_back_over_a_later_one(site):
    undo = await site.habits.treat("CP1", answer_delay_ms=1000)
    await site.habits.treat("CP1", answer_delay_ms=500)
    with pytest.raises(AppError) as overtaken:
        await undo()
    assert overtaken.value.code == "undo_overtaken"


@pytest.mark.parametrize("delay_ms", [-1, LONGEST_DELAY_MS + 1])
async def test_an_answer_is_not_held_back_for_longer_than_a_station_waits(site, delay_ms):
    with pytest.raises(AppError) as refused:
        await site.habits.treat("CP1", answer_delay_ms=delay_ms)
    assert refused.value.code == "answer_delay_out_of_range"


async def test_the_address_it_came_to_is_the_last_one(site):
    for address in ("192.168.1.20", "10.0.0.7"):
        await site.habits.came_to("CP1", address)
    assert site.habits.all() == {"cp1": Habits(reached_at="10.0.0.7")}


class TestAnAddressInPlaceOfAName:
    async def test_is_of_one_station_until_that_is_ended(self, site):
        await site.habits.expect_nameless("CP1", "192.168.1.7")
        assert site.habits.nameless_at("192.168.1.7") == "CP1"
        assert site.habits.nameless_at("192.168.1.8") == ""
        await site.habits.expect_nameless("CP1", "")
        assert site.habits.nameless_at("192.168.1.7") == ""

    async def test_is_not_given_to_two(self, site):
        await site.habits.expect_nameless("CP1", "192.168.1.7")
        with pytest.raises(AppError) as taken:
            await site.habits.expect_nameless("CP2", "192.168.1.7")
        assert (taken.value.code, taken.value.params["station_id"]) == ("nameless_at_taken", "CP1")
        await site.habits.expect_nameless("cp1", "192.168.1.7")

    async def test_of_none_is_no_address(self, site):
        await site.habits.treat("CP1", milliseconds=True)
        assert site.habits.nameless_at("") == ""


class TestWhatAStationShowedOfItself:
    async def test_is_kept(self, site):
        await site.habits.treat("CP1", milliseconds=True)
        await site.habits.learned("cp1", never_pongs=True, breaks_off_at=("GetConfiguration", "TriggerMessage"))
        found = Habits(milliseconds=True, never_pongs=True, breaks_off_at=("GetConfiguration", "TriggerMessage"))
        assert site.habits.of("CP1") == found
        await site.habits.learned("CP1", never_pongs=False, breaks_off_at=())
        assert site.habits.of("CP1") == Habits(milliseconds=True)


class TestASerialNumber:
    async def test_that_is_told_first_is_what_it_is_known_by(self, site, told):
        assert not await site.habits.told_serial_number("CP1", "SN-1", "")
        assert site.habits.of("CP1").serial_number == "SN-1"
        assert told == []

    async def test_that_was_told_before_anything_was_kept_counts_as_the_first(self, site):
        assert await site.habits.told_serial_number("CP1", "SN-2", "SN-1")
        assert site.habits.of("CP1") == Habits(serial_number="SN-1", other_serial_number="SN-2")

    @pytest.mark.parametrize("written", ["sn-1", "SN1", " SN 1", "00SN-1", ""])
    async def test_written_otherwise_or_left_out_is_the_same(self, site, written):
        await site.habits.told_serial_number("CP1", "SN-1", "")
        assert not await site.habits.told_serial_number("CP1", written, "SN-1")
        assert site.habits.of("CP1") == Habits(serial_number="SN-1")

    async def test_that_is_another_one_is_told_once_and_takes_no_place_by_itself(self, site, told):
        await site.habits.told_serial_number("CP1", "SN-1", "")
        assert await site.habits.told_serial_number("CP1", "SN-9", "SN-1")
        assert not await site.habits.told_serial_number("CP1", "SN-9", "SN-9")
        assert site.habits.of("CP1") == Habits(serial_number="SN-1", other_serial_number="SN-9")
        assert told == [StationsChanged(("CP1",))]

    async def test_takes_the_place_when_the_operator_says_so_and_that_can_be_taken_back(self, site):
        await site.habits.told_serial_number("CP1", "SN-9", "SN-1")
        undo = await site.habits.exchanged("CP1")
        assert site.habits.of("CP1") == Habits(serial_number="SN-9")
        await undo()
        assert site.habits.of("CP1") == Habits(serial_number="SN-1", other_serial_number="SN-9")

    async def test_that_comes_back_ends_the_question(self, site):
        await site.habits.told_serial_number("CP1", "SN-9", "SN-1")
        await site.habits.told_serial_number("CP1", "SN-1", "SN-9")
        assert site.habits.of("CP1") == Habits(serial_number="SN-1")

    async def test_cannot_be_approved_where_there_is_no_other_one(self, site):
        with pytest.raises(AppError) as refused:
            await site.habits.exchanged("CP1")
        assert refused.value.code == "serial_number_not_other"
