"""How long a station may remember that a card was accepted: a day, or what the setting says, and never past its end."""

from datetime import datetime, timedelta

import pytest

from app.domain.drafts import PassDraft
from tests.wire import raw_station

CARD, BLOCKED = "04A2B3C4D5E680", "04B7722E"
NOW = "2026-12-01T08:00:00Z"
TOKEN = {"idToken": CARD, "type": "ISO14443"}
ASKED = {
    "ocpp1.6": {
        "Authorize": {"idTag": CARD},
        "StartTransaction": {"connectorId": 1, "idTag": CARD, "meterStart": 0, "timestamp": NOW},
    },
    "ocpp2.0.1": {
        "Authorize": {"idToken": TOKEN},
        "TransactionEvent": {
            "eventType": "Started",
            "timestamp": NOW,
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": "T1"},
            "evse": {"id": 1, "connectorId": 1},
            "idToken": TOKEN,
        },
    },
}
ASKED["ocpp2.1"] = ASKED["ocpp2.0.1"]
EACH = [pytest.param(version, action, id=f"{version} {action}") for version in ASKED for action in ASKED[version]]


@pytest.fixture
async def card(application):
    pool = await application.pools.create("Yard")
    await application.stations.accept("CP1", pool_id=pool.id)
    blocked = await application.passes.add(PassDraft(uid=BLOCKED), pool_id=pool.id)
    await application.passes.block([blocked.id])
    return await application.passes.add(PassDraft(uid=CARD), pool_id=pool.id)


def until(answer):
    """The moment until which an answer may be remembered."""
    info = answer.get("idTagInfo") or answer["idTokenInfo"]
    assert info["status"] == "Accepted"
    return datetime.fromisoformat(info.get("expiryDate") or info["cacheExpiryDateTime"])


async def is_remembered_for(application, url, version, action, **time):
    """Whether an answer may be remembered so long, to the second that it is told in."""
    async with raw_station(url, "CP1", subprotocols=[version]) as station:
        before = application.clock().replace(microsecond=0)
        end = until(await station.call(action, ASKED[version][action]))
        return before <= end - timedelta(**time) <= application.clock()


@pytest.mark.parametrize(("version", "action"), EACH)
async def test_an_accepted_card_is_remembered_for_a_day(application, url, card, version, action):
    assert await is_remembered_for(application, url, version, action, hours=24)


@pytest.mark.parametrize(("version", "action"), EACH)
async def test_or_for_as_long_as_the_setting_says(application, url, card, version, action):
    await application.settings.change(remember_accepted_h=3)
    assert await is_remembered_for(application, url, version, action, hours=3)


@pytest.mark.parametrize(("version", "action"), EACH)
async def test_but_never_past_the_end_of_its_pass(application, url, card, version, action):
    end = application.clock().replace(microsecond=0) + timedelta(minutes=30)
    await application.passes.change(card.id, PassDraft(uid=CARD, valid_until=end))
    async with raw_station(url, "CP1", subprotocols=[version]) as station:
        assert until(await station.call(action, ASKED[version][action])) == end


@pytest.mark.parametrize("version", ASKED)
async def test_a_card_that_is_refused_is_given_no_time(application, url, card, version):
    asked = {"idTag": BLOCKED} if version == "ocpp1.6" else {"idToken": TOKEN | {"idToken": BLOCKED}}
    async with raw_station(url, "CP1", subprotocols=[version]) as station:
        answer = await station.call("Authorize", asked)
    assert (answer.get("idTagInfo") or answer["idTokenInfo"]) == {"status": "Blocked"}
