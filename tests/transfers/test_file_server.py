"""The small HTTP server for stations, spoken to in bytes: what it takes and gives, and all that it does not."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from app.transfers import file_server as module
from app.transfers.file_server import FileServer
from app.transfers.uploads import safe_name


class Heard:
    def __init__(self):
        self.moved = []
        self.files = []

    @property
    def progress(self):
        return self.moved.append

    @property
    def ended(self):
        return self.files.append


@pytest.fixture
async def server():
    server = FileServer(lambda: 0)
    yield server
    await server.close()


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
async def door(server, tmp_path, heard):
    return await server.expect("127.0.0.1", tmp_path / "diagnostics", "CP1.log", heard.progress, heard.ended)


@asynccontextmanager
async def connected(server, address="127.0.0.1"):
    reader, writer = await asyncio.open_connection(address, server.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def sent(server, *parts):
    """The whole answer to these bytes; b"" when the connection is just closed."""
    async with connected(server) as (reader, writer):
        for part in parts:
            writer.write(part)
            await writer.drain()
        try:
            return await asyncio.wait_for(reader.read(), 5)
        except ConnectionError:
            return b""


def put(path, body, *headers, method="PUT"):
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def status(answer):
    return int(answer.split()[1]) if answer else None


class TestTakingAFile:
    @pytest.mark.parametrize("method", ["PUT", "POST"])
    @pytest.mark.parametrize("named", ["", "diag.zip", "a/b/c.tar.gz?x=1"])
    async def test_it_is_kept_whole_and_told(self, server, door, heard, tmp_path, method, named):
        body = bytes(range(256)) * 2_000
        assert status(await sent(server, put(door.path + named, body, method=method))) == 201
        assert heard.files == [tmp_path / "diagnostics" / "CP1.log"]
        assert heard.files[0].read_bytes() == body
        assert heard.moved[-1] == len(body)
        assert [file.name for file in (tmp_path / "diagnostics").iterdir()] == ["CP1.log"]

    async def test_without_the_last_slash_too(self, server, door, heard):
        assert status(await sent(server, put(door.path.rstrip("/"), b"x"))) == 201

    async def test_an_address_with_the_host_in_it(self, server, door, heard):
        assert status(await sent(server, put(f"http://127.0.0.1:{server.port}{door.path}x", b"x"))) == 201

    async def test_in_chunks_of_unknown_number(self, server, door, heard):
        head = f"PUT {door.path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        assert status(await sent(server, head, b"5\r\nhello\r\n", b"6\r\n world\r\n0\r\n\r\n")) == 201
        assert heard.files[0].read_bytes() == b"hello world"

    async def test_a_station_that_asks_first_is_told_to_go_on(self, server, door, heard):
        async with connected(server) as (reader, writer):
            writer.write(
                put(door.path, b"", "Expect: 100-continue").replace(b"Content-Length: 0", b"Content-Length: 3")
            )
            assert b"100" in await asyncio.wait_for(reader.readline(), 5)
            writer.write(b"abc")
            assert b"201" in await asyncio.wait_for(reader.read(), 5)

    @pytest.mark.parametrize("size", [0, 1, 70_000, 131_072])
    async def test_a_form_is_unwrapped(self, server, door, heard, size):
        file = (b"\r\n--bound" * 20_000)[:size]
        form = (
            b'--bound7\r\nContent-Disposition: form-data; name="f"; filename="d"\r\n\r\n' + file + b"\r\n--bound7--\r\n"
        )
        header = 'Content-Type: multipart/form-data; boundary="bound7"'
        assert status(await sent(server, put(door.path, form, header, method="POST"))) == 201
        assert heard.files[0].read_bytes() == file

    async def test_two_files_of_one_name_are_both_kept(self, server, tmp_path, heard):
        for _ in range(2):
            door = await server.expect("127.0.0.1", tmp_path, "CP1.log", heard.progress, heard.ended)
            await sent(server, put(door.path, b"x"))
        assert [file.name for file in heard.files] == ["CP1.log", "CP1-2.log"]

    async def test_one_that_breaks_off_is_not_there_and_may_be_sent_again(self, server, door, heard, tmp_path):
        async with connected(server) as (_, writer):
            writer.write(put(door.path, b"x" * 1000)[:-400])
            await writer.drain()
            while not heard.moved:
                await asyncio.sleep(0.005)
        while door.busy:
            await asyncio.sleep(0.005)
        assert heard.files == []
        assert not list((tmp_path / "diagnostics").iterdir())
        assert status(await sent(server, put(door.path, b"again"))) == 201
        assert heard.files[0].read_bytes() == b"again"

    async def test_a_second_one_at_the_same_time_is_told_to_wait(self, server, door, heard):
        async with connected(server) as (_, writer):
            writer.write(put(door.path, b"x" * 1000)[:-400])
            while not heard.moved:
                await asyncio.sleep(0.005)
            assert status(await sent(server, put(door.path, b"y"))) == 409


class TestLimits:
    @pytest.mark.parametrize("path", ["/", "/etc/passwd", "/..%2f..%2f", "/" + "0" * 24 + "/"])
    async def test_nothing_else_is_there(self, server, door, path):
        assert status(await sent(server, put(path, b"x"))) == 404

    @pytest.mark.parametrize("method", ["DELETE", "CONNECT", "OPTIONS"])
    async def test_nothing_else_is_done(self, server, door, method):
        assert status(await sent(server, put(door.path, b"", method=method))) == 405

    async def test_what_is_to_be_sent_cannot_be_read(self, server, door):
        assert status(await sent(server, put(door.path, b"", method="GET"))) == 404

    async def test_a_file_that_says_it_is_too_large_is_not_read(self, server, door, heard, monkeypatch):
        monkeypatch.setattr(module, "LARGEST_FILE", 100)
        assert status(await sent(server, put(door.path, b"x" * 101))) == 413
        assert heard.moved == []

    async def test_one_that_turns_out_too_large_is_dropped(self, server, door, heard, monkeypatch, tmp_path):
        monkeypatch.setattr(module, "LARGEST_FILE", 100)
        head = f"PUT {door.path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        assert status(await sent(server, head, b"65\r\n" + b"x" * 101 + b"\r\n")) == 413
        assert not list((tmp_path / "diagnostics").iterdir())

    async def test_an_empty_one_is_refused(self, server, door, heard):
        assert status(await sent(server, put(door.path, b""))) == 400
        assert heard.files == []

    async def test_one_who_says_nothing_is_cut_off(self, server, door, monkeypatch):
        monkeypatch.setattr(module, "IDLE_S", 0.05)
        async with connected(server) as (reader, _):
            with suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 5) == b""

    @pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02\x00\x01", b"GET /\r\n\r\n", b"\x00" * 20_000, b"A" * 40_000])
    async def test_noise_ends_the_connection_and_nothing_else(self, server, door, heard, noise):
        async with connected(server) as (reader, writer):
            writer.write(noise)
            writer.write_eof()
            try:
                answer = await asyncio.wait_for(reader.read(), 5)
            except ConnectionError:
                answer = b""
        assert status(answer) in (None, 400, 431)
        assert status(await sent(server, put(door.path, b"x"))) == 201

    async def test_so_many_at_a_time(self, server, door, monkeypatch):
        monkeypatch.setattr(module, "MOST_CONNECTIONS", 1)
        async with connected(server) as (_, first):
            first.write(b"PUT ")
            await first.drain()
            while not server._connections:
                await asyncio.sleep(0.005)
            assert await sent(server, put(door.path, b"x")) == b""

    async def test_it_listens_only_while_a_door_is_open(self, server, door, tmp_path, heard):
        other = await server.offer("127.0.0.1", tmp_path, heard.progress, heard.ended)
        port = server.port
        server.shut(door)
        assert status(await sent(server, put(door.path, b"x"))) == 404
        server.shut(other)
        assert server.port == 0
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)

    async def test_a_port_that_is_taken_is_no_hindrance(self, server, door, tmp_path, heard):
        second = FileServer(lambda: server.port)
        try:
            await second.expect("127.0.0.1", tmp_path, "x", heard.progress, heard.ended)
            assert second.port not in (0, server.port)
        finally:
            await second.close()


class TestGivingAFile:
    async def test_it_is_given_as_often_as_it_is_asked_for(self, server, tmp_path, heard):
        firmware = tmp_path / "fw.bin"
        firmware.write_bytes(bytes(range(256)) * 1_000)
        door = await server.offer("127.0.0.1", firmware, heard.progress, heard.ended)
        for method, body in (("GET", firmware.read_bytes()), ("HEAD", b""), ("GET", firmware.read_bytes())):
            answer = await sent(server, f"{method} {door.path}fw.bin HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head, _, given = answer.partition(b"\r\n\r\n")
            assert (status(answer), given) == (200, body)
            assert f"content-length: {firmware.stat().st_size}".encode() in head.lower()
        assert heard.files == [firmware, firmware]

    async def test_it_cannot_be_replaced(self, server, tmp_path, heard):
        firmware = tmp_path / "fw.bin"
        firmware.write_bytes(b"right")
        door = await server.offer("127.0.0.1", firmware, heard.progress, heard.ended)
        assert status(await sent(server, put(f"{door.path}fw.bin", b"wrong"))) == 404
        assert firmware.read_bytes() == b"right"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("CP-1.log", "CP-1.log"),
        ("../../etc/passwd", "etc_passwd"),
        ("a|b*c d", "a_b_c_d"),
        ("con.log", "_con.log"),
        ("…", "file"),
        ("", "file"),
        ("x" * 300, "x" * 120),
    ],
)
def test_names_are_plain_files_on_every_system(name, safe):
    assert safe_name(name) == safe
