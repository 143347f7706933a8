"""What holds for every command."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import _parser, main
from tests.command_line import ROOT, one_line


class TestWithoutASite:
    @pytest.mark.parametrize("what", ["stations", "identities", "passes", "pools", "organizations", "requests"])
    def test_lists_say_that_there_is_nothing_yet_and_make_nothing(self, tapdesk, folder, what):
        ended = tapdesk(what, "list")
        assert ended.code == 1
        assert f"nothing in {folder} yet" in one_line(ended.err)
        assert not folder.exists()

    def test_a_folder_may_have_any_name(self, tmp_path, capsys):
        folder = str(tmp_path / "50% off #1?x=y&z ü '\"")
        assert main(["pools", "create", "Guests", "--data", folder]) == 0
        assert main(["pools", "list", "--data", folder]) == 0
        assert "Guests" in capsys.readouterr().out
        assert [path.name for path in tmp_path.iterdir()] == [Path(folder).name]

    def test_the_folder_may_be_named_before_or_after_the_command(self, folder, capsys):
        assert main(["--data", str(folder), "pools", "create", "Guests"]) == 0
        assert main(["pools", "list", "--data", str(folder)]) == 0
        assert main(["--data", str(folder), "pools", "list"]) == 0
        assert capsys.readouterr().out.count("Guests  private") == 2


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    served = ("serve", "demo", "simulate", "screenshots")
    nouns = ("stations", "identities", "passes", "pools", "organizations", "requests", "explain", "history", "log")
    for command in (*served, *nouns):
        assert re.search(rf"^ +{command}\b", said, re.MULTILINE), command


def test_what_is_no_command_ends_with_two(capsys):
    for arguments in (["fly"], ["stations"], ["stations", "fly"], ["simulate", "ws://127.0.0.1:9/"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
    capsys.readouterr()


def test_declaring_the_commands_loads_neither_the_database_nor_the_server():
    script = (
        "import sys\n"
        "from app.__main__ import main\n"
        "try: main(['pools', 'pins', 'add', '--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('app.application', 'sqlalchemy', 'websockets', 'alembic') if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def commands_below(parser, *named):
    """Every command that can be given, with what argparse knows of it."""
    groups = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    if not groups:
        yield pytest.param(parser, id=" ".join(named))
    for group in groups:
        for name, below in group.choices.items():
            yield from commands_below(below, *named, name)


@pytest.mark.parametrize("command", list(commands_below(_parser())))
def test_its_help_tells_what_each_option_is_for(command):
    assert [each.option_strings for each in command._actions if each.option_strings and not each.help] == []
