"""From an unknown station and an unknown card to a charge in OCPP 2.0.1 and 2.1, the station built on code not ours."""

import asyncio
from datetime import timedelta

import pytest

from app.csms.station import outgoing
from app.domain.capture import CaptureMode, CardReader, Outcome, ReaderKind
from app.domain.commands import StartCharge, StopCharge
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import CardTapped, StationWantsToJoin
from app.domain.model import AccessLevel, ConnectorStatus, PoolOptions, Registration, TapSource
from app.pins import PinDraft
from app.simulation import CallRefusedError, SimulatedStation

CARD, OTHER_CARD = "04A2B3C4D5E680", "0BADCAFE"
FAST = {"TransactionMessageAttempts": "1"}


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    """Simulated stations are not confused by a call soon after their boot."""
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.05)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.05)


@pytest.fixture(params=["2.0.1", "2.1"])
def version(request):
    return request.param


@pytest.fixture
async def pool(application):
    return await application.pools.create("Yard", AccessLevel.PRIVATE)


@pytest.fixture
async def station(application, url, pool, version):
    """A station that the operator let in, up and idle."""
    await application.stations.accept("CP1", name="Gate", pool_id=pool.id)
    async with SimulatedStation(
        url, "CP1", ocpp=version, connectors=2, pace=1000, configuration=FAST, restart_seconds=20
    ) as station:
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


async def test_from_a_station_nobody_knows_to_a_charge_with_a_card_nobody_knew(application, url, version):
    wanting, tapped = [], []
    application.bus.subscribe(StationWantsToJoin, wanting.append)
    application.bus.subscribe(CardTapped, tapped.append)
    async with SimulatedStation(
        url, "CP1", ocpp=version, vendor="Ampere", model="One", serial="S1", firmware="2.0"
    ) as station:
        booting = asyncio.create_task(station.start_up())
        await until(lambda: wanting and application.stations.require("CP1").vendor)
        joining = application.stations.require("CP1")
        assert (joining.registration, joining.ocpp_version) == (Registration.PENDING, version)
        assert (joining.vendor, joining.model, joining.serial_number, joining.firmware) == (
            "Ampere",
            "One",
            "S1",
            "2.0",
        )
        with pytest.raises(CallRefusedError, match="SecurityError"):
            await station.ask("Authorize", id_tag=CARD)
        assert not application.journal.taps()

        # Let in with one click: it is told at once and need not wait for its next try.
        pool = await application.pools.create("Yard", AccessLevel.PRIVATE)
        await application.stations.accept("CP1", name="Gate", pool_id=pool.id)
        await asyncio.wait_for(booting, 5)
        assert {c.connector_id: c.status for c in application.stations.connectors()} == dict.fromkeys(
            (0, 1), ConnectorStatus.AVAILABLE
        )

        # An unknown card is refused and becomes a pass.
        assert not (await station.tap(CARD)).accepted
        tap = tapped[-1].tap
        assert (tap.raw_id_tag, tap.status, tap.reason, tap.station_name) == (CARD, "Invalid", "unknown_card", "Gate")
        await application.passes.add(
            PassDraft(tapped=tap.raw_id_tag, name="Blue fob"),
            new_identity=IdentityDraft("ada@example.com", "Ada", "Lovelace"),
            pool_id=pool.id,
        )
        assert (await station.tap(CARD)).accepted

        # And charges, to the watt-hour.
        session = await station.start(CARD)
        assert session.id_tag_info.accepted
        await station.status(1, "Charging")
        station.cabinet.plugs[1].register_wh += 4321
        await station.meter_values(1)
        (running,) = application.sessions.recent(open_only=True)
        assert (running.reference, running.energy_wh, running.connector_id) == (session.reference, 4321, 1)
        assert application.stations.connectors()[1].status is ConnectorStatus.CHARGING
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
        assert [each.tap.source for each in tapped][-2:] == [TapSource.START, TapSource.STOP]


async def test_a_card_that_is_only_named_in_a_charge_is_captured_all_the_same(application, station, pool):
    capturing = application.capturing
    await capturing.choose_mode(CaptureMode.NEW)
    await capturing.choose_reader(CardReader(ReaderKind.STATION, "CP1"))
    capturing.arm()
    for uid in (CARD, "4711", "VID:001122AABBCC"):
        session = await station.start(uid)
        await station.stop(session)
    await capturing.settled()
    outcomes = {card.uid: card.outcome for card in capturing.cards}
    assert outcomes[CARD] is Outcome.SAVED
    assert outcomes["VID:001122AABBCC"] is Outcome.UNFIT
    assert set(outcomes) == {CARD, "VID:001122AABBCC"}
    capturing.disarm()


async def test_a_pin_is_typed_at_the_station(application, url, version):
    pool = await application.pools.create("Yard", AccessLevel.RESTRICTED)
    await application.pins.add(pool.id, "4711", PinDraft("Wedding", uses=1))
    await application.stations.accept("CP1", pool_id=pool.id)
    async with SimulatedStation(url, "CP1", ocpp=version, pace=1000, configuration=FAST) as station:
        await station.start_up()
        assert not (await station.tap("4712")).accepted
        session = await station.charge("4711", 60, tick=60)
        assert session.id_tag_info.accepted
        (kept,) = application.sessions.recent()
        assert (kept.holder, kept.raw_id_tag, kept.pin_id is not None) == ("Wedding", "•••", True)
        assert not (await station.tap("4711")).accepted


@pytest.mark.usefixtures("member")
class TestAMember:
    async def test_charges_as_long_as_he_wants(self, application, station):
        session = await station.charge(CARD, 60, power_w=60_000, tick=30, connector=2)
        (kept,) = application.sessions.recent()
        assert (kept.energy_wh, kept.connector_id, kept.is_open) == (session.energy_wh, 2, False)
        assert kept.energy_wh == 1000
        assert application.stations.connectors()[2].status is ConnectorStatus.AVAILABLE

    async def test_charges_while_the_connection_is_gone_and_that_is_told_once(self, application, station):
        await station.drop()
        offline = await station.start(CARD, 1)
        station.cabinet.plugs[1].register_wh += 777
        await station.meter_values(1)
        await station.stop(offline)
        assert station.unreported == 3
        await station.reconnect()
        (session,) = application.sessions.recent()
        assert (session.reference, session.energy_wh, session.is_open) == (offline.reference, 777, False)
        assert abs(session.started_at - offline.started_at) < timedelta(milliseconds=1)

    async def test_is_let_charge_from_here_and_stopped_from_here(self, application, station):
        await application.carry_out("CP1", StartCharge(CARD, 2))
        await until(lambda: application.sessions.recent(open_only=True))
        (running,) = application.sessions.recent()
        assert (running.connector_id, running.status, running.holder) == (2, "Accepted", "Ada L")
        await application.carry_out("CP1", StopCharge(running))
        await until(lambda: not application.sessions.recent(open_only=True))
        assert application.sessions.recent()[0].stop_reason == "Remote"
        with pytest.raises(AppError, match="station_refused"):
            await application.carry_out("CP1", StopCharge(running))

    async def test_ends_what_another_card_of_his_began(self, application, station, pool, member):
        await application.passes.add(PassDraft(uid=OTHER_CARD, identity_id=member.identity_id))
        await application.pools.change(pool.id, options=PoolOptions(passes_stop_each_other=True))
        await application.members.add(pool.id, identity_ids=[member.identity_id])
        groups = {(await station.tap(uid)).parent_id_tag for uid in (CARD, OTHER_CARD)}
        assert len(groups) == 1
        assert groups != {None}

    async def test_is_not_let_in_again_once_he_is_removed(self, application, station, pool, member):
        (entry,) = application.members.of_pool(pool.id)
        await application.members.remove(pool.id, [entry.id])
        assert (await station.tap(CARD)).status == "NotAtThisLocation"
        session = await station.plug_in(CARD, 3600)
        assert session.reason == "DeAuthorized"
        assert application.sessions.recent()[0].status == "NotAtThisLocation"
