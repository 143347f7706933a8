"""The root certificates inside stations, by the numbers of the certification's test cases, each over a real socket.

OCPP 1.6: TC_075_1, 075_2, 076. OCPP 2.0.1 (part 6): TC_M_01, M_02, M_05, M_13, M_18 to M_21.
"""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from app.csms.station import outgoing
from app.domain.errors import AppError
from app.domain.model import OcppVersion
from app.domain.security import RootKind, RootOwner, TrustedRoot
from app.domain.security_commands import ForgetRoot, ReadRoots, TrustRoot
from tests.schemas import faults_of_answer, faults_of_request
from tests.tls_site import foreign_certificate, station_key
from tests.wire import raw_station

HASHED = {"hashAlgorithm": "SHA256", "issuerNameHash": "aa" * 32, "issuerKeyHash": "bb" * 32, "serialNumber": "3f9a"}
SERVER = TrustedRoot(RootKind.SERVER, "SHA256", "aa" * 32, "bb" * 32, "3f9a")
MANUFACTURER = TrustedRoot(RootKind.MANUFACTURER, "SHA256", "aa" * 32, "bb" * 32, "3f9a")
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
V16, V201 = OcppVersion.V16, OcppVersion.V201


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)


class Station:
    """A station that is played by a test; what it is told, and what it says, must be valid."""

    def __init__(self, application, raw, version):
        self.application, self.raw, self.version = application, raw, version.value

    async def is_asked(self, asking, *exchange):
        """Asked these in turn, it answers each so: the questions' payloads, and the result or the AppError."""
        asked, heard = asyncio.ensure_future(asking), []
        for expected, answer in exchange:
            message_id, action, payload = await self.raw.was_asked()
            assert (action, faults_of_request(action, payload, self.version)) == (expected, [])
            assert not faults_of_answer(action, answer, self.version)
            heard.append(payload)
            await self.raw.send(json.dumps([3, message_id, answer]))
        try:
            return heard, await asyncio.wait_for(asked, 5)
        except AppError as error:
            return heard, error

    async def carries_out(self, command, action, **answer):
        (heard,), result = await self.is_asked(self.application.carry_out("CP1", command), (action, answer))
        return heard, result


@pytest.fixture
async def station16(application, url):
    await application.stations.accept("CP1")
    async with raw_station(url, "CP1") as raw:
        yield Station(application, raw, V16)


@pytest.fixture(params=[V201, OcppVersion.V21], ids=str)
async def station2(application, url, request):
    await application.stations.accept("CP1")
    async with raw_station(url, "CP1", subprotocols=[f"ocpp{request.param.value}"]) as raw:
        yield Station(application, raw, request.param)


class TestOcpp16:
    @pytest.mark.parametrize(
        ("kind", "word"),
        [(RootKind.MANUFACTURER, "ManufacturerRootCertificate"), (RootKind.SERVER, "CentralSystemRootCertificate")],
        ids=["tc_075_1", "tc_075_2"],
    )
    async def test_tc_075_a_root_is_installed(self, station16, kind, word):
        command = TrustRoot(PEM, kind)
        heard, result = await station16.carries_out(command, "InstallCertificate", status="Accepted")
        assert (heard, result) == ({"certificateType": word, "certificate": PEM}, None)

    async def test_tc_076_a_root_is_deleted(self, application, station16):
        heard, roots = await station16.is_asked(
            application.roots.of("CP1"),
            ("GetInstalledCertificateIds", {"status": "Accepted", "certificateHashData": [HASHED]}),
            ("GetInstalledCertificateIds", {"status": "NotFound"}),
        )
        kinds = ["CentralSystemRootCertificate", "ManufacturerRootCertificate"]
        assert [each["certificateType"] for each in heard] == kinds
        assert roots == (SERVER,)
        asking = application.roots.forget("CP1", roots[0])
        heard, result = await station16.is_asked(asking, ("DeleteCertificate", {"status": "Accepted"}))
        assert (heard, result) == ([{"certificateHashData": HASHED}], None)

    @pytest.mark.parametrize("status", ["Failed", "NotFound"])
    async def test_a_root_that_is_not_deleted(self, station16, status):
        _, refused = await station16.carries_out(ForgetRoot(SERVER), "DeleteCertificate", status=status)
        assert (refused.code, refused.params["status"]) == ("station_refused", status)


class TestOcpp2:
    @pytest.mark.parametrize(
        ("kind", "word"),
        [(RootKind.SERVER, "CSMSRootCertificate"), (RootKind.MANUFACTURER, "ManufacturerRootCertificate")],
        ids=["tc_m_01", "tc_m_02"],
    )
    async def test_tc_m_01_m_02_a_root_is_installed(self, station2, kind, word):
        command = TrustRoot(PEM, kind)
        heard, result = await station2.carries_out(command, "InstallCertificate", status="Accepted")
        assert (heard, result) == ({"certificateType": word, "certificate": PEM}, None)

    async def test_tc_m_05_a_root_is_not_installed(self, station2):
        _, refused = await station2.carries_out(TrustRoot(PEM), "InstallCertificate", status="Failed")
        assert (refused.code, refused.params["status"]) == ("station_refused", "Failed")

    async def test_tc_m_13_those_of_the_maker_are_told(self, station2):
        chain = {"certificateType": "ManufacturerRootCertificate", "certificateHashData": HASHED}
        heard, roots = await station2.carries_out(
            ReadRoots(RootKind.MANUFACTURER),
            "GetInstalledCertificateIds",
            status="Accepted",
            certificateHashDataChain=[chain],
        )
        assert (heard, roots) == ({"certificateType": ["ManufacturerRootCertificate"]}, (MANUFACTURER,))

    async def test_tc_m_18_those_of_every_kind_are_told(self, application, station2):
        words = ["CSMSRootCertificate", "ManufacturerRootCertificate", "V2GRootCertificate", "MORootCertificate"]
        chains = [{"certificateType": word, "certificateHashData": HASHED} for word in words]
        told = {"status": "Accepted", "certificateHashDataChain": chains}
        heard, roots = await station2.is_asked(application.roots.of("CP1"), ("GetInstalledCertificateIds", told))
        assert heard == [{}]
        assert [each.kind.value for each in roots] == ["server", "manufacturer", "other", "other"]

    async def test_tc_m_19_there_is_none(self, station2):
        command = ReadRoots(RootKind.MANUFACTURER)
        assert (await station2.carries_out(command, "GetInstalledCertificateIds", status="NotFound"))[1] == ()

    @pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
    async def test_tc_m_20_a_root_is_deleted_as_the_station_named_it(self, application, station2, algorithm):
        hashed = HASHED | {"hashAlgorithm": algorithm}
        chains = [{"certificateType": "CSMSRootCertificate", "certificateHashData": hashed}]
        told = {"status": "Accepted", "certificateHashDataChain": chains}
        _, (root,) = await station2.is_asked(application.roots.of("CP1"), ("GetInstalledCertificateIds", told))
        asking = application.roots.forget("CP1", root)
        heard, result = await station2.is_asked(asking, ("DeleteCertificate", {"status": "Accepted"}))
        assert (heard, result) == ([{"certificateHashData": hashed}], None)

    async def test_tc_m_21_a_root_that_is_not_deleted(self, station2):
        _, refused = await station2.carries_out(ForgetRoot(SERVER), "DeleteCertificate", status="Failed")
        assert (refused.code, refused.params["status"]) == ("station_refused", "Failed")


class TestWhose:
    @pytest.fixture
    async def site_roots(self, application):
        """The serial numbers of the site's certificate before the last and now."""
        certificates, numbers = application.site_certificates, []
        for _ in range(2):
            await certificates.renew(["127.0.0.1"], "", datetime.now(UTC))
            pem = certificates.require().pem.encode()
            numbers.append(x509.load_pem_x509_certificate(pem).serial_number)
        return numbers

    def root(self, serial_number):
        return TrustedRoot(RootKind.SERVER, "SHA256", "aa", "bb", serial_number)

    async def test_it_is_told_by_its_number(self, application, site_roots):
        earlier, present = site_roots
        owner = application.roots.owner
        assert owner(self.root(f"{present:x}")) is owner(self.root(f"00{present:X}")) is RootOwner.SITE
        assert owner(self.root(f"{earlier:040X}")) is RootOwner.EARLIER_SITE
        assert owner(self.root("3f9a")) is owner(self.root("what?")) is RootOwner.UNKNOWN

    async def test_that_of_the_site_is_not_forgotten(self, application, station16, site_roots):
        with pytest.raises(AppError, match="root_is_the_sites"):
            await application.roots.forget("CP1", self.root(f"{site_roots[1]:x}"))
        assert await station16.raw.hears_nothing(0.05)

    async def test_without_any_of_the_sites_all_are_somebody_elses(self, site):
        assert site.roots.owner(SERVER) is RootOwner.UNKNOWN


@pytest.fixture(scope="module")
def makers():
    """The root certificate of a maker of stations."""
    return x509.load_pem_x509_certificate(foreign_certificate(station_key(), "Maker").encode())


class TestFromAFile:
    @pytest.mark.parametrize("encoding", [serialization.Encoding.PEM, serialization.Encoding.DER], ids=["PEM", "DER"])
    async def test_it_is_sent_as_pem(self, application, station16, makers, tmp_path, encoding):
        file = tmp_path / "maker.crt"
        file.write_bytes(makers.public_bytes(encoding))
        asking = application.roots.give("CP1", file, RootKind.MANUFACTURER)
        (heard,), _ = await station16.is_asked(asking, ("InstallCertificate", {"status": "Accepted"}))
        assert x509.load_pem_x509_certificate(heard["certificate"].encode()) == makers

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "certificate_unreadable"),
            (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "certificate_unreadable"),
            (b"\x00" * 200_000, "certificate_unreadable"),
            (None, "certificate_unreadable"),
        ],
    )
    async def test_what_is_none_is_not_sent(self, site, tmp_path, content, code):
        file = tmp_path / "maker.crt"
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(AppError) as refused:
            await site.roots.give("CP1", file, RootKind.MANUFACTURER)
        assert (refused.value.code, refused.value.params["file"]) == (code, "maker.crt")

    async def test_of_several_none_is_sent(self, site, makers, tmp_path):
        file = tmp_path / "chain.pem"
        file.write_bytes(makers.public_bytes(serialization.Encoding.PEM) * 2)
        with pytest.raises(AppError, match="certificate_not_one"):
            await site.roots.give("CP1", file, RootKind.MANUFACTURER)
