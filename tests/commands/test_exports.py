"""`tapdesk export` and `tapdesk template`."""

import csv
import json
import sys

import openpyxl
import pytest

from app.domain.export_kinds import ExportKind
from app.domain.import_fields import ListKind
from tests.command_line import one_line, run


@pytest.fixture(autouse=True)
def _site(tapdesk):
    tapdesk("pools", "create", "Garage")
    tapdesk("stations", "accept", "CP-1", "--pool", "Garage")
    tapdesk("identities", "add", "--email", "anna@example.org")
    tapdesk("passes", "add", "--uid", "04A2B3C4", "--visible-id", "NL-TNM-012204-5", "--email", "anna@example.org")
    tapdesk("passes", "add", "--uid", "04B7722E")
    tapdesk("pools", "add", "Garage", "--email", "anna@example.org")


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


class TestExport:
    @pytest.mark.parametrize(("kind", "count"), list(zip(ExportKind, (2, 1, 1, 1, 0, 0, 0), strict=True)))
    def test_every_kind_of_list_goes_out(self, tapdesk, tmp_path, kind, count):
        path = tmp_path / "list.csv"
        ended = tapdesk("export", kind.value, str(path), "--json")
        assert (ended.code, ended.data) == (0, {"rows": count, "file": str(path)})
        assert len(rows_of(path)) == count + 1

    def test_it_says_how_many_rows_are_where(self, tapdesk, tmp_path):
        path = tmp_path / "passes.xlsx"
        assert tapdesk("export", "passes", str(path)).out == f"2 rows are in {path}.\n"
        assert tapdesk("export", "stations", str(path)).out == f"1 row is in {path}.\n"
        assert openpyxl.load_workbook(path).sheetnames == ["Stations"]

    def test_in_the_words_of_other_systems(self, tapdesk, tmp_path):
        path = tmp_path / "list.csv"
        tapdesk("export", "passes", str(path), "--format", "maxem")
        assert rows_of(path)[0] == ["Visible ID", "UID", "Pass name", "E-mail address of passholder"]
        tapdesk("export", "passes", str(path), "--format", "ev-portal")
        assert rows_of(path) == [["Auth ID"], ["NL-TNM-012204-5"], ["04B7722E"]]
        tapdesk("export", "members", str(path), "--format", "ev-portal", "--pool", "garage")
        assert rows_of(path) == [["Auth ID"], ["NL-TNM-012204-5"]]

    def test_of_one_pool_only(self, tapdesk, tmp_path):
        path = tmp_path / "list.jsonl"
        tapdesk("export", "passes", str(path), "--pool", "Garage")
        [told] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert (told["uid"], told["blocked"]) == ("04A2B3C4", False)

    def test_a_list_that_went_out_comes_back_unchanged(self, tapdesk, tmp_path):
        path = tmp_path / "passes.xlsx"
        tapdesk("export", "passes", str(path), "--pool", "Garage")
        assert tapdesk("import", str(path), "--kind", "passes", "--json").data["same"] == 1

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("passes", "list.pdf"), "Let it end in one of"),
            (("messages", "list.xlsx"), "Let its name end in one of: .jsonl, .csv"),
            (("stations", "list.xlsx", "--format", "maxem"), "not for stations"),
            (("passes", "list.csv", "--pool", "nowhere"), "nowhere"),
            (("passes", "list.csv", "--station", "CP-1"), "Only messages are narrowed"),
            (("messages", "list.csv", "--pool", "Garage"), "no pool"),
            (("passes", "gone/list.csv"), "cannot be written"),
        ],
    )
    def test_what_cannot_be_done_is_said_in_one_line(self, tapdesk, tmp_path, arguments, words):
        what, name, *options = arguments
        ended = tapdesk("export", what, str(tmp_path / name), *options)
        assert ended.code == 1
        assert words in one_line(ended.err)
        assert list(tmp_path.glob("list*")) == []


class TestTemplate:
    @pytest.mark.parametrize("kind", ListKind)
    def test_every_kind_of_list_has_one(self, tapdesk, tmp_path, kind):
        path = tmp_path / "template.xlsx"
        assert tapdesk("template", kind.value, str(path)).out == f"{path} is ready to be filled in.\n"
        assert openpyxl.load_workbook(path).sheetnames == [kind.value.capitalize(), "Notes"]

    def test_it_needs_no_site(self, tmp_path):
        path = tmp_path / "template.xlsx"
        assert run("template", "passes", path, "--data", tmp_path / "nothing").code == 0
        assert path.exists()
        assert not (tmp_path / "nothing").exists()

    def test_it_is_a_spreadsheet(self, tapdesk, tmp_path):
        ended = tapdesk("template", "passes", str(tmp_path / "template.csv"))
        assert "Let its name end in one of: .xlsx" in one_line(ended.err)


def test_the_commands_are_declared_without_loading_what_writes_spreadsheets():
    ended = run("-c", "import sys, app.__main__; print('openpyxl' in sys.modules)", program=[sys.executable])
    assert ended.out == "False\n"
