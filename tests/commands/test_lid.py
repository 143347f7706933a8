"""`tapdesk lid`: what stations would do with cards while Tapdesk is closed."""

import asyncio

import pytest

from app.application import Application
from app.data_folder import DATABASE
from app.domain.list_record import Record, Support
from app.domain.local_list import Entry, Piece
from app.domain.variables import Variable
from tests.command_line import one_line

ANNA = "04A2B3C4"
SETTINGS = {
    "LocalAuthListEnabled": "true",
    "LocalAuthorizeOffline": "true",
    "AllowOfflineTxForUnknownId": "true",
}


@pytest.fixture(autouse=True)
def _site(tapdesk, folder):
    """CP-1 of Staff told its settings and has its list; of CP-2 nothing is known; CP-3 is in no pool."""
    tapdesk("pools", "create", "Staff")
    tapdesk("passes", "add", "--uid", ANNA, "--name", "Card")
    tapdesk("pools", "add", "Staff", "--uid", ANNA)
    tapdesk("stations", "accept", "CP-1", "--pool", "Staff", "--name", "Garage")
    tapdesk("stations", "accept", "CP-2", "--pool", "Staff")
    tapdesk("stations", "accept", "CP-3")
    asyncio.run(_told(folder))


async def _told(folder):
    site = Application(folder / DATABASE)
    told = [Variable(name, value) for name, value in SETTINGS.items()]
    await site.configuration.reported("CP-1", 1, told, more=False)
    piece = Piece(full=True, version=4, entries=(Entry(ANNA),))
    record = Record(version=4, highest=4, support=Support.YES)
    await site.local_lists.keep(site.stations.require("CP-1"), record, [piece], confirmed_at=site.clock())
    await site.stop()


def test_the_site_in_a_table(tapdesk):
    ended = tapdesk("lid")
    rows = [line.split() for line in ended.out.splitlines()]
    assert ended.code == 3
    assert rows[1][:2] == ["CP-2", "Staff"]
    assert any(row[:3] == ["CP-1", "Garage", "Staff"] and "AllowOfflineTxForUnknownId" in row for row in rows)


def test_one_station_in_sentences_with_its_settings(tapdesk):
    ended = tapdesk("lid", "cp-1")
    said = ended.out.splitlines()
    assert ended.code == 3
    assert said[0] == "With Tapdesk closed, the one pass of Staff can charge here."
    assert said[1] == "A stranger's card can too: the station accepts unknown cards when it is offline."
    assert "AllowOfflineTxForUnknownId  true (wanted: false)  to change" in said


def test_for_programs(tapdesk):
    found = {each["station_id"]: each for each in tapdesk("lid", "--json").data}
    assert (found["CP-1"]["members"], found["CP-1"]["strangers"]) == ("yes", "yes")
    assert (found["CP-1"]["list"], found["CP-1"]["list_version"]) == ("in_step", 4)
    assert found["CP-1"]["to_change"] == ["AllowOfflineTxForUnknownId"]
    assert (found["CP-2"]["members"], found["CP-2"]["members_why"]) == ("unknown", "not_read")
    assert found["CP-3"]["said"][0] == "It is in no pool: with Tapdesk closed, nobody should charge here."


def test_a_station_that_nobody_knows(tapdesk):
    ended = tapdesk("lid", "CP-9")
    assert ended.code not in (0, 3)
    assert ended.err


def test_a_station_that_is_not_let_in(tapdesk):
    tapdesk("stations", "accept", "CP-4")
    tapdesk("stations", "reject", "CP-4")
    ended = tapdesk("lid", "CP-4")
    assert (ended.code, ended.out) == (1, "")
    assert "CP-4 is not let in" in one_line(ended.err)
