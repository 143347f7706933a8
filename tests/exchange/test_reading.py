"""Files as they come: read in a process of their own, and refused with a reason when they are not what they seem."""

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import AppError
from app.domain.sheets import CellKind
from app.exchange import reading
from app.exchange.answers import told, understood
from app.exchange.child import _read
from app.exchange.reading import read_table
from app.exchange.tables import MOST_COLUMNS
from app.exchange.writers import write_table

CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""


OPEN_DOCUMENT_MANIFEST = """<?xml version="1.0"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
</manifest:manifest>"""
OPEN_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Sheet 1">{cells}</table:table></office:spreadsheet>
</office:body></office:document-content>"""


@pytest.fixture
def book(tmp_path):
    """Writes rows to an xlsx of several sheets and gives its path."""

    def write(*sheets, name="list.xlsx"):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for number, rows in enumerate(sheets, 1):
            sheet = book.create_sheet(f"Sheet {number}")
            for row in rows:
                sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return write


def with_sheet(path, target, xml):
    """The workbook at `path` with other XML for its first sheet."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in source.namelist():
            copy.writestr(part, xml if part == "xl/worksheets/sheet1.xml" else source.read(part))
    return target


async def rows_in(path, sheet=""):
    return [list(row) for row in (await read_table(path, sheet)).sheet.rows]


async def refused(path, sheet=""):
    with pytest.raises(AppError) as error:
        await read_table(path, sheet)
    assert error.value.params["name"] == path.name
    return error.value.code


class TestSpreadsheets:
    async def test_the_first_sheet_with_anything_in_it_is_read(self, book):
        found = await read_table(book([], [["UID"], ["04A2B3C4"]]))
        assert (found.sheet_names, found.sheet.name) == (("Sheet 1", "Sheet 2"), "Sheet 2")
        assert found.sheet.rows == [("UID",), ("04A2B3C4",)]

    async def test_a_sheet_can_be_chosen(self, book):
        path = book([["a"]], [["b"]])
        assert await rows_in(path, "Sheet 2") == [["b"]]
        assert await refused(path, "Sheet 3") == "sheet_absent"

    async def test_numbers_and_days_are_text_and_known_for_what_they_were(self, book):
        path = book([["04A2", 4123456, 0.5, date(2026, 11, 21), True, None, "x"]])
        sheet = (await read_table(path)).sheet
        assert sheet.rows == [("04A2", "4123456", "0.5", "2026-11-21", "TRUE", "", "x")]
        assert sheet.kinds == {(0, 1): CellKind.NUMBER, (0, 2): CellKind.NUMBER, (0, 3): CellKind.DATE}

    async def test_the_name_of_a_file_does_not_matter(self, book, tmp_path):
        path = book([["UID"], ["04A2B3C4"]], name="list.csv")
        assert await rows_in(path) == [["UID"], ["04A2B3C4"]]

    async def test_an_open_document_is_read_too(self, tmp_path):
        path = tmp_path / "list.ods"
        cells = "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
                for text in row
            )
            + "</table:table-row>"
            for row in (["UID", "Name"], ["04A2B3C4", "Fob"])
        )
        with zipfile.ZipFile(path, "w") as parts:
            parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            parts.writestr("META-INF/manifest.xml", OPEN_DOCUMENT_MANIFEST)
            parts.writestr("content.xml", OPEN_DOCUMENT.format(cells=cells))
        assert await rows_in(path) == [["UID", "Name"], ["04A2B3C4", "Fob"]]


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
    async def test_every_usual_encoding_is_understood(self, tmp_path, encoding):
        path = tmp_path / "list.csv"
        path.write_bytes("Name;UID\nRené;04A2\n".encode(encoding))
        assert await rows_in(path) == [["Name", "UID"], ["René", "04A2"]]

    @pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
    async def test_every_usual_delimiter_is_found(self, tmp_path, delimiter):
        path = tmp_path / "list.txt"
        rows = [["Visible ID", "E-mail"], ["NL-TNM-012204-5", "a.b@hotel.example"]]
        path.write_text("\n".join(delimiter.join(row) for row in rows))
        assert await rows_in(path) == rows

    async def test_excel_may_name_the_delimiter(self, tmp_path):
        path = tmp_path / "list.csv"
        path.write_text("sep=|\na,b|c\n")
        assert await rows_in(path) == [["a,b", "c"]]

    async def test_a_quoted_cell_may_hold_anything(self, tmp_path):
        path = tmp_path / "list.csv"
        path.write_text('a,"b ""c"",\nd"\n')
        assert await rows_in(path) == [["a", 'b "c",\nd']]


class TestRefusals:
    async def test_what_is_no_file(self, tmp_path):
        assert await refused(tmp_path) == "file_is_a_folder"
        assert await refused(tmp_path / "gone.xlsx") == "file_absent"
        assert await refused(Path("https://sheets.example/list.xlsx")) == "file_is_a_web_link"

    @pytest.mark.parametrize("name", ["~$list.xlsx", ".~lock.list.ods#"])
    async def test_what_a_program_leaves_beside_an_open_file(self, tmp_path, name):
        (tmp_path / name).write_bytes(b"x" * 100)
        assert await refused(tmp_path / name) == "file_is_a_lock"

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "file_empty"),
            (b"\0" * 5000, "file_not_there_yet"),
            (b"PK\x03\x04 and then nothing", "file_damaged"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "file_not_a_table"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "file_damaged"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "file_encrypted"),
        ],
    )
    async def test_what_is_no_table(self, tmp_path, content, code):
        path = tmp_path / "list.xlsx"
        path.write_bytes(content)
        assert await refused(path) == code

    async def test_a_file_that_was_cut_off(self, book, tmp_path):
        path = book([["UID"], *([f"04A2B3{n:02X}"] for n in range(256))])
        path.write_bytes(path.read_bytes()[:-200])
        assert await refused(path) == "file_damaged"

    async def test_a_zip_of_something_else(self, tmp_path):
        path = tmp_path / "list.xlsx"
        with zipfile.ZipFile(path, "w") as parts:
            parts.writestr("inner.zip", b"PK\x03\x04" * 1000)
        assert await refused(path) == "file_not_a_table"

    async def test_a_small_file_that_inflates_without_end(self, tmp_path):
        path = tmp_path / "bomb.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
            parts.writestr("[Content_Types].xml", CONTENT_TYPES)
            with parts.open("xl/worksheets/sheet1.xml", "w") as sheet:
                for _ in range(600):
                    sheet.write(b" " * 2**20)
        assert path.stat().st_size < 2**20
        assert await refused(path) == "file_too_large"

    async def test_rows_without_end(self, book, tmp_path):
        xml = (
            '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
            '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
        )
        assert await refused(with_sheet(book([["a"]]), tmp_path / "far.xlsx", xml)) in (
            "too_many_rows",
            "file_too_large",
            "file_damaged",
        )

    async def test_columns_without_end(self, book):
        assert await refused(book([["x"] * (MOST_COLUMNS + 1)])) == "too_many_columns"

    async def test_a_text_with_columns_without_end(self, tmp_path):
        path = tmp_path / "wide.csv"
        path.write_text(",".join("x" * 2000))
        assert await refused(path) == "too_many_columns"

    async def test_a_file_that_takes_too_long(self, book, monkeypatch):
        monkeypatch.setattr(reading, "READ_WITHIN_S", 0.01)
        assert await refused(book([["a"]])) == "file_takes_too_long"


# What a spreadsheet and a database both can keep; a cell of blanks alone is an empty one.
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t") | st.sampled_from("=+-@'\"_x0041;,|"),
    max_size=12,
).filter(lambda text: "\r" not in text and (not text or text.strip()))
tables = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(texts, min_size=width, max_size=width), max_size=5))


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@given(table=tables)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_again_to_the_letter(tmp_path, ending, table):
    headers = [f"Column {number}" for number in range(len(table[0]) if table else 1)]
    path = tmp_path / f"table.{ending}"
    write_table(path, headers, table)
    found = understood(told(_read(path, ""))).sheet
    padded = [[*row] + [""] * (len(headers) - len(row)) for row in found.rows]
    while len(padded) < len(table) + 1:
        padded.append([""] * len(headers))
    assert padded == [headers, *table]
    assert not found.kinds


@given(data=st.binary(max_size=400))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_it_is_a_table_or_refused(tmp_path, data):
    path = tmp_path / "anything"
    path.write_bytes(data)
    try:
        rows = _read(path, "").sheet.rows
    except AppError as error:
        assert error.code.startswith(("file_", "too_many_"))
    else:
        assert all(isinstance(cell, str) and "\0" not in cell for row in rows for cell in row)
