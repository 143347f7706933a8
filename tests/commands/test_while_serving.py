"""The commands while something else has the site open: what reads works, what would change it says so."""

import pytest

from tests.command_line import commands_on, one_line, run, serving


@pytest.fixture(scope="module")
def served_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("served") / "site"


@pytest.fixture(scope="module", autouse=True)
def server(served_folder):
    for command in (
        ["pools", "create", "Guests"],
        ["stations", "accept", "CP-1", "--pool", "Guests"],
        ["identities", "add", "--email", "anna@example.org"],
        ["passes", "add", "--uid", "04A2B3C4", "--email", "anna@example.org"],
    ):
        assert run(*command, "--data", served_folder).code == 0
    with serving(served_folder) as server:
        yield server


@pytest.fixture
def tapdesk(served_folder, capsys):
    return commands_on(served_folder, capsys)


@pytest.mark.parametrize(
    "command",
    [
        ["stations", "allocate", "CP-1", "--organization", "Main organization"],
        ["pools", "change", "Guests", "--hidden"],
        ["pools", "add", "Guests", "--uid", "04A2B3C4", "--until", "2996-08-01"],
        ["pools", "pins", "add", "Guests", "Gate", "--generate"],
        ["pools", "pins", "change", "Guests", "Gate", "--uses", "2"],
        ["pools", "pins", "remove", "Guests", "Gate"],
        ["organizations", "create", "Garage"],
        ["organizations", "change", "Main organization", "--name", "Hotel"],
        ["organizations", "remove", "Garage"],
        ["organizations", "passes", "Main organization", "--off", "04A2B3C4"],
    ],
    ids=" ".join,
)
def test_what_would_change_the_site_says_so(tapdesk, served_folder, command):
    ended = tapdesk(*command)
    assert (ended.code, ended.out) == (1, "")
    assert f"Another Tapdesk has {served_folder} open" in one_line(ended.err)


@pytest.mark.parametrize(
    "command",
    [
        ["pools", "show", "Guests"],
        ["pools", "pins", "list", "Guests"],
        ["organizations", "list"],
        ["organizations", "passes", "Main organization"],
        ["lists", "retry", "CP-1"],
        ["requests", "list"],
        ["requests", "list", "--pool", "Guests"],
        ["explain", "--uid", "04A2B3C4"],
        ["explain", "--email", "anna@example.org"],
        ["explain", "--station", "CP-1"],
        ["explain", "--pool", "Guests"],
        ["history", "--pool", "Guests"],
        ["history", "--email", "anna@example.org"],
        ["history", "--uid", "04A2B3C4"],
    ],
    ids=" ".join,
)
def test_what_only_reads_or_is_settled_at_once_works(tapdesk, command):
    ended = tapdesk(*command)
    assert (ended.code, ended.err) == (0, "")
    assert tapdesk(*command, "--json").data is not None


def test_a_card_is_explained_too(tapdesk):
    assert tapdesk("explain", "--uid", "04A2B3C4", "--station", "CP-1").code == 3
