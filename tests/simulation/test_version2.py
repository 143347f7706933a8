"""A simulated station of OCPP 2.0.1 or 2.1, at a central system that is the `ocpp` package's own."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from ocpp import v21, v201
from ocpp.routing import on
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from app.simulation import SimulatedStation
from tests.simulation.central_site import BLOCKED, FAST, KNOWN, NOW, QUIET, UNKNOWN


class CentralSide:
    """The central system's end of one connection; the package checks every message against the schemas."""

    def __init__(self, station_id, connection):
        super().__init__(station_id, connection, response_timeout=5, logger=QUIET)
        self.heard = []

    def note(self, action, fields):
        self.heard.append((action, fields))
        return getattr(self._call_result, action)

    def all(self, action):
        return [fields for heard, fields in self.heard if heard == action]

    def verdict(self, id_token):
        status = {KNOWN: "Accepted", BLOCKED: "Blocked"}.get(id_token["id_token"], "Unknown")
        return {"status": status, "group_id_token": {"id_token": "G", "type": "Central"}}

    @on("BootNotification")
    def boot(self, **fields):
        return self.note("BootNotification", fields)(NOW, 300, "Accepted")

    @on("StatusNotification")
    def status(self, **fields):
        return self.note("StatusNotification", fields)()

    @on("Authorize")
    def authorize(self, id_token, **_):
        return self.note("Authorize", id_token)(self.verdict(id_token))

    @on("TransactionEvent")
    def event(self, **fields):
        named = fields.get("id_token")
        return self.note("TransactionEvent", fields)(id_token_info=self.verdict(named) if named else None)

    @on("MeterValues")
    def meter_values(self, **fields):
        return self.note("MeterValues", fields)()

    @on("NotifyReport")
    def report(self, **fields):
        return self.note("NotifyReport", fields)()

    async def ask(self, action, **fields):
        return await self.call(getattr(self._call, action)(**fields), suppress=False)


class CentralSide201(CentralSide, v201.ChargePoint):
    pass


class CentralSide21(CentralSide, v21.ChargePoint):
    pass


VERSIONS = {"2.0.1": CentralSide201, "2.1": CentralSide21}


@asynccontextmanager
async def site(version):
    """The url of a central system of this version, and its ends of the connections as they come."""
    sides = []

    async def talk(connection):
        sides.append(VERSIONS[version]("CP1", connection))
        with suppress(ConnectionClosed):
            await sides[-1].start()

    async with serve(talk, "127.0.0.1", 0, subprotocols=[f"ocpp{version}"]) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", sides


@pytest.fixture(params=VERSIONS)
async def pair(request):
    """A station that is up, and the other end."""
    async with (
        site(request.param) as (url, sides),
        SimulatedStation(
            url, "CP1", ocpp=request.param, connectors=2, pace=10_000, configuration=FAST, vendor="V", model="M"
        ) as station,
    ):
        await station.start_up()
        sides[0].all_sides = sides
        yield station, sides[0]


def shown(side):
    return [
        (each["evse_id"], each["connector_id"], each["connector_status"]) for each in side.all("StatusNotification")
    ]


def told(side):
    return [(each["event_type"], each["trigger_reason"], each["seq_no"]) for each in side.all("TransactionEvent")]


async def test_tells_who_it_is_and_how_its_evses_are(pair):
    _, side = pair
    (boot,) = side.all("BootNotification")
    assert boot == {
        "charging_station": {"vendor_name": "V", "model": "M", "firmware_version": "1.0.0"},
        "reason": "PowerUp",
    }
    assert shown(side) == [(0, 0, "Available"), (1, 1, "Available"), (2, 1, "Available")]


@pytest.mark.parametrize(
    ("uid", "kind", "status"),
    [(KNOWN, "ISO14443", "Accepted"), (BLOCKED, "ISO14443", "Blocked"), ("1234", "KeyCode", "Unknown")],
)
async def test_asks_for_a_card_or_what_was_typed(pair, uid, kind, status):
    station, side = pair
    info = await station.tap(uid)
    assert (info.status, info.parent_id_tag) == (status, "G")
    assert side.all("Authorize") == [{"id_token": uid, "type": kind}]


async def test_tells_a_charge_in_numbered_events_with_one_name_and_its_meter(pair):
    station, side = pair
    station.cabinet.plugs[2].register_wh = 1000
    session = await station.charge(KNOWN, 60, power_w=60_000, tick=30, connector=2)
    assert told(side) == [
        ("Started", "Authorized", 0),
        ("Updated", "ChargingStateChanged", 1),
        ("Updated", "MeterValuePeriodic", 2),
        ("Updated", "MeterValuePeriodic", 3),
        ("Ended", "StopAuthorized", 4),
    ]
    events = side.all("TransactionEvent")
    assert {each["transaction_info"]["transaction_id"] for each in events} == {session.transaction_id}
    registers = [each["meter_value"][0]["sampled_value"][0]["value"] for each in events if "meter_value" in each]
    assert registers == [1000, 1500, 2000, 2000]
    assert shown(side)[3:] == [(2, 1, "Occupied"), (2, 1, "Occupied"), (2, 1, "Available")]


async def test_ends_a_charge_that_is_not_admitted(pair):
    station, side = pair
    session = await station.plug_in(UNKNOWN, 3600)
    assert (session.reason, session.energy_wh < 11_000) == ("DeAuthorized", True)
    assert told(side)[-1][:2] == ("Ended", "Deauthorized")


async def test_tells_later_what_happened_without_a_connection(pair):
    station, side = pair
    await station.drop()
    session = await station.start(KNOWN)
    await station.stop(session)
    assert station.unreported == 2
    await station.reconnect()
    assert station.unreported == 0
    returned = side.all_sides[1]
    assert told(returned) == [("Started", "Authorized", 0), ("Ended", "StopAuthorized", 1)]
    assert [each["offline"] for each in returned.all("TransactionEvent")] == [True, True]
    assert not returned.all("BootNotification")


async def test_charges_when_it_is_asked_to_and_says_by_which_request(pair):
    _, side = pair
    token = {"id_token": KNOWN, "type": "ISO14443"}
    answer = await side.ask("RequestStartTransaction", id_token=token, remote_start_id=42, evse_id=2)
    assert answer.status == "Accepted"
    async with asyncio.timeout(5):
        while not side.all("TransactionEvent"):
            await asyncio.sleep(0.005)
    (started,) = side.all("TransactionEvent")[:1]
    assert (started["trigger_reason"], started["transaction_info"]["remote_start_id"]) == ("RemoteStart", 42)
    reference = started["transaction_info"]["transaction_id"]
    assert (await side.ask("GetTransactionStatus", transaction_id=reference)).ongoing_indicator is True
    assert (await side.ask("RequestStopTransaction", transaction_id="other")).status == "Rejected"
    assert (await side.ask("RequestStopTransaction", transaction_id=reference)).status == "Accepted"
    async with asyncio.timeout(5):
        while told(side)[-1][0] != "Ended":
            await asyncio.sleep(0.005)
    assert side.all("TransactionEvent")[-1]["transaction_info"]["stopped_reason"] == "Remote"


async def test_keeps_a_list_as_1_6_stations_do(pair):
    station, side = pair
    token = {"id_token": KNOWN, "type": "ISO14443"}
    entries = [{"id_token": token, "id_token_info": {"status": "Accepted"}}]
    assert (await side.ask("GetLocalListVersion")).version_number == 0
    full = {"version_number": 3, "update_type": "Full", "local_authorization_list": entries}
    assert (await side.ask("SendLocalList", **full)).status == "Accepted"
    assert (await side.ask("GetLocalListVersion")).version_number == 3
    stale = full | {"update_type": "Differential", "local_authorization_list": [{"id_token": token}]}
    assert (await side.ask("SendLocalList", **stale)).status == "VersionMismatch"
    await station.drop()
    assert (await station.tap(KNOWN)).accepted


async def test_has_variables_that_are_read_written_and_reported(pair):
    _, side = pair
    name = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
    answer = await side.ask("SetVariables", set_variable_data=[name | {"attribute_value": "77"}])
    assert answer.set_variable_result[0]["attribute_status"] == "Accepted"
    unknown = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "Nothing"}}
    read = (await side.ask("GetVariables", get_variable_data=[name, unknown])).get_variable_result
    assert [each.get("attribute_value") for each in read] == ["77", None]
    assert read[1]["attribute_status"] == "UnknownVariable"
    assert (await side.ask("GetBaseReport", request_id=5, report_base="FullInventory")).status == "Accepted"
    async with asyncio.timeout(5):
        while not side.all("NotifyReport"):
            await asyncio.sleep(0.005)
    (report,) = side.all("NotifyReport")
    names = {(each["component"]["name"], each["variable"]["name"]) for each in report["report_data"]}
    assert {("OCPPCommCtrlr", "HeartbeatInterval"), ("LocalAuthListCtrlr", "Entries")} <= names


async def test_does_what_else_it_is_told(pair):
    station, side = pair
    assert (await side.ask("ChangeAvailability", operational_status="Inoperative", evse={"id": 1})).status == "Accepted"
    assert (await side.ask("UnlockConnector", evse_id=1, connector_id=1)).status == "Unlocked"
    assert (await side.ask("ClearCache")).status == "Accepted"
    assert (await side.ask("TriggerMessage", requested_message="MeterValues", evse={"id": 1})).status == "Accepted"
    async with asyncio.timeout(5):
        while not side.all("MeterValues") or shown(side)[-1] != (1, 1, "Unavailable"):
            await asyncio.sleep(0.005)
    assert (await side.ask("Reset", type="Immediate")).status == "Accepted"
    async with asyncio.timeout(5):
        while not station.restarting:
            await asyncio.sleep(0.001)
