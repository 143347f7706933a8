"""What can go wrong for a station, each told in one sentence.

A simulated station stands for the outside world: its words are its own, so that the command that shows them
needs nothing but `str(error)`.
"""


class StationError(Exception):
    """The station could not do what it was asked to; `str()` is a sentence for the person who asked."""


class CannotConnectError(StationError):
    """No OCPP connection could be opened: the address, the network or the server's answer is in the way."""


class OfflineError(StationError):
    """There is no connection, or it ended before the server had answered."""


class NoAnswerError(StationError):
    """The connection is open and the server stayed silent for longer than the station waits."""


class CallRefusedError(StationError):
    """The server answered with a CALLERROR (OCPP-J 1.6 §4.2.3)."""

    def __init__(self, action: str, code: str, description: str) -> None:
        words = f": {description}" if description else ""
        super().__init__(f"The server refused {action} with {code}{words}.")
        self.action = action
        self.code = code


class BootRejectedError(StationError):
    """The server answered BootNotification with Rejected; it wants silence for `interval` seconds."""

    def __init__(self, station_id: str, interval: int) -> None:
        super().__init__(f"The server rejected the station “{station_id}”: it may not join.")
        self.interval = interval
