"""Rules of the house that no single module can keep by itself."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ocpp.v16.enums import ChargePointErrorCode
from ocpp.v16.enums import Reason as StopReason
from ocpp.v201.enums import ReasonEnumType as StoppedReason

from app.csms.reading.repair import FieldRepair
from app.csms.rpc.conversation import Failure
from app.csms.rpc.frames import Fault, FrameRepair
from app.database import schema
from app.domain.access import Reason, Step
from app.domain.charges import Flag
from app.domain.endings import EndedBy
from app.domain.history import ChangeKind, Origin
from app.domain.ids import LookAlike, UidKind
from app.domain.lid_check import Answer, Why
from app.domain.model import KnockCause, PoolOptions
from app.domain.month_report import Group
from app.domain.prices import Tariff
from app.repairs import Deviation
from app.sessions import START_NEVER_CAME, STOP_NEVER_CAME
from ui.access.change_words import CAUSES
from ui.import_sentences import ROWS
from ui.strings import SENTENCES

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 400


def sources(*folders):
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


def parsed(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def name_of(file):
    return file.relative_to(ROOT).as_posix()


def test_imports_keep_to_the_layers():
    # In a process of its own: it sets up logging for the whole of one.
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


class Codes(ast.NodeVisitor):
    """Every code that one module can give an AppError, also where it is chosen a few lines before."""

    def __init__(self, tree):
        self.tree = tree
        self.found = {}
        self.functions = []
        self.visit(tree)

    def visit_FunctionDef(self, node):
        self.functions.append(node)
        self.generic_visit(node)
        self.functions.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - the visitor's name for it

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id == "AppError":
            for code in self.values(node.args[0]):
                self.found.setdefault(code, node.lineno)
        self.generic_visit(node)

    def values(self, node):
        if isinstance(node, ast.Constant):
            return [node.value]
        if isinstance(node, ast.IfExp):
            return [*self.values(node.body), *self.values(node.orelse)]
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            return [code for value in self.assigned(self.tree, node.value.id) for code in self.entries(value)]
        if isinstance(node, ast.Name):
            given = [*self.assigned(self.functions[-1], node.id), *self.passed(self.functions[-1], node.id)]
            assert given, f"line {node.lineno}: where does {node.id} come from?"
            return [code for value in given for code in self.values(value)]
        raise AssertionError(f"line {node.lineno}: this code cannot be told from the source")

    def entries(self, node):
        assert isinstance(node, ast.Dict)
        return [code for value in node.values for code in self.values(value)]

    @staticmethod
    def assigned(scope, name):
        return [
            node.value
            for node in ast.walk(scope)
            if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == name for target in node.targets)
        ]

    def passed(self, function, name):
        """What the module's own calls hand over as this parameter."""
        parameters = [argument.arg for argument in function.args.args]
        calls = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == function.name
        ]
        for call in calls if name in parameters else []:
            yield from (keyword.value for keyword in call.keywords if keyword.arg == name)
            yield from call.args[parameters.index(name) :][:1]


RAISED = {
    code: f"{name_of(file)}:{line}" for file in sources("app") for code, line in Codes(parsed(file)).found.items()
}


@pytest.mark.parametrize("code", sorted(RAISED))
def test_every_error_an_operator_may_meet_has_its_sentence(code):
    assert code in SENTENCES, f"raised in {RAISED[code]}"


def test_codes_that_are_chosen_before_they_are_raised_are_found_too():
    tree = ast.parse(
        "FAULTS = {1: 'from_a_table'}\n"
        "def check(code, value):\n"
        "    raise AppError(code, value=value)\n"
        "def work(number):\n"
        "    check('from_a_call', number)\n"
        "    check(value=number, code='from_a_keyword')\n"
        "    chosen = 'from_a_name'\n"
        "    AppError(chosen)\n"
        "    AppError(FAULTS[number])\n"
        "    AppError('this' if number else 'that')\n"
    )
    assert set(Codes(tree).found) == {
        *("from_a_table", "from_a_call", "from_a_keyword", "from_a_name", "this", "that"),
    }
    with pytest.raises(AssertionError):
        Codes(ast.parse("AppError(a + b)"))


# What the history says was different of a pass or an identity.
HISTORY_COLUMNS = {
    *(column.name for table in (schema.passes, schema.identities) for column in table.c),
    *("linked_uid", "handed_on"),
} - {"id", "visible_key", "created_at", "last_used_at"}


# What is said of the members of an enumeration; an exception here needs a reason.
SAID = {
    "{}": [*Reason, START_NEVER_CAME, STOP_NEVER_CAME],
    "step.{}": Step,
    "step.{}.no": Step,
    "alike.{}": LookAlike,
    "kind.{}": set(UidKind) - {UidKind.CARD, UidKind.OTHER},  # a card or what may be one: nothing to warn of
    "knock.{}": KnockCause,
    "fault.{}": Fault,
    "repair.{}": [*FrameRepair, *FieldRepair],
    "habit.{}": [*FrameRepair, *FieldRepair, *Fault],
    "schema.{}": Deviation,
    "unanswered.{}": Failure,
    "error.{}": set(ChargePointErrorCode) - {ChargePointErrorCode.no_error},
    "ended.{}": [*StopReason, *StoppedReason],
    "ended_by.{}": EndedBy,
    "flag.{}": Flag,
    "lid.members.{}": Answer,
    "lid.anybody.{}": set(Answer) - {Answer.SOME},
    "lid.strangers.{}": set(Answer) - {Answer.SOME},
    "lid.why.{}": Why,
    "tariff.{}": set(Tariff) - {Tariff.NONE},
    "report.{}": Group,
    "answer.{}": {reason for reason in Reason if f"answer.{reason}" in SENTENCES},  # others as they are
    "change.{}": ChangeKind,
    "change.pool.{}": {kind for kind in ChangeKind if f"change.pool.{kind}" in SENTENCES},  # of a pool; others by name
    "row.{}": {code.removeprefix("row.") for code in ROWS},  # tests/ui/imports/test_import_words.py walks the problems
    "because.{}": CAUSES,
    "column.{}": HISTORY_COLUMNS,
    "origin.{}": set(Origin) - {Origin.BY_HAND},  # goes without saying
    "option.{}": PoolOptions.__dataclass_fields__,
}


@pytest.mark.parametrize("pattern", SAID)
def test_every_member_of_an_enumeration_has_its_words(pattern):
    assert {pattern.format(str(member)) for member in SAID[pattern]} - SENTENCES.keys() == set()


def test_no_sentence_is_left_that_nobody_says():
    members = {pattern.format(str(member)) for pattern, all_of_them in SAID.items() for member in all_of_them}
    literals = {
        node.value
        for file in sources("app", "ui")
        if not name_of(file).endswith(("/strings.py", "_sentences.py"))
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # What ends in a dot is completed by what a station says, which may be nothing.
    assert {code for code in SENTENCES.keys() - members - literals if not code.endswith(".")} == set()


def test_a_file_is_about_one_idea():
    lengths = {name_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in sources("app", "ui")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_the_time_comes_in_as_an_argument():
    """From one clock, the application's; the simulated station is the world outside and has its own."""
    clocks = re.compile(r"(datetime|date)\.(now|utcnow|today)|time\.time|QDateTime\.current\w+|QDate\.current\w+")
    asked = {
        (name_of(file), ast.unparse(node.func))
        for file in sources("app", "ui")
        if "simulation" not in file.parts
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert [each for each in asked if clocks.fullmatch(each[1])] == [("app/application.py", "datetime.now")]


def kept_files():
    """Every file that is, or will be, part of the project; all but caches where this is no working copy."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listing.returncode == 0:
        return [ROOT / name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]
    return [file for file in ROOT.rglob("*") if file.is_file() and not any(part[0] == "." for part in file.parts[1:])]


def test_no_lock_file_is_kept():
    """They name where packages were downloaded from; versions are held in pyproject.toml."""
    assert [file.name for file in kept_files() if re.fullmatch(r".*\.lock|.*-lock\.(json|yaml)", file.name)] == []


def test_nothing_names_a_machine_or_where_packages_come_from():
    named = re.compile(
        r"(?<![\w.~/-])/(work|root|home)/\w|//[\w.-]*(pythonhosted|pypi|registry|artifactory|nexus)[\w.-]*\.\w|index-url"
    )
    found = []
    for file in kept_files():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name_of(file)}: {match.group()}" for match in named.finditer(text)]
    # This file spells the patterns out.
    assert [each for each in found if not each.startswith("tests/test_architecture.py")] == []
