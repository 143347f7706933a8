"""The JSON schemas of OCPP 1.6 and its security whitepaper, from the `ocpp` package."""

import json
from functools import cache
from pathlib import Path

import ocpp.v16
from jsonschema.validators import validator_for

_FOLDER = Path(ocpp.v16.__file__).parent / "schemas"


@cache
def _validator(name):
    schema = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8-sig"))
    return validator_for(schema)(schema)


def faults_of_request(action, payload):
    """What the schema of a call has against this payload."""
    return [error.message for error in _validator(action).iter_errors(payload)]


def faults_of_answer(action, payload):
    """What the schema of a call's result has against this payload."""
    return [error.message for error in _validator(f"{action}Response").iter_errors(payload)]
