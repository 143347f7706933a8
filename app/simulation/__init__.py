"""Simulated stations of OCPP 1.6, 2.0.1 and 2.1: the outside world, to train, to try a network, and for the tests.

Built on the `ocpp` package and sharing nothing with the server, so that the two can only agree by the
specification. `SimulatedStation` is one station to drive, `simulate` one at a command line, and `run_demo_site`
several that live by themselves.
"""

from app.simulation.charging import Session
from app.simulation.demo_site import DemoStation, Patience, run_demo_site
from app.simulation.errors import (
    BootRejectedError,
    CallRefusedError,
    CannotConnectError,
    NoAnswerError,
    OfflineError,
    StationError,
)
from app.simulation.memory import IdTagInfo
from app.simulation.script import simulate
from app.simulation.station import SimulatedStation

__all__ = [
    "BootRejectedError",
    "CallRefusedError",
    "CannotConnectError",
    "DemoStation",
    "IdTagInfo",
    "NoAnswerError",
    "OfflineError",
    "Patience",
    "Session",
    "SimulatedStation",
    "StationError",
    "run_demo_site",
    "simulate",
]
