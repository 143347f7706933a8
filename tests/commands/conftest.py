"""Commands on a site of their own, as `tapdesk("pools", "list")`."""

import pytest

from tests.command_line import commands_on


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "site"


@pytest.fixture
def tapdesk(folder, capsys):
    return commands_on(folder, capsys)
