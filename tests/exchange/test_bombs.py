"""Files made to do harm: each is refused with a reason, or read as the plain values that are in it; soon, and with
nothing else changed."""

import hashlib
import io
import time
import zipfile

import openpyxl
import pytest

from app.domain.errors import AppError
from app.exchange.reading import READ_WITHIN_S

SHEET = "xl/worksheets/sheet1.xml"
WORKSHEET = (
    '<?xml version="1.0"?>{before}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{rows}</sheetData></worksheet>"
)
MANIFEST = """<?xml version="1.0"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
</manifest:manifest>"""
OPEN_DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="Sheet 1"><table:table-row table:number-rows-repeated="{rows}">'
    '<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}"><text:p>x</text:p>'
    "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)


def workbook(**parts):
    """An xlsx with one cell, `a`, and other content for some of its parts."""
    plain, changed = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in {*source.namelist(), *parts}:
            copy.writestr(name, parts.get(name) or source.read(name))
    return changed.getvalue()


def open_document(rows, columns):
    document = io.BytesIO()
    with zipfile.ZipFile(document, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("META-INF/manifest.xml", MANIFEST)
        parts.writestr("content.xml", OPEN_DOCUMENT.format(rows=rows, columns=columns))
    return document.getvalue()


def zipped(name, content, levels=1):
    for _ in range(levels):
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as parts:
            parts.writestr(name, content)
        content = outer.getvalue()
    return content


def lying(data):
    """The same zip, but it says of each of its parts that there is hardly anything in it."""
    changed, at = bytearray(data), data.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 24 : at + 28] = (16).to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def one_text_everywhere():
    strings = "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>{}</t></si></sst>"
    row = "<row>" + "<c t='s'><v>0</v></c>" * 200 + "</row>"
    parts = {"xl/sharedStrings.xml": strings.format("x" * 32_000), SHEET: WORKSHEET.format(before="", rows=row * 2_000)}
    return workbook(**parts)


A_THOUSAND = ("x" * 1000, "&a;" * 1000, "&b;" * 1000)
ENTITIES = "<!DOCTYPE x [{}]>".format(
    "".join(f'<!ENTITY {name} "{text}">' for name, text in zip("abc", A_THOUSAND, strict=True))
)

REFUSED = {
    "zips within zips": (lambda: zipped("inner.zip", b"0" * 2**20, levels=9), {"file_not_a_table"}),
    "a part that inflates without end and lies about it": (
        lambda: lying(workbook(**{SHEET: b" " * (256 * 2**20)})),
        {"file_damaged", "file_too_large", "file_takes_too_long"},
    ),
    "thousands of parts": (lambda: workbook(**{f"part{n}": b"x" for n in range(6_000)}), {"file_too_large"}),
    "rows without end": (lambda: open_document(1_048_576, 2), {"too_many_rows"}),
    "16,384 columns": (lambda: open_document(2, 16_384), {"too_many_columns"}),
    "rows and columns without end": (
        lambda: open_document(1_048_576, 16_384),
        {"too_many_rows", "too_many_columns", "file_too_large", "file_damaged", "file_takes_too_long"},
    ),
    "one long text in every cell": (one_text_everywhere, {"file_too_large", "file_damaged", "file_takes_too_long"}),
    "cut off": (lambda: workbook()[:-300], {"file_damaged"}),
    "a picture that is called a list": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), {"file_not_a_table"}),
}


def fingerprint(site):
    """Of every file of the site."""
    files = sorted(path for path in site.store.path.parent.rglob("*") if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("name", REFUSED)
async def test_it_is_refused_in_time_and_nothing_changes(site, tmp_path, name):
    make, codes = REFUSED[name]
    path = tmp_path / "list.xlsx"
    path.write_bytes(make())
    before, began = fingerprint(site), time.monotonic()
    with pytest.raises(AppError) as error:
        await site.importer.read(path)
    assert time.monotonic() - began < READ_WITHIN_S + 1
    assert error.value.code in codes
    assert fingerprint(site) == before


@pytest.mark.parametrize(
    "parts",
    [
        {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 a macro"},
        {"xl/externalLinks/externalLink1.xml": b'<externalLink Target="file:///etc/passwd"/>'},
        {"customXml/item1.xml": ENTITIES.encode()},
    ],
    ids=["macros", "links to other files", "entities"],
)
async def test_of_what_is_no_cell_nothing_is_read_or_run(site, tmp_path, parts):
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(**parts))
    assert (await site.importer.read(path)).sheet.rows == [("a",)]


async def test_entities_in_a_sheet_are_not_followed(site, tmp_path):
    path = tmp_path / "list.xlsx"
    cell = "<row><c t='inlineStr'><is><t>&c;</t></is></c></row>"
    path.write_bytes(workbook(**{SHEET: WORKSHEET.format(before=ENTITIES, rows=cell)}))
    try:
        rows = (await site.importer.read(path)).sheet.rows
    except AppError as error:
        assert error.code in ("file_damaged", "file_empty")
    else:
        assert len(str(rows)) < 1000


async def test_a_formula_is_read_as_its_result_and_never_computed(site, tmp_path):
    path = tmp_path / "list.xlsx"
    cell = "<row><c t='str'><f>[1]Sheet!A1</f><v>04A2B3C4</v></c></row>"
    path.write_bytes(workbook(**{SHEET: WORKSHEET.format(before="", rows=cell)}))
    assert (await site.importer.read(path)).sheet.rows == [("04A2B3C4",)]


@pytest.mark.parametrize("name", ["list.xlsx", "list.xls", "list.csv", "list", "list.pdf"])
async def test_what_a_file_is_called_does_not_matter(site, tmp_path, name):
    for content in (workbook(), open_document(1, 1)):
        (tmp_path / name).write_bytes(content)
        assert (await site.importer.read(tmp_path / name)).sheet.rows in ([("a",)], [("x",)])
