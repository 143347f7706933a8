"""Doors for stations that know only FTP, as Python's ftplib and curl find them: what they take, give and refuse."""

import asyncio
import ftplib
import io
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import time
from contextlib import closing, suppress
from urllib.parse import urlsplit

import pytest

from app.transfers import ftp_files, ftp_thread
from app.transfers import ftp_session as module
from app.transfers.ftp_server import FtpServer

BODY = bytes(range(256)) * 2_000
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")


COMMANDS = [
    *module._Session.proto_cmds,
    *("EPSV", "EPSV", "EPSV", "STOR", "STOR", "RETR", "LIST"),
    *("DELE", "SITE", "APPE", "STOU", "REIN", "XQUIT", "ABORSTAT"),
]
ARGUMENTS = [
    *("", "", "", "a", "/", "../..", "fw_1.2.bin", "fw_1.2.bin", "*", "-la", "\0", "ÿ", "1", "-1", "all"),
    *("9" * 30, "|1|127.0.0.1|9|", "127,0,0,1,200,200", "MLST size;", "UTF8 ON", "a" * 3_000, "A N", "\r", "\n"),
]


class Heard:
    def __init__(self):
        self.moved = []
        self.files = []


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(ftp_thread, "TICK_S", 0.02)
    monkeypatch.setattr(module._Session, "auth_failed_timeout", 0.02)


@pytest.fixture
async def server():
    server = FtpServer(lambda: 0)
    yield server
    await server.close()


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "diagnostics"


@pytest.fixture
async def door(server, folder, heard):
    return await server.expect("127.0.0.1", folder, "CP1.log", heard.moved.append, heard.files.append)


@pytest.fixture
def firmware(tmp_path):
    file = tmp_path / "fw 1.2.bin"
    file.write_bytes(BODY)
    return file


@pytest.fixture
async def giving(server, firmware, heard):
    return await server.offer("127.0.0.1", firmware, heard.moved.append, heard.files.append)


class Station(ftplib.FTP):
    """One that is logged in at a door."""

    def __init__(self, door, *, host=None, login=True):
        place = urlsplit(door.location)
        super().__init__(timeout=5)
        self.connect(host or place.hostname, place.port)
        if login:
            self.login(place.username, place.password)


def stored(door, body=BODY, name="diag.zip", **how):
    with Station(door, **how) as station:
        return station.storbinary(f"STOR {name}", io.BytesIO(body))


def curl(*arguments):
    """What curl put out, and with which number it ended."""
    ended = subprocess.run(["curl", "-sS", "--max-time", "10", *arguments], capture_output=True, check=False)
    return ended.returncode, ended.stdout


def misbehave(door, seed):
    """Log in, mostly, then say and send what chance says, in pieces, and go in the middle of it."""
    chance, place, open_data = random.Random(seed), urlsplit(door.location), []
    with closing(socket.create_connection((place.hostname, place.port), 5)) as control, suppress(OSError):
        control.settimeout(0.03)
        if chance.random() < 0.9:
            control.sendall(f"USER {place.username}\r\nPASS {place.password}\r\n".encode())
        for _ in range(chance.randrange(2, 14)):
            line = f"{chance.choice(COMMANDS)} {chance.choice(ARGUMENTS)}".rstrip(" ")
            control.sendall(line.encode() + chance.choice([b"\r\n", b"\r\n", b"\r\n", b"\n", b""]))
            told = b""
            with suppress(TimeoutError):
                told = control.recv(65_536)
            for number in re.findall(rb"\|\|\|(\d+)\|", told)[-1:]:
                open_data.append(socket.create_connection((place.hostname, int(number)), 5))
            if open_data and chance.random() < 0.5:
                with suppress(OSError):
                    open_data[-1].sendall(b"z" * chance.choice([1, 100_000]))
            if open_data and chance.random() < 0.3:
                if chance.random() < 0.5:
                    open_data[-1].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                open_data.pop().close()
    for data in open_data:
        data.close()


async def until(there):
    async with asyncio.timeout(5):
        while not there():
            await asyncio.sleep(0.005)


def begun(heard):
    """Wait, on a station's thread, until the first bytes are here."""
    for _ in range(1_000):
        if heard.moved:
            return
        time.sleep(0.005)
    raise TimeoutError


def leftovers(folder):
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


class TestTakingAFile:
    @pytest.mark.parametrize("name", ["diag.zip", "/diag.zip", "logs/today/diag.zip", "Säule 1.log"])
    async def test_it_is_kept_whole_under_our_name_and_told(self, door, heard, folder, name):
        assert await asyncio.to_thread(stored, door, name=name) == "226 Kept."
        await until(lambda: heard.files)
        assert heard.files == [folder / "CP1.log"]
        assert heard.files[0].read_bytes() == BODY
        assert heard.moved[-1] == len(BODY)
        assert leftovers(folder) == ["CP1.log"]

    async def test_what_stations_do_before_is_answered(self, door, folder):
        def all_of_it():
            with Station(door) as station:
                assert station.pwd() == "/"
                assert station.mkd("logs") == "/logs"
                station.cwd("logs")
                assert station.pwd() == "/logs"
                assert station.nlst() == []
                lines = []
                station.dir(lines.append)
                assert lines == []
                assert list(station.mlsd()) == []
                for command in ("SYST", "FEAT", "NOOP", "TYPE A", "TYPE A N", "TYPE L 8", "MODE S", "STRU F", "CDUP"):
                    assert station.sendcmd(command)[0] == "2", command
                for command in ("SIZE diag.zip", "MDTM diag.zip"):
                    with pytest.raises(ftplib.error_perm, match="550"):
                        station.sendcmd(command)
                station.storbinary("STOR diag.zip", io.BytesIO(b"x"))

        await asyncio.to_thread(all_of_it)
        assert (folder / "CP1.log").read_bytes() == b"x"

    async def test_no_line_end_is_changed_where_a_station_does_not_say_binary(self, door, folder):
        body = b"PK\r\n\x00\n\r\r\n" * 9_000

        def in_text_mode():
            with Station(door) as station, station.transfercmd("STOR diag.zip") as data:
                data.sendall(body)
                data.close()
                return station.voidresp()

        assert (await asyncio.to_thread(in_text_mode)).startswith("226")
        assert (folder / "CP1.log").read_bytes() == body

    async def test_a_file_is_taken_once(self, door, folder):
        def twice():
            with Station(door) as station:
                station.storbinary("STOR a", io.BytesIO(b"first"))
                station.storbinary("STOR a", io.BytesIO(b"second"))

        with pytest.raises(ftplib.error_perm, match="550"):
            await asyncio.to_thread(twice)
        assert leftovers(folder) == ["CP1.log"]
        assert (folder / "CP1.log").read_bytes() == b"first"

    async def test_a_second_one_at_the_same_time_is_told_to_wait(self, door, heard, folder):
        def another():
            with pytest.raises(ftplib.error_temp, match="450"):
                stored(door, b"other")

        def both():
            with Station(door) as station:
                data = station.transfercmd("STOR a")
                data.sendall(BODY)
                begun(heard)
                another()
                data.close()
                return station.voidresp()

        assert await asyncio.to_thread(both) == "226 Kept."
        assert (folder / "CP1.log").read_bytes() == BODY


class TestDataConnections:
    @pytest.mark.parametrize("passive", [True, False])
    @pytest.mark.parametrize("family", ["127.0.0.1", "::1"])
    async def test_opened_by_either_end_over_either_protocol(self, server, tmp_path, heard, family, passive):
        """PASV and PORT over IPv4, EPSV and EPRT over IPv6: that is how ftplib chooses."""
        if family == "::1" and not socket.has_ipv6:
            pytest.skip("no IPv6 here")
        door = await server.expect(family, tmp_path, "CP1.log", heard.moved.append, heard.files.append)

        def send():
            with Station(door) as station:
                station.set_pasv(passive)
                return station.storbinary("STOR a", io.BytesIO(BODY))

        assert await asyncio.to_thread(send) == "226 Kept."
        assert (tmp_path / "CP1.log").read_bytes() == BODY

    @needs_curl
    @pytest.mark.parametrize("how", [(), ("--disable-epsv",), ("-P", "-"), ("-P", "-", "--disable-eprt")])
    async def test_as_curl_does_it(self, door, folder, tmp_path, how):
        body = tmp_path / "body"
        body.write_bytes(BODY)
        told = await asyncio.to_thread(curl, *how, "--ftp-create-dirs", "-T", body, door.location + "a/b/diag.zip")
        assert told == (0, b"")
        assert (folder / "CP1.log").read_bytes() == BODY

    @needs_curl
    @pytest.mark.parametrize("how", [(), ("-P", "-")])
    async def test_curl_fetches_firmware_and_goes_on_where_it_broke_off(self, giving, how, tmp_path):
        assert await asyncio.to_thread(curl, *how, giving.location + "fw_1.2.bin") == (0, BODY)
        half = tmp_path / "half"
        half.write_bytes(BODY[:1000])
        await asyncio.to_thread(curl, *how, "-C", "-", "-o", half, giving.location + "fw_1.2.bin")
        assert half.read_bytes() == BODY

    async def test_the_passive_address_is_the_one_that_was_connected_to(self, door):
        def asked():
            with Station(door) as station:
                return station.makepasv()[0], station.sendcmd("EPSV"), station.sendcmd("EPSV 1")

        host, epsv, epsv_1 = await asyncio.to_thread(asked)
        assert host == "127.0.0.1"
        assert epsv.startswith("229") and epsv_1.startswith("229")

    @pytest.mark.parametrize("command", ["PORT 10,0,0,1,40,0", "EPRT |1|10.0.0.1|10240|", "PORT 127,0,0,1,0,22"])
    async def test_no_other_machine_and_no_service_is_called(self, door, command):
        def asked():
            with Station(door) as station:
                station.sendcmd(command)

        with pytest.raises(ftplib.error_perm, match="501"):
            await asyncio.to_thread(asked)

    async def test_data_of_another_machine_is_not_taken(self, door, folder):
        """127.0.0.2 is another address of this one."""

        def another():
            with Station(door) as station:
                host, port = station.makepasv()
                foreign = socket.create_connection((host, port), 5, source_address=("127.0.0.2", 0))
                with closing(foreign), suppress(ConnectionError):
                    assert foreign.recv(1) == b""
                with pytest.raises(ftplib.error_temp, match="425"):
                    station.voidresp()
                with closing(socket.create_connection((host, port), 5)) as data:
                    station.voidcmd("TYPE I")
                    assert station.sendcmd("STOR a")[0] == "1"
                    data.sendall(b"own")
                return station.voidresp()

        assert await asyncio.to_thread(another) == "226 Kept."
        assert (folder / "CP1.log").read_bytes() == b"own"

    async def test_ports_are_the_next_ones_where_a_first_is_named(self, tmp_path, heard):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            first = min(free.getsockname()[1], 60_000)
        server = FtpServer(lambda: first)
        try:
            doors = [
                await server.expect("127.0.0.1", tmp_path, f"{each}", heard.moved.append, heard.files.append)
                for each in range(2)
            ]
            numbers = [urlsplit(door.location).port for door in doors]
            assert numbers[0] != numbers[1]
            assert set(numbers) <= set(range(first, first + 4))

            def passive():
                with Station(doors[0]) as station:
                    return station.makepasv()[1]

            assert await asyncio.to_thread(passive) in range(first + 4, first + 20)
        finally:
            await server.close()


class TestBreakingOff:
    @pytest.mark.parametrize("how", ["reset", "gone", "aborted", "control reset"])
    async def test_nothing_of_it_is_there_and_it_may_be_sent_again(self, door, heard, folder, how):
        def reset(connection):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

        def break_off():
            station = Station(door)
            data = station.transfercmd("STOR a")
            data.sendall(BODY)
            begun(heard)
            if how == "reset":
                reset(data)
                with pytest.raises(ftplib.error_temp, match="426"):
                    station.voidresp()
            elif how == "aborted":
                with suppress(ftplib.error_temp):
                    station.abort()
            elif how == "control reset":
                station.file.close()
                reset(station.sock)
            # As a system does it for a program that ended.
            station.close()
            data.close()

        await asyncio.to_thread(break_off)
        await until(lambda: not leftovers(folder))
        assert heard.files == []
        heard.moved.clear()
        assert await asyncio.to_thread(stored, door, b"again") == "226 Kept."
        assert (folder / "CP1.log").read_bytes() == b"again"

    async def test_closing_cuts_what_is_under_way_and_leaves_nothing(self, server, door, heard, folder):
        def begin():
            station = Station(door)
            data = station.transfercmd("STOR a")
            data.sendall(BODY)
            begun(heard)
            return station, data

        station, data = await asyncio.to_thread(begin)
        assert leftovers(folder) == ["CP1.log.part"]
        await server.close()
        assert leftovers(folder) == []
        assert heard.files == []
        station.close()
        data.close()

    async def test_whoever_is_silent_is_cut_off(self, door, heard, folder, monkeypatch):
        monkeypatch.setattr(module._DataConnection, "timeout", 0.1)

        def stop_half_way():
            station = Station(door)
            with station.transfercmd("STOR a") as data:
                data.sendall(BODY)
                with pytest.raises(ftplib.error_temp, match="421"):
                    station.voidresp()
            station.close()

        await asyncio.to_thread(stop_half_way)
        assert leftovers(folder) == []
        monkeypatch.setattr(module._Session, "timeout", 0.1)

        def say_nothing():
            with closing(Station(door)) as station, pytest.raises(ftplib.error_temp, match="421"):
                station.voidresp()

        await asyncio.to_thread(say_nothing)

    async def test_a_connection_is_over_after_so_long_whatever_moves(self, door, heard, folder, monkeypatch):
        monkeypatch.setattr(module, "WHOLE_CONNECTION_S", 0.2)

        def trickle():
            station = Station(door)
            with closing(station), station.transfercmd("STOR a") as data, suppress(ConnectionError):
                while True:
                    data.sendall(b"x")

        async with asyncio.timeout(10):
            await asyncio.to_thread(trickle)
        await until(lambda: not leftovers(folder))
        assert heard.files == []

    async def test_a_disk_that_takes_nothing_is_told(self, door, folder, heard):
        folder.write_bytes(b"a file where the folder should be")
        with pytest.raises(ftplib.error_temp, match="452"):
            await asyncio.to_thread(stored, door)
        assert heard.files == []


class TestLimits:
    @pytest.mark.parametrize("wrong", ["user", "password", "both", "anonymous"])
    async def test_only_its_login_is_let_in(self, door, folder, wrong):
        place = urlsplit(door.location)
        user = {"user": "x", "both": "x", "anonymous": "anonymous"}.get(wrong, place.username)
        password = place.password if wrong == "user" else "Säule"

        def try_it():
            with Station(door, login=False) as station:
                for _ in range(2):
                    with pytest.raises(ftplib.error_perm, match="530"):
                        station.login(user, password)
                with pytest.raises(ftplib.error_perm, match="530"):
                    station.storbinary("STOR a", io.BytesIO(b"x"))
                with pytest.raises(ftplib.error_perm, match=r"530.*Disconnecting"):
                    station.login(user, password)
                with pytest.raises((EOFError, ConnectionError)):
                    station.voidcmd("NOOP")

        await asyncio.to_thread(try_it)
        assert leftovers(folder) == []
        assert await asyncio.to_thread(stored, door) == "226 Kept."

    async def test_one_door_is_not_opened_by_the_login_of_another(self, server, door, giving):
        def try_it():
            with Station(giving, login=False) as station:
                station.login(urlsplit(door.location).username, urlsplit(door.location).password)

        with pytest.raises(ftplib.error_perm, match="530"):
            await asyncio.to_thread(try_it)

    @pytest.mark.parametrize(
        "name", ["../../evil", "/../evil", "..\\evil", "/etc/passwd", "~/evil", "evil\0", "C:\\evil", "a" * 900]
    )
    async def test_no_name_leads_anywhere_else(self, door, folder, tmp_path, name):
        assert await asyncio.to_thread(stored, door, b"x", name) == "226 Kept."
        assert leftovers(tmp_path) == ["diagnostics"]
        assert leftovers(folder) == ["CP1.log"]

    @pytest.mark.parametrize("name", ["/etc/passwd", "../fw 1.2.bin", "secret", "/", "a/fw_1.2.bin", "fw_1.2.bin/."])
    async def test_nothing_but_its_file_can_be_fetched(self, giving, tmp_path, name):
        (tmp_path / "secret").write_bytes(b"not for stations")

        def try_it():
            with Station(giving) as station:
                station.retrbinary(f"RETR {name}", lambda _piece: None)

        if name == "fw_1.2.bin/.":
            await asyncio.to_thread(try_it)
            return
        with pytest.raises(ftplib.error_perm, match="550"):
            await asyncio.to_thread(try_it)

    @pytest.mark.parametrize(
        "command",
        [
            *("DELE CP1.log", "RNFR CP1.log", "RMD /", "XRMD /", "APPE a", "STOU", "STOU a", "RETR CP1.log", "REIN"),
            *("HELP", "LPRT 1", "SITE CHMOD 777 a", "SITE HELP", "SITE EXEC id", "MFMT 20260101000000 a", "AUTH TLS"),
        ],
    )
    async def test_nothing_else_is_done_where_a_file_is_brought(self, door, folder, command):
        def try_it():
            with Station(door) as station:
                station.sendcmd(command)

        with pytest.raises(ftplib.error_perm):
            await asyncio.to_thread(try_it)
        assert leftovers(folder) == []

    @pytest.mark.parametrize("command", ["STOR fw_1.2.bin", "MKD a", "CWD a", "DELE fw_1.2.bin", "APPE fw_1.2.bin"])
    async def test_nothing_else_is_done_where_firmware_is_fetched(self, giving, firmware, command):
        def try_it():
            with Station(giving) as station:
                station.sendcmd(command)

        with pytest.raises(ftplib.error_perm):
            await asyncio.to_thread(try_it)
        assert firmware.read_bytes() == BODY

    async def test_one_that_turns_out_too_large_is_dropped(self, door, heard, folder, monkeypatch):
        monkeypatch.setattr(ftp_files, "LARGEST_FILE", 100)
        with pytest.raises(ftplib.error_perm, match="552"):
            await asyncio.to_thread(stored, door, b"x" * 101)
        assert leftovers(folder) == []
        assert await asyncio.to_thread(stored, door, b"x" * 100) == "226 Kept."

    async def test_an_empty_one_is_refused(self, door, heard, folder):
        with pytest.raises(ftplib.error_perm, match="501"):
            await asyncio.to_thread(stored, door, b"")
        assert leftovers(folder) == []

    async def test_one_that_is_to_be_continued_is_refused(self, door, folder):
        def try_it():
            with Station(door) as station:
                station.storbinary("STOR a", io.BytesIO(b"x"), rest=5)

        with pytest.raises(ftplib.error_perm, match="550"):
            await asyncio.to_thread(try_it)
        assert leftovers(folder) == []

    async def test_so_many_at_a_time(self, door, monkeypatch):
        monkeypatch.setattr(module.DoorServer, "max_cons", 2)

        def many():
            place = urlsplit(door.location)
            with closing(Station(door)), suppress(ConnectionError):
                second = socket.create_connection((place.hostname, place.port), 5)
                with closing(second):
                    assert second.recv(100)[:3] in (b"421", b"")

        await asyncio.to_thread(many)

    @pytest.mark.parametrize(
        "noise",
        [
            *(b"\x16\x03\x01\x02\x00\x01\r\n", b"\0" * 9_000, b"\xff\xf4\r\n" * 50, b"STAT\r\n \r\nxQUITSTAT a\r\n"),
            *(b"USER a\r\nUSER b\r\nPASS\r\nPASS c\r\n", b"GET / HTTP/1.1\r\n\r\n", b"PASS \xff\xfe\r\nSITE\r\n"),
        ],
    )
    async def test_noise_is_no_fault_and_ends_nothing_else(self, door, noise):
        def make_noise():
            place = urlsplit(door.location)
            with closing(socket.create_connection((place.hostname, place.port), 5)) as connection:
                connection.sendall(noise)
                connection.shutdown(socket.SHUT_WR)
                with suppress(ConnectionError):
                    while connection.recv(4096):
                        pass

        await asyncio.to_thread(make_noise)
        assert await asyncio.to_thread(stored, door) == "226 Kept."

    @pytest.mark.parametrize("command", ["STOR b", "LIST", "NLST", "MLSD"])
    async def test_one_thing_at_a_time_goes_over_a_data_connection(self, door, heard, folder, command):
        def try_it():
            with Station(door) as station:
                data = station.transfercmd("STOR a")
                data.sendall(b"first")
                begun(heard)
                with pytest.raises((ftplib.error_perm, ftplib.error_temp), match="under way"):
                    station.sendcmd(command)
                data.close()
                return station.voidresp()

        assert await asyncio.to_thread(try_it) == "226 Kept."
        assert (folder / "CP1.log").read_bytes() == b"first"

    async def test_what_waited_for_a_data_connection_does_not_go_over_the_next(self, door, folder):
        """A station that could not connect begins anew: what it then sends is that, and is asked for once."""

        def try_it():
            with Station(door) as station:
                station.makepasv()
                assert station.sendcmd("STOR a")[0] == "1"
                return station.storbinary("STOR b", io.BytesIO(BODY))

        assert await asyncio.to_thread(try_it) == "226 Kept."
        assert (folder / "CP1.log").read_bytes() == BODY

    async def test_what_comes_behind_a_goodbye_is_no_fault(self, door):
        """Unexpected log records fail a test."""

        def say_more():
            station = Station(door)
            station.sock.sendall(b"QUIT\r\nCWD a\r\nSTOR a\r\n")
            assert station.getresp().startswith("221")
            station.close()

        await asyncio.to_thread(say_more)
        assert await asyncio.to_thread(stored, door) == "226 Kept."

    @pytest.mark.parametrize("seed", range(8))
    async def test_whatever_a_station_does_is_no_fault_and_leaves_nothing_half_way(
        self, server, folder, door, giving, seed
    ):
        """Unexpected log records fail a test."""
        chance = random.Random(seed)
        for _ in range(6):
            at = chance.choice([door, giving])
            await asyncio.gather(*(asyncio.to_thread(misbehave, at, chance.randrange(2**32)) for _ in range(6)))
        await server.close()
        assert set(leftovers(folder)) <= {"CP1.log"}

    async def test_nobody_listens_once_it_is_shut(self, server, door, folder, monkeypatch):
        monkeypatch.setattr(ftp_thread, "LINGER_S", 0.3)
        station = await asyncio.to_thread(Station, door)
        server.shut(door)

        def begin():
            with pytest.raises((ftplib.error_perm, EOFError)):
                station.storbinary("STOR a", io.BytesIO(b"x"))
            station.close()

        await asyncio.to_thread(begin)
        place = urlsplit(door.location)

        def is_shut():
            try:
                socket.create_connection((place.hostname, place.port), 5).close()
            except ConnectionError:
                return True
            return False

        await until(is_shut)
        assert leftovers(folder) == []

    async def test_who_brought_a_file_may_take_leave(self, server, door, heard):
        def bring():
            station = Station(door)
            station.storbinary("STOR a", io.BytesIO(b"x"))
            return station

        station = await asyncio.to_thread(bring)
        server.shut(door)
        assert (await asyncio.to_thread(station.quit)).startswith("221")


class TestGivingAFile:
    async def test_it_is_given_as_often_as_it_is_asked_for(self, giving, heard, firmware):
        def fetch():
            pieces = []
            with Station(giving) as station:
                station.voidcmd("TYPE I")
                assert station.size("fw_1.2.bin") == len(BODY)
                assert station.nlst() == ["fw_1.2.bin"]
                lines = []
                station.dir(lines.append)
                assert lines[0].split()[2:5] == ["owner", "group", str(len(BODY))]
                station.retrbinary("RETR fw_1.2.bin", pieces.append)
            return b"".join(pieces)

        for _ in range(2):
            assert await asyncio.to_thread(fetch) == BODY
        await until(lambda: len(heard.files) == 2)
        assert heard.files == [firmware, firmware]
        assert heard.moved[-1] == len(BODY)

    async def test_from_the_byte_on_that_is_asked_for(self, giving):
        def fetch(rest):
            pieces = []
            with Station(giving) as station:
                station.retrbinary("RETR /fw_1.2.bin", pieces.append, rest=rest)
            return b"".join(pieces)

        assert await asyncio.to_thread(fetch, 1_000) == BODY[1_000:]
        with pytest.raises(ftplib.error_perm, match="554"):
            await asyncio.to_thread(fetch, len(BODY) + 1)

    async def test_one_that_breaks_off_is_not_told_as_taken(self, server, tmp_path, heard):
        large = tmp_path / "large.bin"
        large.write_bytes(bytes(64 * 2**20))
        door = await server.offer("127.0.0.1", large, heard.moved.append, heard.files.append)

        def break_off():
            station = Station(door)
            data = station.transfercmd("RETR large.bin")
            data.recv(1000)
            data.close()
            with pytest.raises(ftplib.error_temp, match="426"):
                station.voidresp()
            station.close()

        await asyncio.to_thread(break_off)
        assert heard.files == []
        assert heard.moved

    async def test_one_that_is_not_there_any_more_is_told(self, giving, firmware):
        firmware.unlink()

        def fetch():
            with Station(giving) as station:
                station.retrbinary("RETR fw_1.2.bin", lambda _piece: None)

        with pytest.raises(ftplib.error_perm, match="550"):
            await asyncio.to_thread(fetch)


async def test_no_password_is_in_any_log(door, caplog):
    with caplog.at_level("DEBUG"):
        await asyncio.to_thread(stored, door)
    password = urlsplit(door.location).password
    assert len(password) >= 32
    assert not [record for record in caplog.records if password in record.getMessage()]


def test_the_library_comes_with_the_first_door():
    program = "import sys, app.application; print([name for name in sys.modules if 'ftp' in name])"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "['app.transfers.ftp_server']"
