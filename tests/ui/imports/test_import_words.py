"""Everything that may be said of a row of a list has its words."""

import ast
import string
from pathlib import Path

import pytest

from app.domain.import_cells import Problem
from app.domain.import_fields import FIELDS, Field, ListKind
from ui.import_sentences import ROWS
from ui.imports.words import counted, field_name, number, reason

DOMAIN = Path(__file__).parents[3] / "app" / "domain"
#: What reading one cell may refuse, where the code is not written in the planner itself.
READERS = {
    "ids.py": ("parse_uid", "parse_visible_id"),
    "drafts.py": ("clean_email", "clean_name", "clean_station_id"),
    "import_cells.py": ("_day", "_flag"),
}


def codes_noted():
    """Every code that a planner gives a problem, as a literal anywhere in a call of `Problem`, `choice` or the like."""
    found = set()
    for file in DOMAIN.glob("import_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
                if name == "Problem":
                    found |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
                if name == "choice":
                    found |= {each.value for each in node.args[2:3] if isinstance(each, ast.Constant)}
            if isinstance(node, ast.Tuple) and isinstance(node.elts[1:2] and node.elts[1], ast.Constant):
                found |= {node.elts[1].value} & {"uid_replaced", "visible_id_replaced", "belongs_to_other"}
    return found


def codes_refused():
    """Every code of an AppError in the functions that read a cell."""
    found = set()
    for file, functions in READERS.items():
        tree = ast.parse((DOMAIN / file).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in functions:
                raised = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
                found |= {each.args[0].value for each in raised if getattr(each.func, "id", "") == "AppError"}
    return found


CODES = sorted((codes_noted() | codes_refused()) - {"duplicate_in_list"})


def test_the_codes_are_found():
    assert {"uid_too_short", "email_not_an_address", "not_a_day", "role_unknown", "uid_replaced"} <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_problem_has_its_words(code):
    assert f"row.{code}" in ROWS


@pytest.mark.parametrize("template", ROWS.values())
def test_words_name_only_what_a_problem_carries(template):
    named = {name for _, name, _, _ in string.Formatter().parse(template) if name}
    assert named <= {"value", "other", "offered"}


def test_a_duplicate_names_the_row_and_the_column():
    assert reason(Problem("duplicate_in_list", Field.VISIBLE_ID, other="2")) == "same visible ID as row 2"
    assert reason(Problem("duplicate_in_list", other="2")) == "same pass as row 2"


def test_braces_in_a_cell_stay_as_they_are():
    assert reason(Problem("cell_fault", Field.UID, value="{other}")) == "the spreadsheet has an error here: {other}"


def test_a_code_without_words_is_named():
    assert "brand_new" in reason(Problem("brand_new"))


@pytest.mark.parametrize("kind", ListKind)
def test_every_column_of_a_list_has_a_name(kind):
    names = [field_name(each, kind) for each in FIELDS[kind]]
    assert len(set(names)) == len(names)


def test_numbers_are_read_at_a_glance():
    assert counted(ListKind.PASSES, 1) == "1 pass"
    assert counted(ListKind.IDENTITIES, 100_000) == "100\u202f000 identities"
    assert number(999) == "999"
