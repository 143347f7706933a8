"""Stations with passwords: who gets in, who does not, and who has to wait."""

import asyncio
import base64
from contextlib import asynccontextmanager

import pytest
from websockets.exceptions import InvalidStatus

from app.csms.door import logins
from app.domain.model import KnockCause
from app.domain.security import SecurityProfile
from tests.wire import ELSEWHERE, HAS_ELSEWHERE, raw_station

CHOSEN = "correct-horse-2.0.1"


def basic(user, password):
    secret = password if isinstance(password, bytes) else password.encode()
    return {
        "additional_headers": {"Authorization": "Basic " + base64.b64encode(user.encode() + b":" + secret).decode()}
    }


@asynccontextmanager
async def with_password(url, password, station_id="CP1", **options):
    async with raw_station(url, station_id, **basic(station_id, password), **options) as station:
        yield station


async def turned_away(url, station_id="CP1", **options):
    """The HTTP status of a handshake that is refused."""
    with pytest.raises(InvalidStatus) as refused:
        async with raw_station(url, station_id, **options):
            pass
    return refused.value.response.status_code


def last_cause(application):
    return application.server.knocks[0].cause


@pytest.fixture
async def password(application):
    """That of CP1, which needs one."""
    await application.stations.accept("CP1")
    new = await application.credentials.generate("CP1")
    await application.credentials.set_profile("CP1", SecurityProfile.PASSWORD)
    return new.password


class TestAStationWithAPassword:
    async def test_is_let_in_with_the_bytes_of_its_key(self, application, url, password):
        async with with_password(url, bytes.fromhex(password)) as station:
            assert await station.call("Heartbeat", {})
        assert application.credentials.password_state("CP1").sent_as == "bytes"

    async def test_is_let_in_with_the_digits_of_its_key(self, application, url, password):
        async with with_password(url, password.lower()) as station:
            assert await station.call("Heartbeat", {})
        state = application.credentials.password_state("CP1")
        assert (state.is_set, state.waiting, state.sent_as) == (True, False, "text")

    @pytest.mark.parametrize("user", ["CP1", "cp1", "Cp1"])
    async def test_may_spell_its_identity_in_any_case(self, application, url, password, user):
        async with raw_station(url, "cP1", **basic(user, password)) as station:
            assert await station.call("Heartbeat", {})

    @pytest.mark.parametrize("user", ["RDAM 123", "RDAM%20123", "rdam 123"])
    async def test_may_have_an_identity_that_is_encoded_in_its_url(self, application, url, user):
        await application.stations.accept("RDAM 123")
        new = await application.credentials.generate("RDAM 123")
        await application.credentials.set_profile("RDAM 123", SecurityProfile.PASSWORD)
        async with raw_station(url, "RDAM%20123", **basic(user, new.password)) as station:
            assert await station.call("Heartbeat", {})

    async def test_without_it_is_asked_for_it(self, application, url, password):
        with pytest.raises(InvalidStatus) as refused:
            async with raw_station(url, "CP1"):
                pass
        assert refused.value.response.status_code == 401
        assert refused.value.response.headers["WWW-Authenticate"].startswith("Basic ")
        assert last_cause(application) is KnockCause.PASSWORD_MISSING

    @pytest.mark.parametrize("wrong", ["", "x" * 20, b"\xff" * 20])
    async def test_with_a_wrong_one_is_refused(self, application, url, password, wrong):
        assert await turned_away(url, **basic("CP1", wrong)) == 401
        assert last_cause(application) is KnockCause.PASSWORD_WRONG

    async def test_with_the_password_of_another_is_refused(self, application, url, password):
        await application.stations.accept("CP2")
        other = await application.credentials.generate("CP2")
        assert await turned_away(url, **basic("CP1", other.password)) == 401

    async def test_under_another_user_is_refused(self, application, url, password):
        assert await turned_away(url, **basic("CP2", password)) == 401
        knock = application.server.knocks[0]
        assert (knock.cause, knock.station_id, knock.detail) == (KnockCause.USER_WRONG, "CP1", "CP2")

    async def test_is_sent_away_when_more_is_demanded_of_it_than_it_brought(self, application, url):
        await application.stations.accept("CP1")
        async with raw_station(url, "CP1") as station:
            await station.call("Heartbeat", {})
            await application.credentials.generate("CP1")
            await application.credentials.set_profile("CP1", SecurityProfile.PASSWORD)
            assert await station.closed() == 1008

    async def test_is_sent_away_when_its_password_ends_at_once(self, application, url, password):
        async with with_password(url, password) as station:
            await station.call("Heartbeat", {})
            new = await application.credentials.generate("CP1", at_once=True)
            assert await station.closed() == 1008
        assert await turned_away(url, **basic("CP1", password)) == 401
        async with with_password(url, new.password) as station:
            assert await station.call("Heartbeat", {})


class TestWithoutSecurity:
    @pytest.mark.parametrize("header", [basic("GRS-1700003c683", ""), basic("CP1", "anything"), basic("CP2", CHOSEN)])
    async def test_a_header_is_ignored(self, application, url, header):
        await application.stations.accept("CP1")
        async with raw_station(url, "CP1", **header) as station:
            assert await station.call("Heartbeat", {})

    async def test_a_wrong_password_is_ignored_too(self, application, url):
        await application.stations.accept("CP1")
        await application.credentials.set_password("CP1", CHOSEN)
        for _ in range(logins.FREE_TRIES + 2):
            async with with_password(url, "wrong") as station:
                assert await station.call("Heartbeat", {})
        assert not application.server.knocks

    async def test_a_stranger_is_let_in_to_say_who_it_is(self, application, url):
        async with with_password(url, "anything", "NEW") as station:
            assert (await station.call("BootNotification", {"chargePointVendor": "v", "chargePointModel": "m"}))[
                "status"
            ] == "Pending"


class TestANewPassword:
    async def test_works_beside_the_earlier_one_until_it_was_used(self, application, url, password):
        new = await application.credentials.generate("CP1")
        for works in (password, new.password):
            async with with_password(url, works) as station:
                assert await station.call("Heartbeat", {})
        assert await turned_away(url, **basic("CP1", password)) == 401

    async def test_that_the_station_did_not_take_never_worked(self, application, url, password):
        new = await application.credentials.generate("CP1")
        await application.credentials.withdraw("CP1", new.id)
        assert await turned_away(url, **basic("CP1", new.password)) == 401
        async with with_password(url, password) as station:
            assert await station.call("Heartbeat", {})

    async def test_of_which_nobody_knows_whether_it_arrived_works_though_a_newer_one_followed(
        self, application, url, password
    ):
        first = await application.credentials.generate("CP1")
        second = await application.credentials.generate("CP1")
        async with with_password(url, first.password) as station:
            assert await station.call("Heartbeat", {})
        assert await turned_away(url, **basic("CP1", password)) == 401
        async with with_password(url, second.password) as station:
            assert await station.call("Heartbeat", {})
        assert await turned_away(url, **basic("CP1", first.password)) == 401

    async def test_raises_what_is_demanded_once_it_was_used(self, application, url):
        await application.stations.accept("CP1")
        new = await application.credentials.generate("CP1")
        await application.credentials.want_profile("CP1", SecurityProfile.PASSWORD)
        async with raw_station(url, "CP1") as station:
            assert await station.call("Heartbeat", {})
        async with with_password(url, new.password) as station:
            assert await station.call("Heartbeat", {})
        assert application.stations.require("CP1").security_profile is SecurityProfile.PASSWORD
        assert application.stations.require("CP1").wanted_profile is None
        assert await turned_away(url) == 401

    async def test_comes_back_with_a_station_whose_removal_is_undone(self, application, url, password):
        undo = await application.stations.remove("CP1")
        await undo()
        assert await turned_away(url) == 401
        async with with_password(url, password) as station:
            assert await station.call("Heartbeat", {})


class TestWhoeverTriesPasswords:
    @pytest.fixture
    def hashes(self, monkeypatch):
        """How often a slow hash was made."""
        made = []

        def counting(kept, key):
            made.append(key)
            return matches(kept, key)

        matches = logins.matches
        monkeypatch.setattr(logins, "matches", counting)
        return made

    async def test_waits_longer_each_time(self, application, url, password, monkeypatch):
        monkeypatch.setattr(logins, "SHORTEST_WAIT_S", 0.3)
        loop = asyncio.get_running_loop()
        for _ in range(logins.FREE_TRIES):
            assert await turned_away(url, **basic("CP1", "wrong-wrong-wrong")) == 401
        began = loop.time()
        assert await turned_away(url, **basic("CP1", "wrong-wrong-wrong")) == 401
        assert loop.time() - began >= 0.25

    async def test_is_not_even_read_when_too_many_wait(self, application, url, password, monkeypatch):
        monkeypatch.setattr(logins, "SHORTEST_WAIT_S", 1.0)
        for _ in range(logins.FREE_TRIES):
            await turned_away(url, **basic("CP1", "wrong-wrong-wrong"))
        many = [turned_away(url, **basic("CP1", f"wrong-number-{each:08}")) for each in range(10)]
        statuses = await asyncio.gather(*many)
        assert statuses.count(429) == 10 - 1 - logins.MOST_WAITING
        assert KnockCause.TOO_MANY_TRIES in {knock.cause for knock in application.server.knocks}

    async def test_cannot_lock_out_the_true_station(self, application, url, password, monkeypatch):
        monkeypatch.setattr(logins, "SHORTEST_WAIT_S", 0.5)
        async with with_password(url, password):
            pass
        trying = [
            asyncio.create_task(turned_away(url, **basic("CP1", f"wrong-number-{each:08}"))) for each in range(12)
        ]
        await asyncio.sleep(0)
        async with asyncio.timeout(2), with_password(url, password) as station:
            assert await station.call("Heartbeat", {})
        await asyncio.gather(*trying)

    @HAS_ELSEWHERE
    async def test_does_not_keep_one_elsewhere_waiting_that_was_never_here_before(
        self, application, url, password, monkeypatch
    ):
        monkeypatch.setattr(logins, "SHORTEST_WAIT_S", 4.0)
        for _ in range(logins.FREE_TRIES):
            await turned_away(url, **basic("CP1", "wrong-wrong-wrong"))
        async with asyncio.timeout(2), with_password(url, password, **ELSEWHERE) as station:
            assert await station.call("Heartbeat", {})

    async def test_a_password_is_hashed_once_however_often_its_station_returns(
        self, application, url, password, hashes
    ):
        for _ in range(5):
            async with with_password(url, password):
                pass
        assert len(hashes) == 1

    async def test_what_is_remembered_of_many_is_little(self, application, monkeypatch):
        monkeypatch.setattr(logins, "PAIRS_KEPT", 5)
        watching = logins.Logins(application.credentials, application.certificates)
        for number in range(20):
            watching._tries_of(f"10.0.0.{number}", "cp1")
        assert len(watching._tries) == 5


@HAS_ELSEWHERE
class TestASecondConnection:
    async def test_that_proved_to_be_the_station_takes_the_place_of_a_living_one(self, application, url, password):
        async with with_password(url, password) as first:
            await first.call("Heartbeat", {})
            async with with_password(url, password, **ELSEWHERE) as second:
                assert await first.closed() == 1001
                assert await second.call("Heartbeat", {})

    async def test_that_proved_nothing_is_refused_and_told_of(self, application, url):
        await application.stations.accept("CP1")
        async with raw_station(url, "CP1") as first:
            await first.call("Heartbeat", {})
            async with raw_station(url, "CP1", **ELSEWHERE) as second:
                assert await second.closed() == 1008
            assert await first.call("Heartbeat", {})
        knock = application.server.knocks[0]
        assert (knock.cause, knock.address) == (KnockCause.ALREADY_CONNECTED, "127.0.0.2")


class TestSecrets:
    async def test_stand_nowhere_but_with_their_owner(self, application, url, password, database, caplog):
        await application.credentials.set_password("CP1", CHOSEN)
        async with with_password(url, password) as station:
            await station.call("Heartbeat", {})
        assert await turned_away(url, **basic("CP1", CHOSEN.upper())) == 401
        async with with_password(url, CHOSEN) as station:
            await station.call("Heartbeat", {})
            await station.call("DataTransfer", {"vendorId": "x", "messageId": "AuthorizationKey", "data": CHOSEN})
        await application.journal.flush()
        stored = b"".join(path.read_bytes() for path in database.parent.iterdir() if path.is_file())
        said = caplog.text + repr(application.server.knocks)
        key = bytes.fromhex(password)
        for secret in (password, password.lower(), CHOSEN, CHOSEN.upper()):
            header = base64.b64encode(f"CP1:{secret}".encode())
            assert secret.encode() not in stored
            assert header not in stored
            assert secret not in said
        assert key not in stored
        assert base64.b64encode(b"CP1:" + key) not in stored
