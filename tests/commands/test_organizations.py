"""`tapdesk organizations`, what belongs to them, and that a site with one of them sees none of it."""

import pytest

from tests.command_line import one_line


@pytest.fixture
def tree(tapdesk):
    """Hotel, and below it Garage and its Valet."""
    tapdesk("organizations", "create", "Garage", "--currency", "chf")
    tapdesk("organizations", "change", "Main organization", "--name", "Hotel")
    tapdesk("organizations", "create", "Valet", "--parent", "garage")
    return lambda: {row["name"]: row for row in tapdesk("organizations", "list", "--json").data}


class TestTheTree:
    def test_it_is_listed_from_the_top_with_what_belongs_to_each(self, tapdesk, tree):
        tapdesk("identities", "add", "--email", "anna@example.org", "--organization", "valet")
        tapdesk("stations", "accept", "CP-1", "--organization", "Garage")
        tapdesk("pools", "create", "Guests", "--organization", "Garage")
        nothing = {"identities": 0, "stations": 0, "pools": 0}
        assert list(tree().values()) == [
            nothing | {"name": "Hotel", "parent": "", "currency": "EUR"},
            nothing | {"name": "Garage", "parent": "Hotel", "currency": "CHF", "stations": 1, "pools": 1},
            nothing | {"name": "Valet", "parent": "Garage", "currency": "CHF", "identities": 1},
        ]

    def test_the_first_one_goes_by_the_name_of_the_site_until_it_has_its_own(self, tapdesk):
        assert tapdesk("pools", "create", "Guests").code == 0
        assert [row["name"] for row in tapdesk("organizations", "list", "--json").data] == ["Main organization"]

    def test_one_moves_and_is_renamed(self, tapdesk, tree):
        moved = tapdesk("organizations", "change", "Valet", "--parent", "Hotel", "--currency", "SEK")
        assert moved.out == "Valet is changed.\n"
        assert (tree()["Valet"]["parent"], tree()["Valet"]["currency"]) == ("Hotel", "SEK")
        tapdesk("organizations", "change", "Valet", "--parent", "none", "--name", "Parking", "--currency", "")
        assert (tree()["Parking"]["parent"], tree()["Parking"]["currency"]) == ("", "EUR")

    def test_one_to_which_nothing_belongs_can_go(self, tapdesk, tree):
        assert tapdesk("organizations", "remove", "Valet").out == "The organization Valet is removed.\n"
        assert list(tree()) == ["Hotel", "Garage"]

    @pytest.mark.parametrize(
        ("command", "why"),
        [
            (["create", "garage"], "called garage already"),
            (["create", " "], "name"),
            (["create", "Yard", "--parent", "Nowhere"], "no organization “Nowhere”"),
            (["create", "Yard", "--currency", "francs"], "not a currency"),
            (["change", "Nowhere", "--name", "Yard"], "no organization “Nowhere”"),
            (["change", "Garage"], "Say what to change"),
            (["change", "Garage", "--parent", "Valet"], "below"),
            (["change", "Garage", "--parent", "Nowhere"], "no organization “Nowhere”"),
            (["remove", "Garage"], "Garage"),
            (["remove", "Hotel"], "the site began with"),
            (["remove", "Nowhere"], "no organization “Nowhere”"),
            (["passes", "Nowhere"], "no organization “Nowhere”"),
            (["passes", "Garage", "--off", "FFFFFFFF"], "no pass with the UID FFFFFFFF"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_is_changed(self, tapdesk, tree, command, why):
        before = tree()
        ended = tapdesk("organizations", *command)
        assert (ended.code, ended.out) == (1, "")
        assert "This did not work" not in one_line(ended.err)
        assert why in ended.err
        assert tree() == before


class TestPasses:
    def test_each_pass_is_on_the_whitelist_until_it_is_set_to_off(self, tapdesk, tree):
        tapdesk("passes", "add", "--uid", "04A2B3C4", "--name", "Fob")
        tapdesk("passes", "add", "--uid", "AABBCCDD")
        tapdesk("pools", "create", "Guests", "--level", "public")
        tapdesk("stations", "accept", "CP-1", "--organization", "Garage", "--pool", "Guests")
        tapdesk("stations", "accept", "CP-2", "--organization", "Hotel", "--pool", "Guests")

        def settings():
            return {row["uid"]: row["setting"] for row in tapdesk("organizations", "passes", "Garage", "--json").data}

        assert settings() == {"AABBCCDD": "whitelist", "04A2B3C4": "whitelist"}
        assert tapdesk("organizations", "passes", "Garage", "--off", "04:A2:B3:C4").out == "Off at Garage: Fob.\n"
        assert settings() == {"AABBCCDD": "whitelist", "04A2B3C4": "off"}
        assert tapdesk("explain", "--uid", "04A2B3C4", "--station", "CP-1").code == 3
        assert tapdesk("explain", "--uid", "04A2B3C4", "--station", "CP-2").code == 0
        both = ["--whitelist", "04A2B3C4", "--whitelist", "AABBCCDD"]
        assert tapdesk("organizations", "passes", "Garage", *both).out == "Whitelist at Garage: Fob, AABBCCDD.\n"
        assert settings() == {"AABBCCDD": "whitelist", "04A2B3C4": "whitelist"}


class TestBelonging:
    @pytest.fixture(autouse=True)
    def _belongings(self, tapdesk, tree):
        for name, number in (("Hotel", 1), ("Garage", 2), ("Valet", 3)):
            email = f"{name}@example.org"
            tapdesk("stations", "accept", f"CP-{number}", "--organization", name)
            tapdesk("identities", "add", "--email", email, "--organization", name)
            tapdesk("passes", "add", "--uid", f"04A2B3C{number}", "--email", email)
            tapdesk("pools", "create", f"Pool of {name}", "--organization", name)
        tapdesk("passes", "add", "--uid", "AABBCCDD")

    @pytest.mark.parametrize("what", ["stations", "identities", "passes", "pools"])
    def test_a_list_shows_only_what_belongs_to_one_or_below_it(self, tapdesk, what):
        def organizations(*options):
            return sorted(row["organization"] for row in tapdesk(what, "list", *options, "--json").data)

        nobodys = [""] if what == "passes" else []
        assert organizations() == [*nobodys, "Garage", "Hotel", "Valet"]
        assert organizations("--organization", "garage") == ["Garage", "Valet"]
        assert organizations("--organization", "Valet") == ["Valet"]
        assert "no organization “Nowhere”" in one_line(tapdesk(what, "list", "--organization", "Nowhere").err)

    @pytest.mark.parametrize("what", ["stations", "identities", "passes", "pools"])
    def test_people_see_it_where_there_are_several(self, tapdesk, what):
        assert "organization" in tapdesk(what, "list").out.splitlines()[0].split()

    def test_a_station_is_allocated_to_another(self, tapdesk):
        allocated = tapdesk("stations", "allocate", "CP-1", "CP-3", "--organization", "Garage")
        assert allocated.out == "Allocated to Garage: CP-1, CP-3.\n"
        hosts = {row["station_id"]: row["organization"] for row in tapdesk("stations", "list", "--json").data}
        assert hosts == {"CP-1": "Garage", "CP-2": "Garage", "CP-3": "Garage"}

    def test_a_station_that_is_not_there_is_said_and_none_is_allocated(self, tapdesk):
        ended = tapdesk("stations", "allocate", "CP-1", "CP-9", "--organization", "Garage")
        assert "no station CP-9" in one_line(ended.err)
        assert tapdesk("stations", "list", "--organization", "Hotel", "--json").data[0]["station_id"] == "CP-1"

    def test_a_station_of_none_goes_into_no_pool(self, tapdesk):
        ended = tapdesk("stations", "accept", "CP-4", "--pool", "Pool of Garage")
        assert ended.code == 1
        assert "This did not work" not in one_line(ended.err)
        accepted = tapdesk("stations", "accept", "CP-4", "--pool", "Pool of Garage", "--organization", "Garage")
        assert accepted.code == 0

    def test_a_pool_goes_to_another(self, tapdesk):
        tapdesk("pools", "change", "Pool of Hotel", "--organization", "Garage")
        shown = tapdesk("pools", "show", "Pool of Hotel", "--json").data
        assert (shown["organization"], shown["currency"]) == ("Garage", "CHF")


@pytest.mark.parametrize("what", ["stations", "identities", "passes", "pools"])
def test_a_site_with_one_organization_sees_none_of_it(tapdesk, what):
    tapdesk("pools", "create", "Guests")
    tapdesk("stations", "accept", "CP-1")
    tapdesk("identities", "add", "--email", "anna@example.org")
    tapdesk("passes", "add", "--uid", "04A2B3C4", "--email", "anna@example.org")
    assert "organization" not in tapdesk(what, "list").out
    assert [row["organization"] for row in tapdesk(what, "list", "--json").data] == [""]
