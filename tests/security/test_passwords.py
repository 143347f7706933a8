"""Passwords of stations: how they look, in which forms they come, and what is kept of them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import AppError
from app.security import passwords
from app.security.passwords import PasswordForm, Presented, canonical, clean_password, generate, is_key, read_basic

KEY = "0102030405060708090A0B0C0D0E0F1011121314"
CHOSEN = "a-password-of-2.0.1"


def header(user, password):
    return "Basic " + base64.b64encode(user + b":" + password).decode()


class TestAGeneratedPassword:
    def test_is_one_that_every_version_takes(self):
        password = generate()
        assert len(password) == 40
        assert is_key(password)
        assert clean_password(password) == password

    def test_is_another_each_time(self):
        assert len({generate() for _ in range(100)}) == 100


class TestAPasswordOfAnOperator:
    @pytest.mark.parametrize("typed", [CHOSEN, KEY, "x" * 16, "x" * 40, f"  {CHOSEN} "])
    def test_has_16_to_40_characters(self, typed):
        assert clean_password(typed) == typed.strip()

    @pytest.mark.parametrize("typed", ["", "x" * 15, "x" * 41])
    def test_of_another_length_is_refused(self, typed):
        with pytest.raises(AppError, match="password_length"):
            clean_password(typed)

    @pytest.mark.parametrize("typed", ["sixteen characters", "p" * 15 + "ä", "p" * 16 + "\0"])
    def test_with_what_no_station_can_enter_is_refused(self, typed):
        with pytest.raises(AppError, match="password_characters"):
            clean_password(typed)


class TestWhatIsKept:
    @pytest.mark.parametrize("password", [KEY, CHOSEN])
    def test_is_matched_by_the_password_alone(self, password):
        kept = passwords.hashed(password)
        assert passwords.matches(kept, canonical(password.encode()))
        for wrong in (b"", password.encode()[:-1], password.encode() + b"\0", b"x" * 20):
            assert not passwords.matches(kept, canonical(wrong))

    def test_tells_nothing_of_it_and_is_another_each_time(self):
        kept = {passwords.hashed(KEY), passwords.hashed(KEY)}
        assert len(kept) == 2
        assert not any(KEY.lower() in each.lower() for each in kept)

    @pytest.mark.parametrize("sent", [bytes.fromhex(KEY), KEY.encode(), KEY.lower().encode()])
    def test_of_a_key_matches_its_bytes_and_its_digits(self, sent):
        assert passwords.matches(passwords.hashed(KEY, generated=True), Presented(b"CP1", sent).key)

    @pytest.mark.parametrize(
        "damaged", ["", "scrypt", "scrypt:99:00:00", "scrypt:x:00:00", "md5:1:00:00", "scrypt:1:zz:"]
    )
    def test_that_is_damaged_matches_nothing(self, damaged):
        assert not passwords.matches(damaged, b"anything at all!")

    def test_knows_in_which_form_a_key_came(self):
        assert Presented(b"CP1", bytes.fromhex(KEY)).form is PasswordForm.BYTES
        assert Presented(b"CP1", KEY.encode()).form is PasswordForm.TEXT


class TestTheHeader:
    @pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", " Basic"])
    def test_is_read_whatever_the_case_of_its_scheme(self, scheme):
        read = read_basic(header(b"CP1", b"secret").replace("Basic", scheme))
        assert (read.user, read.password) == (b"CP1", b"secret")

    def test_may_hold_any_bytes_in_its_password_and_colons_too(self):
        raw = bytes(range(256))
        assert read_basic(header(b"CP1", raw)).password == raw

    def test_may_come_without_padding(self):
        assert read_basic(header(b"CP1", b"ab").rstrip("=")).password == b"ab"

    @pytest.mark.parametrize(
        "wrong",
        [
            "",
            "Basic",
            "Basic !!!",
            "Bearer abc",
            "Basic " + base64.b64encode(b"no colon").decode(),
            "Basic " + "A" * 2000,
        ],
    )
    def test_of_another_kind_is_none(self, wrong):
        assert read_basic(wrong) is None

    @given(st.text(max_size=200))
    def test_of_any_text_breaks_nothing(self, text):
        read_basic(text)
        read_basic(f"Basic {text}")

    def test_does_not_show_the_password_in_an_error(self):
        assert "secret" not in repr(read_basic(header(b"CP1", b"secret")))
