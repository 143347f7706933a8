"""Who is let in, and what the operator learns of everyone who is not."""

import asyncio
import json

import pytest
from websockets.exceptions import InvalidStatus

from app.csms.door import doors, knocks, sockets
from app.csms.door.handshake import RefusedError, choose_subprotocol, may_compress, station_identity, version_spoken
from app.domain.events import HandshakeRefused
from app.domain.model import KnockCause, OcppVersion
from app.domain.security import SecurityProfile
from tests.wire import ELSEWHERE, HAS_ELSEWHERE, knock, raw_station, request, tcp

IMPATIENT_S = 0.7
LONG_S = 8.0
#: Where nothing may wait for the handshake's time limit.
UNHURRIED = pytest.mark.parametrize("impatient", [LONG_S], indirect=True)
CLIENT_HELLO = bytes.fromhex("16030102000100 01fc0303") + bytes(507)
SOAP = (
    b"POST /steve/services/CentralSystemService HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/soap+xml; charset=UTF-8\r\nContent-Length: 17\r\n\r\n<soap:Envelope/>\n"
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch, request):
    """Nobody wants to wait ten seconds for a handshake here."""
    monkeypatch.setattr(sockets, "REQUEST_WITHIN_S", getattr(request, "param", IMPATIENT_S))


class TestTheIdentityInTheUrl:
    @pytest.mark.parametrize(
        ("path", "identity"),
        [
            ("/CP1", "CP1"),
            ("/CP1/", "CP1"),
            ("//CP1", "CP1"),
            ("///charger", "charger"),
            ("//[x/CP1", "CP1"),
            ("/ocpp/j/CP1//", "CP1"),
            ("/steve/websocket/CentralSystemService/4/CBI-1625302527208", "CBI-1625302527208"),
            ("/ws://192.168.1.5:9000/CP_1/SERIAL_1234", "SERIAL_1234"),
            ("ws://192.168.1.5:9000/CP_1/SERIAL_1234", "SERIAL_1234"),
            ("WSS://[::1]:9000/CP1", "CP1"),
            ("/CP1?token=/x", "CP1"),
            ("/CP1#top", "CP1"),
            ("/ocppj/RDAM%20123", "RDAM 123"),
            ("/RDAM%7C123", "RDAM|123"),
            ("/%20CP1%20", "CP1"),
            ("/Garo~CS_4133.AAAA-46980+@*", "Garo~CS_4133.AAAA-46980+@*"),
            ("/" + "A" * 48, "A" * 48),
        ],
    )
    def test_is_the_last_segment_of_the_path_decoded_once(self, path, identity):
        assert station_identity(path) == identity

    @pytest.mark.parametrize(
        "path", ["", "/", "///", "/ /", "ws://192.168.1.5:9000", "ws://192.168.1.5:9000/", "/ws://"]
    )
    def test_may_be_missing(self, path):
        with pytest.raises(RefusedError) as refused:
            station_identity(path)
        assert refused.value.cause is KnockCause.NO_IDENTITY

    @pytest.mark.parametrize(
        "path", ["/CP%ZZ", "/CP%2", "/CP%", "/CP%2F1", "/CP:1", "/CP%00", "/%ff%fe", "/a%25ZZ", "/" + "A" * 49, "/%20"]
    )
    def test_may_be_none_a_station_can_have(self, path):
        with pytest.raises(RefusedError) as refused:
            station_identity(path)
        assert refused.value.cause is KnockCause.BAD_IDENTITY


def chosen(offered, *, known_station):
    return choose_subprotocol(offered, served=[OcppVersion.V16], known_station=known_station)


class TestTheSubprotocol:
    def test_of_several_that_are_served_the_first_is_chosen(self):
        both = [OcppVersion.V16, OcppVersion.V201]
        assert choose_subprotocol(["ocpp2.0.1", "ocpp1.6"], served=both, known_station=False) == "ocpp2.0.1"
        assert choose_subprotocol(["ocpp1.6", "ocpp2.0.1"], served=both, known_station=False) == "ocpp1.6"

    @pytest.mark.parametrize(("subprotocol", "version"), [(None, "1.6"), ("OCPP1.6", "1.6"), ("ocpp2.0.1", "2.0.1")])
    def test_names_the_version_that_is_spoken(self, subprotocol, version):
        assert version_spoken(subprotocol) == version

    @pytest.mark.parametrize("offered", ["ocpp1.6", "OCPP1.6", "ocpp16", "Ocpp1.6j", " ocpp1.6 "])
    def test_is_answered_as_the_station_spells_it(self, offered):
        assert chosen(["ocpp0.1", offered], known_station=False) == offered

    def test_1_6_is_chosen_among_versions_that_are_not_served(self):
        assert chosen(["ocpp2.0.1", "ocpp1.6"], known_station=False) == "ocpp1.6"

    @pytest.mark.parametrize("offered", [["ocpp2.0.1"], ["ocpp2.1", "ocpp2.0.1"], ["OCPP1.5"], ["ocpp1.2"]])
    def test_of_another_version_is_refused_by_name(self, offered):
        with pytest.raises(RefusedError) as refused:
            chosen(offered, known_station=True)
        assert (refused.value.cause, refused.value.detail) == (KnockCause.VERSION_NOT_SERVED, ", ".join(offered))

    @pytest.mark.parametrize("known_station", [True, False])
    def test_that_is_no_version_of_ocpp_is_refused(self, known_station):
        with pytest.raises(RefusedError) as refused:
            chosen(["ocpp0.1"], known_station=known_station)
        assert refused.value.cause is KnockCause.NO_SUBPROTOCOL

    @pytest.mark.parametrize("nothing", [[], [""], [" ", ""]])
    def test_may_be_missing_for_a_station_that_is_let_in(self, nothing):
        assert chosen(nothing, known_station=True) is None

    @pytest.mark.parametrize("nothing", [[], [""]])
    def test_may_not_be_missing_for_a_stranger(self, nothing):
        with pytest.raises(RefusedError) as refused:
            chosen(nothing, known_station=False)
        assert refused.value.cause is KnockCause.NO_SUBPROTOCOL


@pytest.fixture
async def neighbour(application, url):
    """A station that works, and still works after the test."""
    await application.stations.accept("NEIGHBOUR")
    async with raw_station(url, "NEIGHBOUR") as station:
        await station.call("Heartbeat", {})
        yield station
        assert await station.call("Heartbeat", {})


async def latest_knock(application, within_s=3.0):
    async with asyncio.timeout(within_s):
        while not application.server.knocks:
            await asyncio.sleep(0.005)
    return application.server.knocks[0]


class TestCompression:
    """RFC 7692: demanded of a server by OCPP 2.x (part 4 §3.3), advised against by 1.6 (OCPP-J §5.1)."""

    @pytest.mark.parametrize(
        ("offered", "may"),
        [
            (["ocpp2.0.1"], True),
            (["ocpp2.1", "ocpp1.6"], True),
            (["ocpp1.6", "ocpp2.0.1"], False),
            (["ocpp1.6"], False),
            ([], False),
            (["mqtt", "OCPP2.0.1"], True),
        ],
    )
    def test_goes_by_the_first_version_that_is_offered(self, offered, may):
        assert may_compress(offered) is may

    @pytest.mark.parametrize(("version", "compressed"), [("1.6", False), ("2.0.1", True), ("2.1", True)])
    async def test_is_agreed_on_where_it_belongs_and_works(self, application, url, version, compressed):
        await application.stations.accept("CP1")
        offer = {"subprotocols": [f"ocpp{version}"], "compression": "deflate"}
        async with raw_station(url, "CP1", **offer) as station:
            agreed = [extension.name for extension in station.socket.protocol.extensions]
            assert agreed == (["permessage-deflate"] if compressed else [])
            assert "currentTime" in await station.call("Heartbeat", {"padding": "x" * 10_000})

    async def test_does_not_make_a_message_longer_than_any_may_be(self, application, url):
        await application.stations.accept("CP1")
        async with raw_station(url, "CP1", subprotocols=["ocpp2.0.1"], compression="deflate") as station:
            await station.send(json.dumps([2, "1", "Heartbeat", {"bomb": "0" * (doors.LONGEST_MESSAGE + 1)}]))
            assert await station.closed() == 1009


class TestOverASocket:
    @pytest.mark.parametrize(
        ("sent", "answered", "cause", "station_id", "detail"),
        [
            (request("GET / HTTP/1.1"), "404", KnockCause.NO_IDENTITY, "", ""),
            (request("GET ws://x:9000/ HTTP/1.1"), "404", KnockCause.NO_IDENTITY, "", ""),
            (request("GET /CP%ZZ HTTP/1.1"), "404", KnockCause.BAD_IDENTITY, "", "CP%ZZ"),
            (b"GET /\x1b[2J HTTP/1.1\r\n\r\n", "404", KnockCause.BAD_IDENTITY, "", "[2J"),
            (request(without=["Sec-WebSocket-Protocol"]), "400", KnockCause.NO_SUBPROTOCOL, "CP1", ""),
            (request(Sec_WebSocket_Protocol=""), "400", KnockCause.NO_SUBPROTOCOL, "CP1", ""),
            (request(Sec_WebSocket_Protocol="ocpp0.1"), "400", KnockCause.NO_SUBPROTOCOL, "CP1", "ocpp0.1"),
            (request(Sec_WebSocket_Protocol="ocpp2.0"), "400", KnockCause.VERSION_NOT_SERVED, "CP1", "ocpp2.0"),
            (
                request(Sec_WebSocket_Protocol="ocpp 1.6"),
                "400",
                KnockCause.BROKEN_HEADERS,
                "CP1",
                "Sec-WebSocket-Protocol",
            ),
            (request(without=["Connection"]), "426", KnockCause.BROKEN_HEADERS, "CP1", "Connection"),
            (request(without=["Upgrade"]), "426", KnockCause.BROKEN_HEADERS, "CP1", "Upgrade"),
            (request(Upgrade="h2c"), "426", KnockCause.BROKEN_HEADERS, "CP1", "Upgrade"),
            (
                request(without=["Sec-WebSocket-Version"]),
                "400",
                KnockCause.BROKEN_HEADERS,
                "CP1",
                "Sec-WebSocket-Version",
            ),
            (request(Sec_WebSocket_Version="8"), "400", KnockCause.BROKEN_HEADERS, "CP1", "Sec-WebSocket-Version"),
            (request(without=["Sec-WebSocket-Key"]), "400", KnockCause.BROKEN_HEADERS, "CP1", "Sec-WebSocket-Key"),
            (request(Sec_WebSocket_Key="c2hvcnQ="), "400", KnockCause.BROKEN_HEADERS, "CP1", "Sec-WebSocket-Key"),
            (request("GET /CP1 HTTP/1.0"), "505", KnockCause.BROKEN_HEADERS, "CP1", "HTTP/1.1"),
            (b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "426", KnockCause.NOT_A_WEBSOCKET, "", "Connection"),
            (b"POST /a HTTP/1.1\r\nHost: x\r\n\r\n", "405", KnockCause.NOT_A_WEBSOCKET, "", "POST"),
            (request("GET /CP 1 HTTP/1.1"), "", KnockCause.UNREADABLE_REQUEST, "", ""),
            (request("GET /Säule HTTP/1.1"), "", KnockCause.UNREADABLE_REQUEST, "", ""),
            (request(ends="\n"), "", KnockCause.UNREADABLE_REQUEST, "", ""),
            (request("GET /" + "A" * 20_000 + " HTTP/1.1"), "414", KnockCause.UNREADABLE_REQUEST, "", ""),
            (SOAP, "", KnockCause.SOAP, "", ""),
            (CLIENT_HELLO, "", KnockCause.TLS_ON_PLAIN_PORT, "", ""),
            (b"", "", KnockCause.NEVER_FINISHED, "", ""),
            (request()[:-20], "", KnockCause.NEVER_FINISHED, "", ""),
            (b"\0\1\2\3", "", KnockCause.UNREADABLE_REQUEST, "", ""),
        ],
    )
    async def test_the_operator_learns_who_knocked_and_why_it_was_not_let_in(
        self, application, url, neighbour, sent, answered, cause, station_id, detail
    ):
        told = []
        application.bus.subscribe(HandshakeRefused, told.append)
        line = await knock(url, sent)
        assert line.startswith(f"HTTP/1.1 {answered}" if answered else ""), line
        assert bool(line) is bool(answered)
        knocked = await latest_knock(application)
        assert (knocked.cause, knocked.station_id, knocked.detail) == (cause, station_id, detail)
        assert (knocked.address, knocked.count) == ("127.0.0.1", 1)
        assert told == [HandshakeRefused(knocked)]
        assert application.server.connected == {"NEIGHBOUR"}
        assert [station.station_id for station in application.stations.all()] == ["NEIGHBOUR"]

    @UNHURRIED
    async def test_a_tls_handshake_is_told_apart_at_its_first_bytes(self, application, url):
        async with asyncio.timeout(LONG_S / 2):
            await knock(url, CLIENT_HELLO)
            assert (await latest_knock(application)).cause is KnockCause.TLS_ON_PLAIN_PORT

    async def test_a_handshake_in_single_bytes_is_still_one(self, application, url):
        async with tcp(url) as (reader, writer):
            for byte in request("GET /slow HTTP/1.1"):
                writer.write(bytes([byte]))
                await asyncio.sleep(0)
            assert b" 101 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 3)
        assert not application.server.knocks

    async def test_who_only_looks_whether_the_port_is_open_is_not_worth_telling(self, application, url):
        async with tcp(url):
            pass
        await asyncio.sleep(0.05)
        assert not application.server.knocks

    @pytest.mark.parametrize(
        "changes", [{"without": ["Host"]}, {"Origin": "http://127.0.0.1"}, {"Authorization": "Basic Og=="}]
    )
    async def test_a_liberty_that_harms_nobody_is_no_reason_to_refuse(self, url, changes):
        assert " 101 " in await knock(url, request(**changes))

    async def test_a_known_station_needs_no_subprotocol_header(self, application, url):
        await application.stations.accept("Grizzl-E")
        for changes in ({"without": ["Sec-WebSocket-Protocol"]}, {"Sec_WebSocket_Protocol": ""}):
            assert " 101 " in await knock(url, request("GET /grizzl-e/ HTTP/1.1", **changes))
        assert not application.server.knocks

    async def test_the_subprotocol_comes_back_in_the_stations_spelling(self, url):
        async with raw_station(url, "CP1", subprotocols=["OCPP1.6"]) as station:
            assert station.socket.subprotocol == "OCPP1.6"

    @pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
    async def test_the_version_is_that_of_the_connection_and_not_of_the_station(self, application, url, version):
        await application.stations.accept("CP1")
        for spoken in ("1.6", version, "1.6"):
            async with raw_station(url, "CP1", subprotocols=[f"ocpp{spoken}"]) as station:
                assert "currentTime" in await station.call("Heartbeat", {})
                assert application.stations.require("CP1").ocpp_version == spoken
                expected = "NotImplemented" if spoken == "1.6" else "NotSupported"
                assert await station.refused("GetVariables", {}) == expected

    async def test_of_two_lines_of_subprotocols_the_one_that_is_served_is_taken(self, url):
        two = request().replace(
            b"Sec-WebSocket-Protocol: ", b"Sec-WebSocket-Protocol: ocpp2.0\r\nSec-WebSocket-Protocol: "
        )
        assert " 101 " in await knock(url, two)

    async def test_a_station_is_who_the_operator_named_whatever_the_case_of_its_url(self, application, url):
        await application.stations.accept("RDAM 123")
        async with raw_station(url, "ocpp//rdam%20123/") as station:
            await station.call("Heartbeat", {})
            assert application.server.connected == {"RDAM 123"}
        assert [station.station_id for station in application.stations.all()] == ["RDAM 123"]

    async def test_a_refusal_is_readable_without_a_screen(self, url):
        with pytest.raises(InvalidStatus) as refused:
            async with raw_station(url, ""):
                pass
        assert b"station's identity" in refused.value.response.body


class TestAStationThatDoesNotNameItself:
    @pytest.fixture
    async def expected(self, application):
        """One that is expected from this computer."""
        await application.stations.accept("GRS-1")
        return await application.habits.expect_nameless("GRS-1", "127.0.0.1")

    @pytest.mark.usefixtures("expected")
    async def test_is_the_station_that_is_expected_from_its_address(self, application, url):
        async with raw_station(url, "", subprotocols=None) as station:
            assert "currentTime" in await station.call("Heartbeat", {})
            assert application.server.connected == {"GRS-1"}
        assert not application.server.knocks

    @HAS_ELSEWHERE
    @pytest.mark.usefixtures("expected")
    async def test_comes_in_from_no_other_address(self, application, url):
        with pytest.raises(InvalidStatus):
            async with raw_station(url, "", **ELSEWHERE):
                pass
        assert (await latest_knock(application)).cause is KnockCause.NO_IDENTITY
        assert [station.station_id for station in application.stations.all()] == ["GRS-1"]

    @pytest.mark.usefixtures("expected")
    async def test_is_not_mixed_up_with_a_second_one_at_its_address(self, application, url):
        async with raw_station(url, "") as first:
            await first.call("Heartbeat", {})
            async with raw_station(url, "") as second:
                assert await second.closed() == 1008
            assert (await latest_knock(application)).cause is KnockCause.ALREADY_CONNECTED
            assert "currentTime" in await first.call("Heartbeat", {})

    @pytest.mark.usefixtures("expected")
    async def test_is_not_taken_for_the_expected_one_when_it_names_another(self, application, url):
        async with raw_station(url, "OTHER") as station:
            await station.call("BootNotification", {})
            assert application.server.connected == {"OTHER"}

    async def test_is_a_stranger_again_when_that_is_taken_back(self, url, expected):
        await expected()
        assert " 404 " in await knock(url, request("GET / HTTP/1.1"))

    @pytest.mark.usefixtures("expected")
    async def test_brings_the_password_that_is_demanded(self, application, url):
        await application.credentials.generate("GRS-1")
        await application.credentials.set_profile("GRS-1", SecurityProfile.PASSWORD)
        assert " 401 " in await knock(url, request("GET / HTTP/1.1"))
        assert (await latest_knock(application)).cause is KnockCause.PASSWORD_MISSING


class TestTheUrlOfAStation:
    @pytest.mark.parametrize("path", ["CP1/CP2", "ws://192.168.1.5:9000/cp1/CP2", "a/CP1/b/CP2"])
    async def test_that_was_given_the_whole_url_of_another_one_is_told_by_it(self, application, url, path):
        await application.stations.accept("CP1")
        for came_by, named in ((path, "CP1"), ("CP2", "")):
            async with raw_station(url, came_by) as station:
                await station.call("BootNotification", {})
                assert application.server.connected == {"CP2"}
                assert application.server.behaviour("CP2").also_named == named

    @pytest.mark.parametrize("path", ["steve/websocket/CP1", "CP1/CP1", "%ZZ/:/CP1"])
    async def test_that_names_nobody_else_is_no_matter(self, application, url, path):
        await application.stations.accept("CP1")
        async with raw_station(url, path) as station:
            await station.call("Heartbeat", {})
            assert application.server.behaviour("CP1").also_named == ""


class TestTheListOfKnocks:
    async def test_counts_what_comes_again_instead_of_repeating_it(self, application, url):
        for _ in range(3):
            await knock(url, request("GET / HTTP/1.1"))
        await knock(url, request(without=["Upgrade"]))
        await knock(url, request("GET / HTTP/1.1"))
        assert [(knocked.cause, knocked.count) for knocked in application.server.knocks] == [
            (KnockCause.NO_IDENTITY, 4),
            (KnockCause.BROKEN_HEADERS, 1),
        ]

    async def test_is_bounded_whatever_comes(self, application, url):
        await asyncio.gather(
            *(
                knock(url, request(f"GET /CP{number} HTTP/1.1", Sec_WebSocket_Protocol="ocpp2.0"))
                for number in range(knocks.KNOCKS_KEPT + 20)
            )
        )
        await knock(url, request("GET /LAST HTTP/1.1", Sec_WebSocket_Protocol="ocpp2.0"))
        assert len(application.server.knocks) == knocks.KNOCKS_KEPT
        assert application.server.knocks[0].station_id == "LAST"

    async def test_keeps_no_more_of_a_detail_than_anyone_reads(self, application, url):
        await knock(url, request(f"GET /{'x' * 5000} HTTP/1.1"))
        assert len((await latest_knock(application)).detail) == knocks.DETAIL_LIMIT


@UNHURRIED
async def test_the_server_stops_at_once_though_a_handshake_never_ends(application, url):
    async with tcp(url), tcp(url) as (_, writer), raw_station(url, "CP1"):
        writer.write(b"GET /half HTTP/1.1\r\n")
        await asyncio.sleep(0.05)
        async with asyncio.timeout(LONG_S / 2):
            await application.server.stop()
    assert application.server.port == 0
