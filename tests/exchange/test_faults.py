"""Cells that a spreadsheet could not work out are named, never taken for empty ones. The real files of `data/lists`
were saved by LibreOffice 7.4 from one list."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from app.domain.errors import AppError
from app.domain.import_fields import ListKind, find_columns
from app.domain.import_passes import ExistingPasses, plan_passes
from app.domain.import_plan import Verdict
from app.domain.sheets import CellKind
from app.exchange.faults import faults_in_xls, faults_in_zip
from app.exchange.reading import read_table

LISTS = Path(__file__).parents[1] / "data" / "lists"
SHEET = "xl/worksheets/sheet1.xml"
WORKSHEET = (
    '<?xml version="1.0"?><x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main">'
    "<x:sheetData>{rows}</x:sheetData></x:worksheet>"
)
OPEN_DOCUMENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
    '<t:table t:name="Other"><t:table-row><t:table-cell calcext:value-type="error"/></t:table-row></t:table>'
    '<t:table t:name="List">{rows}</t:table></office:document-content>'
)


@pytest.fixture
def worked_out_by_nobody(tmp_path):
    """An xlsx as a program writes it that knows formulas and works none out."""
    book = openpyxl.Workbook()
    for row in (["UID", "E-mail"], ["04A2B3C4D5E680", "=B1"], ["=A2", "=B2"]):
        book.active.append(row)
    path = tmp_path / "list.xlsx"
    book.save(path)
    return path


def with_parts(path, **parts):
    changed = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, parts.get(name) or source.read(name))
    return changed.getvalue()


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
async def test_errors_of_a_real_spreadsheet_are_where_they_stand(ending):
    sheet = (await read_table(LISTS / f"libreoffice.{ending}")).sheet
    not_a_number = "Err:502" if ending == "ods" else "#VALUE!"
    assert sheet.rows == [
        ("Visible ID", "UID", "Pass name", "E-mail address of passholder", "Valid until"),
        ("NL-TNM-012204-5", "04A2B3C4D5E680", "Fob", "a@hotel.example", "2027-01-31"),
        ("NL-TNM-012205-6", "#N/A", "Fob 2", "a@hotel.example", ""),
        ("#DIV/0!", "04A2B3C4D5E681", "#NAME?", not_a_number, ""),
        ("NL-TNM-012206-7", "4123456", "#REF!", not_a_number, "#REF!"),
        ("", "", "", "", ""),
        ("NL-TNM-012207-8", "04A2B3C4D5E682", "Fob", "a@hotel.example", ""),
    ]
    faults = {place for place, kind in sheet.kinds.items() if kind is CellKind.FAULT}
    assert faults == {(2, 1), (3, 0), (3, 2), (3, 3), (4, 2), (4, 3), (4, 4)}


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
async def test_a_row_with_an_error_is_left_out_and_says_why(ending):
    sheet = (await read_table(LISTS / f"libreoffice.{ending}")).sheet
    columns = find_columns(sheet.rows, ListKind.PASSES)
    there = ExistingPasses(emails=frozenset({"a@hotel.example"}))
    rows = plan_passes(sheet.rows, columns, there, kinds=sheet.kinds).rows
    left_out = [row for row in rows if row.verdict is Verdict.ERROR]
    assert [row.number for row in left_out] == [3, 4, 5]
    assert [(problem.value, problem.is_error) for problem in left_out[0].problems if problem.code == "cell_fault"] == [
        ("#N/A", True)
    ]


async def test_a_formula_that_nothing_has_worked_out_is_no_empty_cell(worked_out_by_nobody):
    sheet = (await read_table(worked_out_by_nobody)).sheet
    assert sheet.rows == [("UID", "E-mail"), ("04A2B3C4D5E680", "=B1"), ("=A2", "=B2")]
    assert set(sheet.kinds) == {(1, 1), (2, 0), (2, 1)}
    columns = find_columns(sheet.rows, ListKind.PASSES)
    row = plan_passes(sheet.rows, columns, ExistingPasses(), kinds=sheet.kinds).rows[0]
    assert [problem.code for problem in row.problems] == ["formula_without_result"]


class TestXlsx:
    def found(self, path, rows):
        return faults_in_zip(with_parts(path, **{SHEET: WORKSHEET.format(rows=rows)}), "Sheet")

    def test_rows_and_cells_need_not_say_where_they_are(self, worked_out_by_nobody):
        rows = "<x:row/><x:row><x:c/><x:c t='e'><x:v>#NUM!</x:v></x:c></x:row>"
        assert self.found(worked_out_by_nobody, rows) == {(1, 1): "#NUM!"}

    def test_cells_far_to_the_right(self, worked_out_by_nobody):
        rows = '<x:row r="7"><x:c r="AB7" t="e"><x:f>1/0</x:f><x:v>#DIV/0!</x:v></x:c></x:row>'
        assert self.found(worked_out_by_nobody, rows) == {(6, 27): "#DIV/0!"}

    def test_a_formula_whose_result_is_an_empty_text_is_none(self, worked_out_by_nobody):
        rows = '<x:row><x:c t="str"><x:f>""</x:f><x:v/></x:c><x:c><x:f>1</x:f><x:v>1</x:v></x:c></x:row>'
        assert self.found(worked_out_by_nobody, rows) == {}

    @pytest.mark.parametrize(
        ("part", "content"),
        [(SHEET, "<worksheet><c t='e'"), ("xl/workbook.xml", "<workbook/>"), ("xl/_rels/workbook.xml.rels", "<a/>")],
    )
    def test_what_cannot_be_understood_is_refused(self, worked_out_by_nobody, part, content):
        with pytest.raises(AppError) as error:
            faults_in_zip(with_parts(worked_out_by_nobody, **{part: content}), "Sheet")
        assert error.value.code == "file_damaged"


class TestOpenDocument:
    def found(self, rows):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as parts:
            parts.writestr("content.xml", OPEN_DOCUMENT.format(rows=rows))
        return faults_in_zip(file.getvalue(), "List")

    def test_rows_and_cells_that_stand_for_several(self):
        rows = (
            '<t:table-row t:number-rows-repeated="3"><t:table-cell/></t:table-row>'
            '<t:table-row t:number-rows-repeated="2"><t:table-cell t:number-columns-repeated="4"/>'
            "<t:covered-table-cell/>"
            '<t:table-cell t:number-columns-repeated="2" calcext:value-type="error"><text:p>#N/A</text:p>'
            "</t:table-cell></t:table-row>"
        )
        assert self.found(rows) == {(row, column): "#N/A" for row in (3, 4) for column in (5, 6)}

    def test_an_error_repeated_without_end_ends_where_lists_do(self):
        cell = '<t:table-cell t:number-columns-repeated="999999999" calcext:value-type="error"/>'
        rows = f"<t:table-row>{cell}</t:table-row>"
        assert len(self.found(rows)) == 256


def test_an_old_workbook_that_is_none_is_refused():
    with pytest.raises(AppError) as error:
        faults_in_xls(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "Sheet")
    assert error.value.code == "file_damaged"
