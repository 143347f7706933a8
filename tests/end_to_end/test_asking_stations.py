"""What can be asked of a station, in each version of OCPP, with a simulated one on the other side of a real socket."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from app.application import MessageFilter
from app.csms.station import outgoing
from app.domain.commands import (
    AskChargeStatus,
    ChangeAvailability,
    ClearCache,
    CustomerData,
    Message,
    ResetStation,
    StartCharge,
    Trigger,
    Unlock,
    When,
)
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.events import StationConnected
from app.domain.model import ConnectorStatus, OcppVersion
from app.domain.security import RootKind, RootOwner
from app.domain.transfers import FileProtocol, TransferKind, TransferState
from app.simulation import SimulatedStation
from tests.tls_site import foreign_certificate, station_key
from tests.wire import raw_station

CARD = "04A2B3C4D5E680"
NAMES = {
    OcppVersion.V16: ("LocalPreAuthorize", "NumberOfConnectors", "AuthorizationCacheEnabled"),
    OcppVersion.V201: ("AuthCtrlr.LocalPreAuthorize", None, "AuthCacheCtrlr.Enabled"),
    OcppVersion.V21: ("AuthCtrlr.LocalPreAuthorize", None, "AuthCacheCtrlr.Enabled"),
}


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    """Simulated stations are not confused by a call soon after their boot."""
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.02)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.02)


@pytest.fixture(params=list(OcppVersion), ids=str)
def version(request):
    return request.param


@pytest.fixture
async def station(application, url, version):
    pool = await application.pools.create("Yard")
    await application.stations.accept("CP1", pool_id=pool.id)
    await application.passes.add(PassDraft(uid=CARD), pool_id=pool.id)
    async with SimulatedStation(
        url, "CP1", ocpp=version.value, connectors=2, pace=1000, restart_seconds=0.05
    ) as station:
        await station.start_up()
        yield station


async def until(true, within_s=10.0):
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


def statuses(application):
    return {each.connector_id: each.status for each in application.stations.connectors() if each.connector_id}


class TestCommands:
    async def test_a_connector_is_taken_out_of_use_and_back(self, application, station):
        assert await application.carry_out("CP1", ChangeAvailability(2, operative=False)) is When.NOW
        await until(lambda: statuses(application).get(2) is ConnectorStatus.UNAVAILABLE)
        assert await application.carry_out("CP1", ChangeAvailability(None, operative=True)) is When.NOW
        await until(lambda: statuses(application).get(2) is ConnectorStatus.AVAILABLE)

    async def test_one_that_charges_goes_out_of_use_later(self, application, station):
        await station.start(CARD)
        assert await application.carry_out("CP1", ChangeAvailability(1, operative=False)) is When.LATER

    async def test_it_lets_go_of_a_cable_or_says_that_there_is_none(self, application, station):
        await application.carry_out("CP1", Unlock(2))
        with pytest.raises(AppError, match="station_refused"):
            await application.carry_out("CP1", Unlock(7))

    async def test_it_restarts_and_comes_back(self, application, station):
        came = []
        application.bus.subscribe(StationConnected, came.append)
        assert await application.carry_out("CP1", ResetStation()) is When.NOW
        await until(lambda: came and station.accepted and not station.restarting)

    async def test_it_tells_its_state_again(self, application, station):
        station.cabinet.connectors[2].show("Faulted", "GroundFailure")
        await application.carry_out("CP1", Trigger(Message.STATUS))
        await until(lambda: statuses(application).get(2) is ConnectorStatus.FAULTED)
        with pytest.raises(AppError, match="station_refused"):
            await application.carry_out("CP1", Trigger(Message.STATUS, 7))

    async def test_a_cache_that_is_switched_off_is_no_fault(self, application, station, version):
        assert await application.carry_out("CP1", ClearCache()) is True
        written = await application.configuration.write("CP1", NAMES[version][2], "false")
        assert written.holds, written
        assert await application.carry_out("CP1", ClearCache()) is False

    async def test_many_at_once_wait_for_each_other(self, application, url, monkeypatch):
        """One question at a time: a second before the first is answered is lost on several stations (Q88)."""
        await application.stations.accept("RAW")
        async with raw_station(url, "RAW") as raw:
            commands = [ClearCache(), Unlock(2), Trigger(Message.HEARTBEAT)]
            asked = [asyncio.create_task(application.carry_out("RAW", command)) for command in commands]
            for action, status in (
                ("ClearCache", "Accepted"),
                ("UnlockConnector", "Unlocked"),
                ("TriggerMessage", "Accepted"),
            ):
                message_id, heard, _ = await raw.was_asked()
                assert heard == action
                assert await raw.hears_nothing(0.05)
                await raw.send(json.dumps([3, message_id, {"status": status}]))
            assert await asyncio.gather(*asked) == [True, None, None]

    async def test_none_goes_out_before_the_boot_is_answered(self, application, url, monkeypatch):
        """Q43: a question between BootNotification and its answer makes stations boot for ever."""
        monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 30.0)
        await application.stations.accept("RAW")
        async with raw_station(url, "RAW") as raw:
            asked = asyncio.create_task(application.carry_out("RAW", ClearCache()))
            assert await raw.hears_nothing(0.1)
            await raw.call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
            message_id, action, _ = await raw.was_asked()
            assert action == "ClearCache"
            await raw.send(json.dumps([3, message_id, {"status": "Rejected"}]))
            assert await asked is False

    async def test_what_a_version_has_no_word_for_is_said(self, application, station, version):
        if version is OcppVersion.V16:
            for command in (CustomerData(1, CARD), AskChargeStatus()):
                with pytest.raises(AppError, match="command_not_in_version"):
                    await application.carry_out("CP1", command)
            return
        assert not (await application.carry_out("CP1", AskChargeStatus())).messages_waiting
        await application.carry_out("CP1", StartCharge(CARD, 1))
        await until(lambda: application.sessions.recent(open_only=True))
        (session,) = application.sessions.recent(open_only=True)
        assert (await application.carry_out("CP1", AskChargeStatus(session))).ongoing is True
        await station.tap(CARD, 2)
        assert station.cabinet.cache.find(CARD)
        await application.carry_out("CP1", CustomerData(1, CARD, report=True, clear=True))
        await until(lambda: station.cabinet.cache.find(CARD) is None)


class TestConfiguration:
    async def test_all_of_it_is_read_written_and_read_back(self, application, station, version):
        name, fixed, _ = NAMES[version]
        read = {each.name: each for each in await application.configuration.read("CP1")}
        assert read[name].value == "false"
        assert not read[name].read_only
        assert fixed is None or read[fixed].read_only
        written = await application.configuration.write("CP1", name, "true")
        assert (written.outcome.value, written.value) == ("applied", "true")
        assert application.configuration.find("CP1", name).value == "true"
        assert station.cabinet.configuration.flag("LocalPreAuthorize")

    async def test_what_it_does_not_have_and_what_it_refuses(self, application, station, version):
        dotted = version is not OcppVersion.V16
        unknown = "NoSuchCtrlr.Thing" if dotted else "NoSuchKey"
        assert (await application.configuration.write("CP1", unknown, "1")).outcome.value == "unknown"
        name = NAMES[version][0]
        assert (await application.configuration.write("CP1", name, "perhaps")).outcome.value == "rejected"


class TestCertificatesItTrusts:
    async def test_are_listed_given_and_forgotten(self, application, station, tmp_path):
        assert await application.roots.of("CP1") == ()
        await application.site_certificates.provide(["127.0.0.1"], "", application.clock())
        await application.securing.trust_site("CP1")
        file = tmp_path / "maker.pem"
        file.write_text(foreign_certificate(station_key(), "Maker"))
        await application.roots.give("CP1", file, RootKind.MANUFACTURER)
        sites, makers = await application.roots.of("CP1")
        assert (sites.kind, application.roots.owner(sites)) == (RootKind.SERVER, RootOwner.SITE)
        assert (makers.kind, application.roots.owner(makers)) == (RootKind.MANUFACTURER, RootOwner.UNKNOWN)
        await application.roots.forget("CP1", makers)
        assert await application.roots.of("CP1") == (sites,)
        with pytest.raises(AppError, match="station_refused"):
            await application.roots.forget("CP1", makers)


class TestFiles:
    async def test_one_that_knows_only_ftp_is_asked_by_ftp(self, application, url, station, version, tmp_path):
        """OCPP 1.6 errata 4.0 §9.5.1; what it says counts once it was read."""
        await station.close()
        file = tmp_path / "new.bin"
        file.write_bytes(bytes(200_000))
        knows = {"SupportedFileTransferProtocols": "FTP,SFTP"}
        async with SimulatedStation(url, "CP1", ocpp=version.value, pace=1000, configuration=knows) as other:
            await other.start_up()
            await application.configuration.read("CP1")
            for ask in (
                lambda: application.transfers.fetch("CP1", TransferKind.DIAGNOSTICS),
                lambda: application.transfers.fetch("CP1", TransferKind.SECURITY_LOG),
                lambda: application.transfers.update_firmware("CP1", file),
            ):
                asked = await ask()
                await until(lambda: not application.transfers.recent("CP1")[0].is_open)
                transfer = application.transfers.recent("CP1")[0]
                assert (transfer.id, transfer.state) == (asked.id, TransferState.DONE)
                assert transfer.protocol is FileProtocol.FTP
            assert transfer.moved == 200_000
        await application.journal.flush()
        addresses = [each.request for each in application.journal.messages(MessageFilter()) if "ftp://" in each.request]
        assert len(addresses) == 3
        assert all(re.search(r"ftp://[0-9a-f]{16}:•••@127\.0\.0\.1:", each) for each in addresses)

    async def test_one_that_knows_only_ftp_and_does_not_say_so_is_tried_again(self, application, url, station, version):
        await station.close()
        knows = {"SupportedFileTransferProtocols": "FTP"}
        async with SimulatedStation(url, "CP1", ocpp=version.value, pace=1000, configuration=knows) as other:
            await other.start_up()
            with pytest.raises(AppError, match=r"station_has_no_log|station_refused"):
                await application.transfers.fetch("CP1", TransferKind.DIAGNOSTICS)
            assert application.transfers.may_know_ftp("CP1")
            await application.transfers.fetch("CP1", TransferKind.DIAGNOSTICS, by=FileProtocol.FTP)
            await until(lambda: not application.transfers.recent("CP1")[0].is_open)
            (transfer,) = application.transfers.recent("CP1")
            assert await asyncio.to_thread(Path(transfer.file).read_bytes) == other.log

    @pytest.mark.parametrize("kind", [TransferKind.DIAGNOSTICS, TransferKind.SECURITY_LOG])
    async def test_its_log_arrives_here(self, application, station, kind):
        await application.transfers.fetch("CP1", kind)
        await until(lambda: not application.transfers.recent("CP1")[0].is_open)
        (transfer,) = application.transfers.recent("CP1")
        assert transfer.state is TransferState.DONE
        assert await asyncio.to_thread(Path(transfer.file).read_bytes) == station.log
        assert Path(transfer.file).parent == application.transfers.folder

    async def test_firmware_of_this_machine_is_fetched_and_installed(self, application, station, tmp_path):
        file = tmp_path / "new.bin"
        file.write_bytes(bytes(200_000))
        await application.transfers.update_firmware("CP1", file)
        await until(lambda: not application.transfers.recent("CP1")[0].is_open)
        (transfer,) = application.transfers.recent("CP1")
        assert (transfer.state, transfer.said, transfer.moved) == (TransferState.DONE, "Installed", 200_000)
