"""What stations would do with Tapdesk closed: asked once, checked, set right by a click and never otherwise."""

import asyncio

import pytest

from app.configuration import WriteOutcome
from app.domain.commands import ReadAllVariables, ReadVariables, VariablesRead, WriteVariable, Writing
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.lid_check import Answer, Light, Why
from app.domain.model import AccessLevel, PoolOptions
from app.domain.variables import Variable
from app.simulation import SimulatedStation
from tests.lid.conftest import in_step, until

ANNA = "04A2B3C4D5E680"


@pytest.fixture
async def yard(application):
    """A private pool with one card and the station CP1."""
    pool = await application.pools.create("Yard")
    await application.passes.add(PassDraft(uid=ANNA), pool_id=pool.id)
    await application.stations.accept("CP1", pool_id=pool.id)
    return pool


def asked(frames, action):
    return [text for direction, text in frames if direction == "received" and f'"{action}"' in text]


async def read_once(application, station_id="CP1"):
    await until(lambda: application.lid.of(station_id).read_at is not None)


async def test_a_new_station_is_asked_once_for_everything_and_never_written(application, url, yard):
    frames = []
    async with SimulatedStation(url, "CP1", on_frame=lambda *frame: frames.append(frame)) as station:
        await station.start_up()
        await read_once(application)
        await in_step(application)
        await station.drop()
        await station.start_up()
        await in_step(application)
        whole = [text for text in asked(frames, "GetConfiguration") if '"key"' not in text]
        assert len(whole) == 1
        assert not asked(frames, "ChangeConfiguration")


async def test_a_station_as_it_should_be_goes_on_for_its_members_alone(application, url, yard):
    async with SimulatedStation(url, "CP1", configuration={"AuthorizationCacheEnabled": "false"}) as station:
        await station.start_up()
        await read_once(application)
        await in_step(application)
        await station.drop()
        await until(lambda: not application.server.connected)
        found = application.lid.of("CP1")
        assert (found.check.members.answer, found.check.strangers.answer) == (Answer.YES, Answer.NO)
        assert found.check.light is Light.GOOD
        assert found.list.members == 1
        # What is said is what the station then does.
        assert (await station.tap(ANNA)).accepted
        assert not (await station.tap("STRANGER")).accepted


async def test_a_station_of_2_0_1_is_set_right_by_the_names_of_its_variables(application, url, yard):
    wrong = {
        "AllowOfflineTxForUnknownId": "true",
        "LocalAuthorizeOffline": "false",
        "AuthorizationCacheEnabled": "false",
    }
    async with SimulatedStation(url, "CP1", ocpp="2.0.1", configuration=wrong) as station:
        await station.start_up()
        await read_once(application)
        await in_step(application)
        done = await application.lid.set_right("CP1")
        assert [(each.name, each.outcome) for each in done.written] == [
            ("AuthCtrlr.LocalAuthorizeOffline", WriteOutcome.APPLIED),
            ("AuthCtrlr.OfflineTxForUnknownIdEnabled", WriteOutcome.APPLIED),
        ]
        assert application.lid.of("CP1").check.light is Light.GOOD
        await station.drop()
        assert (await station.tap(ANNA)).accepted
        assert not (await station.tap("B1204F77")).accepted


async def test_one_click_sets_right_what_lets_strangers_in_and_keeps_members_out(application, url, yard):
    wrong = {
        "AllowOfflineTxForUnknownId": "true",
        "LocalAuthorizeOffline": "false",
        "LocalPreAuthorize": "true",
        "AuthorizationCacheEnabled": "false",
    }
    async with SimulatedStation(url, "CP1", configuration=wrong) as station:
        await station.start_up()
        await read_once(application)
        await in_step(application)
        assert application.lid.of("CP1").check.strangers.answer is Answer.YES
        done = await application.lid.set_right("CP1")
        assert [(each.name, each.value) for each in done.written] == [
            ("LocalAuthorizeOffline", "true"),
            ("AllowOfflineTxForUnknownId", "false"),
            ("LocalPreAuthorize", "false"),
        ]
        assert (done.not_taken, done.needs_restart) == ((), False)
        check = application.lid.of("CP1").check
        assert (check.light, check.to_change) == (Light.GOOD, ())
        await station.drop()
        assert (await station.tap(ANNA)).accepted
        assert not (await station.tap("STRANGER")).accepted


async def test_what_was_set_right_is_put_back_as_it_was(application, url, yard):
    wrong = {
        "AllowOfflineTxForUnknownId": "TRUE",
        "LocalAuthorizeOffline": "false",
        "AuthorizationCacheEnabled": "false",
    }
    async with SimulatedStation(url, "CP1", configuration=wrong) as station:
        await station.start_up()
        await read_once(application)
        await in_step(application)
        done = await application.lid.set_right("CP1")
        assert application.lid.last_set_right("cp1") is done
        back = await application.lid.put_back(done)
        assert [(each.name, each.value, each.outcome) for each in back.written] == [
            ("AllowOfflineTxForUnknownId", "TRUE", WriteOutcome.APPLIED),
            ("LocalAuthorizeOffline", "false", WriteOutcome.APPLIED),
        ]
        assert (back.not_taken, back.needs_restart) == ((), False)
        assert {name: station.cabinet.configuration.text(name) for name in wrong} == wrong
        assert application.lid.last_set_right("CP1") is None
        with pytest.raises(AppError, match="undo_overtaken"):
            await application.lid.put_back(done)


async def test_what_was_set_otherwise_since_is_not_put_back(application, url, yard):
    async with SimulatedStation(url, "CP1", configuration={"LocalAuthorizeOffline": "false"}) as station:
        await station.start_up()
        await read_once(application)
        await in_step(application)
        done = await application.lid.set_right("CP1")
        await application.configuration.write("CP1", "LocalAuthorizeOffline", "false")
        with pytest.raises(AppError, match="undo_overtaken"):
            await application.lid.put_back(done)


async def test_a_free_pool_wants_unknown_cards_let_in(application, url):
    free = await application.pools.create("Free", AccessLevel.PUBLIC, PoolOptions(free_vend=True))
    await application.stations.accept("CP1", pool_id=free.id)
    async with SimulatedStation(url, "CP1") as station:
        await station.start_up()
        await read_once(application)
        assert application.lid.of("CP1").check.light is Light.BAD
        await application.lid.set_right("CP1")
        assert application.lid.of("CP1").check.light is Light.GOOD
        assert station.cabinet.configuration.flag("AllowOfflineTxForUnknownId")


async def test_a_station_that_was_never_asked_is_asked_before_it_is_set_right(application, url, yard, monkeypatch):
    monkeypatch.setattr("app.lid.lid.READ_AFTER_S", 3600.0)
    async with SimulatedStation(url, "CP1", configuration={"LocalPreAuthorize": "true"}) as station:
        await station.start_up()
        await in_step(application)
        before = application.lid.of("CP1")
        assert (before.read_at, before.check.members.answer) == (None, Answer.UNKNOWN)
        done = await application.lid.set_right("CP1")
        assert "LocalPreAuthorize" in [each.name for each in done.written]
        assert not station.cabinet.configuration.flag("LocalPreAuthorize")


async def test_a_setting_that_is_refused_or_counts_after_a_restart_is_said_so(site, monkeypatch):
    pool = await site.pools.create("Yard")
    await site.stations.accept("CP1", pool_id=pool.id)
    told = [
        Variable("LocalAuthorizeOffline", "false"),
        Variable("AllowOfflineTxForUnknownId", "true"),
        Variable("StopTransactionOnInvalidId", "false", read_only=True),
    ]

    async def carry_out(_station_id, command):
        match command:
            case ReadAllVariables():
                return VariablesRead(tuple(told))
            case ReadVariables(names):
                return VariablesRead(tuple(each for each in told if each.name in names))
            case WriteVariable("LocalAuthorizeOffline"):
                return Writing.REBOOT_REQUIRED
        raise AppError("station_refused", action="ChangeConfiguration", error="InternalError", description="")

    monkeypatch.setattr(site.configuration, "_carry_out", carry_out)
    done = await site.lid.set_right("cp1")
    assert [(each.name, each.outcome) for each in done.written] == [
        ("LocalAuthorizeOffline", WriteOutcome.AFTER_RESTART),
        ("AllowOfflineTxForUnknownId", WriteOutcome.REJECTED),
    ]
    assert done.needs_restart
    assert [each.name for each in done.not_taken] == ["AllowOfflineTxForUnknownId"]
    back = await site.lid.put_back(done)
    assert [(each.name, each.outcome) for each in back.written] == [
        ("LocalAuthorizeOffline", WriteOutcome.AFTER_RESTART)
    ]
    assert back.needs_restart


async def test_what_was_set_before_a_station_fell_silent_can_be_put_back(site, monkeypatch):
    pool = await site.pools.create("Yard")
    await site.stations.accept("CP1", pool_id=pool.id)
    values, silent_at = {"LocalAuthorizeOffline": "false", "AllowOfflineTxForUnknownId": "true"}, {}

    async def carry_out(_station_id, command):
        if isinstance(command, WriteVariable):
            if silent_at.get(command.name) == command.value:
                raise AppError("station_silent", action="ChangeConfiguration")
            values[command.name] = command.value
            return Writing.ACCEPTED
        return VariablesRead(tuple(Variable(*each) for each in values.items()))

    monkeypatch.setattr(site.configuration, "_carry_out", carry_out)
    silent_at["AllowOfflineTxForUnknownId"] = "false"
    with pytest.raises(AppError, match="station_silent"):
        await site.lid.set_right("CP1")
    done = site.lid.last_set_right("CP1")
    assert [each.name for each in done.changed] == ["LocalAuthorizeOffline"]
    silent_at["LocalAuthorizeOffline"] = "false"
    with pytest.raises(AppError, match="station_silent"):
        await site.lid.put_back(done)
    silent_at.clear()
    await site.lid.put_back(site.lid.last_set_right("CP1"))
    assert values == {"LocalAuthorizeOffline": "false", "AllowOfflineTxForUnknownId": "true"}
    assert site.lid.last_set_right("CP1") is None


async def test_all_stations_are_told_of_at_once_and_those_that_wait_are_not(site):
    pool = await site.pools.create("Yard")
    await site.stations.accept("CP1", pool_id=pool.id)
    await site.stations.accept("CP2")
    told = [Variable("plug_and-charge.Mode", "on"), Variable("HeartbeatInterval", "1")]
    await site.configuration.reported("CP2", 1, told, more=False)
    found = {each.station.station_id: each for each in site.lid.all()}
    assert set(found) == {"CP1", "CP2"}
    assert found["CP2"].pool is None
    assert [each.name for each in found["CP2"].check.settings if each.setting is None] == ["plug_and-charge.Mode"]
    assert found["CP1"].check.members.why is Why.NOBODY_LISTED


async def test_a_station_that_does_not_answer_is_not_asked_for_ever(application, url, yard, monkeypatch):
    silent = []

    async def read(station_id, names=None, *, ask=None):
        silent.append(station_id)
        raise AppError("station_silent", action="GetConfiguration")

    monkeypatch.setattr(application.configuration, "read", read)
    for _ in range(5):
        application.lid._came("CP1")
        await until(lambda: not application.lid._reading)
    await asyncio.sleep(0)
    assert silent == ["CP1"] * 3
