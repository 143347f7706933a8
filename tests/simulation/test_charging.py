"""Cards and sessions of a simulated station, online and offline."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from ocpp.v16 import call

from app.simulation import CallRefusedError, NoAnswerError, OfflineError, SimulatedStation, StationError
from app.simulation.memory import instant
from tests.simulation.central_site import BLOCKED, KNOWN, UNKNOWN


class TestCharging:
    async def test_a_tap_gives_the_verdict_of_the_server(self, site, station):
        assert [(await station.tap(uid)).status for uid in (KNOWN, BLOCKED, UNKNOWN)] == [
            "Accepted",
            "Blocked",
            "Invalid",
        ]
        assert site.all("Authorize") == [{"id_tag": uid} for uid in (KNOWN, BLOCKED, UNKNOWN)]

    @pytest.mark.parametrize("uid", ["", "X" * 21])
    async def test_a_card_that_ocpp_cannot_carry_is_refused_here(self, site, station, uid):
        with pytest.raises(StationError, match="1 to 20 characters"):
            await station.tap(uid)
        assert site.heard == []

    async def test_a_charge_is_told_step_by_step_with_exact_energy(self, site, station):
        session = await station.charge(KNOWN, 60, power_w=36_000, tick=20, connector=2)
        assert site.actions() == [
            "Authorize",
            "StatusNotification",
            "StartTransaction",
            "StatusNotification",
            "MeterValues",
            "MeterValues",
            "MeterValues",
            "StopTransaction",
            "StatusNotification",
        ]
        assert site.statuses(2) == ["Preparing", "Charging", "Available"]
        registers = [f["meter_value"][0]["sampled_value"][0] for f in site.all("MeterValues")]
        assert [value["value"] for value in registers] == ["200", "400", "600"]
        assert {f["transaction_id"] for f in site.all("MeterValues")} == {41}
        [start], [stop] = site.all("StartTransaction"), site.all("StopTransaction")
        assert (start["connector_id"], start["id_tag"], start["meter_start"]) == (2, KNOWN, 0)
        assert (stop["transaction_id"], stop["meter_stop"], stop["id_tag"]) == (41, 600, KNOWN)
        assert (session.transaction_id, session.energy_wh) == (41, 600)

    async def test_meter_values_carry_energy_power_and_each_phase(self, site, station):
        await station.charge(KNOWN, 10, power_w=11_040, tick=10)
        [reading] = site.all("MeterValues")
        values = {
            (value["measurand"], value.get("phase")): (value["value"], value["unit"])
            for value in reading["meter_value"][0]["sampled_value"]
        }
        assert values == {
            ("Energy.Active.Import.Register", None): ("31", "Wh"),
            ("Power.Active.Import", None): ("11040", "W"),
            **{("Current.Import", phase): ("16.0", "A") for phase in ("L1", "L2", "L3")},
            **{("Voltage", f"{phase}-N"): ("230", "V") for phase in ("L1", "L2", "L3")},
        }

    async def test_a_station_that_is_switched_off_ends_its_session_with_what_was_charged(self, site, station):
        charging = asyncio.create_task(station.charge(KNOWN, 3_600_000, power_w=36_000, tick=3_600_000))
        await site.until(lambda: "Charging" in site.statuses())
        await asyncio.sleep(0.05)
        charging.cancel()
        await asyncio.wait({charging})
        await station.power_off()
        [stop] = site.all("StopTransaction")
        assert stop["meter_stop"] >= 500

    async def test_the_register_counts_on_from_session_to_session(self, site, station):
        await station.charge(KNOWN, 10, power_w=36_000)
        await station.charge(KNOWN, 10, power_w=36_000)
        assert [(f["meter_start"]) for f in site.all("StartTransaction")] == [0, 100]

    async def test_a_refused_card_does_not_charge(self, site, station):
        assert await station.charge(UNKNOWN, 10) is None
        assert site.actions() == ["Authorize"]

    async def test_a_start_that_is_refused_ends_at_once_without_energy(self, site, station):
        site.start_verdict = {"status": "ConcurrentTx"}
        session = await station.charge(KNOWN, 600)
        assert (session.energy_wh, session.id_tag_info.status) == (0, "ConcurrentTx")
        assert site.all("StopTransaction")[0]["reason"] == "DeAuthorized"
        assert site.statuses() == ["Preparing", "Available"]

    async def test_a_connector_takes_one_session_at_a_time(self, site, station):
        await station.start(KNOWN)
        with pytest.raises(StationError, match="charging already"):
            await station.start(KNOWN)
        with pytest.raises(StationError, match="not free"):
            await station.charge(KNOWN, 1)
        for connector, words in ((0, "the station itself"), (3, "no connector 3")):
            with pytest.raises(StationError, match=words):
                await station.tap(KNOWN, connector)

    async def test_an_error_answer_is_raised_with_its_code_and_frees_the_connector(self, site, station):
        site.fails_to_start = True
        with pytest.raises(CallRefusedError, match="refused StartTransaction with InternalError"):
            await station.charge(KNOWN, 10)
        assert site.statuses() == ["Preparing", "Available"]
        assert (station.unreported, station.cabinet.sessions()) == (0, [])

    async def test_a_transaction_message_is_tried_as_often_as_configured(self, site, station):
        station.configure("TransactionMessageAttempts", "3")
        station.configure("TransactionMessageRetryInterval", "1")
        site.fails_to_start = True
        with pytest.raises(CallRefusedError):
            await station.start(KNOWN)
        assert len(site.all("StartTransaction")) == 3

    async def test_a_silent_server_is_not_waited_for_longer_than_told(self, site):
        site.silent = True
        async with SimulatedStation(site.url, "CP1", answer_timeout=0.1) as station:
            await station.connect()
            with pytest.raises(NoAnswerError, match=r"did not answer Authorize within 0\.1 seconds"):
                await station.tap(KNOWN)


class TestOffline:
    async def test_a_session_held_offline_is_replayed_in_order_with_its_own_times(self, site, station):
        await station.tap(KNOWN)
        await station.drop()
        site.heard.clear()
        before = datetime.now(UTC)
        session = await station.charge(KNOWN, 20, power_w=36_000, tick=10)
        after = datetime.now(UTC)
        assert (session.transaction_id, station.unreported) == (None, 4)
        await asyncio.sleep(0.05)
        await station.reconnect()

        assert site.actions() == [
            "StartTransaction",
            "MeterValues",
            "MeterValues",
            "StopTransaction",
            "StatusNotification",
        ]
        [start], [stop] = site.all("StartTransaction"), site.all("StopTransaction")
        times = [instant(fields["timestamp"]) for fields in (start, stop)]
        assert before - timedelta(milliseconds=1) <= times[0] < times[1] <= after
        assert (start["id_tag"], stop["id_tag"], stop["meter_stop"]) == (KNOWN, KNOWN, 200)
        assert {f["transaction_id"] for f in [*site.all("MeterValues"), stop]} == {41} == {session.transaction_id}
        assert station.unreported == 0

    async def test_a_session_begun_online_ends_offline_under_its_transaction(self, site, station):
        session = await station.start(KNOWN)
        await station.drop()
        await station.stop(session)
        await station.reconnect()
        assert [f["transaction_id"] for f in site.all("StopTransaction")] == [41]

    async def test_two_offline_sessions_keep_their_ids_apart(self, site, station):
        await station.drop()
        first, second = await station.start(KNOWN, 1), await station.start(BLOCKED, 2)
        await station.stop(second)
        await station.stop(first)
        await station.reconnect()
        assert [f["transaction_id"] for f in site.all("StopTransaction")] == [42, 41]

    async def test_a_start_whose_answer_was_lost_is_sent_again_the_same(self, site, station):
        side = site.stations["CP1"]

        async def cut_instead_of_answering(message):
            side.connection.transport.abort()

        side._connection = type(
            "Mute", (), {"send": staticmethod(cut_instead_of_answering), "recv": side.connection.recv}
        )
        session = await station.start(KNOWN)
        assert (session.transaction_id, station.unreported) == (None, 1)
        await site.until(lambda: not station.online)
        await station.reconnect()
        first, again = site.all("StartTransaction")
        assert first == again
        assert session.transaction_id is not None

    async def test_the_stop_of_a_start_the_server_never_took_says_minus_one(self, site, station):
        await station.drop()
        session = await station.start(KNOWN)
        site.fails_to_start = True
        await station.reconnect()
        await station.stop(session)
        assert site.all("StopTransaction")[0]["transaction_id"] == -1

    async def test_offline_the_station_decides_by_its_list_then_its_cache_then_its_setting(self, site, station):
        await station.tap(KNOWN)
        entries = [
            {"idTag": BLOCKED.lower(), "idTagInfo": {"status": "Accepted", "expiryDate": "2020-01-01T00:00:00Z"}}
        ]
        await site.stations["CP1"].call(call.SendLocalList(3, "Full", entries))
        await station.drop()
        assert [(await station.tap(uid)).status for uid in (KNOWN, BLOCKED, UNKNOWN)] == [
            "Accepted",
            "Expired",
            "Invalid",
        ]
        station.configure("AllowOfflineTxForUnknownId", "true")
        assert (await station.tap(UNKNOWN)).accepted

    async def test_an_offline_session_the_server_does_not_allow_is_ended_when_it_says_so(self, site, station):
        station.configure("AllowOfflineTxForUnknownId", "true")
        await station.drop()
        charging = asyncio.create_task(station.charge(UNKNOWN, 3_600_000))
        await site.until(lambda: station.cabinet.connectors[1].status == "Charging")
        await station.reconnect()
        session = await asyncio.wait_for(charging, 5)
        assert (session.reason, session.id_tag_info.status) == ("DeAuthorized", "Invalid")

    async def test_a_drop_is_seen_as_such_by_the_server_and_is_no_loss_for_the_station(self, site, station):
        lost = asyncio.create_task(station.until_lost())
        connection = site.stations["CP1"].connection
        await station.drop()
        await asyncio.wait_for(connection.wait_closed(), 5)
        assert (connection.close_code, lost.done()) == (1006, False)
        with pytest.raises(OfflineError):
            await station.heartbeat()
        lost.cancel()

    async def test_a_connection_the_server_closes_is_lost_with_its_reason(self, site, station):
        await site.stations["CP1"].connection.close(1008, "go away")
        with pytest.raises(OfflineError, match=r"closed the connection \(code 1008, “go away”\)"):
            await asyncio.wait_for(station.until_lost(), 5)
        assert not station.online

    async def test_a_call_under_way_fails_with_the_connection(self, site, station):
        site.silent = True
        tapping = asyncio.create_task(station.tap(KNOWN))
        await site.until(lambda: site.all("Authorize"))
        site.stations["CP1"].connection.transport.abort()
        with pytest.raises(OfflineError, match="was lost"):
            await asyncio.wait_for(tapping, 1)
