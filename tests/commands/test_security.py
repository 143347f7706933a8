"""`tapdesk stations password|profile` and `tapdesk certificate`."""

import io
import re

import pytest

from tests.tls_site import make_certificates


@pytest.fixture(autouse=True)
def station(tapdesk):
    tapdesk("stations", "accept", "CP-1")


def test_a_password_is_made_and_told_once(tapdesk, folder):
    said = tapdesk("stations", "password", "CP-1", "--generate").out
    password = re.search(r"\b[0-9A-F]{40}\b", said)[0]
    stored = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert password.encode() not in stored
    assert bytes.fromhex(password) not in stored


def test_a_password_may_be_piped_in_and_is_not_repeated(tapdesk, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("correct-horse-battery\n"))
    ended = tapdesk("stations", "password", "CP-1", "--stdin", "--at-once")
    assert ended.code == 0
    assert "correct-horse" not in ended.out + ended.err


@pytest.mark.parametrize("piped", ["", "\n", "short\n", "blanks in between it\n"])
def test_what_no_station_can_have_is_refused(tapdesk, monkeypatch, piped):
    monkeypatch.setattr("sys.stdin", io.StringIO(piped))
    ended = tapdesk("stations", "password", "CP-1", "--stdin")
    assert ended.code != 0
    assert "Traceback" not in ended.err


def test_a_profile_wants_its_password_first(tapdesk):
    assert "no password" in tapdesk("stations", "profile", "CP-1", "1").err
    tapdesk("stations", "password", "CP-1", "--generate")
    assert tapdesk("stations", "profile", "CP-1", "1").code == 0
    assert "secure port is off" in tapdesk("stations", "profile", "CP-1", "2").out
    with pytest.raises(SystemExit):
        tapdesk("stations", "profile", "CP-1", "4")


def test_the_certificate_is_shown_and_written_for_stations(tapdesk, folder, tmp_path):
    assert "no site certificate" in tapdesk("certificate", "show").err
    make_certificates(folder)
    shown = tapdesk("certificate", "show").out
    assert "192.168.1.20" in shown
    fingerprint = re.search(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", shown)[0]
    assert fingerprint in tapdesk("certificate", "export", str(tmp_path / "stick")).out
    pem = (tmp_path / "stick" / "tapdesk-site-certificate.pem").read_text()
    assert pem == (tmp_path / "stick" / "tapdesk-site-certificate.crt").read_text()
    assert "PRIVATE" not in pem
