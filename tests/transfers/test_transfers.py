"""Files asked for from here: diagnostics that a station uploads, firmware it fetches, and what it says of them."""

import asyncio
import ftplib
import io
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.domain.commands import InstallFirmware, InstallSignedFirmware, SendDiagnostics
from app.domain.errors import AppError
from app.domain.transfers import FileProtocol, TransferKind, TransferState, state_told
from app.transfers import SignatureFiles, Transfers
from app.transfers import transfers as module
from tests.tls_site import foreign_certificate, station_key

DIAGNOSTICS, FIRMWARE = TransferKind.DIAGNOSTICS, TransferKind.FIRMWARE


class Station:
    def __init__(self):
        self.asked = []
        self.names = "diag.zip"
        self.error = None
        self.knows = None

    async def __call__(self, _station_id, command):
        self.asked.append(command)
        if self.error:
            raise self.error
        return self.names if isinstance(command, SendDiagnostics) else None

    @property
    def location(self):
        return self.asked[-1].location


@pytest.fixture
def station():
    return Station()


@pytest.fixture
async def transfers(site, station, tmp_path):
    transfers = Transfers(
        tmp_path / "d", site.bus, site.clock, station, lambda _id: "127.0.0.1", lambda: 0, lambda _id: station.knows
    )
    yield transfers
    await transfers.close()


async def send(url, body=None, method="PUT"):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, data=body, method=method)

    def send():
        with opener.open(request, timeout=5) as answer:
            return answer.status, answer.read()

    return await asyncio.to_thread(send)


def only(transfers):
    (transfer,) = transfers.recent("CP|1")
    return transfer


class TestDiagnostics:
    async def test_what_the_station_uploads_is_kept_under_its_name_and_the_time(self, transfers, station, told):
        await transfers.fetch("CP|1", DIAGNOSTICS)
        assert only(transfers).state is TransferState.ASKED
        transfers.told("cp|1", DIAGNOSTICS, "Uploading")
        assert only(transfers).state is TransferState.RUNNING
        assert await send(station.location + "diag.zip", b"everything") == (201, b"kept\n")
        transfer = only(transfers)
        assert (transfer.state, transfer.size) == (TransferState.DONE, 10)
        assert Path(transfer.file).read_bytes() == b"everything"
        assert Path(transfer.file).name.startswith("CP_1-")
        assert [type(event).__name__ for event in told][-1] == "TransferChanged"

    async def test_the_address_holds_once(self, transfers, station):
        await transfers.fetch("CP|1", DIAGNOSTICS)
        await send(station.location, b"x")
        with pytest.raises(OSError):
            await send(station.location, b"y")

    async def test_one_without_anything_to_send_is_said_to_have_nothing(self, transfers, station):
        station.names = ""
        with pytest.raises(AppError, match="station_has_no_log"):
            await transfers.fetch("CP|1", DIAGNOSTICS)
        assert transfers.recent() == []

    async def test_a_refusal_leaves_no_door_open(self, transfers, station):
        station.error = AppError("station_refused", action="GetDiagnostics", error="NotSupported", description="")
        with pytest.raises(AppError, match="station_refused"):
            await transfers.fetch("CP|1", DIAGNOSTICS)
        with pytest.raises(OSError):
            await send(station.location, b"x")

    async def test_it_is_asked_for_once_at_a_time(self, transfers, station):
        await transfers.fetch("CP|1", DIAGNOSTICS)
        with pytest.raises(AppError, match="transfer_running"):
            await transfers.fetch("cp|1", DIAGNOSTICS)
        transfers.told("CP|1", DIAGNOSTICS, "UploadFailed")
        assert only(transfers).state is TransferState.FAILED
        await transfers.fetch("CP|1", DIAGNOSTICS)

    async def test_what_never_comes_is_given_up(self, transfers, monkeypatch):
        monkeypatch.setattr(module, "OPEN_FOR_S", 0.02)
        await transfers.fetch("CP|1", DIAGNOSTICS)
        async with asyncio.timeout(5):
            while only(transfers).is_open:
                await asyncio.sleep(0.005)
        assert only(transfers).state is TransferState.FAILED

    async def test_another_station_cannot_end_it(self, transfers):
        transfer = await transfers.fetch("CP|1", DIAGNOSTICS)
        transfers.told("CP2", DIAGNOSTICS, "UploadFailed", transfer.id)
        assert only(transfers).is_open


def put_by_ftp(location, body):
    place = urlsplit(location)
    with ftplib.FTP(timeout=5) as ftp:
        ftp.connect(place.hostname, place.port)
        ftp.login(place.username, place.password)
        return ftp.storbinary(f"STOR {place.path}diag.zip", io.BytesIO(body))


def got_by_ftp(location):
    place, pieces = urlsplit(location), []
    with ftplib.FTP(timeout=5) as ftp:
        ftp.connect(place.hostname, place.port)
        ftp.login(place.username, place.password)
        ftp.retrbinary(f"RETR {place.path}", pieces.append)
    return b"".join(pieces)


class TestProtocols:
    @pytest.mark.parametrize(
        ("knows", "asked_by"),
        [
            (None, "http"),
            ("", "http"),
            ("FTP", "ftp"),
            ("FTP,FTPS", "ftp"),
            ("sftp, ftp", "ftp"),
            ("FTP,HTTP", "http"),
            ("HTTPS,SFTP", "http"),
            ("['FTP']", "ftp"),
        ],
    )
    async def test_it_is_asked_by_one_that_it_says_it_knows(self, transfers, station, knows, asked_by):
        station.knows = knows
        await transfers.fetch("CP|1", DIAGNOSTICS)
        assert urlsplit(station.location).scheme == asked_by
        assert only(transfers).protocol.value == asked_by

    async def test_what_comes_by_ftp_is_kept_and_told_and_ftp_is_asked_for_from_then_on(self, transfers, station):
        await transfers.fetch("CP|1", DIAGNOSTICS, by=FileProtocol.FTP)
        assert await asyncio.to_thread(put_by_ftp, station.location, b"everything") == "226 Kept."
        async with asyncio.timeout(5):
            while only(transfers).is_open:
                await asyncio.sleep(0.005)
        transfer = only(transfers)
        assert (transfer.state, transfer.size, transfer.moved) == (TransferState.DONE, 10, 10)
        assert Path(transfer.file).read_bytes() == b"everything"
        await transfers.fetch("CP|1", DIAGNOSTICS)
        assert urlsplit(station.location).scheme == "ftp"

    async def test_firmware_by_ftp(self, transfers, station, tmp_path):
        station.knows = "FTP"
        file = tmp_path / "fw 1.2.bin"
        file.write_bytes(b"new")
        await transfers.update_firmware("CP|1", file)
        assert await asyncio.to_thread(got_by_ftp, station.location) == b"new"
        async with asyncio.timeout(5):
            while only(transfers).moved < 3:
                await asyncio.sleep(0.005)
        transfers.told("CP|1", FIRMWARE, "Installed")
        assert only(transfers).state is TransferState.DONE

    async def test_what_came_to_nothing_by_http_is_tried_by_ftp(self, transfers, station, tmp_path):
        file = tmp_path / "fw.bin"
        file.write_bytes(b"new")
        for begin in (lambda: transfers.fetch("CP|1", DIAGNOSTICS), lambda: transfers.update_firmware("CP|1", file)):
            waiting = await begin()
            by_http = station.location
            assert transfers.may_try_ftp(waiting)
            again = await transfers.try_ftp(waiting)
            assert (again.kind, again.file, again.size) == (waiting.kind, waiting.file, waiting.size)
            assert urlsplit(station.location).scheme == "ftp"
            before = next(each for each in transfers.recent() if each.id == waiting.id)
            assert before.state is TransferState.FAILED
            assert not transfers.may_try_ftp(before)
            assert not transfers.may_try_ftp(again)
            with pytest.raises(OSError):
                await send(by_http, b"x")

    async def test_it_is_not_tried_where_http_works_or_ftp_is_not_known(self, transfers, station):
        waiting = await transfers.fetch("CP|1", DIAGNOSTICS)
        station.knows = "HTTP"
        assert not transfers.may_try_ftp(waiting)
        assert not transfers.may_know_ftp("CP|1")
        station.knows = "HTTP,FTP"
        assert transfers.may_try_ftp(waiting)
        await send(station.location, b"x")
        assert not transfers.may_try_ftp(only(transfers))

    async def test_a_door_is_shut_with_the_transfer(self, transfers, station):
        station.knows = "FTP"
        await transfers.fetch("CP|1", DIAGNOSTICS)
        transfers.told("CP|1", DIAGNOSTICS, "UploadFailed")
        with pytest.raises((*ftplib.all_errors, ConnectionError)):
            await asyncio.to_thread(put_by_ftp, station.location, b"x")
        assert not list(transfers.folder.glob("*"))


class TestFirmware:
    async def test_the_station_fetches_it_and_says_how_it_gets_on(self, transfers, station, tmp_path):
        file = tmp_path / "fw 1.2.bin"
        file.write_bytes(b"new")
        await transfers.update_firmware("CP|1", file)
        assert isinstance(station.asked[-1], InstallFirmware)
        assert station.location.endswith("/fw_1.2.bin")
        assert await send(station.location, method="GET") == (200, b"new")
        for word, state in (("Downloading", "running"), ("Downloaded", "running"), ("Installed", "done")):
            transfers.told("CP|1", FIRMWARE, word)
            assert (only(transfers).state, only(transfers).said) == (state, word)

    async def test_what_its_maker_signed_goes_with_the_certificate_and_the_signature(
        self, transfers, station, tmp_path
    ):
        file, signed = tmp_path / "fw.bin", SignatureFiles(tmp_path / "maker.pem", tmp_path / "fw.sig")
        file.write_bytes(b"new")
        signed.certificate.write_text(foreign_certificate(station_key(), "Maker"))
        signed.signature.write_bytes(b"\x80 bytes")
        await transfers.update_firmware("CP|1", file, signed=signed)
        asked = station.asked[-1]
        assert isinstance(asked, InstallSignedFirmware)
        assert (asked.certificate, asked.signature) == (signed.certificate.read_text(), "gCBieXRlcw==")
        assert await send(station.location, method="GET") == (200, b"new")
        transfers.told("CP|1", FIRMWARE, "SignatureVerified")
        assert only(transfers).state is TransferState.RUNNING
        transfers.told("CP|1", FIRMWARE, "InvalidSignature")
        assert only(transfers).state is TransferState.FAILED

    async def test_what_is_no_signature_goes_nowhere(self, transfers, station, tmp_path):
        file, signed = tmp_path / "fw.bin", SignatureFiles(tmp_path / "maker.pem", tmp_path / "fw.sig")
        file.write_bytes(b"new")
        signed.certificate.write_text(foreign_certificate(station_key(), "Maker"))
        with pytest.raises(AppError, match="signature_unreadable"):
            await transfers.update_firmware("CP|1", file, signed=signed)
        assert (station.asked, transfers.recent()) == ([], [])

    async def test_a_file_that_is_not_there_is_said_not_to_be(self, transfers, tmp_path, station):
        with pytest.raises(AppError, match="firmware_unreadable"):
            await transfers.update_firmware("CP|1", tmp_path / "none.bin")
        assert station.asked == []


@pytest.mark.parametrize(
    ("kind", "word", "state"),
    [
        (DIAGNOSTICS, "Uploaded", TransferState.RUNNING),  # it is done when it is here
        (DIAGNOSTICS, "Idle", None),
        (DIAGNOSTICS, "PermissionDenied", TransferState.FAILED),
        (FIRMWARE, "InstallationFailed", TransferState.FAILED),
        (FIRMWARE, "installed ", TransferState.DONE),
        (FIRMWARE, "", None),
    ],
)
def test_what_a_word_says_of_a_file(kind, word, state):
    assert state_told(kind, word) is state
