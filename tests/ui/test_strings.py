import ast
import string
import subprocess
import sys
from pathlib import Path

import pytest

from ui.strings import SENTENCES, sentence, tr

ROOT = Path(__file__).parents[2]


def codes_raised():
    """Every code that `app` gives an AppError as a literal, with the names of its parameters."""
    found = {}
    for file in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            is_error = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "AppError"
            if is_error and node.args and isinstance(node.args[0], ast.Constant):
                names = {keyword.arg for keyword in node.keywords}
                found.setdefault(node.args[0].value, []).append(names)
    return found


CODES = codes_raised()


def fields_of(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_error_of_the_app_has_its_sentence(code):
    assert code in SENTENCES


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_sentence_needs_no_fact_that_its_error_does_not_carry(code):
    for names in CODES[code]:
        assert None in names or fields_of(SENTENCES.get(code, "")) <= names


@pytest.mark.parametrize("code", sorted(CODES.keys() & SENTENCES.keys()))
def test_what_an_error_says_is_a_whole_sentence(code):
    words = SENTENCES[code]
    assert words[0].isupper() or words[0] in "{“"
    assert " " in words.strip()


def test_facts_stand_in_the_sentence(monkeypatch):
    monkeypatch.setitem(SENTENCES, "port_taken", "Port {port} is in use by another program.")
    assert sentence("port_taken", port=9000) == "Port 9000 is in use by another program."


def test_braces_in_a_fact_stay_as_they_are(monkeypatch):
    monkeypatch.setitem(SENTENCES, "odd", "“{name}” is taken.")
    assert sentence("odd", name="{port}") == "“{port}” is taken."


def test_a_missing_fact_is_a_gap_and_no_crash(monkeypatch):
    monkeypatch.setitem(SENTENCES, "odd", "“{name}” is taken.")
    assert sentence("odd") == "“…” is taken."


def test_an_unknown_code_is_named_with_its_facts():
    words = sentence("brand_new_code", uid="04A2", limit=3)
    assert "brand_new_code" in words
    assert "uid: 04A2" in words
    assert "limit: 3" in words


def test_text_passes_through_where_there_is_no_translation():
    assert tr("Copy") == "Copy"


def test_the_words_work_without_qt():
    """The command line of a machine without a screen says the same words."""
    script = (
        "import sys; sys.modules['PySide6'] = None\n"
        "from ui.strings import sentence, tr\n"
        "print(tr('Copy'), sentence('no_such_code', a=1))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.startswith("Copy ")
    assert "no_such_code" in ran.stdout
