import asyncio
import socket
import subprocess
import sys
from datetime import UTC, timedelta

import pytest

from app import application as module
from app.application import Application, utc_now
from app.domain.access import Moment, Reason
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.events import ServerStarted, StorageFailed, StorageRecovered
from app.domain.model import AccessLevel, Direction, Message, PoolOptions, TapSource
from app.journal import MessageFilter
from tests.disk_faults import no_room, nothing_written

LOOPBACK = "127.0.0.1"


@pytest.fixture
def taken():
    """A port of the loopback interface that something else listens on."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        yield listening.getsockname()[1]


def message(application, **about):
    return Message(
        **{
            "id": application.journal.next_message_id(),
            "at": application.clock(),
            "station_id": "CP-1",
            "direction": Direction.FROM_STATION,
            "action": "Heartbeat",
            "id_tag": "",
            "outcome": "",
            "request": "[2]",
            "response": "[3]",
            "took_ms": 1.0,
        }
        | about
    )


async def until(true, *, within_s=3.0):
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


def gone(site, request_id):
    try:
        site.requests.require(request_id)
    except AppError as error:
        return error.code == "request_unknown"
    return False


class TestServing:
    async def test_a_started_site_listens_and_says_where(self, site, told):
        await site.start(LOOPBACK, 0)
        assert told == [ServerStarted(LOOPBACK, site.server.port)]
        _, writer = await asyncio.open_connection(LOOPBACK, site.server.port)
        writer.close()
        await writer.wait_closed()

    async def test_a_stopped_site_listens_no_more(self, database):
        site = Application(database)
        await site.start(LOOPBACK, 0)
        port = site.server.port
        await site.stop()
        with pytest.raises(OSError):
            await asyncio.open_connection(LOOPBACK, port)
        await site.stop()

    async def test_stopping_writes_what_waits(self, database):
        site = Application(database)
        await site.start(LOOPBACK, 0)
        site.journal.log(message(site))
        await site.stop()
        reading = Application(database, read_only=True)
        assert len(reading.journal.messages(MessageFilter())) == 1
        await reading.stop()

    async def test_a_taken_port_is_told(self, site, taken):
        with pytest.raises(AppError, match="port_taken") as refused:
            await site.listen(LOOPBACK, taken)
        assert refused.value.params["port"] == taken

    async def test_another_port_will_do_where_that_is_said(self, site, taken):
        await site.listen(LOOPBACK, taken, any_port=True)
        assert site.server.port not in (0, taken)

    async def test_only_a_taken_port_is_replaced_by_another(self, site):
        with pytest.raises(AppError, match="address_not_here"):
            await site.listen("192.0.2.7", 0, any_port=True)

    async def test_without_host_and_port_the_settings_say_where(self, site, taken):
        await site.settings.change(server_host=LOOPBACK, server_port=taken)
        with pytest.raises(AppError, match="port_taken"):
            await site.listen(None, None)
        await site.listen(None, None, any_port=True)
        assert site.station_urls(site.settings.server_host) == [f"ws://{LOOPBACK}:{site.server.port}/"]


class TestAddresses:
    @pytest.mark.parametrize("host", ["", "0.0.0.0", "::"])
    async def test_a_server_on_every_address_has_an_url_for_each(self, site, host, monkeypatch):
        monkeypatch.setattr(module, "addresses", lambda: ["192.168.1.20", "10.0.0.5"])
        assert site.station_urls(host) == ["ws://192.168.1.20:0/", "ws://10.0.0.5:0/"]

    async def test_a_machine_without_a_network_has_itself(self, site, monkeypatch):
        monkeypatch.setattr(module, "addresses", list)
        assert site.station_urls("") == [f"ws://{LOOPBACK}:0/"]

    async def test_a_server_on_one_address_has_that_one(self, site):
        assert site.station_urls("::1") == ["ws://[::1]:0/"]


class TestTheDisk:
    @pytest.mark.parametrize(("fault", "code"), [(no_room, "disk_full"), (nothing_written, "disk_read_only")])
    async def test_a_disk_that_takes_nothing_is_told_once_and_so_is_its_recovery(
        self, site, told, monkeypatch, fault, code
    ):
        monkeypatch.setattr(module, "WATCH_DISK_EVERY_S", 0.01)
        garage = await site.pools.create("Garage")
        await site.stations.accept("CP-1", pool_id=garage.id)
        await site.passes.add(PassDraft(uid="04A2246F"), pool_id=garage.id)
        await site.start(LOOPBACK, 0)
        told.clear()
        with fault(site.store):
            with pytest.raises(AppError, match=code):
                await site.store.write(
                    lambda connection: connection.exec_driver_sql("insert into settings values ('a', zeroblob(50000))")
                )
            await until(lambda: site.disk_fault)
            await asyncio.sleep(0.1)
            assert told == [StorageFailed(code)]
            # Known cards are still decided.
            assert site.taps.judge("CP-1", "04A2246F", Moment.START).decision.reason is Reason.PASS_IS_MEMBER
        await until(lambda: not site.disk_fault)
        assert told == [StorageFailed(code), StorageRecovered()]
        assert site.store.fault == ""

    async def test_what_is_too_old_is_forgotten_at_the_start(self, site, clock):
        await site.settings.change(log_retention_days=2)
        site.journal.log(message(site, at=clock.now - timedelta(days=3)))
        kept = message(site, at=clock.now - timedelta(days=1))
        site.journal.log(kept)
        await site.journal.flush()
        await site.start(LOOPBACK, 0)
        await until(lambda: site.journal.messages(MessageFilter()) == [kept])


class TestRequestsAndLetters:
    async def test_a_card_that_was_let_in_by_hand_is_asked_about_no_more(self, site, clock, monkeypatch):
        monkeypatch.setattr(module, "SETTLE_EVERY_S", 0.01)
        yard = await site.pools.create("Yard", AccessLevel.RESTRICTED, PoolOptions(takes_requests=True))
        await site.stations.accept("CP-1", pool_id=yard.id)
        await site.start(LOOPBACK, 0)
        verdict = site.taps.judge("CP-1", "04A2246F", Moment.AUTHORIZE)
        about = {"station_id": "CP-1", "connector_id": None, "raw_id_tag": "04A2246F", "message_id": 1}
        site.taps.record(verdict, source=TapSource.AUTHORIZE, **about)
        await until(lambda: site.requests.count_pending() == 1)
        (request,) = site.requests.pending()
        await site.passes.add(PassDraft(uid="04A2246F"), pool_id=yard.id)
        assert site.requests.count_pending() == 0
        await asyncio.sleep(0.1)
        assert site.requests.require(request.id)
        clock.go_on(minutes=1)
        await until(lambda: gone(site, request.id))

    async def test_letters_wait_for_a_start_and_stop_with_the_site(self, site):
        await site.settings.change(mail_host="no.such.host.invalid", mail_sender="desk@site.example")
        await site.store.write(
            lambda connection: site.mail.write(connection, "denied", ["a@b.example"], {"pool": "Yard"}, request_id=1)
        )
        await site.start(LOOPBACK, 0)
        await until(lambda: site.mail.letters()[0].attempts == 1, within_s=30)
        await site.stop()


class TestCopies:
    async def test_a_copy_holds_what_was_just_told(self, site, tmp_path):
        site.journal.log(message(site))
        await site.back_up(tmp_path / "copy.db")
        copy = Application(tmp_path / "copy.db", read_only=True)
        assert len(copy.journal.messages(MessageFilter())) == 1
        await copy.stop()

    async def test_a_copy_can_be_made_while_the_disk_takes_nothing(self, site, tmp_path):
        site.journal.log(message(site))
        with nothing_written(site.store):
            await site.back_up(tmp_path / "copy.db")
        assert (tmp_path / "copy.db").exists()


async def test_a_site_can_be_read_while_it_is_served(application):
    await application.stations.accept("CP-1")
    reading = Application(application.store.path, read_only=True)
    assert [station.station_id for station in reading.stations.all()] == ["CP-1"]
    with pytest.raises(AppError, match="database_read_only"):
        await reading.stations.reject("CP-1")
    await reading.stop()


def test_the_time_is_aware():
    assert utc_now().tzinfo is UTC


def test_the_server_runs_where_there_is_no_screen():
    script = (
        "import sys\n"
        "for name in ('PySide6', 'qasync', 'ui'): sys.modules[name] = None\n"
        "import app.application, app.serving, app.commands, app.__main__\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
