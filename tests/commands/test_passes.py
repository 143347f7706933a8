"""`tapdesk passes`."""

import pytest

from tests.command_line import one_line


class TestPasses:
    def test_one_is_added_to_its_identity_and_listed_in_canonical_form(self, tapdesk):
        tapdesk("identities", "add", "--email", "anna@example.org")
        added = tapdesk("passes", "add", "--uid", "04:a2:b3:c4", "--name", "Anna's card", "--email", "anna@example.org")
        assert (added.code, added.out) == (0, "Anna's card is added.\n")
        tapdesk("passes", "add", "--visible-id", "NL-TNM-012204-5")
        assert tapdesk("passes", "list", "--json").data == [
            {
                "visible_id": "NL-TNM-012204-5",
                "uid": None,
                "name": "",
                "email": "",
                "organization": "",
                "pools": "",
                "state": "waiting_for_first_tap",
            },
            {
                "visible_id": None,
                "uid": "04A2B3C4",
                "name": "Anna's card",
                "email": "anna@example.org",
                "organization": "",
                "pools": "",
                "state": "ready",
            },
        ]

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            ([], "needs a UID or a visible ID"),
            (["--uid", "04A2B3C4"], "belongs to Anna's card already"),
            (["--uid", "NL-TNM-012204-5"], "printed on the card"),
            (["--visible-id", "04A2B3C4D5E680"], "is a UID"),
            (["--uid", "AABBCCDD", "--email", "nobody@example.org"], "no identity with the address"),
            (["--uid", "x" * 256], "255 characters"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_is_kept(self, tapdesk, options, why):
        tapdesk("passes", "add", "--uid", "04A2B3C4", "--name", "Anna's card")
        ended = tapdesk("passes", "add", *options)
        assert ended.code == 1
        assert why in one_line(ended.err)
        assert len(tapdesk("passes", "list", "--json").data) == 1
