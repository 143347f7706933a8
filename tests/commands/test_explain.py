"""`tapdesk explain`: what a card would be answered, and why."""

import pytest

from tests.command_line import DESKTOP, one_line, run


@pytest.fixture(autouse=True)
def _site(tapdesk):
    """Two pools with a station each, a station in none, a member with two cards, and a fob of nobody."""
    tapdesk("pools", "create", "Staff")
    tapdesk("pools", "create", "Guests", "--level", "public")
    tapdesk("stations", "accept", "CP-1", "--pool", "Staff", "--name", "Garage")
    tapdesk("stations", "accept", "CP-2", "--pool", "Guests")
    tapdesk("stations", "accept", "CP-3")
    tapdesk("identities", "add", "--email", "anna@example.org", "--first", "Anna")
    tapdesk("passes", "add", "--uid", "04A2B3C4", "--email", "anna@example.org", "--name", "Card")
    tapdesk("passes", "add", "--visible-id", "NL-TNM-012204-5", "--email", "anna@example.org")
    tapdesk("passes", "add", "--uid", "AABBCCDD", "--name", "Fob")
    tapdesk("pools", "add", "Staff", "--email", "anna@example.org")


class TestACardAtAStation:
    def test_one_that_is_accepted_ends_with_0(self, tapdesk):
        ended = tapdesk("explain", "--uid", "04:a2:b3:c4", "--station", "cp-1")
        answer, *steps = ended.out.splitlines()
        assert (ended.code, answer) == (0, "Accepted at Garage: member of Staff.")
        assert steps[0] == "  ✓ Garage is accepted"
        assert steps[2] == "  ✓ The UID belongs to Anna"
        assert {step[2] for step in steps} == {"✓"}
        assert "This did not work" not in ended.out

    def test_one_that_is_refused_ends_with_3(self, tapdesk):
        ended = tapdesk("explain", "--uid", "AABBCCDD", "--station", "CP-1")
        answer, *steps = ended.out.splitlines()
        assert (ended.code, ended.err, answer) == (3, "", "Refused at Garage: not in pool Staff.")
        assert steps[-1] == "  ✕ Fob is not a member of Staff"
        assert [step[2] for step in steps].count("✕") == 1

    def test_one_that_nobody_knows(self, tapdesk):
        ended = tapdesk("explain", "--uid", "FFFFFFFF", "--station", "CP-2")
        assert (ended.code, ended.out.splitlines()[0]) == (3, "Refused at CP-2: unknown card.")
        assert ended.out.splitlines()[-1] == "  ✕ No pass has UID FFFFFFFF"

    def test_for_programs(self, tapdesk):
        ended = tapdesk("explain", "--uid", "AABBCCDD", "--station", "CP-1", "--json")
        trail = ended.data.pop("trail")
        assert ended.code == 3
        assert trail[0] == {"step": "station_accepted", "passed": True}
        assert trail[-1] == {"step": "pool_admits", "passed": False}
        assert {key: value for key, value in ended.data.items() if key != "trail"} == {
            "station_id": "CP-1",
            "station": "Garage",
            "pool": "Staff",
            "uid": "AABBCCDD",
            "holder": "Fob",
            "accepted": False,
            "status": "NotAtThisLocation",
            "reason": "not_a_member",
            "expires_at": None,
        }

    def test_without_the_window_it_is_told_in_codes(self, folder):
        ended = run("explain", "--uid", "FFFFFFFF", "--station", "CP-3", "--data", folder)
        assert (ended.code, ended.out.splitlines()[0]) == (3, "Refused at CP-3: no_pool(pool='').")

    def test_in_a_process_of_its_own(self, folder):
        ended = run("explain", "--uid", "04A2B3C4", "--station", "CP-1", "--data", folder, program=DESKTOP)
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith("Accepted at Garage: member of Staff.")

    def test_nothing_is_kept_of_it(self, tapdesk):
        before = tapdesk("log", "--json").out, tapdesk("history", "--pool", "Staff").out
        tapdesk("explain", "--uid", "AABBCCDD", "--station", "CP-1")
        assert (tapdesk("log", "--json").out, tapdesk("history", "--pool", "Staff").out) == before


class TestLists:
    def test_where_a_card_is_accepted(self, tapdesk):
        rows = tapdesk("explain", "--uid", "AABBCCDD", "--json").data
        assert [(row["station_id"], row["pool"], row["accepted"], row["why"]) for row in rows] == [
            ("CP-2", "Guests", True, "registered pass, Guests is public"),
            ("CP-3", "", False, "the station is in no pool"),
            ("CP-1", "Staff", False, "not in pool Staff"),
        ]
        assert tapdesk("explain", "--uid", "AABBCCDD").out.splitlines()[0].split() == [
            *("station_id", "station", "pool", "status", "why"),
        ]

    def test_where_an_identity_is(self, tapdesk):
        rows = tapdesk("explain", "--email", "anna@example.org", "--json").data
        assert {row["station_id"]: row["accepted"] for row in rows} == {"CP-1": True, "CP-2": True, "CP-3": False}

    @pytest.mark.parametrize("place", [["--station", "CP-1"], ["--pool", "staff"]], ids=str)
    def test_who_is_accepted_at_a_station_or_in_a_pool(self, tapdesk, place):
        rows = tapdesk("explain", *place, "--json").data
        assert [(row["pass"], row["accepted"], row["why"]) for row in rows if row["uid"]] == [
            ("Card", True, "member of Staff"),
            ("Fob", False, "not in pool Staff"),
        ]
        assert len(rows) == 3
        assert {row["holder"] for row in tapdesk("explain", *place, "--email", "anna@example.org", "--json").data} == {
            "Anna"
        }

    def test_a_pass_in_a_pool(self, tapdesk):
        [row] = tapdesk("explain", "--pool", "Guests", "--uid", "AABBCCDD", "--json").data
        assert (row["pass"], row["accepted"]) == ("Fob", True)

    def test_at_another_moment(self, tapdesk):
        tapdesk("pools", "add", "Staff", "--uid", "AABBCCDD", "--until", "2996-08-01")

        def accepted(*options):
            return tapdesk("explain", "--pool", "Staff", "--uid", "AABBCCDD", "--json", *options).data[0]["accepted"]

        assert accepted()
        assert not accepted("--at", "2996-08-02")


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ([], "Name a card (--uid)"),
        (["--uid", "FFFFFFFF"], "no pass with the UID FFFFFFFF"),
        (["--uid", "FFFFFFFF", "--pool", "Staff"], "no pass with the UID FFFFFFFF"),
        (["--uid", "04A2B3C4", "--station", "CP-9"], "no station CP-9"),
        (["--station", "CP-9"], "no station CP-9"),
        (["--pool", "Nowhere"], "no pool “Nowhere”"),
        (["--email", "nobody@example.org"], "no identity with the address"),
    ],
    ids=str,
)
def test_what_is_not_there_is_said(tapdesk, named, why):
    ended = tapdesk("explain", *named)
    assert (ended.code, ended.out) == (1, "")
    assert why in one_line(ended.err)


@pytest.mark.parametrize("named", [["--uid", "A", "--email", "E"], ["--pool", "P", "--station", "S"]], ids=str)
def test_one_card_at_one_place(tapdesk, named):
    with pytest.raises(SystemExit) as ended:
        tapdesk("explain", *named)
    assert ended.value.code == 2
