"""Templates: empty lists that cannot be filled in wrongly by accident."""

import openpyxl
import pytest

from app.domain.errors import AppError
from app.domain.import_fields import FIELDS, ListKind, find_columns, kind_of
from app.domain.import_plan import Verdict
from app.exchange.importer import ImportJob

ROWS = {
    ListKind.PASSES: ["NL-TNM-012204-5", "00A2B3C4", "Fob", "anna@hotel.example"],
    ListKind.MEMBERS: ["NL-TNM-012204-5", "00A2B3C4", None, "2027-12-31"],
    ListKind.IDENTITIES: ["Anna", "de Vries", "anna@hotel.example", "administrator", "0042", None, None, "2027-12-31"],
    ListKind.STATIONS: ["ALF-0021", "Garage left", None, None],
}


@pytest.mark.parametrize("kind", ListKind)
class TestTemplates:
    async def test_an_empty_one_brings_in_nothing(self, site, tmp_path, kind):
        path = tmp_path / "template.xlsx"
        await site.exporter.save_template(kind, path)
        book = await site.importer.read(path)
        assert len(book.sheet.rows) == 1
        assert book.sheet_names == (kind.value.capitalize(), "Notes")

    async def test_its_headers_are_understood(self, site, tmp_path, kind):
        path = tmp_path / "template.xlsx"
        await site.exporter.save_template(kind, path)
        rows = (await site.importer.read(path)).sheet.rows
        columns = find_columns(rows, kind)
        assert columns.header_row == 0
        assert sorted(columns.by_field.values()) == list(range(len(rows[0])))
        assert columns.by_field.keys() <= set(FIELDS[kind])
        # Passes and members have the same columns: there the operator says which.
        assert kind_of(rows) in (kind, ListKind.PASSES)

    async def test_one_that_is_filled_in_is_read_as_it_was_typed(self, site, tmp_path, kind):
        path = tmp_path / "template.xlsx"
        await site.exporter.save_template(kind, path)
        book = openpyxl.load_workbook(path)
        for at, text in enumerate(ROWS[kind], 1):
            book.worksheets[0].cell(2, at, text)
        book.save(path)
        pool = await site.pools.create("Garage")
        sheet = (await site.importer.read(path)).sheet
        job = ImportJob(kind, sheet, find_columns(sheet.rows, kind), pool_id=pool.id)
        [row] = (await site.importer.plan(job)).plan.rows
        codes = [problem.code for problem in row.problems if problem.is_error]
        assert codes == (["email_unknown"] if kind is ListKind.PASSES else [])
        assert row.verdict is (Verdict.ERROR if codes else Verdict.NEW)
        assert [cell or None for cell in sheet.rows[1]] == ROWS[kind][: len(sheet.rows[1])]

    async def test_every_column_is_text_so_that_zeros_stay(self, site, tmp_path, kind):
        path = tmp_path / "template.xlsx"
        await site.exporter.save_template(kind, path)
        sheet = openpyxl.load_workbook(path).worksheets[0]
        dimensions = [sheet.column_dimensions[cell.column_letter] for cell in sheet[1]]
        assert {column.number_format for column in dimensions} == {"@"}
        assert all(cell.comment.text for cell in sheet[1])

    async def test_it_explains_each_column_with_an_example(self, site, tmp_path, kind):
        path = tmp_path / "template.xlsx"
        await site.exporter.save_template(kind, path)
        book = openpyxl.load_workbook(path)
        explained = [row[0] for row in book["Notes"].iter_rows(min_row=5, values_only=True)]
        assert explained == [cell.value for cell in book.worksheets[0][1]]
        assert any(row[3] for row in book["Notes"].iter_rows(min_row=5, values_only=True))


async def test_a_template_is_a_spreadsheet(site, tmp_path):
    with pytest.raises(AppError, match="format_not_for_this"):
        await site.exporter.save_template(ListKind.PASSES, tmp_path / "template.csv")
