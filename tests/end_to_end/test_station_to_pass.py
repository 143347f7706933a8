"""From an unknown station and an unknown card to a charge, over real sockets, with a station built on code not ours."""

import asyncio
from datetime import timedelta

import pytest

from app.application import MessageFilter
from app.csms.station import outgoing
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import CardTapped, SessionChanged, StationConnected, StationWantsToJoin
from app.domain.model import AccessLevel, ConnectorStatus, PassState, Registration, Role, TapSource
from app.simulation import BootRejectedError, CallRefusedError, SimulatedStation
from app.simulation.charging import ocpp_time

CARD, OTHER_CARD = "04A2B3C4D5E680", "0BADCAFE"
FAST = {"TransactionMessageAttempts": "1"}


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    """Simulated stations are not confused by a call soon after their boot."""
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.05)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.05)


@pytest.fixture
async def pool(application):
    return await application.pools.create("Yard", AccessLevel.PRIVATE)


@pytest.fixture
async def station(application, url, pool):
    """A station that the operator let in, up and idle."""
    await application.stations.accept("CP1", name="Gate", pool_id=pool.id)
    async with SimulatedStation(url, "CP1", connectors=2, pace=1000, configuration=FAST, restart_seconds=20) as station:
        await station.start_up()
        yield station


@pytest.fixture
async def member(application, pool):
    """A pass whose holder is a member of the station's pool."""
    return await application.passes.add(
        PassDraft(uid=CARD), new_identity=IdentityDraft("ada@example.com", "Ada", "L"), pool_id=pool.id
    )


async def until(condition, within_s=5.0):
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.005)


async def kept_messages(application):
    await application.journal.flush()
    return application.journal.messages(MessageFilter())


def nothing_kept(application):
    return (
        not application.journal.taps() and not application.sessions.recent() and not application.stations.connectors()
    )


async def test_from_a_station_nobody_knows_to_a_charge_with_a_card_nobody_knew(application, url):
    wanting, tapped = [], []
    application.bus.subscribe(StationWantsToJoin, wanting.append)
    application.bus.subscribe(CardTapped, tapped.append)
    async with SimulatedStation(url, "CP1", vendor="Ampere", model="One", serial="S1", firmware="2.0") as station:
        booting = asyncio.create_task(station.start_up())
        await until(lambda: wanting and application.stations.require("CP1").vendor)

        # Held at Pending: its name plate is known, and nothing else it says counts.
        assert wanting == [StationWantsToJoin("CP1")]
        joining = application.stations.require("CP1")
        assert joining.registration is Registration.PENDING
        assert (joining.vendor, joining.model, joining.serial_number, joining.firmware, joining.address) == (
            "Ampere",
            "One",
            "S1",
            "2.0",
            "127.0.0.1",
        )
        for action, fields in {
            "Authorize": {"id_tag": CARD},
            "StartTransaction": {
                "connector_id": 1,
                "id_tag": CARD,
                "meter_start": 0,
                "timestamp": "2025-03-04T20:00:00Z",
            },
            "StatusNotification": {"connector_id": 1, "error_code": "NoError", "status": "Available"},
            "Heartbeat": {},
        }.items():
            with pytest.raises(CallRefusedError, match="SecurityError"):
                await station.ask(action, **fields)
        assert nothing_kept(application)
        assert not await kept_messages(application)

        # Let in with one click: it is told at once and need not wait for its next try.
        pool = await application.pools.create("Yard", AccessLevel.PRIVATE)
        await application.stations.accept("CP1", name="Gate", pool_id=pool.id)
        await asyncio.wait_for(booting, 5)
        assert [c.status for c in application.stations.connectors()] == [ConnectorStatus.AVAILABLE] * 2

        # An unknown card is refused and becomes a pass.
        assert not (await station.tap(CARD)).accepted
        tap = tapped[-1].tap
        assert (tap.raw_id_tag, tap.status, tap.reason, tap.station_name) == (CARD, "Invalid", "unknown_card", "Gate")
        card = await application.passes.add(
            PassDraft(tapped=tap.raw_id_tag, name="Blue fob"),
            new_identity=IdentityDraft("ada@example.com", "Ada", "Lovelace", Role.CARDHOLDER),
            pool_id=pool.id,
        )
        assert (await station.tap(CARD)).accepted
        assert (tapped[-1].tap.holder, tapped[-1].tap.pass_id) == ("Ada Lovelace", card.id)

        # And charges, to the watt-hour.
        session = await station.start(CARD)
        assert session.id_tag_info.accepted
        station.cabinet.plugs[1].register_wh += 4321
        await station.meter_values(1)
        (running,) = application.sessions.recent(open_only=True)
        assert (running.id, running.energy_wh) == (session.transaction_id, 4321)
        station.cabinet.plugs[1].register_wh += 2
        await station.stop(session)
        (ended,) = application.sessions.recent()
        assert (ended.energy_wh, ended.holder, ended.pool_name, ended.stop_reason, ended.is_open) == (
            4323,
            "Ada Lovelace",
            "Yard",
            "Local",
            False,
        )
        assert [tap.tap.source for tap in tapped][-2:] == [TapSource.START, TapSource.STOP]
        refused, *_ = [m for m in await kept_messages(application) if m.refused]
        assert (refused.action, refused.id_tag, refused.reason) == ("Authorize", CARD, "unknown_card")


async def test_a_pass_that_waited_for_its_first_tap_opens_the_station_after_it(application, station, pool):
    waiting = await application.passes.add(PassDraft(visible_id="NL-TNM-B12345-6"), pool_id=pool.id)
    assert waiting.state(application.clock()) is PassState.WAITING_FOR_FIRST_TAP
    assert not (await station.tap(CARD)).accepted
    (tap,) = application.journal.taps()
    await application.passes.give_uid(waiting.id, tap.raw_id_tag, pool_id=pool.id)
    assert (await station.tap(CARD.lower())).accepted
    assert application.passes.require(waiting.id).state(application.clock()) is PassState.READY


@pytest.mark.usefixtures("member")
class TestAfterAnInterruption:
    async def test_a_station_that_comes_back_without_a_boot_is_served_from_its_first_message(
        self, application, url, station
    ):
        await station.drop()
        async with SimulatedStation(url, "cp1", configuration=FAST) as same:
            await same.connect()
            assert (await same.tap(CARD)).accepted
            await same.heartbeat()
            assert application.server.connected == {"CP1"}

    async def test_what_happened_meanwhile_is_told_with_its_own_times_and_stored_once(self, application, station):
        await station.drop()
        offline = await station.start(CARD, 1)
        station.cabinet.plugs[1].register_wh += 777
        await station.meter_values(1)
        await asyncio.sleep(0.1)
        await station.stop(offline)
        assert station.unreported == 3
        await asyncio.sleep(0.1)
        await station.reconnect()
        (session,) = application.sessions.recent()
        assert (session.id, session.energy_wh, session.is_open) == (offline.transaction_id, 777, False)
        assert abs(session.started_at - offline.started_at) < timedelta(milliseconds=1)
        assert abs(session.stopped_at - offline.stopped_at) < timedelta(milliseconds=1)

    async def test_the_same_start_told_again_is_the_same_session(self, application, station):
        session = await station.start(CARD, 1)
        again = {
            "connector_id": 1,
            "id_tag": CARD,
            "meter_start": session.meter_start,
            "timestamp": ocpp_time(session.started_at),
        }
        for _ in range(3):
            assert (await station.ask("StartTransaction", **again))["transaction_id"] == session.transaction_id
        await station.stop(session)
        assert (await station.ask("StartTransaction", **again))["transaction_id"] == session.transaction_id
        (only,) = application.sessions.recent()
        assert not only.is_open
        assert (await station.start(CARD, 1)).transaction_id != session.transaction_id

    async def test_a_session_that_ran_through_it_goes_on(self, application, station):
        session = await station.start(CARD, 1)
        await station.drop()
        station.cabinet.plugs[1].register_wh += 1500
        await station.reconnect()
        await station.meter_values(1)
        (running,) = application.sessions.recent()
        assert (running.energy_wh, running.is_open) == (1500, True)
        await station.stop(session)
        (ended,) = application.sessions.recent()
        assert (ended.id, ended.energy_wh, ended.is_open) == (session.transaction_id, 1500, False)


class TestWhoMayCharge:
    async def test_a_removed_member_is_refused_at_the_next_tap_and_can_still_stop(
        self, application, station, pool, member
    ):
        session = await station.start(CARD)
        station.cabinet.plugs[1].register_wh += 10
        undo = await application.members.remove(pool.id, [m.id for m in application.members.of_pool(pool.id)])
        assert not (await station.tap(CARD)).accepted
        await station.stop(session)
        stop, refused, _start = application.journal.taps()
        assert (stop.source, stop.status, stop.reason) == (TapSource.STOP, "Accepted", "may_stop")
        assert (refused.status, refused.reason) == ("NotAtThisLocation", "not_a_member")
        (ended,) = application.sessions.recent()
        assert (ended.energy_wh, ended.is_open) == (10, False)
        await undo()
        assert (await station.tap(CARD)).accepted

    async def test_a_start_that_is_refused_is_stored_and_ended_by_the_station(self, application, station):
        session = await station.plug_in(OTHER_CARD, 3600)
        assert not session.id_tag_info.accepted
        assert session.transaction_id > 0
        (kept,) = application.sessions.recent()
        assert (kept.id, kept.status, kept.reason, kept.stop_reason) == (
            session.transaction_id,
            "Invalid",
            "unknown_card",
            "DeAuthorized",
        )

    async def test_a_rejected_station_is_told_so_and_nothing_it_says_is_kept(self, application, url, station):
        await application.stations.reject("CP1")
        taps, messages = len(application.journal.taps()), len(await kept_messages(application))
        with pytest.raises(CallRefusedError, match="SecurityError"):
            await station.tap(CARD)
        with pytest.raises(BootRejectedError):
            await station.boot()
        assert len(application.journal.taps()) == taps
        assert len(await kept_messages(application)) == messages

    async def test_a_station_that_is_removed_while_connected_is_a_stranger_again(self, application, station, member):
        undo = await application.stations.remove("CP1")
        with pytest.raises(CallRefusedError, match="SecurityError"):
            await station.tap(CARD)
        await undo()
        await until(lambda: application.stations.find("CP1"))
        assert (await station.tap(CARD)).accepted

    async def test_of_all_the_names_under_which_strangers_come_only_so_many_are_remembered(self, application, url):
        for start in range(0, 240, 40):
            stations = [SimulatedStation(url, f"STRANGER{number}") for number in range(start, start + 40)]
            await asyncio.gather(*(station.connect() for station in stations))
            answers = await asyncio.gather(
                *(
                    station.ask("BootNotification", charge_point_vendor="v", charge_point_model="m")
                    for station in stations
                )
            )
            assert {answer["status"] for answer in answers} == {"Pending"}
            await asyncio.gather(*(station.close() for station in stations))
        assert len(application.stations.all()) == 200


@pytest.mark.usefixtures("member")
class TestWhatTheServerAsks:
    async def ask(self, application, action, **payload):
        return await asyncio.wait_for(application.server.call("CP1", action, payload), 5)

    async def test_a_station_is_triggered(self, application, station):
        assert await self.ask(application, "TriggerMessage", requestedMessage="Heartbeat") == {"status": "Accepted"}
        assert await self.ask(application, "TriggerMessage", requestedMessage="StatusNotification", connectorId=2) == {
            "status": "Accepted"
        }
        assert await self.ask(application, "TriggerMessage", requestedMessage="Heartbeat", connectorId=9) == {
            "status": "Rejected"
        }
        await until(lambda: any(c.connector_id == 2 for c in application.stations.connectors()))

    async def test_a_charge_is_started_and_stopped_from_here_though_calls_cross(self, application, station):
        started = []
        application.bus.subscribe(SessionChanged, started.append)
        answer = await self.ask(application, "RemoteStartTransaction", idTag=CARD, connectorId=1)
        assert answer == {"status": "Accepted"}
        await until(lambda: started)
        (session,) = application.sessions.recent(open_only=True)
        answer = await self.ask(application, "RemoteStopTransaction", transactionId=session.id)
        assert answer == {"status": "Accepted"}
        await until(lambda: not application.sessions.recent(open_only=True))
        assert application.sessions.recent()[0].stop_reason == "Remote"

    async def test_the_local_list_is_written_and_read_back(self, application, station):
        entry = {"idTag": CARD, "idTagInfo": {"status": "Accepted"}}
        answer = await self.ask(
            application, "SendLocalList", listVersion=5, updateType="Full", localAuthorizationList=[entry]
        )
        assert answer == {"status": "Accepted"}
        assert await self.ask(application, "GetLocalListVersion") == {"listVersion": 5}

    async def test_a_reset_station_goes_and_comes_back(self, application, station):
        connected = []
        application.bus.subscribe(StationConnected, connected.append)
        assert await self.ask(application, "Reset", type="Soft") == {"status": "Accepted"}
        await until(lambda: connected == [StationConnected("CP1")])
        await until(lambda: station.accepted and not station.restarting)
        assert (await station.tap(CARD)).accepted

    async def test_what_it_does_not_know_is_said(self, application, station):
        with pytest.raises(AppError) as refused:
            await self.ask(application, "CertificateSigned", certificateChain="x")
        assert (refused.value.code, refused.value.params["action"]) == ("station_refused", "CertificateSigned")


@pytest.mark.usefixtures("pool")
async def test_fifty_stations_at_once_charge_to_the_watt_hour(application, url, pool, member):
    names = [f"CP{number:02}" for number in range(50)]
    for name in names:
        await application.stations.accept(name, pool_id=pool.id)
    stations = [SimulatedStation(url, name, pace=100_000, configuration=FAST) for name in names]
    await asyncio.gather(*(station.start_up() for station in stations))
    assert application.server.connected == set(names)
    charges = await asyncio.gather(
        *(station.charge(CARD, 3600, power_w=1000.0 + number, tick=1200) for number, station in enumerate(stations))
    )
    sessions = {session.station_id: session for session in application.sessions.recent()}
    assert len({charge.transaction_id for charge in charges}) == 50
    assert {name: sessions[name].energy_wh for name in names} == {
        name: 1000 + number for number, name in enumerate(names)
    }
    assert not application.sessions.recent(open_only=True)
    await asyncio.gather(*(station.close() for station in stations))
    await until(lambda: not application.server.connected)
