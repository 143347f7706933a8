"""Rows that were left out, saved to be put right: nothing of the list is lost, and nothing of it is worked out."""

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from app.domain.drafts import IdentityDraft
from app.domain.errors import AppError
from app.domain.import_fields import ListKind, find_columns
from app.domain.import_plan import Verdict
from app.exchange import error_report
from app.exchange.importer import ImportJob

ANNA = "anna@hotel.example"
HEADERS = ["Visible ID", "UID", "Pass name", "E-mail"]
LIST = [
    ["Passes of the hotel"],
    [],
    HEADERS,
    ["NL-TNM-012204-5", "04A2B3C4D5E680", "Fob", ANNA],
    ["NL-TNM-000122-3", 4.15, "=1+1", "nobody@hotel.example"],
    ["NL-TNM-000123-1", date(2026, 11, 21), "Tag", ANNA],
]


@pytest.fixture
async def anna(site):
    return await site.identities.add(IdentityDraft(ANNA))


@pytest.fixture
def original(tmp_path):
    """A workbook with a list, a sheet of somebody's sums, and a macro's name."""
    book = openpyxl.Workbook()
    prices = book.worksheets[0]
    prices.title = "Prices"
    prices["A1"], prices["A2"], prices["A3"] = 2, 3, "=SUM(A1:A2)"
    sheet = book.create_sheet("Cards")
    for row in LIST:
        sheet.append(row)
    sheet["C5"].data_type = "s"
    sheet.column_dimensions["B"].width = 33
    path = tmp_path / "cards.xlsx"
    book.save(path)
    return path


async def planned(site, path, sheet="Cards", **about):
    read = (await site.importer.read(path, sheet)).sheet
    return await site.importer.plan(ImportJob(ListKind.PASSES, read, find_columns(read.rows, ListKind.PASSES), **about))


def words(problem):
    return f"wrong: {problem.code}"


async def saved(site, plan, tmp_path, original):
    path = tmp_path / "to put right.xlsx"
    count = await site.exporter.save_errors(plan, path, words, original)
    return count, openpyxl.load_workbook(path)


class TestErrorReport:
    async def test_it_holds_the_rows_with_errors_below_the_headers(self, site, anna, original, tmp_path):
        count, book = await saved(site, await planned(site, original), tmp_path, original)
        rows = list(book["Cards"].values)
        assert count == 2
        assert rows[0][0] == "Passes of the hotel"
        assert rows[2] == (*HEADERS, "What is wrong")
        assert [row[0] for row in rows[3:]] == ["NL-TNM-000122-3", "NL-TNM-000123-1"]
        assert rows[3][4] == "wrong: uid_became_number; wrong: email_unknown"
        assert rows[4][4] == "wrong: uid_became_date"

    async def test_the_other_sheets_stay_with_their_formulas_as_written(self, site, anna, original, tmp_path):
        _, book = await saved(site, await planned(site, original), tmp_path, original)
        assert book.sheetnames == ["Prices", "Cards"]
        assert book["Prices"]["A3"].value == "=SUM(A1:A2)"
        assert book["Cards"].column_dimensions["B"].width == 33
        assert book["Cards"]["C4"].data_type == "s"

    async def test_it_has_the_same_errors_when_it_comes_back_as_it_is(self, site, anna, original, tmp_path):
        """A number or a day must not come back as a text that looks like a UID."""
        before = await planned(site, original)
        await saved(site, before, tmp_path, original)
        back = await planned(site, tmp_path / "to put right.xlsx")
        wrong = [row.problems for row in before.plan.rows if row.problems]
        assert [row.problems for row in back.plan.rows] == wrong

    async def test_corrections_made_on_screen_are_in_it(self, site, anna, original, tmp_path):
        plan = await planned(site, original, corrections={(4, 1): "04B7722E", (5, 5): "looked up"})
        _, book = await saved(site, plan, tmp_path, original)
        rows = list(book["Cards"].values)
        assert rows[3][1] == "04B7722E"
        assert rows[4][5] == "looked up"
        assert (rows[3][6], rows[2][6]) == ("wrong: email_unknown", "What is wrong")

    async def test_a_list_of_text_becomes_a_workbook(self, site, anna, tmp_path):
        path = tmp_path / "cards.csv"
        path.write_text(f"UID;E-mail\n04A2B3C4;{ANNA}\n4.1E+12;{ANNA};'=1+1\n")
        count, book = await saved(site, await planned(site, path, ""), tmp_path, path)
        assert (count, book.sheetnames) == (1, ["Errors"])
        assert book.worksheets[0]["C2"].value == "=1+1"
        assert book.worksheets[0]["C2"].data_type == "s"

    async def test_what_was_pasted_has_no_original(self, site, anna, tmp_path):
        sheet = site.importer.pasted(f"UID\tE-mail\n4.1E+12\t{ANNA}").sheet
        plan = await site.importer.plan(ImportJob(ListKind.PASSES, sheet, find_columns(sheet.rows, ListKind.PASSES)))
        count, _ = await saved(site, plan, tmp_path, None)
        assert count == 1

    async def test_an_original_that_has_changed_meanwhile_does_no_harm(self, site, anna, original, tmp_path):
        plan = await planned(site, original)
        with zipfile.ZipFile(original, "w", zipfile.ZIP_DEFLATED) as bomb:
            bomb.writestr("xl/workbook.xml", b" " * (60 * 2**20))
        count, book = await saved(site, plan, tmp_path, original)
        assert (count, book.sheetnames) == (2, ["Cards"])

    async def test_an_original_that_is_too_large_to_copy_is_left_alone(
        self, site, anna, original, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(error_report, "LARGEST_ORIGINAL", 100)
        _, book = await saved(site, await planned(site, original), tmp_path, original)
        assert book.sheetnames == ["Cards"]

    async def test_the_original_may_be_written_over(self, site, anna, original, tmp_path):
        assert await site.exporter.save_errors(await planned(site, original), original, words, original) == 2
        assert openpyxl.load_workbook(original).sheetnames == ["Prices", "Cards"]

    async def test_a_list_without_errors_has_no_report(self, site, anna, tmp_path):
        path = tmp_path / "cards.csv"
        path.write_text(f"UID;E-mail\n04A2B3C4;{ANNA}\n")
        with pytest.raises(AppError, match="nothing_left_out"):
            await site.exporter.save_errors(await planned(site, path, ""), tmp_path / "report.xlsx", words)
        assert not (tmp_path / "report.xlsx").exists()


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
async def test_errors_of_the_spreadsheet_are_errors_when_the_report_comes_back(site, anna, tmp_path, ending):
    original = Path(__file__).parents[1] / "data" / "lists" / f"libreoffice.{ending}"
    count, _ = await saved(site, await planned(site, original, ""), tmp_path, original)
    again = await planned(site, tmp_path / "to put right.xlsx", "")
    assert [row.verdict for row in again.plan.rows] == [Verdict.ERROR] * count
    codes = {problem.code for row in again.plan.rows for problem in row.problems if problem.is_error}
    assert "cell_fault" in codes


async def test_a_formula_that_nothing_has_worked_out_stays_one(site, anna, tmp_path):
    book = openpyxl.Workbook()
    for row in (["UID", "E-mail"], ["=A9", ANNA]):
        book.active.append(row)
    book.save(tmp_path / "cards.xlsx")
    _, report = await saved(site, await planned(site, tmp_path / "cards.xlsx", ""), tmp_path, tmp_path / "cards.xlsx")
    assert report.worksheets[0]["A2"].data_type == "f"
    again = await planned(site, tmp_path / "to put right.xlsx", "")
    assert [problem.code for problem in again.plan.rows[0].problems] == ["formula_without_result"]
