"""wss: versions, ciphers, both kinds of certificate, client certificates, and what is told of what fails."""

import asyncio
import re
import shutil
import ssl
import subprocess

import pytest
from websockets.exceptions import InvalidStatus

from app.csms.door import sockets
from app.domain.model import KnockCause
from app.domain.security import SecurityProfile
from tests.csms.test_logins import basic, turned_away
from tests.tls_site import (
    files_of,
    foreign_certificate,
    make_certificates,
    open_tls,
    signing_request,
    station_key,
    trusting,
)
from tests.wire import ELSEWHERE, HAS_ELSEWHERE, raw_station

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="there is no openssl to connect with")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture
async def wss(application, certificates):
    """The URL for wss."""
    return await open_tls(application, certificates)


@pytest.fixture
async def accepted(application):
    await application.stations.accept("CP1")


def without_trust():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def knocked(application, cause, within_s=5.0):
    """The latest knock of a cause."""
    async with asyncio.timeout(within_s):
        while True:
            for knock in application.server.knocks:
                if knock.cause is cause:
                    return knock
            await asyncio.sleep(0.01)


async def s_client(port, *options):
    """Whether openssl finished a handshake, and what it said."""

    def run():
        command = [OPENSSL, "s_client", "-connect", f"127.0.0.1:{port}", *options]
        return subprocess.run(command, input=b"", capture_output=True, timeout=20, check=False)

    done = await asyncio.to_thread(run)
    said = (done.stdout + done.stderr).decode(errors="replace")
    cipher = re.search(r"Cipher is (\S+)", said)
    return (cipher[1] if cipher else "(NONE)"), said


@needs_openssl
class TestWhatIsSpoken:
    @pytest.mark.parametrize(
        ("options", "cipher"),
        [
            (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], "ECDHE-ECDSA-AES128-GCM-SHA256"),
            (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"], "ECDHE-ECDSA-AES256-GCM-SHA384"),
            (["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"], "ECDHE-RSA-AES128-GCM-SHA256"),
            (["-tls1_2", "-cipher", "AES128-GCM-SHA256"], "AES128-GCM-SHA256"),
            (["-tls1_2", "-cipher", "AES256-GCM-SHA384"], "AES256-GCM-SHA384"),
            (["-tls1_3"], "TLS_AES_256_GCM_SHA384"),
            (["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"], "(NONE)"),
            (["-tls1_2", "-cipher", "AES128-SHA"], "(NONE)"),
            (["-tls1_1", "-cipher", "AES128-SHA:@SECLEVEL=0"], "(NONE)"),
            (["-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0"], "(NONE)"),
        ],
    )
    async def test_is_what_ocpp_asks_for_and_nothing_older(self, application, wss, options, cipher):
        assert (await s_client(application.secure_door.port, *options))[0] == cipher

    @pytest.mark.parametrize("version", ["-tls1", "-tls1_1", "-tls1_2"])
    async def test_is_old_too_where_that_is_wanted(self, application, certificates, version):
        await open_tls(application, certificates, server_old_tls="yes")
        cipher, _ = await s_client(application.secure_door.port, version, "-cipher", "AES128-SHA:@SECLEVEL=0")
        assert cipher == "AES128-SHA"

    async def test_of_an_old_station_is_told(self, application, wss):
        await s_client(application.secure_door.port, "-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0")
        assert (await knocked(application, KnockCause.TLS_TOO_OLD)).address == "127.0.0.1"

    @pytest.mark.parametrize("kind", ["RSA", "ECDSA"])
    async def test_is_believed_by_whoever_trusts_the_site(self, application, wss, tmp_path, kind):
        paths = await application.site_certificates.export(tmp_path)
        for path in paths:
            _, said = await s_client(
                application.secure_door.port,
                *(
                    "-tls1_2",
                    "-cipher",
                    f"ECDHE-{kind}-AES128-GCM-SHA256",
                    "-CAfile",
                    str(path),
                    "-verify_ip",
                    "127.0.0.1",
                ),
            )
            assert "Verify return code: 0 (ok)" in said

    async def test_is_believed_by_a_station_whose_clock_stands_at_2000(self, application, wss, tmp_path):
        (path, _) = await application.site_certificates.export(tmp_path)
        long_ago = ["-attime", "946771200"]  # 2 January 2000
        _, said = await s_client(application.secure_door.port, "-CAfile", str(path), *long_ago)
        assert "Verify return code: 0 (ok)" in said

    async def test_is_the_same_at_the_port_for_ws(self, application, wss):
        cipher, _ = await s_client(application.server.port, "-tls1_3")
        assert cipher == "TLS_AES_256_GCM_SHA384"


class TestAStationOverTls:
    async def test_is_served(self, application, wss, accepted):
        async with raw_station(wss, "CP1", ssl=trusting(application)) as station:
            assert await station.call("Heartbeat", {})
            assert application.server.is_over_tls("CP1")

    async def test_is_served_at_the_port_it_always_had(self, application, wss, url, accepted):
        async with raw_station(url.replace("ws:", "wss:"), "CP1", ssl=trusting(application)) as station:
            assert await station.call("Heartbeat", {})

    async def test_may_send_long_messages(self, application, wss, accepted):
        async with raw_station(wss, "CP1", ssl=trusting(application)) as station:
            for _ in range(3):
                await station.call("DataTransfer", {"vendorId": "x", "data": "y" * 200_000})

    async def test_may_come_with_many_at_once(self, application, wss):
        context = trusting(application)

        async def one(number):
            async with raw_station(wss, f"CP{number}", ssl=context) as station:
                boot = await station.call("BootNotification", {"chargePointVendor": "v", "chargePointModel": "m"})
                return boot["status"]

        assert await asyncio.gather(*map(one, range(30))) == ["Pending"] * 30

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
    async def test_may_send_its_first_bytes_in_pieces(self, application, wss, size):
        """However the handshake arrives, in it is one stream."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = trusting(application).wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        reader, writer = await asyncio.open_connection("127.0.0.1", application.secure_door.port)
        async with asyncio.timeout(20):
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    said = outgoing.read()
                    for start in range(0, len(said), size):
                        writer.write(said[start : start + size])
                        await writer.drain()
                        if start < 3 * size:
                            await asyncio.sleep(0.001)
                    incoming.write(await reader.read(65536))
            # The end of the handshake and the request in one write: read before the server knows that it is over.
            tls.write(
                b"GET /CP1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2l4dGVlbiBieXRlcyBvaw==\r\n"
                b"Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
            )
            writer.write(outgoing.read())
            answer = b""
            while b"\r\n" not in answer:
                incoming.write(await reader.read(65536))
                try:
                    answer += tls.read()
                except ssl.SSLWantReadError:
                    continue
        writer.transport.abort()
        assert answer.startswith(b"HTTP/1.1 101")

    @needs_openssl
    async def test_that_says_it_does_not_trust_the_site_is_told_of(self, application, wss):
        await s_client(application.secure_door.port, "-verify_return_error")
        assert await knocked(application, KnockCause.SITE_NOT_TRUSTED)

    async def test_that_drops_the_site_without_a_word_is_told_of(self, application, wss):
        with pytest.raises(ssl.SSLError):
            async with raw_station(wss, "CP1", ssl=ssl.create_default_context()):
                pass
        assert await knocked(application, KnockCause.TLS_FAILED)

    async def test_that_speaks_plainly_to_the_secure_port_is_told_of(self, application, wss, accepted):
        with pytest.raises((OSError, EOFError, Exception)):
            async with raw_station(wss.replace("wss:", "ws:"), "CP1"):
                pass
        assert await knocked(application, KnockCause.PLAIN_ON_TLS_PORT)
        assert [knock.cause for knock in application.server.knocks] == [KnockCause.PLAIN_ON_TLS_PORT]

    async def test_that_begins_and_says_no_more_is_cut(self, application, wss, monkeypatch):
        monkeypatch.setattr(sockets, "REQUEST_WITHIN_S", 0.5)
        reader, writer = await asyncio.open_connection("127.0.0.1", application.secure_door.port)
        writer.write(b"\x16\x03\x01\x02\x00\x01")
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()

    async def test_goes_on_while_new_certificates_are_made(self, application, wss, accepted):
        async with raw_station(wss, "CP1", ssl=trusting(application)) as station:
            before = application.site_certificates.require()
            await application.site_certificates.provide(["10.1.2.3"], "", application.clock())
            await application.secure_door.refresh(renewed=True)
            assert await station.call("Heartbeat", {})
            after = application.site_certificates.require()
            assert (before.fingerprint, "10.1.2.3" in after.names) == (after.fingerprint, True)
        async with raw_station(wss, "CP1", ssl=trusting(application)) as station:
            assert await station.call("Heartbeat", {})

    async def test_is_sent_away_when_the_port_is_closed(self, application, wss, accepted):
        async with raw_station(wss, "CP1", ssl=trusting(application)) as station:
            await station.call("Heartbeat", {})
            await application.settings.change(server_tls="no")
            assert await station.closed() == 1001
        assert application.secure_door.port == 0


class TestThePortForWss:
    async def test_is_closed_until_somebody_wants_it(self, application):
        assert application.secure_door.port == 0
        assert not application.site_certificates.folder.exists()

    async def test_that_is_taken_is_told_and_the_other_serves_tls_all_the_same(
        self, application, url, certificates, accepted
    ):
        shutil.copytree(certificates / "certificates", application.site_certificates.folder)
        taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        application.secure_door._port = taken.sockets[0].getsockname()[1]
        application.secure_door._addresses = list
        await application.settings.change(server_tls="yes")
        await application.secure_door.refresh()
        assert application.secure_door.fault.code == "port_taken"
        async with raw_station(url.replace("ws:", "wss:"), "CP1", ssl=trusting(application)) as station:
            assert await station.call("Heartbeat", {})
        taken.close()

    async def test_stays_shut_when_the_certificates_are_damaged_and_no_new_authority_is_made(
        self, application, certificates
    ):
        folder = application.site_certificates.folder
        shutil.copytree(certificates / "certificates", folder)
        (folder / "site-authority.key").write_text("gone")
        application.secure_door._addresses = list
        await application.settings.change(server_tls="yes")
        await application.secure_door.refresh()
        assert application.secure_door.fault.code == "certificates_unusable"
        assert application.secure_door.port == 0


class TestAStationThatNeedsTls:
    @pytest.fixture
    async def password(self, application):
        await application.stations.accept("CP1")
        new = await application.credentials.generate("CP1")
        await application.credentials.set_profile("CP1", SecurityProfile.PASSWORD_OVER_TLS)
        return new.password

    async def test_is_refused_without_it_whatever_its_password(self, application, wss, url, password):
        assert await turned_away(url, **basic("CP1", password)) == 403
        assert application.server.knocks[0].cause is KnockCause.NEEDS_TLS

    async def test_needs_its_password_too(self, application, wss, password):
        assert await turned_away(wss, ssl=trusting(application)) == 401
        async with raw_station(wss, "CP1", ssl=trusting(application), **basic("CP1", password)) as station:
            assert await station.call("Heartbeat", {})
            assert application.server.proved("CP1") is SecurityProfile.PASSWORD_OVER_TLS

    @HAS_ELSEWHERE
    async def test_that_comes_again_takes_its_own_place(self, application, wss, password):
        secure = {"ssl": trusting(application), **basic("CP1", password)}
        async with raw_station(wss, "CP1", **secure) as first:
            await first.call("Heartbeat", {})
            async with raw_station(wss, "CP1", **secure, **ELSEWHERE) as second:
                assert await first.closed() == 1001
                assert await second.call("Heartbeat", {})


class TestAStationWithACertificate:
    @pytest.fixture
    async def by_certificate(self, application, certificates, accepted):
        await open_tls(application, certificates)
        await application.credentials.set_profile("CP1", SecurityProfile.CERTIFICATE)
        await application.secure_door.refresh()
        return f"wss://127.0.0.1:{application.secure_door.port}/"

    @pytest.fixture
    async def issued(self, application, by_certificate, tmp_path):
        """A certificate of CP1 and its key, in files; and its row."""
        key = station_key()
        asked = await application.certificates.ask("CP1", signing_request(key, "CP1"))
        return files_of(tmp_path, key, await application.certificates.issue(asked.id)), asked.id

    @pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
    async def test_is_let_in_by_it(self, application, by_certificate, tmp_path, kind):
        key = station_key(kind)
        asked = await application.certificates.ask("CP1", signing_request(key, "cp1"))
        files = files_of(tmp_path, key, await application.certificates.issue(asked.id))
        async with raw_station(by_certificate, "CP1", ssl=trusting(application, files)) as station:
            assert await station.call("Heartbeat", {})
            assert application.server.proved("CP1") is SecurityProfile.CERTIFICATE

    async def test_is_refused_without_it(self, application, by_certificate, issued):
        assert await turned_away(by_certificate, ssl=trusting(application)) == 403
        assert application.server.knocks[0].cause is KnockCause.NEEDS_CERTIFICATE

    async def test_is_refused_once_it_is_revoked(self, application, by_certificate, issued):
        files, certificate_id = issued
        async with raw_station(by_certificate, "CP1", ssl=trusting(application, files)) as station:
            await station.call("Heartbeat", {})
            await application.certificates.revoke(certificate_id)
            assert await station.closed() == 1008
        assert await turned_away(by_certificate, ssl=trusting(application, files)) == 403
        assert application.server.knocks[0].cause is KnockCause.CERTIFICATE_NOT_ITS_OWN

    async def test_of_another_station_is_refused(self, application, by_certificate, issued):
        await application.stations.accept("CP2")
        await application.credentials.set_profile("CP2", SecurityProfile.CERTIFICATE)
        assert await turned_away(by_certificate, "CP2", ssl=trusting(application, issued[0])) == 403
        assert application.server.knocks[0].cause is KnockCause.CERTIFICATE_NOT_ITS_OWN

    async def test_of_another_authority_is_refused(self, application, by_certificate, tmp_path):
        key = station_key()
        files = files_of(tmp_path, key, foreign_certificate(key, "CP1"))
        with pytest.raises((OSError, EOFError, InvalidStatus, Exception)):
            async with raw_station(by_certificate, "CP1", ssl=trusting(application, files)):
                pass
        assert await knocked(application, KnockCause.CERTIFICATE_NOT_TRUSTED)

    async def test_of_another_authority_harms_nobody_where_no_station_is_let_in_by_one(
        self, application, wss, accepted, tmp_path
    ):
        key = station_key()
        files = files_of(tmp_path, key, foreign_certificate(key, "CP1"))
        async with raw_station(wss, "CP1", ssl=trusting(application, files)) as station:
            assert await station.call("Heartbeat", {})
