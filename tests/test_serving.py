"""Serving without a window, as a process: how it begins, how it ends, and what else works in the meantime."""

import contextlib
import json
import signal
import socket
import sqlite3
import sys
import time

import pytest
from websockets.sync.client import connect

from app.__main__ import main
from tests.command_line import (
    DESKTOP,
    ENVIRONMENT,
    PATIENCE_S,
    commands_on,
    hear,
    listening,
    one_line,
    run,
    serving,
    started,
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "site"


@pytest.fixture
def tapdesk(folder, capsys):
    return commands_on(folder, capsys)


class TestServe:
    def test_it_says_where_it_listens_when_stations_can_connect(self, folder):
        with serving(folder) as server:
            url = f"ws://127.0.0.1:{server.port}/CP-1"
            with connect(url, subprotocols=["ocpp1.6"], proxy=None) as station:
                station.send('[2,"1","Heartbeat",{}]')
                assert station.recv(timeout=10)
            hear(server.process, "CP-1 wants to join")

    def test_on_all_addresses_the_port_it_names_is_the_port_of_all(self, folder):
        with started("serve", "--port", 0, "--data", folder) as process:
            server = listening(process)
            assert server.said == [f"Listening on ws://0.0.0.0:{server.port}/\n"]
            socket.create_connection(("127.0.0.1", server.port), timeout=5).close()

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_ends_it_cleanly(self, folder, number):
        with serving(folder) as server:
            ended = server.end(number)
        assert (ended.code, ended.err) == (0, "")
        with contextlib.closing(sqlite3.connect(folder / "tapdesk.db")) as database:
            assert database.execute("pragma integrity_check").fetchone() == ("ok",)

    def test_it_ends_cleanly_while_a_station_talks(self, folder):
        with (
            serving(folder) as server,
            connect(f"ws://127.0.0.1:{server.port}/CP-1", subprotocols=["ocpp1.6"], proxy=None) as station,
        ):
            station.send('[2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]')
            assert "Pending" in station.recv(timeout=10)
            ended = server.end()
        assert (ended.code, ended.err) == (0, "")

    def test_a_port_that_is_taken_is_said_in_one_line(self, folder):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
            port = taken.getsockname()[1]
            ended = run("serve", "--host", "127.0.0.1", "--port", port, "--data", folder, program=DESKTOP)
        assert ended.code == 1
        assert f"Port {port} is in use" in one_line(ended.err)

    def test_an_address_that_is_not_here_is_said_in_one_line(self, folder):
        for host in ("192.0.2.77", "no.such.host.invalid"):
            ended = run("serve", "--host", host, "--port", 0, "--data", folder, program=DESKTOP)
            assert ended.code == 1
            assert host in one_line(ended.err)

    def test_a_folder_that_cannot_be_is_said_in_one_line(self, tmp_path):
        (tmp_path / "file").write_text("not a folder")
        ended = run("serve", "--port", 0, "--data", tmp_path / "file" / "site", program=DESKTOP)
        assert ended.code == 1
        assert str(tmp_path / "file") in one_line(ended.err)

    def test_a_folder_that_is_open_elsewhere_is_said_in_one_line(self, folder):
        with serving(folder):
            ended = run("serve", "--port", 0, "--data", folder, program=DESKTOP)
        assert ended.code == 1
        assert f"Another Tapdesk has {folder} open" in one_line(ended.err)

    def test_a_database_of_a_newer_version_is_left_as_it_is(self, folder, tapdesk):
        tapdesk("pools", "create", "Guests")
        with contextlib.closing(sqlite3.connect(folder / "tapdesk.db")) as database:
            database.execute("update alembic_version set version_num = '9999'")
            database.commit()
        ended = run("serve", "--port", 0, "--data", folder, program=DESKTOP)
        assert ended.code == 1
        assert "newer Tapdesk" in one_line(ended.err)
        with contextlib.closing(sqlite3.connect(folder / "tapdesk.db")) as database:
            assert database.execute("select name from pools").fetchall() == [("Guests",)]

    def test_what_is_no_database_is_said_in_one_line(self, folder):
        folder.mkdir()
        (folder / "tapdesk.db").write_bytes(b"holiday pictures " * 1000)
        ended = run("serve", "--port", 0, "--data", folder, program=DESKTOP)
        assert ended.code == 1
        assert "damaged" in one_line(ended.err)

    def test_the_port_of_the_settings_holds_when_none_is_given(self, folder, tapdesk):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        tapdesk("pools", "create", "Guests")
        with contextlib.closing(sqlite3.connect(folder / "tapdesk.db")) as database:
            values = [("server_port", json.dumps(port)), ("server_host", json.dumps("127.0.0.1"))]
            database.executemany("insert into settings values (?, ?)", values)
            database.commit()
        with started("serve", "--data", folder) as process:
            server = listening(process)
            assert server.said[-1] == f"Listening on ws://127.0.0.1:{port}/\n"

    @pytest.mark.parametrize("port", ["70000", "-1", "nine"])
    def test_what_cannot_be_a_port_is_refused(self, port, capsys):
        with pytest.raises(SystemExit) as ended:
            main(["serve", "--port", port])
        assert ended.value.code == 2
        assert "invalid port value" in capsys.readouterr().err

    def test_private_data_is_private(self, folder):
        with serving(folder):
            assert folder.stat().st_mode & 0o777 == 0o700
            modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
        assert set(modes.values()) == {0o600}, modes


@pytest.fixture(scope="module")
def served_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("served") / "site"


@pytest.fixture(scope="module")
def server(served_folder):
    assert run("stations", "accept", "FOL-1", "--data", served_folder).code == 0
    with serving(served_folder) as server:
        yield server


class TestWhileAServerRuns:
    @pytest.fixture
    def folder(self, server, served_folder):
        return served_folder

    @pytest.mark.parametrize(
        "command",
        [
            ["stations", "accept", "CP-1"],
            ["stations", "reject", "CP-1"],
            ["identities", "add", "--email", "a@example.org"],
            ["passes", "add", "--uid", "04A2B3C4"],
            ["pools", "create", "Guests"],
            ["pools", "add", "Guests", "--station", "CP-1"],
            ["pools", "remove", "Guests"],
        ],
        ids=" ".join,
    )
    def test_what_would_write_says_so(self, tapdesk, folder, command):
        ended = tapdesk(*command)
        assert ended.code == 1
        assert f"Another Tapdesk has {folder} open" in one_line(ended.err)
        assert ended.out == ""

    @pytest.mark.parametrize(
        "command",
        [["stations", "list"], ["identities", "list"], ["passes", "list"], ["pools", "list"], ["log"]],
        ids=" ".join,
    )
    def test_what_only_reads_works(self, tapdesk, command):
        ended = tapdesk(*command)
        assert (ended.code, ended.err) == (0, "")

    def test_a_station_that_knocks_is_in_the_list_at_once(self, server, tapdesk):
        with connect(f"ws://127.0.0.1:{server.port}/EVB-1", subprotocols=["ocpp1.6"], proxy=None) as station:
            station.send('[2,"1","BootNotification",{"chargePointVendor":"EVBox","chargePointModel":"Elvi"}]')
            station.recv(timeout=10)
            rows = {row["station_id"]: row for row in tapdesk("stations", "list", "--json").data}
        assert (rows["EVB-1"]["registration"], rows["EVB-1"]["vendor"]) == ("pending", "EVBox")

    def test_the_log_follows_what_stations_say(self, server, folder):
        following = ("log", "--follow", "--action", "Heartbeat", "--station", "fol-1", "--data", folder)
        with (
            started(*following) as follow,
            connect(f"ws://127.0.0.1:{server.port}/FOL-1", subprotocols=["ocpp1.6"], proxy=None) as station,
        ):
            for number in range(2):
                station.send(f'[2,"{number}","Heartbeat",{{}}]')
                station.recv(timeout=10)
                assert "FOL-1" in hear(follow, "Heartbeat")
            follow.send_signal(signal.SIGINT)
            out, err = follow.communicate(timeout=PATIENCE_S)
        assert (follow.returncode, err) == (0, "")
        assert "Boot" not in out


class TestPipesAndTerminals:
    def test_who_stops_reading_ends_it_quietly(self, tapdesk, folder):
        for number in range(3):
            tapdesk("pools", "create", f"Pool {number}")
        for command in ("pools list", "pools list --json", "stations list", "log"):
            with started(*command.split(), "--data", folder) as process:
                process.stdout.close()
                assert process.wait(timeout=PATIENCE_S) == 0
                assert process.stderr.read() == ""

    def test_who_stops_following_ends_it_quietly(self, tapdesk, folder):
        tapdesk("stations", "accept", "CP-1")
        with (
            serving(folder) as server,
            started("log", "--follow", "--data", folder) as follow,
            connect(f"ws://127.0.0.1:{server.port}/CP-1", subprotocols=["ocpp1.6"], proxy=None) as station,
        ):
            station.send('[2,"1","Heartbeat",{}]')
            hear(follow, "Heartbeat")
            follow.stdout.close()
            until = time.monotonic() + PATIENCE_S
            while follow.poll() is None and time.monotonic() < until:
                station.send('[2,"2","Heartbeat",{}]')
                station.recv(timeout=10)
                time.sleep(0.2)
            assert (follow.returncode, follow.stderr.read()) == (0, "")

    def test_stations_are_served_though_nobody_reads_what_is_said(self, folder):
        with serving(folder) as server:
            server.process.stdout.close()
            for station_id in ("CP-1", "CP-2"):
                url = f"ws://127.0.0.1:{server.port}/{station_id}"
                with connect(url, subprotocols=["ocpp1.6"], proxy=None) as station:
                    station.send('[2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]')
                    assert "Pending" in station.recv(timeout=10)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(timeout=PATIENCE_S) == 0
            assert server.process.stderr.read() == ""

    def test_a_terminal_that_knows_few_letters_is_no_mistake(self, tapdesk, folder):
        tapdesk("pools", "create", "Gäste ☕")
        ended = run("pools", "list", "--data", folder, environment=ENVIRONMENT | {"PYTHONIOENCODING": "ascii"})
        assert ended.code == 0
        assert "G\\xe4ste" in ended.out


class TestWithoutAWindow:
    def test_the_demo_serves_a_site_that_lives_and_leaves_nothing_behind(self, tmp_path):
        with started("demo", "--port", 0, program=DESKTOP, environment=ENVIRONMENT | {"TMPDIR": str(tmp_path)}) as demo:
            assert "no display: serving without a window" in demo.stdout.readline()
            listening(demo)
            hear(demo, "EVB-P2118 wants to join")
            demo.send_signal(signal.SIGINT)
            _, err = demo.communicate(timeout=PATIENCE_S)
        assert (demo.returncode, err) == (0, "")
        assert list(tmp_path.iterdir()) == []

    def test_a_demo_wants_an_empty_folder(self, tapdesk, folder):
        tapdesk("pools", "create", "Guests")
        ended = tapdesk("demo")
        assert ended.code == 1
        assert "holds a site already" in one_line(ended.err)

    def test_pictures_need_the_window(self, tapdesk, tmp_path):
        ended = tapdesk("screenshots", str(tmp_path / "pictures"))
        assert ended.code == 1
        assert "window is not installed" in one_line(ended.err)

    @pytest.mark.parametrize("module", ["app", "ui"])
    @pytest.mark.parametrize(
        "command",
        [
            "serve --host 127.0.0.1 --port 0",
            "stations list",
            "log",
            "pools create X",
            "simulate ws://127.0.0.1:9/ --id X",
        ],
    )
    def test_qt_is_not_loaded(self, folder, tapdesk, module, command):
        """Neither is there on a server, nor would it start without a display."""
        tapdesk("pools", "create", "Guests")
        arguments = [*command.split(), "--data", str(folder)]
        script = (
            "import os, signal, sys, threading\n"
            f"from {module}.__main__ import main\n"
            f"sys.argv = ['tapdesk', *{arguments!r}]\n"
            "if 'serve' in sys.argv:\n"
            "    threading.Timer(2, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
            "main()\n"
            "print([name for name in sys.modules if name.split('.')[0] in ('PySide6', 'shiboken6', 'qasync')])\n"
        )
        ended = run("-c", script, program=[sys.executable])
        assert ended.out.splitlines()[-1] == "[]"
