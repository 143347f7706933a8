"""`tapdesk pools add|remove`: who goes into a pool and out of it, until when, and what asks for `--yes`."""

from datetime import UTC, datetime

import pytest

from tests.command_line import one_line

EMPTY = {"name": "Guests", "level": "private", "organization": "", "stations": 0, "identities": 0, "passes": 0}


class TestMembers:
    @pytest.fixture(autouse=True)
    def _site(self, tapdesk):
        tapdesk("pools", "create", "Guests")
        tapdesk("stations", "accept", "CP-1")
        tapdesk("identities", "add", "--email", "anna@example.org")
        tapdesk("passes", "add", "--uid", "04A2B3C4")

    def pool(self, tapdesk):
        [pool] = tapdesk("pools", "list", "--json").data
        return pool

    def test_stations_and_members_go_in_and_come_out(self, tapdesk):
        named = ["--station", "CP-1", "--email", "anna@example.org", "--uid", "04:A2:B3:C4"]
        assert tapdesk("pools", "add", "guests", *named).out == "Added to Guests.\n"
        full = EMPTY | {"stations": 1, "identities": 1, "passes": 1}
        assert self.pool(tapdesk) == full
        assert tapdesk("passes", "list", "--json").data[0]["pools"] == "Guests"
        assert tapdesk("pools", "remove", "Guests", *named[:4]).out == "Removed from Guests.\n"
        assert self.pool(tapdesk) == full | {"stations": 0, "identities": 0}
        assert [row["pool"] for row in tapdesk("stations", "list", "--json").data] == [""]

    def test_several_are_named_at_once(self, tapdesk):
        tapdesk("passes", "add", "--uid", "AABBCCDD")
        tapdesk("pools", "add", "Guests", "--uid", "04A2B3C4", "--uid", "AABBCCDD")
        assert self.pool(tapdesk)["passes"] == 2

    def test_a_pool_of_which_nothing_is_named_goes_as_a_whole(self, tapdesk):
        tapdesk("pools", "add", "Guests", "--station", "CP-1")
        assert tapdesk("pools", "remove", "Guests").out == "The pool Guests is removed.\n"
        assert tapdesk("pools", "list", "--json").data == []
        assert [row["pool"] for row in tapdesk("stations", "list", "--json").data] == [""]

    @pytest.mark.parametrize(
        ("command", "why"),
        [
            (["add", "Guests"], "Say what to change"),
            (["add", "Nowhere", "--station", "CP-1"], "no pool “Nowhere”"),
            (["add", "Guests", "--station", "CP-9"], "no station CP-9"),
            (["add", "Guests", "--station", "CP-1", "--email", "nobody@example.org"], "nobody@example.org"),
            (["add", "Guests", "--station", "CP-1", "--uid", "FFFFFFFF"], "no pass with the UID FFFFFFFF"),
            (["remove", "Guests", "--station", "CP-1"], "CP-1 is not in Guests"),
            (["remove", "Guests", "--email", "anna@example.org"], "no member of Guests"),
            (["remove", "Guests", "--uid", "04A2B3C4"], "no member of Guests"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_is_done(self, tapdesk, command, why):
        ended = tapdesk("pools", *command)
        assert ended.code == 1
        assert why in one_line(ended.err)
        assert self.pool(tapdesk) == EMPTY


class TestUntil:
    @pytest.fixture(autouse=True)
    def _site(self, tapdesk):
        tapdesk("pools", "create", "Guests")
        tapdesk("identities", "add", "--email", "anna@example.org")

    def ends(self, tapdesk):
        [member] = tapdesk("pools", "show", "Guests", "--json").data["members"]
        return member["until"] and datetime.fromisoformat(member["until"]).astimezone()

    def add(self, tapdesk, *options):
        return tapdesk("pools", "add", "Guests", "--email", "anna@example.org", *options)

    def test_a_day_is_the_last_one(self, tapdesk):
        self.add(tapdesk, "--until", "2026-08-01")
        assert f"{self.ends(tapdesk):%Y-%m-%d %H:%M}" == "2026-08-02 00:00"

    def test_a_moment_is_that_moment(self, tapdesk):
        self.add(tapdesk, "--until", "2026-08-01T18:00")
        assert f"{self.ends(tapdesk):%Y-%m-%d %H:%M}" == "2026-08-01 18:00"
        self.add(tapdesk, "--until", "2026-08-01T18:00+00:00")
        assert self.ends(tapdesk) == datetime(2026, 8, 1, 18, tzinfo=UTC)

    def test_it_counts_for_those_who_are_members_already_and_only_when_it_is_named(self, tapdesk):
        self.add(tapdesk)
        assert self.ends(tapdesk) is None
        self.add(tapdesk, "--until", "2996-08-01")
        self.add(tapdesk)
        assert self.ends(tapdesk).year == 2996
        self.add(tapdesk, "--until", "none")
        assert self.ends(tapdesk) is None

    def test_who_is_no_member_any_more_is_refused(self, tapdesk):
        tapdesk("stations", "accept", "CP-1", "--pool", "Guests")
        tapdesk("passes", "add", "--uid", "04A2B3C4", "--email", "anna@example.org")
        self.add(tapdesk, "--until", "2026-08-01")
        card = ("explain", "--uid", "04A2B3C4", "--station", "CP-1")
        assert tapdesk(*card, "--at", "2026-08-01T23:59").code == 0
        assert tapdesk(*card, "--at", "2026-08-02").code == 3

    @pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "0001-01-01T00:00", "9999-12-31", ""])
    def test_what_is_no_day_is_refused(self, tapdesk, day, capsys):
        with pytest.raises(SystemExit) as ended:
            self.add(tapdesk, "--until", day)
        assert ended.value.code == 2
        assert "invalid day or time value" in capsys.readouterr().err


class TestWhatAsksForYes:
    @pytest.fixture(autouse=True)
    def _site(self, tapdesk):
        tapdesk("pools", "create", "Guests", "--level", "by_list", "--published")
        tapdesk("identities", "add", "--email", "anna@example.org", "--first", "Anna")
        tapdesk("passes", "add", "--uid", "04A2B3C4", "--name", "Fob")
        tapdesk("passes", "add", "--uid", "AABBCCDD")
        tapdesk("pools", "add", "Guests", "--email", "anna@example.org", "--uid", "04A2B3C4")

    def members(self, tapdesk):
        return [member["name"] for member in tapdesk("pools", "show", "Guests", "--json").data["members"]]

    def test_the_last_on_a_published_list_is_named_before_it_goes(self, tapdesk):
        assert tapdesk("pools", "remove", "Guests", "--email", "anna@example.org").code == 0
        ended = tapdesk("pools", "remove", "Guests", "--uid", "04A2B3C4")
        assert ended.code == 1
        said = one_line(ended.err)
        assert "Fob is the last on the list of Guests, which is published." in said
        assert "It is open to everyone." in said
        assert "add --yes" in said
        assert self.members(tapdesk) == ["Fob"]
        assert tapdesk("pools", "remove", "Guests", "--uid", "04A2B3C4", "--yes").out == "Removed from Guests.\n"
        assert self.members(tapdesk) == []

    def test_the_last_ones_together_are_named_too(self, tapdesk):
        ended = tapdesk("pools", "remove", "Guests", "--email", "anna@example.org", "--uid", "04A2B3C4")
        assert "Anna, Fob are the last on the list" in one_line(ended.err)
        assert self.members(tapdesk) == ["Anna", "Fob"]

    def test_the_last_on_a_list_that_is_not_published_goes_at_once(self, tapdesk):
        tapdesk("pools", "change", "Guests", "--no-published")
        assert tapdesk("pools", "remove", "Guests", "--email", "anna@example.org", "--uid", "04A2B3C4").code == 0

    def test_a_pool_where_people_charge_goes_only_with_yes(self, tapdesk):
        tapdesk("stations", "accept", "CP-1", "--pool", "Guests")
        ended = tapdesk("pools", "remove", "Guests")
        assert (ended.code, ended.out) == (1, "")
        assert "1 pass may charge there now" in one_line(ended.err)
        assert self.members(tapdesk) == ["Anna", "Fob"]
        assert tapdesk("pools", "remove", "Guests", "--yes").out == "The pool Guests is removed.\n"
        assert tapdesk("pools", "list", "--json").data == []
