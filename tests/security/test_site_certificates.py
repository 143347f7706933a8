"""The site's authority and what it signs, as files of the data folder."""

import base64
import datetime
import os
import shutil
import ssl
import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from app.domain.errors import AppError
from app.security import authority_files, issuing
from app.security.site_certificates import SiteCertificates
from tests.tls_site import NOW, make_certificates, signing_request, station_key


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    make_certificates(folder)
    return folder


@pytest.fixture
def site(made, tmp_path):
    shutil.copytree(made, tmp_path / "site")
    return SiteCertificates(tmp_path / "site")


def certificate(site, name):
    return x509.load_pem_x509_certificate((site.folder / f"{name}.pem").read_bytes())


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_nobody_else_can_read_the_keys(site):
    keys = list(site.folder.glob("*.key"))
    assert len(keys) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    assert stat.S_IMODE(site.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["site-authority", "server-rsa", "server-ecdsa"])
def test_they_are_good_from_2000_until_seconds_of_32_bits_end(site, name):
    found = certificate(site, name)
    assert found.not_valid_before_utc == datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
    assert NOW + datetime.timedelta(days=3650) < found.not_valid_after_utc
    assert found.not_valid_after_utc.timestamp() < 2**31


async def test_the_server_is_named_by_its_addresses_the_likeliest_first(site):
    await site.provide(["10.0.0.7", "192.168.1.20"], "tapdesk.example", NOW)
    found = certificate(site, "server-rsa")
    assert found.subject.rfc4514_string().startswith("CN=tapdesk.example")
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"10.0.0.7", "192.168.1.20", "127.0.0.1"} <= {str(ip) for ip in names.get_values_for_type(x509.IPAddress)}
    assert "tapdesk.example" in names.get_values_for_type(x509.DNSName)


async def test_other_addresses_make_another_server_and_the_same_authority(site):
    before = site.require().fingerprint
    assert not await site.provide(["192.168.1.20"], "", NOW)
    assert await site.provide(["10.0.0.7"], "", NOW)
    assert not await site.provide(["10.0.0.7"], "", NOW)
    assert site.require().fingerprint == before
    certificate(site, "server-ecdsa").verify_directly_issued_by(certificate(site, "site-authority"))


@pytest.mark.parametrize("lost", ["server-rsa.pem", "server-rsa.key", "server-ecdsa.key"])
async def test_a_server_that_is_lost_is_made_again(site, lost):
    (site.folder / lost).unlink()
    assert await site.provide(["192.168.1.20"], "", NOW)
    site.context(legacy=False, ask_for_certificates=True)


@pytest.mark.parametrize("damage", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
async def test_an_authority_that_is_damaged_is_told_and_not_replaced(site, damage):
    (site.folder / "site-authority.key").write_text(damage)
    with pytest.raises(AppError, match="certificates_unusable"):
        await site.provide(["10.0.0.7"], "", NOW)


async def test_a_key_of_another_authority_is_noticed(site, tmp_path):
    await SiteCertificates(tmp_path / "other").provide([], "", NOW)
    other = tmp_path / "other" / "certificates" / "site-authority.key"
    (site.folder / "site-authority.key").write_bytes(other.read_bytes())
    with pytest.raises(AppError, match="certificates_unusable"):
        await site.provide(["10.0.0.7"], "", NOW)


async def test_a_new_one_replaces_everything_and_keeps_the_earlier_authority(site):
    before = site.require()
    await site.renew(["192.168.1.20"], "", NOW)
    assert site.require().fingerprint != before.fingerprint
    assert (site.folder / authority_files.EARLIER_AUTHORITY).read_text() == before.pem
    certificate(site, "server-rsa").verify_directly_issued_by(certificate(site, "site-authority"))


async def test_making_one_that_was_cut_off_begins_again(site, monkeypatch):
    def cut(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("app.security.key_files.write_certificate", cut)
        with pytest.raises(AppError, match="certificates_not_written"):
            await site.renew(["192.168.1.20"], "", NOW)
    assert site.describe() is None
    assert await site.provide(["192.168.1.20"], "", NOW)


async def test_what_is_given_to_stations_holds_no_key(site, tmp_path):
    for path in await site.export(tmp_path / "stick"):
        assert "PRIVATE" not in path.read_text()
        ssl.create_default_context(cadata=path.read_text())


class TestARequest:
    @pytest.mark.parametrize(
        "spoiled",
        [
            lambda pem: pem,
            lambda pem: pem.replace("\n", "\r\n"),
            lambda pem: pem.replace("\n", "\\n"),
            lambda pem: pem.replace("\n", ""),
            lambda pem: "".join(pem.splitlines()[1:-1]),
        ],
    )
    def test_is_read_however_its_lines_came(self, spoiled):
        checked = issuing.check_request(spoiled(signing_request(station_key(), "CP1")), ["CP1"])
        assert (checked.subject, checked.key_kind) == ("CP1", "secp256r1")

    def test_may_bear_the_serial_number_too(self):
        assert issuing.check_request(signing_request(station_key(), "SN-1"), ["CP1", "SN-1"]).subject == "SN-1"

    def test_that_was_changed_on_its_way_is_refused(self):
        pem = signing_request(station_key(), "CP1")
        der = bytearray(x509.load_pem_x509_csr(pem.encode()).public_bytes(issuing.serialization.Encoding.DER))
        der[-1] ^= 1
        with pytest.raises(AppError, match="csr_unreadable"):
            issuing.check_request(base64.b64encode(bytes(der)).decode(), ["CP1"])

    def test_of_a_weak_key_is_refused(self):
        with pytest.raises(AppError, match="csr_weak_key"):
            issuing.check_request(signing_request(ec.generate_private_key(ec.SECP192R1()), "CP1"), ["CP1"])
