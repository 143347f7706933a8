"""`tapdesk lists`: how the lists of stations stand, what differs, and files for vendors' own tools."""

import asyncio
import csv
import json

import openpyxl
import pytest

from app.application import Application
from app.data_folder import DATABASE
from app.domain.list_record import Record, Support
from app.domain.local_list import Entry, Piece
from tests.command_line import one_line
from tests.schemas import faults_of_request


@pytest.fixture(autouse=True)
def _site(tapdesk):
    tapdesk("pools", "create", "Garage")
    tapdesk("stations", "accept", "CP-1", "--pool", "Garage")
    tapdesk("passes", "add", "--uid", "04A2B3C4", "--visible-id", "NL-TNM-012204-5", "--name", "Van 3")
    tapdesk("passes", "add", "--uid", "04B7722E")
    tapdesk("pools", "add", "Garage", "--uid", "04A2B3C4")
    tapdesk("pools", "add", "Garage", "--uid", "04B7722E")


def test_a_list_that_was_never_sent_waits(tapdesk):
    [row] = tapdesk("lists", "show", "--json").data
    assert (row["station_id"], row["state"], row["count"], row["wanted"]) == ("CP-1", "waiting", 0, 2)
    assert tapdesk("lists", "show", "--station", "cp-1").out.splitlines()[1].split()[:2] == ["CP-1", "waiting"]
    assert tapdesk("lists", "show", "--station", "CP-2", "--json").data == []


def test_a_difference_is_told_card_by_card_and_in_the_exit_code(tapdesk):
    ended = tapdesk("lists", "diff", "CP-1", "--json")
    assert ended.code == 3
    assert {(row["raw"], row["difference"]) for row in ended.data} == {("04A2B3C4", "to_add"), ("04B7722E", "to_add")}
    tapdesk("pools", "remove", "Garage", "--uid", "04A2B3C4", "--yes")
    tapdesk("pools", "remove", "Garage", "--uid", "04B7722E", "--yes")
    assert tapdesk("lists", "diff", "CP-1").code == 0


def test_what_is_still_open_is_listed_with_since_when(tapdesk, folder):
    async def hold():
        site = Application(folder / DATABASE)
        record = Record(version=4, highest=4, support=Support.YES)
        piece = Piece(full=True, version=4, entries=(Entry("04A2B3C4"), Entry("04B7722E")))
        await site.local_lists.keep(site.stations.require("CP-1"), record, [piece], confirmed_at=site.clock())
        await site.passes.block([site.passes.find("04B7722E").id])
        await site.local_lists.look_again(site.stations.require("CP-1"))
        await site.stop()

    asyncio.run(hold())
    [row] = tapdesk("lists", "show", "--json").data
    assert (row["still_open"], row["open_since"] is not None) == (1, True)
    head, line = (each.split() for each in tapdesk("lists", "show").out.splitlines())
    assert head[-2:] == ["still_open", "open_since"]
    assert line[-3] == "1"


def test_a_list_is_tried_anew(tapdesk):
    ended = tapdesk("lists", "retry", "cp-1")
    said = "The list of CP-1 is tried anew: within half a minute while it is connected, else when it is.\n"
    assert (ended.code, ended.out) == (0, said)
    tapdesk("stations", "accept", "CP-2")
    tapdesk("stations", "reject", "CP-2")
    assert "CP-2 is not let in" in one_line(tapdesk("lists", "retry", "CP-2").err)
    assert "There is no station CP-9" in one_line(tapdesk("lists", "retry", "CP-9").err)


@pytest.mark.parametrize("whose", [("--station", "CP-1"), ("--pool", "Garage")])
@pytest.mark.parametrize(("version", "wanted"), [("1.6", "idTag"), ("2.0.1", "idToken"), ("2.1", "idToken")])
def test_a_list_goes_out_as_the_message_it_would_be_sent_in(tapdesk, tmp_path, whose, version, wanted):
    path = tmp_path / "list.json"
    ended = tapdesk("lists", "export", str(path), *whose, "--ocpp", version, "--json")
    assert (ended.code, ended.data) == (0, {"entries": 2, "file": str(path)})
    payload = json.loads(path.read_text("utf-8"))
    assert faults_of_request("SendLocalList", payload, version) == []
    assert all(wanted in entry for entry in payload["localAuthorizationList"])
    assert payload["updateType"] == "Full"


def test_a_list_goes_out_as_a_table(tapdesk, tmp_path):
    path = tmp_path / "list.csv"
    assert tapdesk("lists", "export", str(path), "--station", "CP-1").out == f"2 entries are in {path}.\n"
    with path.open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    assert sorted(row[:2] for row in rows) == [["04A2B3C4", "Accepted"], ["04B7722E", "Accepted"]]
    tapdesk("lists", "export", str(tmp_path / "list.xlsx"), "--pool", "Garage")
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    assert "Van 3" in {cell.value for row in sheet.iter_rows() for cell in row}


def test_a_list_with_nobody_in_it_is_not_written(tapdesk, tmp_path):
    tapdesk("pools", "create", "Yard")
    path = tmp_path / "list.json"
    assert tapdesk("lists", "export", str(path), "--pool", "Yard").code != 0
    assert not path.exists()
