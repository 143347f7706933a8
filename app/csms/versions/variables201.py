"""Variables of components, as OCPP 2.x asks for them, sets them and reports them (part 2, B05 to B08)."""

from collections.abc import Mapping
from typing import Any

from app.csms.reading.repair import Fields, as_number, written
from app.csms.versions.forms import Answer, status
from app.domain.commands import ReadAllVariables, ReadVariables, ReportVariable, VariablesRead, WriteVariable, Writing
from app.domain.errors import AppError
from app.domain.variables import Variable, VariableId

_ACTUAL = "actual"
_WRITINGS = {
    "accepted": Writing.ACCEPTED,
    "rebootrequired": Writing.REBOOT_REQUIRED,
    "rejected": Writing.REJECTED,
    "unknowncomponent": Writing.UNKNOWN,
    "unknownvariable": Writing.UNKNOWN,
}


def variables_asked(command: ReadVariables) -> dict[str, Any]:
    """GetVariablesRequest. Raises AppError `variable_name_unreadable`."""
    return {"getVariableData": [_place(VariableId.read(name)) for name in command.names]}


def variables_given(answer: Answer) -> VariablesRead:
    """GetVariablesResponse, as far as it can be read; what is refused is neither given nor unknown."""
    given, unknown = [], []
    for item in answer.items("getVariableResult"):
        fields = answer.within(item)
        name, said = _name(fields), _folded(fields.text("attributeStatus"))
        if not name or _folded(fields.text("attributeType")) not in ("", _ACTUAL):
            continue
        if said == "accepted" or (not said and fields.raw("attributeValue") is not None):
            given.append(Variable(name, written(fields.raw("attributeValue"))))
        elif said in ("unknowncomponent", "unknownvariable"):
            unknown.append(name)
        elif said == "rejected":
            # A password is there, and is told to nobody.
            given.append(Variable(name, None))
    return VariablesRead(tuple(given), tuple(unknown))


def write_variable(command: WriteVariable) -> dict[str, Any]:
    """SetVariablesRequest. Raises AppError `variable_name_unreadable`."""
    return {"setVariableData": [_place(VariableId.read(command.name)) | {"attributeValue": command.value}]}


def variable_written(answer: Answer) -> Writing:
    """SetVariablesResponse. Raises AppError `station_answer_unreadable`."""
    for item in answer.items("setVariableResult"):
        if said := _folded(answer.within(item).text("attributeStatus")):
            return _WRITINGS.get(said, Writing.REJECTED)
    raise AppError("station_answer_unreadable", action=answer.action)


def all_variables_asked(command: ReadAllVariables) -> dict[str, Any]:
    """GetBaseReportRequest: all there is, for settings that nobody may change say much too."""
    return {"requestId": command.report_id, "reportBase": "FullInventory"}


def variable_report_asked(command: ReportVariable) -> dict[str, Any]:
    """GetReportRequest (B08): what a variable can be at most is told in reports only.

    Raises AppError `variable_name_unreadable`.
    """
    return {"requestId": command.report_id, "componentVariable": [_place(VariableId.read(command.name))]}


def report_promised(answer: Answer) -> VariablesRead | None:
    """GetBaseReportResponse, GetReportResponse: the report follows, or there is nothing to report.

    Raises AppError `station_refused`, `station_answer_unreadable`.
    """
    said = status(answer)
    match _folded(said):
        case "accepted":
            return None
        case "emptyresultset":
            return VariablesRead(())
    raise AppError("station_refused", action=answer.action, status=said, error=said, description="")


def variables_reported(fields: Fields) -> tuple[Variable, ...]:
    """The variables in a NotifyReportRequest; one that is odd does not lose the others."""
    found = (_reported(fields.within(item)) for item in fields.items("reportData"))
    return tuple(variable for variable in found if variable is not None)


def _reported(fields: Fields) -> Variable | None:
    name = _name(fields)
    for item in fields.items("variableAttribute"):
        attribute = fields.within(item)
        if _folded(attribute.text("type")) in ("", _ACTUAL) and name:
            mutability = _folded(attribute.text("mutability"))
            # What may be done with it where nothing is said: read and written (VariableAttributeType).
            value, most = written(attribute.raw("value")), _most(fields)
            return Variable(name, value, mutability == "readonly", most=most)
    return None


def _most(fields: Fields) -> int | None:
    """The highest value it can have (`maxLimit`, a decimal number of VariableCharacteristicsType)."""
    about = fields.raw("variableCharacteristics")
    limit = as_number(about.get("maxLimit")) if isinstance(about, Mapping) else None
    return int(limit) if limit is not None and 0 <= limit < 2**31 else None


def _place(variable: VariableId) -> dict[str, Any]:
    component: dict[str, Any] = {"name": variable.component}
    if variable.instance:
        component["instance"] = variable.instance
    if variable.evse is not None:
        component["evse"] = {"id": variable.evse}
        if variable.connector is not None:
            component["evse"]["connectorId"] = variable.connector
    named = {"name": variable.name}
    if variable.of:
        named["instance"] = variable.of
    return {"component": component, "variable": named}


def _name(fields: Fields) -> str:
    """What the variable is called here; "" where the station does not say which it is."""
    component, variable = fields.raw("component"), fields.raw("variable")
    if not isinstance(component, Mapping) or not isinstance(variable, Mapping):
        return ""
    part, named = fields.within(component), fields.within(variable)
    evse = component.get("evse")
    place = part.within(evse if isinstance(evse, Mapping) else {})
    if not part.text("name").strip() or not named.text("name").strip():
        return ""
    return str(
        VariableId(
            part.text("name").strip(),
            named.text("name").strip(),
            part.text("instance").strip() or None,
            place.integer("id"),
            place.integer("connectorId"),
            named.text("instance").strip() or None,
        )
    )


def _folded(word: str) -> str:
    return "".join(filter(str.isalnum, word)).casefold()
