"""`tapdesk identities`."""

import pytest

from tests.command_line import one_line


class TestIdentities:
    def test_one_is_added_and_listed(self, tapdesk):
        added = tapdesk("identities", "add", "--first", "Anna", "--last", "de Vries", "--email", "anna@example.org")
        assert (added.code, added.out) == (0, "Anna de Vries is added.\n")
        tapdesk("identities", "add", "--email", "boss@example.org", "--role", "administrator")
        assert tapdesk("identities", "list", "--json").data == [
            {
                "email": "anna@example.org",
                "first_name": "Anna",
                "last_name": "de Vries",
                "external_id": None,
                "role": "cardholder",
                "organization": "",
                "passes": 0,
                "pools": "",
            },
            {
                "email": "boss@example.org",
                "first_name": "",
                "last_name": "",
                "external_id": None,
                "role": "administrator",
                "organization": "",
                "passes": 0,
                "pools": "",
            },
        ]

    @pytest.mark.parametrize(
        ("email", "why"),
        [("nobody", "not an e-mail address"), ("", "Fill in the e-mail address"), ("ANNA@example.org", "already")],
    )
    def test_what_cannot_be_is_said_and_nothing_is_kept(self, tapdesk, email, why):
        tapdesk("identities", "add", "--email", "anna@example.org")
        ended = tapdesk("identities", "add", "--email", email)
        assert ended.code == 1
        assert why in one_line(ended.err)
        assert len(tapdesk("identities", "list", "--json").data) == 1

    def test_a_role_that_is_none_is_refused(self, tapdesk, capsys):
        with pytest.raises(SystemExit) as ended:
            tapdesk("identities", "add", "--email", "a@example.org", "--role", "king")
        assert ended.value.code == 2
        assert "invalid choice: 'king'" in capsys.readouterr().err
