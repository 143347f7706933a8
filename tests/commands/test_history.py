"""`tapdesk history`: what changed in who may charge, latest first."""

import pytest

from tests.command_line import one_line


@pytest.fixture(autouse=True)
def _site(tapdesk):
    tapdesk("pools", "create", "Staff")
    tapdesk("identities", "add", "--email", "anna@example.org", "--first", "Anna")
    tapdesk("passes", "add", "--uid", "04A2B3C4", "--email", "anna@example.org", "--name", "Card")
    tapdesk("pools", "add", "Staff", "--email", "anna@example.org")
    tapdesk("pools", "change", "Staff", "--hidden", "--level", "restricted")
    tapdesk("pools", "remove", "Staff", "--email", "anna@example.org")


def test_of_a_pool(tapdesk):
    rows = tapdesk("history", "--pool", "staff", "--json").data
    kinds = ["member_removed", "options_changed", "level_changed", "member_added", "pool_created"]
    assert [row["kind"] for row in rows] == kinds
    assert (rows[0]["name"], rows[0]["pool_name"], rows[0]["origin"]) == ("Anna", "Staff", "by_hand")
    assert rows[0]["what"] == "removed from Staff"
    assert "This did not work" not in str(rows)


def test_of_an_identity_and_of_a_pass(tapdesk):
    of_anna = [row["kind"] for row in tapdesk("history", "--email", "anna@example.org", "--json").data]
    assert of_anna == ["member_removed", "member_added", "pass_added", "identity_added"]
    of_card = [row["kind"] for row in tapdesk("history", "--uid", "04:A2:B3:C4", "--json").data]
    assert set(of_card) >= {"member_removed", "member_added", "pass_added"}


def test_for_people(tapdesk):
    head, *lines = tapdesk("history", "--pool", "Staff").out.splitlines()
    assert head.split() == ["at", "name", "what", "origin"]
    assert lines[0].split()[2:] == ["Anna", "removed", "from", "Staff", "by_hand"]


def test_so_many_lines(tapdesk):
    assert len(tapdesk("history", "--pool", "Staff", "--limit", "2", "--json").data) == 2


@pytest.mark.parametrize(
    ("named", "why"),
    [
        (["--pool", "Nowhere"], "no pool “Nowhere”"),
        (["--email", "nobody@example.org"], "no identity"),
        (["--uid", "FFFFFFFF"], "no pass"),
    ],
    ids=str,
)
def test_what_is_not_there_is_said(tapdesk, named, why):
    ended = tapdesk("history", *named)
    assert (ended.code, ended.out) == (1, "")
    assert why in one_line(ended.err)


@pytest.mark.parametrize("named", [[], ["--pool", "Staff", "--uid", "04A2B3C4"], ["--pool", "Staff", "--limit", "0"]])
def test_of_one_thing(tapdesk, named):
    with pytest.raises(SystemExit) as ended:
        tapdesk("history", *named)
    assert ended.value.code == 2
