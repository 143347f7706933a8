"""How the stations of the field answer, one by one, as they were found to."""

from dataclasses import replace

from tests.domain.list_station import ListStation
from tests.lists.zoo import SILENT, CallError, ZooStation

LIMITS = ("SendLocalListMaxLength", "LocalAuthListMaxLength")


def keys(per_message, capacity):
    return dict(zip(LIMITS, map(str, (per_message, capacity)), strict=True))


def empty_is_0(station, action, _payload):
    """libocpp 1.6 and MicroOcpp say 0 of a list that was emptied, whatever version it was given."""
    field = "listVersion" if station.is_16 else "versionNumber"
    return {field: 0} if action == "GetLocalListVersion" and not station.own.cards else None


def says_yes(version):
    """Accepts every list and keeps none (the virtual charge point, ocpp-ws-cli)."""

    def manner(station, action, payload):
        if action == "SendLocalList":
            return {"status": "Accepted"}
        return {"listVersion": version} if action == "GetLocalListVersion" else None

    return manner


def appends_deletions(station, action, payload):
    """ocpp-go takes an entry without information for a card."""
    if action == "SendLocalList" and payload["updateType"] == "Differential":
        station.own.version = payload["listVersion"]
        for each in payload["localAuthorizationList"]:
            station.own.cards[each["idTag"]] = each.get("idTagInfo") or {"status": "Accepted"}
        return {"status": "Accepted"}
    return None


def answers(**by_action):
    return lambda _station, action, _payload: by_action.get(action, by_action.get("anything"))


def station(**about):
    return ZooStation("CP1", **about)


def strict(per_message=10**6, capacity=10**6, *, exact=False):
    return ListStation(per_message, capacity, exact=exact)


V201, V21 = "ocpp2.0.1", "ocpp2.1"
NOT_SUPPORTED = CallError("NotSupported")

#: Those that keep a list.
KEEPERS = {
    "libocpp 1.6": lambda: station(own=strict(42, 42), keys=keys(42, 42), manner=empty_is_0),
    "libocpp 2.0.1": lambda: station(own=strict(250), version=V201),
    "holds 40 and says so only in a report 2.0.1": lambda: station(own=strict(250, 40), version=V201, most=40),
    "holds 40 and says so only in the report of all 2.1": lambda: station(
        own=strict(250, 40), version=V21, most=40, manner=answers(GetReport=NOT_SUPPORTED)
    ),
    "libocpp 2.1": lambda: station(own=strict(250), version=V21),
    "SAP 1.6": lambda: station(),
    "SAP 2.0.1": lambda: station(own=strict(100), version=V201),
    "MicroOcpp 1.6": lambda: station(
        own=strict(48, 48, exact=True), keys=keys(48, 48), manner=empty_is_0, longest=16_384
    ),
    "open-ocpp 1.6": lambda: station(own=strict(100, 5_000), keys=keys(100, 5_000)),
    "shiv3 1.6": lambda: station(own=strict(100, 1_000), keys=keys(100, 1_000)),
    "shiv3 2.0.1": lambda: station(own=strict(100, 1_000), version=V201),
    "mobilityhouse 1.6": lambda: station(),
    "Java-OCA 1.6": lambda: station(own=strict(100)),
    "ocpp-go 1.6": lambda: station(own=strict(100, 100), keys=keys(20, 100), manner=appends_deletions),
    "takes 10 and does not say so": lambda: station(own=strict(10)),
    "takes 1": lambda: station(own=strict(1), keys=keys(1, 500)),
    "takes 5000": lambda: station(own=strict(5_000), keys=keys(5_000, 5_000)),
    "says that it takes 0": lambda: station(own=strict(20), keys=keys(0, 0)),
    "says that it takes -1": lambda: station(own=strict(20), keys=keys(-1, -1)),
    "is switched off": lambda: replace(
        station(keys={"LocalAuthListEnabled": "false"}), manner=_minus_1_while_switched_off
    ),
}

#: Those that do not, and what is to be said of them.
OTHERS = {
    "virtual charge point 1.6": (lambda: station(manner=says_yes(0)), "keeps_nothing"),
    "virtual charge point 2.0.1": (lambda: station(manner=says_yes(1), version=V201), "keeps_nothing"),
    "ocpp-ws-cli 2.0.1": (lambda: station(manner=says_yes(1), version=V201), "keeps_nothing"),
    "MicroOcpp 2.0.1": (
        lambda: station(
            manner=answers(GetLocalListVersion={"listVersion": 0}, SendLocalList=CallError("FormationViolation")),
            version=V201,
        ),
        "failing",
    ),
    "WARP 1.6": (lambda: station(manner=answers(anything=NOT_SUPPORTED)), "not_supported"),
    "charger-simulator 1.6": (lambda: station(manner=answers(anything=CallError(None))), "failing"),
    "oglimmer 1.6": (lambda: station(manner=answers(anything=SILENT)), "failing"),
    "says -1": (lambda: station(manner=answers(GetLocalListVersion={"listVersion": -1})), "not_supported"),
    "says NotSupported when it gets one": (
        lambda: station(manner=answers(SendLocalList={"status": "NotSupported"})),
        "not_supported",
    ),
    "always Failed": (lambda: station(manner=answers(SendLocalList={"status": "Failed"})), "failing"),
}


def _minus_1_while_switched_off(station, action, _payload):
    off = station.keys["LocalAuthListEnabled"] == "false"
    return {"listVersion": -1} if off and action == "GetLocalListVersion" else None
