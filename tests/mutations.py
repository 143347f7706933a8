"""Frames of chance: what stations say, with a few pieces cut out, put in, doubled or exchanged."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

from tests.wire import masked

CARD = "04A1B2C3D4E580"
NOW = "2025-03-04T20:00:00Z"
_CONVERSATIONS = Path(__file__).parent / "data" / "frames" / "conversations.jsonl"


def recorded():
    """By version of OCPP: what stations said, one frame after the other."""
    told, version = {}, ""
    for line in map(json.loads, _CONVERSATIONS.read_text(encoding="utf-8").splitlines()):
        version = line.get("protocol", version)
        if "raw" in line:
            told.setdefault(version.removeprefix("ocpp"), []).append(line["raw"])
    return told


class Mutations:
    """Of frames of one station: a few of its own of OCPP 1.6, where it is given none."""

    SEEDS = tuple(
        json.dumps([2, f"f{number}", action, payload])
        for number, (action, payload) in enumerate(
            {
                "BootNotification": {"chargePointVendor": "Ampere", "chargePointModel": "One", "iccid": None},
                "Authorize": {"idTag": CARD, "connectorId": 2},
                "StartTransaction": {"connectorId": 1, "idTag": CARD, "meterStart": 10, "timestamp": NOW},
                "MeterValues": {
                    "connectorId": 1,
                    "transactionId": 1,
                    "meterValue": [{"timestamp": NOW, "sampledValue": [{"value": "11", "unit": "kWh", "phase": "L1"}]}],
                },
                "StopTransaction": {
                    "transactionId": 1,
                    "meterStop": 20,
                    "timestamp": NOW,
                    "reason": "Local",
                    "transactionData": [{"timestamp": NOW, "sampledValue": [{"value": 5}]}],
                },
                "StatusNotification": {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "info": "null"},
                "DataTransfer": {"vendorId": "x", "data": '{"password":"y"}'},
                "Heartbeat": {},
            }.items()
        )
    )
    PIECES = (
        *('"', "\\", "{", "}", "[", "]", ":", ",", "\0", "\n", "\ufeff", "é", "\u2028", "\\ud800", "\\u0000", "null"),
        *("NaN", "1e999", "-1", "0.5", "9" * 30, "true", '""', "[]", "{}", "2", "3", "4", "[" * 40, '"' * 9, "x" * 300),
        *(CARD, NOW, "1970-01-01T00:00:00Z", "2025-03-04T20:00:00", "AuthorizationKey", '"value":', '"idTag":'),
    )

    def __init__(self, seed: int, seeds: Sequence[str] = SEEDS) -> None:
        self._random = random.Random(seed)
        self._seeds = seeds

    def frame(self):
        chance, text = self._random, self._random.choice(self._seeds)
        for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
            start = chance.randrange(len(text) + 1)
            end = min(len(text), start + chance.choice((0, 0, 1, 3, 12)))
            put_in = chance.choice((chance.choice(self.PIECES), "", text[end : end + 20]))
            text = text[:start] + put_in + text[end:]
        return text.encode() if chance.random() < 0.05 else text

    def broken_bytes(self):
        """A frame whose own bytes, head and all, are not as they should be either."""
        chance = self._random
        payload = chance.choice(self._seeds).encode() if chance.random() < 0.5 else chance.randbytes(30)
        frame = bytearray(masked(payload))
        for _ in range(chance.choice((0, 1, 2, 5))):
            frame[chance.randrange(len(frame))] = chance.randrange(256)
        return bytes(frame[: chance.choice((len(frame), len(frame), chance.randrange(len(frame))))])
