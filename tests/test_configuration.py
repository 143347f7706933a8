"""What is set inside stations: read, written, read back, reported in pieces; secrets are kept nowhere."""

import asyncio

import pytest

from app import configuration as module
from app.configuration import Configuration, WriteOutcome
from app.domain.commands import ReadAllVariables, ReadVariables, VariablesRead, WriteVariable, Writing
from app.domain.errors import AppError
from app.domain.events import ConfigurationChanged
from app.domain.variables import Variable


class Station:
    """Answers as a station would, once it was read what it was asked."""

    def __init__(self, **values):
        self.values = values
        self.read_only = set()
        self.asked = []
        self.says = Writing.ACCEPTED
        self.obeys = True
        self.reports = False
        self.away = False

    async def __call__(self, station_id, command):
        self.asked.append(command)
        if self.away:
            raise AppError("station_not_connected", station_id=station_id)
        match command:
            case ReadAllVariables():
                return None if self.reports else VariablesRead(self.variables(self.values))
            case ReadVariables(names):
                known = {name.casefold(): name for name in self.values}
                found = [known[name.casefold()] for name in names if name.casefold() in known]
                unknown = tuple(name for name in names if name.casefold() not in known)
                return VariablesRead(self.variables(found), unknown)
            case WriteVariable(name, value):
                if self.obeys:
                    self.values[name] = value
                return self.says

    def variables(self, names):
        return tuple(Variable(name, self.values[name], name in self.read_only) for name in names)


@pytest.fixture
def station():
    return Station(LocalPreAuthorize="false", NumberOfConnectors="2", HeartbeatInterval="300")


@pytest.fixture
def configuration(site, station):
    return Configuration(site.store, site.bus, site.clock, station)


def values(configuration, station_id="CP1"):
    return {each.name: each.value for each in configuration.of(station_id)}


class TestReading:
    async def test_all_of_it_is_kept_with_when_it_was_read(self, configuration, station, clock, told):
        station.read_only = {"NumberOfConnectors"}
        read = await configuration.read("CP1")
        assert [(each.name, each.value, each.read_only) for each in read] == [
            ("HeartbeatInterval", "300", False),
            ("LocalPreAuthorize", "false", False),
            ("NumberOfConnectors", "2", True),
        ]
        assert {each.read_at for each in configuration.of("cp1")} == {clock()}
        assert isinstance(told[-1], ConfigurationChanged)

    async def test_what_it_has_no_longer_is_forgotten(self, configuration, station):
        await configuration.read("CP1")
        del station.values["HeartbeatInterval"]
        await configuration.read("CP1")
        assert "HeartbeatInterval" not in values(configuration)

    async def test_a_station_that_gives_nothing_at_all_loses_nothing(self, configuration, station):
        await configuration.read("CP1")
        station.values = {}
        assert await configuration.read("CP1") == []
        assert len(configuration.of("CP1")) == 3

    async def test_some_names_in_pieces_that_it_takes(self, configuration, station):
        station.values |= {f"K{number}": "x" for number in range(25)}
        read = await configuration.read("CP1", [*station.values, "NoSuchKey"])
        assert len(read) == 28
        assert [len(asked.names) for asked in station.asked] == [10, 10, 9]
        station.values["GetConfigurationMaxKeys"], station.asked = "20", []
        await configuration.read("CP1")
        await configuration.read("CP1", station.values)
        assert [len(asked.names) for asked in station.asked[1:]] == [20, 9]

    async def test_a_name_it_does_not_know_is_forgotten(self, configuration, station):
        await configuration.read("CP1")
        del station.values["HeartbeatInterval"]
        await configuration.read("CP1", ["heartbeatinterval"])
        assert configuration.find("CP1", "HeartbeatInterval") is None
        assert configuration.find("CP1", "localpreauthorize").value == "false"

    async def test_stations_do_not_mix(self, configuration):
        await configuration.read("CP1")
        assert configuration.of("CP2") == []

    async def test_a_flood_of_variables_is_not_kept(self, configuration, station, monkeypatch):
        monkeypatch.setattr(module, "MOST_VARIABLES", 10)
        station.values = {f"K{number:02}": "x" for number in range(40)}
        await configuration.read("CP1")
        assert len(configuration.of("CP1")) == 10
        await configuration.read("CP1", ["K00", "K39"])
        assert len(configuration.of("CP1")) == 10


class TestSecrets:
    async def test_they_are_named_and_never_kept(self, configuration, station, site):
        station.values |= {"AuthorizationKey": "0123456789abcdef", "SecurityCtrlr.BasicAuthPassword": "hunter2"}
        await configuration.read("CP1")
        assert values(configuration)["AuthorizationKey"] is None
        assert configuration.find("CP1", "SecurityCtrlr.BasicAuthPassword").is_secret
        assert b"hunter2" not in site.store.path.read_bytes() + site.store.path.with_name("tapdesk.db-wal").read_bytes()

    async def test_they_are_not_written_here(self, configuration, station):
        with pytest.raises(AppError, match="variable_is_secret"):
            await configuration.write("CP1", "AuthorizationKey", "secret")
        assert station.asked == []


class TestWriting:
    async def test_a_new_value_is_read_back(self, configuration, station):
        written = await configuration.write("CP1", "LocalPreAuthorize", "true")
        assert (written.outcome, written.value, written.holds) == (WriteOutcome.APPLIED, "true", True)
        assert values(configuration) == {"LocalPreAuthorize": "true"}

    async def test_accepted_and_not_done_is_noticed(self, configuration, station):
        """Q86."""
        station.obeys = False
        written = await configuration.write("CP1", "LocalPreAuthorize", "true")
        assert (written.outcome, written.value, written.holds) == (WriteOutcome.NOT_APPLIED, "false", False)

    async def test_another_spelling_of_the_value_is_no_difference(self, configuration, station):
        station.obeys, station.values["LocalPreAuthorize"] = False, "TRUE"
        assert (await configuration.write("CP1", "LocalPreAuthorize", "true")).outcome is WriteOutcome.APPLIED

    @pytest.mark.parametrize(
        ("said", "outcome"),
        [
            (Writing.REJECTED, WriteOutcome.REJECTED),
            (Writing.UNKNOWN, WriteOutcome.UNKNOWN),
            (Writing.REBOOT_REQUIRED, WriteOutcome.AFTER_RESTART),
        ],
    )
    async def test_what_the_station_says_to_it(self, configuration, station, said, outcome):
        station.says, station.obeys = said, False
        assert (await configuration.write("CP1", "LocalPreAuthorize", "true")).outcome is outcome

    async def test_what_it_gives_nobody_cannot_be_compared(self, configuration, station):
        station.values["LocalPreAuthorize"], station.obeys = None, False
        assert (await configuration.write("CP1", "LocalPreAuthorize", "true")).outcome is WriteOutcome.NOT_READ_BACK

    async def test_a_station_that_is_away_is_said_to_be(self, configuration, station):
        station.away = True
        with pytest.raises(AppError, match="station_not_connected"):
            await configuration.write("CP1", "LocalPreAuthorize", "true")


class TestReports:
    """OCPP 2.x: B07, the base report comes in pieces."""

    async def begun(self, configuration, station):
        station.reports = True
        reading = asyncio.create_task(configuration.read("CP1"))
        while not station.asked:
            await asyncio.sleep(0)
        return reading, station.asked[0].report_id

    async def test_all_pieces_make_the_configuration(self, configuration, station):
        await configuration.reported("CP1", 0, [Variable("Old.Thing", "1")], more=False)
        reading, number = await self.begun(configuration, station)
        await configuration.reported("CP1", number, [Variable("A.x", "1"), Variable("A.y", "2", True)], more=True)
        await configuration.reported("CP1", number, [], more=True)
        assert not reading.done()
        await configuration.reported("CP1", number, [Variable("B.z", None)], more=False)
        assert [each.name for each in await reading] == ["A.x", "A.y", "B.z"]
        assert values(configuration) == {"A.x": "1", "A.y": "2", "B.z": None}

    async def test_the_report_of_another_station_does_not_end_it(self, configuration, station):
        reading, number = await self.begun(configuration, station)
        await configuration.reported("CP2", number, [Variable("A.x", "1")], more=False)
        assert not reading.done()
        await configuration.reported("cp1", number, [Variable("A.x", "2")], more=False)
        assert [each.value for each in await reading] == ["2"]

    async def test_one_that_never_ends_is_given_up_with_what_came_of_it(self, configuration, station, monkeypatch):
        monkeypatch.setattr(module, "PIECE_WITHIN_S", 0.05)
        reading, number = await self.begun(configuration, station)
        await configuration.reported("CP1", number, [Variable("A.x", "1")], more=True)
        with pytest.raises(AppError, match="variables_not_reported"):
            await reading
        assert values(configuration) == {"A.x": "1"}

    async def test_what_nobody_asked_for_is_kept_too(self, configuration):
        await configuration.reported("CP1", 77, [Variable("A.x", "1", True)], more=False)
        await configuration.reported("CP1", 78, [Variable("A.x", "2")], more=False)
        (variable,) = configuration.of("CP1")
        assert (variable.value, variable.read_only) == ("2", True)
