"""How stations are asked about their security: OCPP 1.6 (security whitepaper A01 to A05), 2.x (part 2, A, B09)."""

from typing import Any

from app.csms.versions.forms import Answer, Form, Forms, accepted, promised, writing
from app.domain.commands import ResetStation, Writing
from app.domain.security_commands import (
    AskForRequest,
    PreferNetwork,
    RaiseProfile,
    SetNetwork,
    SetPassword,
    UseCertificate,
)

_WRITINGS = {
    "accepted": Writing.ACCEPTED,
    "rebootrequired": Writing.REBOOT_REQUIRED,
    "rejected": Writing.REJECTED,
    "notsupported": Writing.UNKNOWN,
    "notsupportedattributetype": Writing.UNKNOWN,
    "unknowncomponent": Writing.UNKNOWN,
    "unknownvariable": Writing.UNKNOWN,
}
#: Seconds that a station waits for our answers, where its network profile has to say so.
_MESSAGE_TIMEOUT_S = 30
#: Making a key takes a small device its time.
_KEY_TIMEOUT_S = 120.0


def _authorization_key(command: SetPassword) -> dict[str, Any]:
    return {"key": "AuthorizationKey", "value": command.password}


def _security_profile(command: RaiseProfile) -> dict[str, Any]:
    return {"key": "SecurityProfile", "value": str(command.profile.value)}


def _triggered(message: str) -> Any:
    def write(_command: AskForRequest) -> dict[str, Any]:
        return {"requestedMessage": message}

    return write


def _chain_16(command: UseCertificate) -> dict[str, Any]:
    return {"certificateChain": command.certificate}


def _chain_2(command: UseCertificate) -> dict[str, Any]:
    return {"certificateChain": command.certificate, "certificateType": "ChargingStationCertificate"}


def _basic_auth_password(command: SetPassword) -> dict[str, Any]:
    return _set("SecurityCtrlr", "BasicAuthPassword", command.password)


def _priority(command: PreferNetwork) -> dict[str, Any]:
    return _set("OCPPCommCtrlr", "NetworkConfigurationPriority", ",".join(map(str, command.slots)))


def _set(component: str, variable: str, value: str) -> dict[str, Any]:
    named = {"component": {"name": component}, "variable": {"name": variable}}
    return {"setVariableData": [{"attributeValue": value, **named}]}


def _variable_set(answer: Answer) -> Writing:
    results = answer.items("setVariableResult")
    word = answer.within(results[0]).text("attributeStatus") if results else ""
    return _WRITINGS.get("".join(filter(str.isalnum, word)).casefold(), Writing.REJECTED)


def _network(command: SetNetwork) -> dict[str, Any]:
    return {
        "configurationSlot": command.slot,
        "connectionData": {
            "ocppVersion": "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": command.url,
            "messageTimeout": _MESSAGE_TIMEOUT_S,
            "securityProfile": command.profile.value,
            "ocppInterface": command.interface,
        },
    }


SECURITY_16: Forms = {
    AskForRequest: Form("ExtendedTriggerMessage", _triggered("SignChargePointCertificate"), accepted, _KEY_TIMEOUT_S),
    RaiseProfile: Form("ChangeConfiguration", _security_profile, writing(_WRITINGS)),
    SetPassword: Form("ChangeConfiguration", _authorization_key, writing(_WRITINGS)),
    UseCertificate: Form("CertificateSigned", _chain_16, accepted, _KEY_TIMEOUT_S),
}

SECURITY_2: Forms = {
    AskForRequest: Form("TriggerMessage", _triggered("SignChargingStationCertificate"), accepted, _KEY_TIMEOUT_S),
    ResetStation: Form("Reset", lambda command: {"type": "Immediate" if command.hard else "OnIdle"}, promised),
    PreferNetwork: Form("SetVariables", _priority, _variable_set),
    SetNetwork: Form("SetNetworkProfile", _network, accepted),
    SetPassword: Form("SetVariables", _basic_auth_password, _variable_set),
    UseCertificate: Form("CertificateSigned", _chain_2, accepted, _KEY_TIMEOUT_S),
}
