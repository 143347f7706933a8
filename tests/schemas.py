"""The JSON schemas of OCPP 1.6 with its security whitepaper, 2.0.1 and 2.1, from the `ocpp` package."""

import json
from functools import cache
from pathlib import Path

import ocpp
from jsonschema.validators import validator_for

_FOLDER = Path(ocpp.__file__).parent
_VERSIONS = {"1.6": ("v16", ""), "2.0.1": ("v201", "Request"), "2.1": ("v21", "Request")}


@cache
def _validator(version, name):
    path = _FOLDER / _VERSIONS[version][0] / "schemas" / f"{name}.json"
    schema = json.loads(path.read_text(encoding="utf-8-sig"))
    return validator_for(schema)(schema)


def faults_of_request(action, payload, version="1.6"):
    """What the schema of a call has against this payload."""
    validator = _validator(version, f"{action}{_VERSIONS[version][1]}")
    return [error.message for error in validator.iter_errors(payload)]


def faults_of_answer(action, payload, version="1.6"):
    """What the schema of a call's result has against this payload."""
    return [error.message for error in _validator(version, f"{action}Response").iter_errors(payload)]
