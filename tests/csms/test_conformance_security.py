"""What a Central System has to do for security, by the numbers of the certification's test cases.

OCPP 1.6: TC_073, 074, 083, 085 to 088. OCPP 2.0.1 (part 6): TC_A_01 to A_04, A_06 to A_11, A_14, A_19; those that are
about the handshake only are the same for both.
"""

import asyncio
import base64
import json
import ssl
from contextlib import asynccontextmanager

import pytest
from websockets.exceptions import InvalidStatus

from app.application import Raising
from app.domain.commands import Writing
from app.domain.errors import AppError
from app.domain.model import KnockCause
from app.domain.security import CertificateState, SecurityProfile
from tests.csms.test_logins import basic, turned_away, with_password
from tests.csms.test_tls import needs_openssl, s_client
from tests.schemas import faults_of_request
from tests.tls_site import files_of, make_certificates, open_tls, signing_request, station_key, trusting
from tests.wire import raw_station


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture
async def wss(application, certificates):
    return await open_tls(application, certificates)


@pytest.fixture
async def station_with_password(application):
    """CP1, at profile 1, with the password it uses."""
    await application.stations.accept("CP1")
    new = await application.credentials.generate("CP1")
    await application.credentials.set_profile("CP1", SecurityProfile.PASSWORD)
    return new.password


def sent_key(asked):
    """The password in a ChangeConfiguration."""
    _, action, payload = asked
    assert (action, payload["key"]) == ("ChangeConfiguration", "AuthorizationKey")
    return payload["value"]


async def answers(station, payload):
    """Answer the server's next question; the question."""
    message_id, *asked = await station.was_asked()
    await station.send(json.dumps([3, message_id, payload]))
    return (message_id, *asked)


@asynccontextmanager
async def meanwhile(coroutine):
    """Do something of the server's while a station answers; what comes of it."""
    task = asyncio.ensure_future(coroutine)
    yield task
    async with asyncio.timeout(20):
        await asyncio.gather(task, return_exceptions=True)


async def boots(station):
    answer = await station.call("BootNotification", {"chargePointVendor": "v", "chargePointModel": "m"})
    await station.call("StatusNotification", {"connectorId": 0, "errorCode": "NoError", "status": "Available"})
    return answer["status"]


class TestTC085AndTCA01BasicAuthentication:
    async def test_TC_A_01_CSMS_a_station_with_its_password_is_accepted(self, application, url, station_with_password):
        async with with_password(url, station_with_password) as station:
            assert await boots(station) == "Accepted"

    async def test_TC_085_the_password_is_what_the_digits_stand_for(self, application, url, station_with_password):
        async with with_password(url, bytes.fromhex(station_with_password)) as station:
            assert await boots(station) == "Accepted"

    async def test_TC_A_02_CSMS_another_user_is_rejected(self, application, url, station_with_password):
        assert await turned_away(url, **basic("CP1Invalid", station_with_password)) == 401

    async def test_TC_A_03_CSMS_another_password_is_rejected(self, application, url, station_with_password):
        assert await turned_away(url, **basic("CP1", "h4x-entropy+of_40.chars~and@more*here123")) == 401


class TestTC086AndTCA04ServerCertificate:
    async def test_TC_086_TC_A_04_CSMS_a_station_that_trusts_the_site_is_accepted(
        self, application, wss, station_with_password
    ):
        await application.credentials.set_profile("CP1", SecurityProfile.PASSWORD_OVER_TLS)
        secure = {"ssl": trusting(application), **basic("CP1", station_with_password)}
        async with raw_station(wss, "CP1", **secure) as station:
            assert await boots(station) == "Accepted"

    @needs_openssl
    @pytest.mark.parametrize("too_low", ["-tls1", "-tls1_1"])
    async def test_TC_A_06_CSMS_a_version_of_tls_that_is_too_low_is_refused_and_a_later_one_is_not(
        self, application, wss, station_with_password, too_low
    ):
        await application.credentials.set_profile("CP1", SecurityProfile.PASSWORD_OVER_TLS)
        cipher, _ = await s_client(application.secure_door.port, too_low, "-cipher", "AES128-SHA:@SECLEVEL=0")
        assert cipher == "(NONE)"
        secure = {"ssl": trusting(application), **basic("CP1", station_with_password)}
        secure["ssl"].maximum_version = ssl.TLSVersion.TLSv1_2
        async with raw_station(wss, "CP1", subprotocols=["ocpp2.0.1"], **secure) as station:
            sent = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
            assert (await station.call("BootNotification", sent))["status"] == "Accepted"


class TestTC087AndTCA07ClientCertificate:
    @pytest.fixture
    async def secure(self, application, wss, tmp_path):
        await application.stations.accept("CP1")
        await application.credentials.set_profile("CP1", SecurityProfile.CERTIFICATE)
        await application.secure_door.refresh()
        key = station_key()
        asked = await application.certificates.ask("CP1", signing_request(key, "CP1"))
        return files_of(tmp_path, key, await application.certificates.issue(asked.id))

    async def test_TC_087_TC_A_07_CSMS_a_station_with_its_certificate_is_accepted(self, application, wss, secure):
        async with raw_station(wss, "CP1", ssl=trusting(application, secure)) as station:
            assert await boots(station) == "Accepted"

    async def test_TC_A_08_CSMS_another_certificate_is_not_and_its_own_is_thereafter(
        self, application, wss, secure, tmp_path
    ):
        await application.stations.accept("CP2")
        key = station_key()
        asked = await application.certificates.ask("CP2", signing_request(key, "CP2"))
        other = files_of(tmp_path, key, await application.certificates.issue(asked.id), "other")
        assert await turned_away(wss, ssl=trusting(application, other)) == 403
        async with raw_station(wss, "CP1", ssl=trusting(application, secure)) as station:
            assert await boots(station) == "Accepted"


class TestTC073AndTCA09UpdatePassword:
    async def test_TC_073_TC_A_09_CSMS_after_the_new_one_was_used_only_that_works(
        self, application, url, station_with_password
    ):
        async with with_password(url, station_with_password) as station:
            await boots(station)
            async with meanwhile(application.securing.give_password("CP1")) as given:
                new = sent_key(await answers(station, {"status": "Accepted"}))
            assert given.result() is Writing.ACCEPTED
        assert new != station_with_password
        async with with_password(url, bytes.fromhex(new)) as station:
            assert await boots(station) == "Accepted"
        assert await turned_away(url, **basic("CP1", bytes.fromhex(station_with_password))) == 401

    @pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
    async def test_TC_A_10_CSMS_one_that_was_rejected_never_works_and_the_old_one_does(
        self, application, url, station_with_password, status
    ):
        async with with_password(url, station_with_password) as station:
            await boots(station)
            async with meanwhile(application.securing.give_password("CP1")) as given:
                new = sent_key(await answers(station, {"status": status}))
            with pytest.raises(AppError, match="password_refused"):
                given.result()
        assert await turned_away(url, **basic("CP1", new)) == 401
        async with with_password(url, station_with_password) as station:
            assert await boots(station) == "Accepted"

    @pytest.mark.parametrize("arrived", [True, False])
    async def test_one_whose_answer_was_lost_works_and_so_does_the_old_one(
        self, application, url, station_with_password, arrived
    ):
        async with with_password(url, station_with_password) as station:
            await boots(station)
            async with meanwhile(application.securing.give_password("CP1")) as given:
                _, _, payload = await station.was_asked()
                station.cut()
            with pytest.raises(AppError):
                given.result()
        has = payload["value"] if arrived else station_with_password
        async with with_password(url, has) as station:
            assert await boots(station) == "Accepted"


class TestTC083AndTCA19UpgradeOfTheProfile:
    async def test_TC_083_from_none_to_a_password_which_is_demanded_once_it_was_used(self, application, url):
        await application.stations.accept("CP1")
        async with raw_station(url, "CP1") as station:
            await boots(station)
            raising = application.securing.raise_profile("CP1", SecurityProfile.PASSWORD)
            async with meanwhile(raising) as raised:
                new = sent_key(await answers(station, {"status": "Accepted"}))
                _, action, payload = await answers(station, {"status": "Accepted"})
            assert (action, payload) == ("ChangeConfiguration", {"key": "SecurityProfile", "value": "1"})
            assert raised.result() is Raising.TOLD
        # It may fall back: nothing is demanded yet.
        async with raw_station(url, "CP1") as station:
            assert await boots(station) == "Accepted"
        async with with_password(url, bytes.fromhex(new)) as station:
            assert await boots(station) == "Accepted"
        assert await turned_away(url) == 401

    async def test_TC_083_to_tls_with_the_certificate_it_has_to_trust_first(
        self, application, url, wss, station_with_password
    ):
        async with with_password(url, station_with_password) as station:
            await boots(station)
            raising = application.securing.raise_profile("CP1", SecurityProfile.PASSWORD_OVER_TLS)
            async with meanwhile(raising) as raised:
                _, action, payload = await answers(station, {"status": "Accepted"})
                assert (action, payload["certificateType"]) == ("InstallCertificate", "CentralSystemRootCertificate")
                assert payload["certificate"] == application.site_certificates.require().pem
                _, action, payload = await answers(station, {"status": "Accepted"})
            assert (action, payload) == ("ChangeConfiguration", {"key": "SecurityProfile", "value": "2"})
            assert raised.result() is Raising.TOLD
        secure = {"ssl": trusting(application), **basic("CP1", station_with_password)}
        async with raw_station(url.replace("ws:", "wss:"), "CP1", **secure) as station:
            assert await boots(station) == "Accepted"
        assert application.stations.require("CP1").security_profile is SecurityProfile.PASSWORD_OVER_TLS
        assert await turned_away(url, **basic("CP1", station_with_password)) == 403

    async def test_a_station_that_cannot_stays_as_it_is(self, application, url, station_with_password, wss):
        async with with_password(url, station_with_password) as station:
            await boots(station)
            raising = application.securing.raise_profile("CP1", SecurityProfile.PASSWORD_OVER_TLS)
            async with meanwhile(raising) as raised:
                message_id, *_ = await station.was_asked()
                await station.send(json.dumps([4, message_id, "NotImplemented", "", {}]))
                await answers(station, {"status": "Rejected"})
            with pytest.raises(AppError, match="profile_refused"):
                raised.result()
            assert await station.call("Heartbeat", {})
        assert application.stations.require("CP1").wanted_profile is None
        async with with_password(url, station_with_password) as station:
            assert await boots(station) == "Accepted"

    async def test_nothing_is_told_where_there_is_no_tls(self, application, url, station_with_password):
        async with with_password(url, station_with_password) as station:
            await boots(station)
            with pytest.raises(AppError, match="profile_needs_tls"):
                await application.securing.raise_profile("CP1", SecurityProfile.PASSWORD_OVER_TLS)
            with pytest.raises(AppError, match="profile_not_higher"):
                await application.securing.raise_profile("CP1", SecurityProfile.NONE)


class TestTC074AndTCA11SignedCertificate:
    @pytest.fixture
    async def connected(self, application, wss, station_with_password):
        """CP1, connected over TLS with its password."""
        await application.credentials.set_profile("CP1", SecurityProfile.PASSWORD_OVER_TLS)
        secure = {"ssl": trusting(application), **basic("CP1", station_with_password)}
        async with raw_station(wss, "CP1", **secure) as station:
            await boots(station)
            yield station

    @pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
    async def test_TC_074_TC_A_11_CSMS_where_an_operator_chose_it_a_station_gets_its_certificate(
        self, application, wss, connected, tmp_path, kind
    ):
        key = station_key(kind)
        async with meanwhile(application.securing.raise_profile("CP1", SecurityProfile.CERTIFICATE)) as raised:
            assert (await answers(connected, {"status": "Accepted"}))[1] == "InstallCertificate"
            _, action, payload = await answers(connected, {"status": "Accepted"})
            assert (action, payload) == (
                "ExtendedTriggerMessage",
                {"requestedMessage": "SignChargePointCertificate"},
            )
        assert raised.result() is Raising.WAITS_FOR_CERTIFICATE
        assert await connected.call("SignCertificate", {"csr": signing_request(key, "CP1")}) == {"status": "Accepted"}
        _, action, payload = await answers(connected, {"status": "Accepted"})
        assert action == "CertificateSigned"
        _, action, told = await answers(connected, {"status": "Accepted"})
        assert (action, told) == ("ChangeConfiguration", {"key": "SecurityProfile", "value": "3"})
        await application.secure_door.refresh()
        files = files_of(tmp_path, key, payload["certificateChain"])
        async with raw_station(wss, "CP1", ssl=trusting(application, files)) as station:
            assert await boots(station) == "Accepted"
        assert application.stations.require("CP1").security_profile is SecurityProfile.CERTIFICATE
        assert await turned_away(wss, ssl=trusting(application)) == 403

    async def test_without_an_operators_word_nothing_is_signed(self, application, connected):
        key = station_key()
        assert await connected.call("SignCertificate", {"csr": signing_request(key, "CP1")}) == {"status": "Accepted"}
        (asked,) = application.certificates.waiting()
        assert (asked.station_id, asked.subject, asked.state) == ("CP1", "CP1", CertificateState.ASKED)
        assert await connected.hears_nothing(0.3)
        async with meanwhile(application.securing.approve(asked.id)) as approved:
            assert (await answers(connected, {"status": "Accepted"}))[1] == "CertificateSigned"
        assert approved.exception() is None
        assert not application.certificates.waiting()

    async def test_TC_A_14_CSMS_a_certificate_the_station_rejects_harms_nothing(self, application, connected):
        await connected.call("SignCertificate", {"csr": signing_request(station_key(), "CP1")})
        (asked,) = application.certificates.waiting()
        async with meanwhile(application.securing.approve(asked.id)) as approved:
            await answers(connected, {"status": "Rejected"})
        with pytest.raises(AppError, match="station_refused"):
            approved.result()
        assert await connected.call("Heartbeat", {})

    @pytest.mark.parametrize("csr", ["", "no request", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n", "x" * 100_000])
    async def test_what_cannot_be_read_is_rejected(self, application, connected, csr):
        assert await connected.call("SignCertificate", {"csr": csr}) == {"status": "Rejected"}

    @pytest.mark.parametrize("name", ["CP2", "", "192.168.1.20"])
    async def test_another_name_is_rejected(self, application, connected, name):
        csr = signing_request(station_key(), name or " ")
        assert await connected.call("SignCertificate", {"csr": csr}) == {"status": "Rejected"}

    async def test_over_an_open_line_even_a_chosen_station_waits_for_the_operator(
        self, application, url, station_with_password
    ):
        await application.credentials.want_profile("CP1", SecurityProfile.CERTIFICATE)
        async with with_password(url, station_with_password) as station:
            await boots(station)
            await station.call("SignCertificate", {"csr": signing_request(station_key(), "CP1")})
            assert await station.hears_nothing(0.3)
        assert len(application.certificates.waiting()) == 1


V201 = {"subprotocols": ["ocpp2.0.1"]}
_SET = {"attributeStatus": "Accepted", "component": {"name": "x"}, "variable": {"name": "x"}}
ACCEPTED_201 = {"setVariableResult": [_SET]}


async def boots_201(station):
    boot = {"reason": "PowerUp", "chargingStation": {"model": "m", "vendorName": "v"}}
    return (await station.call("BootNotification", boot))["status"]


class TestOcpp201OverTheAir:
    @pytest.mark.parametrize("status", ["Accepted", "RebootRequired"])
    async def test_TC_A_09_CSMS_the_new_password_is_a_variable(self, application, url, station_with_password, status):
        async with with_password(url, station_with_password, **V201) as station:
            assert await boots_201(station) == "Accepted"
            async with meanwhile(application.securing.give_password("CP1")):
                said = {"setVariableResult": [_SET | {"attributeStatus": status}]}
                _, action, payload = await answers(station, said)
        (variable,) = payload["setVariableData"]
        assert (action, variable["component"]["name"], variable["variable"]["name"]) == (
            "SetVariables",
            "SecurityCtrlr",
            "BasicAuthPassword",
        )
        async with with_password(url, variable["attributeValue"], **V201) as station:
            assert await boots_201(station) == "Accepted"
        assert await turned_away(url, **basic("CP1", station_with_password)) == 401

    async def test_TC_A_10_CSMS_a_rejected_one_changes_nothing(self, application, url, station_with_password):
        async with with_password(url, station_with_password, **V201) as station:
            await boots_201(station)
            async with meanwhile(application.securing.give_password("CP1")) as given:
                said = {"setVariableResult": [_SET | {"attributeStatus": "Rejected"}]}
                await answers(station, said)
            with pytest.raises(AppError, match="password_refused"):
                given.result()
        async with with_password(url, station_with_password, **V201) as station:
            assert await boots_201(station) == "Accepted"

    async def test_TC_A_11_CSMS_a_certificate_is_asked_for_signed_and_sent(
        self, application, wss, station_with_password
    ):
        await application.credentials.set_profile("CP1", SecurityProfile.PASSWORD_OVER_TLS)
        secure = {"ssl": trusting(application), **V201}
        async with with_password(wss, station_with_password, **secure) as station:
            await boots_201(station)
            async with meanwhile(application.securing.ask_for_request("CP1")):
                _, action, payload = await answers(station, {"status": "Accepted"})
            assert (action, payload) == ("TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"})
            csr = {"csr": signing_request(station_key(), "CP1"), "certificateType": "ChargingStationCertificate"}
            assert await station.call("SignCertificate", csr) == {"status": "Accepted"}
            async with meanwhile(application.securing.approve(application.certificates.waiting()[0].id)):
                _, action, payload = await answers(station, {"status": "Accepted"})
            assert (action, payload["certificateType"]) == ("CertificateSigned", "ChargingStationCertificate")
            contract = csr | {"certificateType": "V2GCertificate"}
            assert (await station.call("SignCertificate", contract))["status"] == "Rejected"

    async def test_TC_A_19_CSMS_the_profile_is_raised_by_another_network_profile_and_a_restart(
        self, application, url, wss, station_with_password
    ):
        async with with_password(url, station_with_password, **V201) as station:
            await boots_201(station)
            raising = application.securing.raise_profile("CP1", SecurityProfile.PASSWORD_OVER_TLS)
            async with meanwhile(raising) as raised:
                _, action, payload = await answers(station, {"status": "Accepted"})
                assert (action, payload["certificateType"]) == ("InstallCertificate", "CSMSRootCertificate")
                asked = await answers_until(station, "SetNetworkProfile", {"status": "Accepted"})
                slot, network = asked["configurationSlot"], asked["connectionData"]
                priority = await answers_until(station, "SetVariables", ACCEPTED_201)
                await answers_until(station, "Reset", {"status": "Accepted"})
            assert raised.result() is Raising.TOLD
        assert (network["securityProfile"], network["ocppTransport"]) == (2, "JSON")
        assert network["ocppCsmsUrl"] == wss
        (variable,) = priority["setVariableData"]
        assert variable["variable"]["name"] == "NetworkConfigurationPriority"
        assert variable["attributeValue"].split(",")[0] == str(slot)
        async with with_password(wss, station_with_password, ssl=trusting(application), **V201) as station:
            assert await boots_201(station) == "Accepted"
        assert await turned_away(url, **basic("CP1", station_with_password)) == 403


@pytest.mark.usefixtures("wss")
class TestTheNetworkProfileThatAStationIsGiven:
    @pytest.mark.parametrize(
        ("version", "active", "interfaces", "slot", "interface"),
        [
            ("2.0.1", None, {}, 1, "Wired0"),
            ("2.1", None, {}, 1, "Any"),
            ("2.0.1", "1", {"1": "Wireless0"}, 2, "Wireless0"),
            ("2.1", "2", {"1": "Wired0", "2": "wired1"}, 1, "Wired1"),
            ("2.0.1", "3", {"3": "Any"}, 1, "Wired0"),
            ("2.1", "1", {"1": "Satellite"}, 2, "Any"),
        ],
    )
    async def test_is_in_a_free_slot_and_of_the_interface_by_which_it_came(
        self, application, url, station_with_password, version, active, interfaces, slot, interface
    ):
        async with with_password(url, station_with_password, subprotocols=[f"ocpp{version}"]) as station:
            await boots_201(station)
            raising = application.securing.raise_profile("CP1", SecurityProfile.PASSWORD_OVER_TLS)
            async with meanwhile(raising):
                network = await tells_of_its_network_until_given_one(station, active, interfaces)
                await answers_until(station, "SetVariables", ACCEPTED_201)
                await answers_until(station, "Reset", {"status": "Accepted"})
        given = network["configurationSlot"], network["connectionData"]["ocppInterface"]
        assert (slot if active or interfaces else given[0], interface) == given
        assert not faults_of_request("SetNetworkProfile", network, version)


async def tells_of_its_network_until_given_one(station, active, interfaces):
    """Answer what is asked of variables by what is told here; the network profile it is given."""
    while True:
        message_id, action, asked = await station.was_asked()
        if action == "SetNetworkProfile":
            await station.send(json.dumps([3, message_id, {"status": "Accepted"}]))
            return asked
        results = []
        for item in asked.get("getVariableData", []):
            slot = item["component"].get("instance")
            told = active if item["variable"]["name"] == "ActiveNetworkProfile" else interfaces.get(slot)
            said = {"attributeStatus": "UnknownVariable"} if told is None else {"attributeStatus": "Accepted"}
            results.append(item | said | ({} if told is None else {"attributeValue": told}))
        answer = {"getVariableResult": results} if results else {"status": "Accepted"}
        await station.send(json.dumps([3, message_id, answer]))


async def answers_until(station, wanted, payload):
    """Answer questions until this one came, others as unknown; its payload."""
    while True:
        message_id, action, asked = await station.was_asked()
        if action == wanted:
            await station.send(json.dumps([3, message_id, payload]))
            return asked
        await station.send(json.dumps([4, message_id, "NotImplemented", "", {}]))


class TestTC088SubprotocolNegotiation:
    async def test_TC_088_what_is_no_version_is_refused(self, application, url):
        with pytest.raises(InvalidStatus):
            async with raw_station(url, "CP1", subprotocols=["ocpp0.1"]):
                pass
        assert application.server.knocks[0].cause is KnockCause.NO_SUBPROTOCOL

    async def test_TC_088_of_several_one_that_is_served_is_chosen(self, application, url):
        async with raw_station(url, "CP1", subprotocols=["ocpp0.1", "ocpp1.6"]) as station:
            assert station.socket.subprotocol == "ocpp1.6"


async def test_no_new_password_is_in_what_is_kept_or_said(application, url, station_with_password, database, caplog):
    async with with_password(url, station_with_password) as station:
        await boots(station)
        async with meanwhile(application.securing.give_password("CP1")):
            new = sent_key(await answers(station, {"status": "Accepted"}))
        await station.call("DataTransfer", {"vendorId": "x", "data": "echo"})
    await application.journal.flush()
    stored = b"".join(path.read_bytes() for path in database.parent.iterdir() if path.is_file())
    for secret in (new.encode(), new.lower().encode(), bytes.fromhex(new), base64.b64encode(f"CP1:{new}".encode())):
        assert secret not in stored
    assert new not in caplog.text
