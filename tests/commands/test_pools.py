"""`tapdesk pools list|show|create|change`: every level and option, and what a change does to people."""

import pytest

from app.domain.model import AccessLevel
from tests.command_line import one_line


@pytest.fixture
def show(tapdesk):
    """All there is to know of the pool Guests."""
    return lambda: tapdesk("pools", "show", "Guests", "--json").data


@pytest.fixture
def people(tapdesk):
    """A pool with a station, one member with a pass, and a pass of nobody."""
    tapdesk("pools", "create", "Guests")
    tapdesk("stations", "accept", "CP-1", "--pool", "Guests")
    tapdesk("identities", "add", "--email", "anna@example.org", "--first", "Anna")
    tapdesk("passes", "add", "--uid", "04A2B3C4", "--email", "anna@example.org", "--name", "Anna's card")
    tapdesk("passes", "add", "--uid", "AABBCCDD", "--name", "Fob")
    tapdesk("pools", "add", "Guests", "--email", "anna@example.org")


EVERY_OPTION = [
    *("--description", "For visitors", "--members-free", "--hidden", "--stop-each-other", "--session-limit", "2"),
    *("--price-per-kwh", "0.35", "--price-per-session", "1", "--member-price-per-kwh", "0.3001"),
    *("--member-price-per-session", "0", "--notify", "desk@example.org", "--notify", "night@example.org"),
]


class TestCreate:
    def test_a_pool_is_private_unless_it_is_said_to_be_public(self, tapdesk):
        tapdesk("pools", "create", "Guests")
        created = tapdesk("pools", "create", "Visitors", "--level", "public")
        assert created.out == "The pool Visitors is there, public.\n"
        levels = {pool["name"]: pool["level"] for pool in tapdesk("pools", "list", "--json").data}
        assert levels == {"Guests": "private", "Visitors": "public"}

    @pytest.mark.parametrize("level", [level.value for level in AccessLevel])
    def test_every_level_can_be_chosen(self, tapdesk, show, level):
        tapdesk("pools", "create", "Guests", "--level", level)
        assert show()["level"] == level

    @pytest.mark.parametrize(
        ("level", "option", "fact"),
        [
            ("public", "--free-vend", "free_vend"),
            ("by_list", "--published", "published"),
            ("restricted", "--takes-requests", "takes_requests"),
        ],
    )
    def test_what_one_level_has_is_refused_at_the_others(self, tapdesk, show, level, option, fact):
        for other in sorted(set(AccessLevel) - {level}):
            refused = tapdesk("pools", "create", "Guests", "--level", other, option)
            assert refused.code == 1
            assert f"{option} is for pools of the level {level} only" in one_line(refused.err)
        assert tapdesk("pools", "create", "Guests", "--level", level, option).code == 0
        assert show()[fact] is True

    def test_every_other_option_can_be_named(self, tapdesk, show):
        assert tapdesk("pools", "create", "Guests", *EVERY_OPTION).code == 0
        assert show() == {
            "name": "Guests",
            "level": "private",
            "organization": "",
            "description": "For visitors",
            "free_vend": False,
            "published": False,
            "takes_requests": False,
            "members_free": True,
            "hidden": True,
            "passes_stop_each_other": True,
            "session_limit": 2,
            "price_per_kwh": "0.35",
            "price_per_session": "1",
            "member_price_per_kwh": "0.3001",
            "member_price_per_session": "0",
            "currency": "EUR",
            "notify": ["desk@example.org", "night@example.org"],
            "stations": [],
            "pins": [],
            "requests": 0,
            "passes_known": 0,
            "passes_admitted": 0,
            "members": [],
        }

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            (["guests"], "a pool of that name already"),
            ([" "], "Give the pool a name"),
            (["Staff", "--session-limit", "0"], "session"),
            (["Staff", "--price-per-kwh", "-1"], "An amount is a number from 0 to 9999"),
            (["Staff", "--price-per-kwh", "NaN"], "An amount is a number from 0 to 9999"),
            (["Staff", "--member-price-per-session", "0.00001"], "An amount is a number from 0 to 9999"),
            (["Staff", "--notify", "nobody"], "not an e-mail address"),
            (["Staff", "--organization", "Nowhere"], "no organization “Nowhere”"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_is_kept(self, tapdesk, options, why):
        tapdesk("pools", "create", "Guests")
        ended = tapdesk("pools", "create", *options)
        assert ended.code == 1
        assert why in one_line(ended.err)
        assert [pool["name"] for pool in tapdesk("pools", "list", "--json").data] == ["Guests"]

    @pytest.mark.parametrize(("option", "value"), [("--session-limit", "two"), ("--price-per-kwh", "cheap")])
    def test_what_is_no_number_is_refused(self, tapdesk, capsys, option, value):
        with pytest.raises(SystemExit) as ended:
            tapdesk("pools", "create", "Guests", option, value)
        assert ended.value.code == 2
        assert f"invalid {'count' if option == '--session-limit' else 'amount'} value" in capsys.readouterr().err


class TestChange:
    def test_what_is_not_named_stays_as_it_is(self, tapdesk, show):
        tapdesk("pools", "create", "Guests", *EVERY_OPTION)
        before = show()
        assert tapdesk("pools", "change", "guests", "--description", "For guests").out == "Guests is changed.\n"
        assert show() == before | {"description": "For guests"}

    def test_every_option_can_be_taken_back(self, tapdesk, show):
        tapdesk("pools", "create", "Guests")
        plain = show()
        tapdesk("pools", "change", "Guests", *EVERY_OPTION)
        assert show() != plain
        none = [word for word in EVERY_OPTION if word.startswith(("--session-limit", "--price", "--member-price"))]
        switches = ["--no-members-free", "--no-hidden", "--no-stop-each-other", "--description", "", "--notify", "none"]
        tapdesk("pools", "change", "Guests", *switches, *(word for option in none for word in (option, "none")))
        assert show() == plain

    def test_a_pool_gets_another_name(self, tapdesk):
        tapdesk("pools", "create", "Guests")
        assert tapdesk("pools", "change", "Guests", "--name", "Visitors").out == "Visitors is changed.\n"
        assert [pool["name"] for pool in tapdesk("pools", "list", "--json").data] == ["Visitors"]

    def test_a_new_level_ends_the_options_it_does_not_have(self, tapdesk, show):
        tapdesk("pools", "create", "Guests", "--level", "restricted", "--takes-requests", "--hidden")
        assert tapdesk("pools", "change", "Guests", "--level", "private").code == 0
        assert (show()["takes_requests"], show()["hidden"]) == (False, True)

    def test_whom_it_locks_out_is_said_before_and_needs_yes(self, tapdesk, people, show):
        tapdesk("pools", "change", "Guests", "--level", "public", "--yes")
        ended = tapdesk("pools", "change", "Guests", "--level", "private", "--name", "Staff")
        assert (ended.code, ended.out) == (1, "")
        assert "1 pass loses access." in one_line(ended.err)
        assert "add --yes" in ended.err
        assert show()["level"] == "public"
        ended = tapdesk("pools", "change", "Guests", "--level", "private", "--yes")
        assert (ended.code, ended.out) == (0, "Guests is changed. 1 pass loses access.\n")
        assert show()["level"] == "private"

    @pytest.mark.parametrize("options", [["--level", "public"], ["--level", "public", "--free-vend"]], ids=str)
    def test_that_it_opens_to_everyone_is_said_before_and_needs_yes(self, tapdesk, people, show, options):
        ended = tapdesk("pools", "change", "Guests", *options)
        assert ended.code == 1
        assert "It is open to everyone." in one_line(ended.err)
        assert show()["passes_admitted"] == 1
        assert tapdesk("pools", "change", "Guests", *options, "--yes").code == 0
        assert show()["passes_admitted"] == 2

    def test_publishing_an_empty_list_opens_it_too(self, tapdesk, people, show):
        tapdesk("pools", "remove", "Guests", "--email", "anna@example.org")
        assert tapdesk("pools", "change", "Guests", "--level", "by_list").out.endswith("Nobody can charge there.\n")
        assert tapdesk("pools", "change", "Guests", "--published").code == 1
        assert show()["published"] is False
        assert tapdesk("pools", "change", "Guests", "--published", "--yes").code == 0
        assert show()["published"] is True

    def test_those_who_need_no_pass_are_thought_of_too(self, tapdesk, show):
        tapdesk("pools", "create", "Guests", "--level", "public", "--free-vend")
        ended = tapdesk("pools", "change", "Guests", "--no-free-vend")
        assert "Cards that nobody knows lose access." in one_line(ended.err)
        tapdesk("pools", "change", "Guests", "--level", "restricted", "--yes")
        tapdesk("pools", "pins", "add", "Guests", "Gate", "--generate")
        ended = tapdesk("pools", "change", "Guests", "--level", "private")
        assert "1 PIN opens nothing any more." in one_line(ended.err)
        assert show()["level"] == "restricted"
        assert tapdesk("pools", "change", "Guests", "--level", "private", "--yes").code == 0

    def test_what_harms_nobody_needs_no_yes(self, tapdesk, people):
        assert tapdesk("pools", "change", "Guests", "--level", "restricted").out == "Guests is changed.\n"

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            ([], "Say what to change"),
            (["--yes"], "Say what to change"),
            (["--name", " "], "Give the pool a name"),
            (["--name", "staff"], "a pool of that name already"),
            (["--free-vend", "--yes"], "--free-vend is for pools of the level public only"),
            (["--level", "public", "--takes-requests", "--yes"], "of the level restricted only"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_is_changed(self, tapdesk, show, options, why):
        tapdesk("pools", "create", "Guests")
        tapdesk("pools", "create", "Staff")
        before = show()
        ended = tapdesk("pools", "change", "Guests", *options)
        assert ended.code == 1
        assert why in one_line(ended.err)
        assert show() == before

    def test_a_pool_that_is_not_there_is_said(self, tapdesk):
        tapdesk("pools", "create", "Guests")
        for command in (["change", "Nowhere", "--hidden"], ["show", "Nowhere"], ["remove", "Nowhere"]):
            assert "no pool “Nowhere”" in one_line(tapdesk("pools", *command).err)


class TestShow:
    def test_it_tells_who_is_in_it_and_how_many_it_admits(self, tapdesk, people):
        tapdesk("pools", "change", "Guests", "--price-per-kwh", "0.35", "--hidden")
        facts, members = tapdesk("pools", "show", "Guests").out.split("\n\n")
        told = dict(line.split(maxsplit=1) for line in facts.splitlines())
        assert told == {
            "name": "Guests",
            "level": "private",
            "hidden": "yes",
            "price_per_kwh": "0.35",
            "currency": "EUR",
            "stations": "CP-1",
            "requests": "0",
            "passes_known": "2",
            "passes_admitted": "1",
        }
        assert members.splitlines()[1].split() == ["Anna", "anna@example.org"]

    def test_a_member_is_an_identity_or_a_pass(self, tapdesk, people, show):
        tapdesk("pools", "add", "Guests", "--uid", "AABBCCDD")
        anna = {"kind": "identity", "name": "Anna", "email": "anna@example.org"}
        fob = {"kind": "pass", "name": "Fob", "email": "", "uid": "AABBCCDD"}
        nothing = {"visible_id": None, "uid": None, "until": None}
        assert show()["members"] == [nothing | anna, nothing | fob]
