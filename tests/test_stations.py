from datetime import timedelta

import pytest

from app.database.schema import FIRST_ORGANIZATION
from app.domain.errors import AppError
from app.domain.events import StationBooted, StationsChanged, StationWantsToJoin
from app.domain.model import Connector, ConnectorStatus, Registration
from app.stations import PENDING_LIMIT, Boot

ABOUT = Boot("Alfen", "Eve", "SN1", "6.4", "192.168.1.23")


async def booted(site, *ids):
    for station_id in ids:
        await site.stations.booted(station_id, Boot())


class TestJoining:
    async def test_a_stranger_is_kept_as_wanting_to_join_and_told(self, site, told, clock):
        station = await site.stations.booted("CP-1", ABOUT)
        assert station.registration is Registration.PENDING
        assert (station.vendor, station.address, station.firmware) == ("Alfen", "192.168.1.23", "6.4")
        assert (station.first_seen_at, station.last_seen_at) == (clock.now, clock.now)
        assert told == [StationsChanged(("CP-1",)), StationBooted("CP-1"), StationWantsToJoin("CP-1")]

    async def test_a_stranger_that_boots_again_is_not_told_again(self, site, told, clock):
        first_seen = clock.now
        await booted(site, "CP-1")
        told.clear()
        clock.go_on(hours=1)
        station = await site.stations.booted("cp-1", ABOUT)
        assert told == [StationsChanged(("CP-1",)), StationBooted("CP-1")]
        assert (station.station_id, station.first_seen_at, station.last_seen_at) == ("CP-1", first_seen, clock.now)
        assert site.stations.count() == 1

    async def test_a_flood_of_strangers_is_remembered_in_part(self, site, clock):
        await site.stations.accept("MINE")
        for number in range(PENDING_LIMIT + 5):
            clock.go_on(seconds=1)
            await site.stations.booted(f"S{number}", Boot())
        assert site.stations.count() == PENDING_LIMIT + 1
        assert site.stations.find("S4") is None
        assert site.stations.find("S5")
        assert site.stations.find("MINE")

    async def test_a_stranger_is_remembered_though_the_clock_was_set_back(self, site, clock):
        for number in range(PENDING_LIMIT):
            await site.stations.booted(f"S{number}", Boot())
        clock.go_on(days=-1)
        assert (await site.stations.booted("NEW", Boot())).station_id == "NEW"

    async def test_booting_changes_neither_name_nor_pool_nor_registration(self, site):
        pool = await site.pools.create("Garage")
        await site.stations.accept("CP-1", name="Left", pool_id=pool.id)
        station = await site.stations.booted("CP-1", ABOUT)
        assert (station.name, station.pool_id, station.registration) == ("Left", pool.id, Registration.ACCEPTED)


class TestAccepting:
    async def test_a_station_is_let_in_with_a_name_and_a_pool(self, site, told):
        pool = await site.pools.create("Garage")
        await booted(site, "CP-1")
        told.clear()
        station = await site.stations.accept("CP-1", name=" Left  one ", pool_id=pool.id)
        assert (station.name, station.pool_id, station.registration) == ("Left one", pool.id, Registration.ACCEPTED)
        assert told == [StationsChanged(("CP-1",))]

    async def test_a_station_may_be_let_in_before_it_was_ever_seen(self, site, clock):
        await site.stations.accept("CP-1")
        assert site.stations.find("CP-1").first_seen_at is None
        clock.go_on(days=1)
        assert (await site.stations.booted("CP-1", Boot())).first_seen_at == clock.now

    async def test_whatever_its_case_it_is_the_same_station_spelled_as_it_came(self, site, told):
        await booted(site, "CP-1")
        told.clear()
        assert (await site.stations.accept("cp-1")).station_id == "CP-1"
        assert told == [StationsChanged(("CP-1",))]
        assert site.stations.find("cP-1").registration is Registration.ACCEPTED
        assert site.stations.count() == 1

    async def test_an_empty_name_or_pool_leaves_what_is_there(self, site):
        pool = await site.pools.create("Garage")
        await site.stations.accept("CP-1", name="Left", pool_id=pool.id)
        station = await site.stations.accept("CP-1")
        assert (station.name, station.pool_id) == ("Left", pool.id)

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ({"station_id": ""}, "station_id_empty"),
            ({"station_id": "a/b"}, "station_id_bad_characters"),
            ({"station_id": "x" * 49}, "station_id_too_long"),
            ({"station_id": "CP-1", "name": "n" * 121}, "name_too_long"),
            ({"station_id": "CP-1", "pool_id": 7}, "pool_unknown"),
            ({"station_id": "CP-1", "host_id": 7}, "organization_unknown"),
        ],
    )
    async def test_what_does_not_fit_is_refused_and_nothing_kept(self, site, told, arguments, code):
        with pytest.raises(AppError) as refused:
            await site.stations.accept(**arguments)
        assert refused.value.code == code
        assert site.stations.count() == 0
        assert told == []


class TestChanging:
    async def test_a_station_can_be_rejected_and_that_taken_back(self, site):
        await site.stations.accept("CP-1")
        undo = await site.stations.reject("cp-1")
        assert site.stations.find("CP-1").registration is Registration.REJECTED
        await undo()
        assert site.stations.find("CP-1").registration is Registration.ACCEPTED

    async def test_a_name_can_be_changed_and_that_taken_back(self, site):
        await site.stations.accept("CP-1", name="Left")
        undo = await site.stations.rename("CP-1", "")
        assert site.stations.find("CP-1").title == "CP-1"
        await undo()
        assert site.stations.find("CP-1").title == "Left"

    async def test_stations_move_together_and_back_to_where_each_was(self, site, told):
        garage, office = await site.pools.create("Garage"), await site.pools.create("Office")
        await site.stations.accept("A", pool_id=garage.id)
        await site.stations.accept("B")
        told.clear()
        undo = await site.stations.move(["A", "b"], office.id)
        assert told == [StationsChanged(("A", "B"))]
        assert [site.stations.find(each).pool_id for each in "AB"] == [office.id, office.id]
        await undo()
        assert [site.stations.find(each).pool_id for each in "AB"] == [garage.id, None]

    async def test_a_station_can_be_put_into_no_pool(self, site):
        pool = await site.pools.create("Garage")
        await site.stations.accept("A", pool_id=pool.id)
        await site.stations.move(["A"], None)
        assert site.stations.find("A").pool_id is None

    async def test_none_moves_where_one_cannot(self, site):
        pool = await site.pools.create("Garage")
        await site.stations.accept("A")
        with pytest.raises(AppError, match="station_unknown"):
            await site.stations.move(["A", "B"], pool.id)
        with pytest.raises(AppError, match="pool_unknown"):
            await site.stations.move(["A"], pool.id + 1)
        assert site.stations.find("A").pool_id is None

    async def test_moving_back_into_a_pool_that_is_gone_is_refused(self, site):
        pool = await site.pools.create("Garage")
        await site.stations.accept("A", pool_id=pool.id)
        undo = await site.stations.move(["A"], None)
        await site.pools.remove(pool.id)
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert site.stations.find("A").pool_id is None

    async def test_a_removed_station_can_be_brought_back(self, site, told):
        await site.stations.accept("CP-1", name="Left")
        before = site.stations.find("CP-1")
        undo = await site.stations.remove("cp-1")
        assert not site.stations.all()
        told.clear()
        await undo()
        assert told == [StationsChanged(("CP-1",))]
        assert site.stations.all() == (before,)

    async def test_one_that_came_back_by_itself_is_not_brought_back_over_it(self, site):
        await site.stations.accept("CP-1", name="Left")
        undo = await site.stations.remove("CP-1")
        await booted(site, "CP-1")
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert site.stations.find("CP-1").registration is Registration.PENDING

    @pytest.mark.parametrize("action", ["reject", "remove", "require"])
    async def test_a_station_nobody_knows_is_named(self, site, action):
        with pytest.raises(AppError, match="station_unknown") as refused:
            done = getattr(site.stations, action)("nobody")
            await done
        assert refused.value.params == {"station_id": "nobody"}


class TestAllocating:
    """Where there are several organizations, a station is in a pool only once it belongs to one of them."""

    @pytest.fixture
    async def hotel(self, site):
        return await site.organizations.create("Hotel")

    async def test_where_there_is_one_organization_nobody_has_to_say_so(self, site):
        assert (await site.stations.accept("CP-1")).host_id == FIRST_ORGANIZATION

    async def test_where_there_are_several_a_station_belongs_to_none_until_told(self, site, hotel):
        assert (await site.stations.accept("CP-1")).host_id is None
        assert (await site.stations.accept("CP-1", host_id=hotel.id)).host_id == hotel.id
        assert (await site.stations.accept("CP-1", name="Left")).host_id == hotel.id

    async def test_a_station_of_nobody_is_refused_in_a_pool(self, site, hotel, told):
        pool = await site.pools.create("Garage")
        await site.stations.accept("CP-1", host_id=hotel.id)
        await site.stations.accept("CP-2")
        told.clear()
        for attempt in (
            site.stations.move(["CP-1", "CP-2"], pool.id),
            site.stations.accept("CP-2", name="Left", pool_id=pool.id),
            site.stations.accept("CP-3", pool_id=pool.id),
        ):
            with pytest.raises(AppError, match="station_not_allocated"):
                await attempt
        assert [(each.station_id, each.name, each.pool_id) for each in site.stations.all()] == [
            ("CP-1", "", None),
            ("CP-2", "", None),
        ]
        assert told == []
        await site.stations.allocate(["CP-2"], hotel.id)
        await site.stations.move(["CP-1", "CP-2"], pool.id)
        assert [each.pool_id for each in site.stations.all()] == [pool.id, pool.id]

    async def test_a_station_of_nobody_can_still_be_taken_out_of_its_pool(self, site, hotel):
        pool = await site.pools.create("Garage")
        await booted(site, "CP-1")
        await site.store.write(
            lambda connection: connection.exec_driver_sql(f"update stations set pool_id = {pool.id}")
        )
        await site.stations.move(["CP-1"], None)
        assert site.stations.find("CP-1").pool_id is None

    async def test_where_one_organization_is_left_a_move_allocates_and_undo_takes_both_back(self, site, hotel):
        pool = await site.pools.create("Garage")
        await site.stations.accept("CP-1")
        await site.organizations.remove(hotel.id)
        undo = await site.stations.move(["CP-1"], pool.id)
        station = site.stations.find("CP-1")
        assert (station.pool_id, station.host_id) == (pool.id, FIRST_ORGANIZATION)
        await undo()
        station = site.stations.find("CP-1")
        assert (station.pool_id, station.host_id) == (None, None)

    async def test_stations_are_allocated_together_and_back_to_whom_each_belonged(self, site, hotel, told):
        await site.stations.accept("A", host_id=FIRST_ORGANIZATION)
        await site.stations.accept("B")
        told.clear()
        undo = await site.stations.allocate(["A", "b"], hotel.id)
        assert told == [StationsChanged(("A", "B"))]
        assert [each.host_id for each in site.stations.all()] == [hotel.id, hotel.id]
        await undo()
        assert [each.host_id for each in site.stations.all()] == [FIRST_ORGANIZATION, None]

    async def test_an_organization_that_is_gone_is_told(self, site, hotel):
        await site.stations.accept("A")
        with pytest.raises(AppError, match="organization_unknown"):
            await site.stations.allocate(["A"], 99)
        with pytest.raises(AppError, match="station_unknown"):
            await site.stations.allocate(["A", "B"], hotel.id)
        assert site.stations.find("A").host_id is None


class TestTwoWindows:
    async def test_what_the_other_moved_on_is_not_moved_back(self, site):
        garage, office = await site.pools.create("Garage"), await site.pools.create("Office")
        await site.stations.accept("A")
        await site.stations.accept("B")
        undo = await site.stations.move(["A", "B"], garage.id)
        await site.stations.move(["B"], office.id)
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert [each.pool_id for each in site.stations.all()] == [garage.id, office.id]

    async def test_taking_back_leaves_what_the_other_changed(self, site):
        garage = await site.pools.create("Garage")
        await site.stations.accept("A")
        undo = await site.stations.move(["A"], garage.id)
        await site.stations.rename("A", "Left")
        await undo()
        station = site.stations.find("A")
        assert (station.name, station.pool_id) == ("Left", None)


class TestListing:
    async def test_stations_are_listed_by_the_name_a_person_knows(self, site):
        await site.stations.accept("Z", name="alpha")
        await site.stations.accept("b")
        await site.stations.accept("C", name="Charlie")
        assert [station.title for station in site.stations.all()] == ["alpha", "b", "Charlie"]
        assert site.stations.count() == 3

    async def test_a_connector_is_what_was_last_said_of_it(self, site, told, clock):
        await site.stations.accept("CP-1")
        told.clear()
        first = Connector("CP-1", 2, ConnectorStatus.CHARGING, changed_at=clock.now - timedelta(minutes=1))
        await site.stations.connector_changed(first)
        assert told == [StationsChanged(("CP-1",))]
        await site.stations.connector_changed(Connector("cp-1", 2, ConnectorStatus.FAULTED, "GroundFailure", "wet"))
        await site.stations.connector_changed(Connector("CP-1", 0, ConnectorStatus.AVAILABLE))
        assert site.stations.connectors() == [
            Connector("CP-1", 0, ConnectorStatus.AVAILABLE, changed_at=clock.now),
            Connector("CP-1", 2, ConnectorStatus.FAULTED, "GroundFailure", "wet", clock.now),
        ]

    async def test_when_a_station_was_last_heard_is_kept(self, site, clock):
        await site.stations.accept("CP-1")
        await site.stations.heard("cp-1", clock.now)
        assert site.stations.find("CP-1").last_seen_at == clock.now
