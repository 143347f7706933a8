"""What the server asks a station to do: the payloads by the specification, the answers by a real simulated station."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from app.csms.station import outgoing
from app.csms.versions.commands16 import FORMS_16
from app.csms.versions.commands201 import FORMS_201
from app.csms.versions.forms import Answer, form_of
from app.domain.commands import AskToBoot, StartCharge, StopCharge
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.simulation import SimulatedStation
from tests.schemas import faults_of_request

CARD = "04A2B3C4D5E680"


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    """Simulated stations are not confused by a call soon after their boot."""
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.05)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.05)


@pytest.fixture
async def station(application, url):
    pool = await application.pools.create("Yard")
    await application.stations.accept("CP1", name="Gate", pool_id=pool.id)
    await application.passes.add(PassDraft(uid=CARD), pool_id=pool.id)
    async with SimulatedStation(url, "CP1", connectors=2, pace=1000) as station:
        await station.start_up()
        yield station


async def until(true, within_s=5.0):
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.005)


async def started(application, station):
    """The session that runs, once the station too knows its number."""
    await until(lambda: any(session.transaction_id for session in station.cabinet.sessions()))
    (session,) = application.sessions.recent(open_only=True)
    return session


def running(application):
    return application.sessions.recent(open_only=True)


async def refused(asked):
    with pytest.raises(AppError) as refused:
        await asyncio.wait_for(asked, 5)
    return refused.value


def asked_in_16(command):
    """The action and payload of a command, and how an answer to it is read."""
    form = form_of(FORMS_16, command)
    return form.action, form.payload(command), lambda answer: form.read(Answer(form.action, answer, datetime.now(UTC)))


class TestPayloads:
    @pytest.mark.parametrize("connector_id", [None, 0, 1, 2])
    def test_a_start_is_as_the_specification_wants_it(self, connector_id):
        action, payload, _ = asked_in_16(StartCharge(CARD, connector_id))
        assert action == "RemoteStartTransaction"
        assert not faults_of_request(action, payload)

    @pytest.mark.parametrize(("connector_id", "named"), [(None, None), (0, None), (-1, None), (2, 2)])
    def test_the_whole_station_is_no_place_to_charge_at(self, connector_id, named):
        _, payload, _ = asked_in_16(StartCharge(CARD, connector_id))
        assert payload.get("connectorId") == named

    def test_a_stop_is_as_the_specification_wants_it(self):
        action, payload, _ = asked_in_16(StopCharge(SimpleNamespace(id=12)))
        assert (action, payload) == ("RemoteStopTransaction", {"transactionId": 12})
        assert not faults_of_request(action, payload)

    @pytest.mark.parametrize("status", ["Accepted", "accepted", " ACCEPTED "])
    def test_a_station_that_will_is_understood(self, status):
        _, _, read = asked_in_16(StartCharge(CARD))
        assert read({"status": status}) is None

    @pytest.mark.parametrize("status", ["Rejected", "NotSupported", "Nope\x00\ud800" * 200])
    def test_any_other_answer_is_a_refusal_that_names_it(self, status):
        _, _, read = asked_in_16(StartCharge(CARD))
        with pytest.raises(AppError) as refused:
            read({"status": status})
        assert (refused.value.code, refused.value.params["action"]) == ("station_refused", "RemoteStartTransaction")
        assert refused.value.params["status"].startswith(status[:4])
        assert refused.value.params["status"].isprintable()

    @pytest.mark.parametrize("answer", [{}, {"status": None}, {"status": 1}, {"status": ""}, {"status": ["Accepted"]}])
    def test_an_answer_without_a_status_is_unreadable(self, answer):
        _, _, read = asked_in_16(StartCharge(CARD))
        with pytest.raises(AppError, match="station_answer_unreadable"):
            read(answer)

    def test_what_a_version_has_no_words_for_is_said_to_be_missing(self):
        with pytest.raises(AppError, match="command_not_in_version"):
            form_of({}, AskToBoot())


class TestAtAStation:
    @pytest.mark.parametrize(("connector_id", "where"), [(2, 2), (None, 1), (0, 1)])
    async def test_a_charge_is_started_and_stopped(self, application, station, connector_id, where):
        await application.server.carry_out("cp1", StartCharge(CARD, connector_id))
        session = await started(application, station)
        assert (session.connector_id, session.raw_id_tag) == (where, CARD)
        await application.server.carry_out("CP1", StopCharge(session))
        await until(lambda: not running(application))
        assert application.sessions.find(session.id).stop_reason == "Remote"

    async def test_a_station_that_cannot_says_so(self, application, station):
        error = await refused(application.server.carry_out("CP1", StartCharge(CARD, 7)))
        assert (error.code, error.params["status"]) == ("station_refused", "Rejected")

    async def test_a_session_that_has_ended_cannot_be_stopped(self, application, station):
        await application.server.carry_out("CP1", StartCharge(CARD, 1))
        session = await started(application, station)
        await application.server.carry_out("CP1", StopCharge(session))
        await until(lambda: not running(application))
        assert (await refused(application.server.carry_out("CP1", StopCharge(session)))).code == "station_refused"

    async def test_a_station_that_is_away_is_said_to_be(self, application, station):
        await station.close()
        await until(lambda: not application.server.connected)
        for station_id in ("CP1", "NOBODY"):
            error = await refused(application.server.carry_out(station_id, StartCharge(CARD, 1)))
            assert (error.code, error.params["station_id"]) == ("station_not_connected", station_id)


def test_what_can_be_asked_in_one_version_can_be_asked_in_the_other_but_for_what_it_does_not_have():
    names_16, names_2x = ({command.__name__ for command in forms} for forms in (FORMS_16, FORMS_201))
    assert names_16 - names_2x == {"RaiseProfile"}
    assert names_2x - names_16 == {"SetNetwork", "PreferNetwork", "CustomerData", "AskChargeStatus", "ReportVariable"}
