"""How a simulated station answers what its server asks."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from ocpp.v16 import call, call_result

from app.simulation import SimulatedStation, StationError
from app.simulation.memory import LocalList
from tests.simulation.central_site import BLOCKED, KNOWN, NOW, UNKNOWN, ask_unchecked, entry


class TestRequestsOfTheServer:
    async def test_a_remote_start_is_answered_while_the_card_is_being_asked_for(self, site, station):
        frames = []
        station._conversation._on_frame = lambda direction, text: frames.append((direction, json.loads(text)))
        side = site.stations["CP1"]
        assert (await side.call(call.RemoteStartTransaction(KNOWN, 2))).status == "Accepted"
        await site.until(lambda: "Charging" in site.statuses(2))
        order = [frame[2] if frame[0] == 2 else "answer" for direction, frame in frames if direction == "sent"]
        assert order[:2] == ["Authorize", "answer"]

        assert (await side.call(call.RemoteStopTransaction(99))).status == "Rejected"
        assert (await side.call(call.RemoteStopTransaction(41))).status == "Accepted"
        await site.until(lambda: site.statuses(2)[-1] == "Available")
        [stop] = site.all("StopTransaction")
        assert (stop["transaction_id"], stop["reason"]) == (41, "Remote")
        assert stop["meter_stop"] > 0

    async def test_a_remote_start_crosses_a_call_that_is_still_open(self, site, station):
        site.silent = True
        tapping = asyncio.create_task(station.tap(BLOCKED))
        await site.until(lambda: site.all("Authorize"))
        site.silent = False
        answer = await asyncio.wait_for(site.stations["CP1"].call(call.RemoteStartTransaction(KNOWN, 2)), 3)
        assert answer.status == "Accepted"
        tapping.cancel()
        await site.until(lambda: "Charging" in site.statuses(2))

    async def test_without_authorization_of_remote_starts_the_session_begins_at_once(self, site, station):
        station.configure("AuthorizeRemoteTxRequests", "false")
        await site.stations["CP1"].call(call.RemoteStartTransaction(UNKNOWN))
        await site.until(lambda: site.all("StartTransaction"))
        assert site.all("Authorize") == []

    async def test_a_remote_start_needs_a_free_connector(self, site, station):
        await station.start(KNOWN, 1)
        await station.status(1, "Charging")
        await station.status(2, "Faulted", "GroundFailure")
        for connector in (1, 2, 9, None):
            request = call.RemoteStartTransaction(KNOWN, connector)
            assert (await site.stations["CP1"].call(request)).status == "Rejected"

    async def test_unlocking_ends_the_session_first(self, site, station):
        await station.start(KNOWN, 1)
        side = site.stations["CP1"]
        assert (await side.call(call.UnlockConnector(1))).status == "Unlocked"
        assert (await side.call(call.UnlockConnector(7))).status == "NotSupported"
        await site.until(lambda: site.all("StopTransaction"))
        assert site.all("StopTransaction")[0]["reason"] == "UnlockCommand"

    async def test_a_reset_ends_the_sessions_closes_and_comes_back_with_a_boot(self, site, station):
        charging = asyncio.create_task(station.charge(KNOWN, 3_600_000, connector=1))
        await site.until(lambda: "Charging" in site.statuses())
        side = site.stations["CP1"]
        assert (await side.call(call.Reset("Soft"))).status == "Accepted"
        await asyncio.wait_for(side.connection.wait_closed(), 5)
        assert side.connection.close_code == 1000
        await site.until(lambda: site.all("BootNotification") and site.statuses(2) == ["Available"])
        await charging
        assert site.all("StopTransaction")[0]["reason"] == "SoftReset"
        assert site.actions().index("StopTransaction") < site.actions().index("BootNotification")
        assert site.stations["CP1"] is not side

    async def test_availability_changes_now_or_after_the_session(self, site, station):
        side = site.stations["CP1"]
        session = await station.start(KNOWN, 1)
        await station.status(1, "Charging")
        assert (await side.call(call.ChangeAvailability(2, "Inoperative"))).status == "Accepted"
        assert (await side.call(call.ChangeAvailability(1, "Inoperative"))).status == "Scheduled"
        assert (await side.call(call.ChangeAvailability(5, "Inoperative"))).status == "Rejected"
        await site.until(lambda: site.statuses(2) == ["Unavailable"])
        with pytest.raises(StationError, match="not free"):
            await station.charge(KNOWN, 1, connector=2)
        await station.stop(session)
        assert (await side.call(call.ChangeAvailability(0, "Operative"))).status == "Accepted"
        await site.until(lambda: site.statuses(2)[-1] == "Available")

    async def test_configuration_is_read_and_changed_by_its_rules(self, site, station):
        side = site.stations["CP1"]
        everything = await side.call(call.GetConfiguration())
        assert {entry["key"] for entry in everything.configuration_key} >= {
            "LocalAuthListEnabled",
            "LocalAuthListMaxLength",
            "SendLocalListMaxLength",
            "HeartbeatInterval",
        }
        some = await side.call(call.GetConfiguration(["numberofconnectors", "Nonsense"]))
        assert some.configuration_key == [{"key": "NumberOfConnectors", "readonly": True, "value": "2"}]
        assert some.unknown_key == ["Nonsense"]
        answers = [
            (await side.call(call.ChangeConfiguration(key, value))).status
            for key, value in (
                ("LocalPreAuthorize", "TRUE"),
                ("LocalPreAuthorize", "perhaps"),
                ("HeartbeatInterval", "-1"),
                ("HeartbeatInterval", "99999999999"),
                ("NumberOfConnectors", "4"),
                ("Nonsense", "1"),
            )
        ]
        assert answers == ["Accepted", "Rejected", "Rejected", "Rejected", "Rejected", "NotSupported"]

    async def test_with_local_pre_authorization_a_listed_card_is_not_asked_for(self, site, station):
        station.configure("LocalPreAuthorize", "true")
        await site.stations["CP1"].call(call.SendLocalList(1, "Full", [entry(UNKNOWN)]))
        assert (await station.tap(UNKNOWN.lower())).accepted
        assert site.all("Authorize") == []

    async def test_clearing_the_cache_forgets_the_cards(self, site, station):
        await station.tap(KNOWN)
        assert (await site.stations["CP1"].call(call.ClearCache())).status == "Accepted"
        await station.drop()
        assert (await station.tap(KNOWN)).status == "Invalid"

    async def test_each_message_can_be_triggered(self, site, station):
        side = site.stations["CP1"]
        for message in (
            "BootNotification",
            "StatusNotification",
            "Heartbeat",
            "MeterValues",
            "FirmwareStatusNotification",
            "DiagnosticsStatusNotification",
        ):
            site.heard.clear()
            assert (await side.call(call.TriggerMessage(message, 1))).status == "Accepted"
            await site.until(lambda: site.heard)
            await asyncio.sleep(0.02)
            assert site.actions() == [message]
        assert (await side.call(call.TriggerMessage("Heartbeat", 8))).status == "Rejected"

    async def test_a_reserved_connector_is_kept_for_its_card_until_it_expires(self, site, station):
        side = site.stations["CP1"]
        soon = datetime.now(UTC) + timedelta(seconds=0.6)
        answers = [
            (await side.call(call.ReserveNow(connector, expiry, KNOWN, number))).status
            for connector, expiry, number in (
                (1, soon.isoformat(), 7),
                (1, soon.isoformat(), 8),
                (2, "2020-01-01T00:00:00Z", 9),
                (2, "whenever", 9),
                (0, soon.isoformat(), 9),
            )
        ]
        assert answers == ["Accepted", "Occupied", "Rejected", "Rejected", "Rejected"]
        await site.until(lambda: site.statuses(1) == ["Reserved"])
        assert (await station.tap(BLOCKED, 1)).status == "Invalid"
        assert site.all("Authorize") == []
        assert (await side.call(call.RemoteStartTransaction(BLOCKED, 1))).status == "Rejected"
        await site.until(lambda: site.statuses(1) == ["Reserved", "Available"])
        assert (await side.call(call.CancelReservation(7))).status == "Rejected"

    async def test_a_reservation_is_used_up_by_its_session_or_cancelled(self, site, station):
        side = site.stations["CP1"]
        later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        await side.call(call.ReserveNow(1, later, KNOWN, 7))
        await station.charge(KNOWN, 1)
        assert site.all("StartTransaction")[0]["reservation_id"] == 7
        await side.call(call.ReserveNow(2, later, KNOWN, 8))
        assert (await side.call(call.CancelReservation(8))).status == "Accepted"
        await site.until(lambda: site.statuses(2) == ["Reserved", "Available"])

    async def test_what_the_station_cannot_do_is_answered_so(self, site, station):
        side = site.stations["CP1"]
        profile = {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]},
        }
        assert (await side.call(call.SetChargingProfile(1, profile))).status == "NotSupported"
        assert (await side.call(call.ClearChargingProfile())).status == "Unknown"
        assert (await side.call(call.GetCompositeSchedule(1, 60))).status == "Rejected"
        assert (await side.call(call.DataTransfer("acme"))).status == "UnknownVendorId"
        assert await side.call(call.GetDiagnostics("sftp://example.org/")) == call_result.GetDiagnostics()
        await side.call(call.UpdateFirmware("sftp://example.org/", NOW))
        await site.until(lambda: site.all("FirmwareStatusNotification") == [{"status": "DownloadFailed"}])

    async def test_frames_that_make_no_sense_do_not_disturb_the_station(self, site, station):
        connection = site.stations["CP1"].connection
        for frame in (
            "",
            "\ufeff[]",
            "null",
            "[]",
            "[2]",
            '[2,"1",["Reset"],{}]',
            '[3,"stray",{}]',
            '[4,"stray"]',
            "[" * 9999,
        ):
            await connection.send(frame)
        await connection.send(b'[2,"bin","GetLocalListVersion",{}]')
        await station.heartbeat()
        assert (await station.tap(KNOWN)).accepted

    async def test_a_request_that_breaks_the_schema_gets_an_error_answer(self, site, station):
        code, *_ = await ask_unchecked(site.stations["CP1"], "Reset", {"type": "Lukewarm"})
        assert code == "FormatViolation"
        code, *_ = await ask_unchecked(site.stations["CP1"], "Dance", {})
        assert code == "NotSupported"


class TestLocalList:
    """OCPP 1.6 §5.15 and §7.47."""

    async def send(self, site, version, kind, *entries):
        return (await site.stations["CP1"].call(call.SendLocalList(version, kind, list(entries)))).status

    async def version(self, site):
        return (await site.stations["CP1"].call(call.GetLocalListVersion())).list_version

    async def test_a_full_list_replaces_and_a_differential_one_adds_changes_and_deletes(self, site, station):
        held = station.cabinet.local_list
        assert await self.version(site) == 0
        assert await self.send(site, 5, "Full", entry("AA"), entry("BB")) == "Accepted"
        assert (
            await self.send(site, 6, "Differential", entry("CC"), entry("aa", "Blocked"), {"idTag": "BB"}) == "Accepted"
        )
        assert [held.find(uid) and held.find(uid).status for uid in ("AA", "BB", "CC")] == ["Blocked", None, "Accepted"]
        assert await self.version(site) == 6
        assert await self.send(site, 2, "Full", entry("DD")) == "Accepted"
        assert (await self.version(site), len(held)) == (2, 1)

    async def test_a_differential_list_that_does_not_raise_the_version_is_a_mismatch(self, site, station):
        await self.send(site, 5, "Full", entry("AA"))
        for version in (5, 4):
            assert await self.send(site, version, "Differential", entry("BB")) == "VersionMismatch"
        assert (await self.version(site), len(station.cabinet.local_list)) == (5, 1)

    async def test_an_empty_full_list_clears_and_reads_as_version_zero(self, site, station):
        for version in (0, 9):
            await self.send(site, 5, "Full", entry("AA"))
            assert await self.send(site, version, "Full") == "Accepted"
            assert (await self.version(site), len(station.cabinet.local_list)) == (0, 0)

    async def test_duplicates_and_entries_without_a_verdict_fail_and_change_nothing(self, site, station):
        await self.send(site, 5, "Full", entry("AA"))
        assert await self.send(site, 6, "Full", entry("b1"), entry("B1")) == "Failed"
        assert await self.send(site, 6, "Full", {"idTag": "BB"}) == "Failed"
        assert await self.send(site, 0, "Full", entry("BB")) == "Failed"
        assert (await self.version(site), len(station.cabinet.local_list)) == (5, 1)

    async def test_the_limits_of_the_station_hold(self, site):
        limits = {"LocalAuthListMaxLength": "2", "SendLocalListMaxLength": "2"}
        async with SimulatedStation(site.url, "CP1", configuration=limits) as station:
            await station.start_up()
            assert await self.send(site, 1, "Full", entry("AA"), entry("BB"), entry("CC")) == "Failed"
            assert await self.send(site, 1, "Full", entry("AA"), entry("BB")) == "Accepted"
            assert await self.send(site, 2, "Differential", entry("CC")) == "Failed"
            assert await self.send(site, 2, "Differential", entry("CC"), {"idTag": "AA"}) == "Accepted"

    async def test_a_station_without_a_list_says_minus_one_and_not_supported(self, site, station):
        station.configure("LocalAuthListEnabled", "false")
        assert await self.version(site) == -1
        assert await self.send(site, 1, "Full", entry("AA")) == "NotSupported"

    def test_a_failed_update_leaves_every_entry_as_it_was(self):
        held = LocalList()
        held.update(1, "Full", [{"id_tag": "AA", "id_tag_info": {"status": "Accepted"}}], 1)
        assert held.update(2, "Differential", [{"id_tag": "BB", "id_tag_info": {"status": "Accepted"}}], 1) == "Failed"
        assert (held.version, held.find("BB")) == (1, None)
