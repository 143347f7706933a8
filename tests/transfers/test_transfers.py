"""Files asked for from here: diagnostics that a station uploads, firmware it fetches, and what it says of them."""

import asyncio
import urllib.request
from pathlib import Path

import pytest

from app.domain.commands import InstallFirmware, SendDiagnostics
from app.domain.errors import AppError
from app.domain.transfers import TransferKind, TransferState, state_told
from app.transfers import Transfers
from app.transfers import transfers as module

DIAGNOSTICS, FIRMWARE = TransferKind.DIAGNOSTICS, TransferKind.FIRMWARE


class Station:
    def __init__(self):
        self.asked = []
        self.names = "diag.zip"
        self.error = None

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
    transfers = Transfers(tmp_path / "d", site.bus, site.clock, station, lambda _id: "127.0.0.1", lambda: 0)
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
