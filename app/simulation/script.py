"""One simulated station for a person at a command line: it shows its frames and says what came of each tap."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, TextIO

from app.simulation.conversation import Direction
from app.simulation.errors import StationError
from app.simulation.memory import IdTagInfo
from app.simulation.station import SimulatedStation

_ARROWS: dict[Direction, str] = {"sent": "→", "received": "←"}

_VERDICTS = {
    "Accepted": "accepted",
    "Blocked": "refused, it is blocked",
    "ConcurrentTx": "refused, it is charging somewhere else already",
    "Expired": "refused, it is no longer valid, or not yet",
    "Invalid": "refused, it is unknown or not allowed here",
    "NotAtThisLocation": "refused, it is not allowed here",
}


class Transcript:
    """Lines on a text stream; `broken` is set when nobody reads any more, as after `| head`."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.broken = asyncio.Event()

    def frame(self, direction: Direction, text: str) -> None:
        self._write(f"{datetime.now().astimezone():%H:%M:%S.%f}"[:-3] + f" {_ARROWS[direction]} {_on_one_line(text)}")

    def say(self, sentence: str) -> None:
        self._write(_on_one_line(sentence))

    def _write(self, line: str) -> None:
        if self.broken.is_set():
            return
        try:
            # A console that cannot show an arrow gets its code: a lost frame would be worse.
            encoding = getattr(self._out, "encoding", None) or "utf-8"
            print(line.encode(encoding, "backslashreplace").decode(encoding), file=self._out, flush=True)
        except (OSError, ValueError):
            self.broken.set()


async def simulate(
    url: str,
    station_id: str,
    password: str | None,
    taps: Sequence[str],
    charge_seconds: float | None,
    out: TextIO,
    *,
    ocpp: str = "1.6",
    answer_timeout: float = 30.0,
) -> int:
    """Run one station against the server at `url` and write all it sends and receives to `out`; the exit code.

    It boots, holds each of `taps` to its reader, and charges for `charge_seconds` with the last card that was
    accepted; without taps it stays connected until it is cancelled. 0 when all was done or it was cancelled
    (the cancellation ends here), 1 when anything stood in the way, which the last line then says. A card that
    is refused is an answer, not a failure, unless it was to charge.
    """
    transcript = Transcript(out)
    station = SimulatedStation(
        url,
        station_id,
        ocpp=ocpp,
        password=password,
        on_frame=transcript.frame,
        answer_timeout=answer_timeout,
        # A person watches: what the server refuses once is told at once.
        configuration={"TransactionMessageAttempts": "1"},
    )
    try:
        await _while_connected(_play(station, taps, charge_seconds, transcript), station, transcript)
    except StationError as error:
        transcript.say(str(error))
        return 1
    except asyncio.CancelledError:
        transcript.say("Stopped.")
    finally:
        await station.power_off()
    return 0


async def _play(
    station: SimulatedStation, taps: Sequence[str], charge_seconds: float | None, transcript: Transcript
) -> None:
    if charge_seconds is not None and not 0 < charge_seconds < float("inf"):
        raise StationError("Charging takes a number of seconds above 0.")
    if charge_seconds is not None and not taps:
        raise StationError("Charging takes a card: give one to tap.")

    def tell_pending(seconds: float) -> None:
        wait = "1 second" if seconds == 1 else f"{seconds:g} seconds"
        transcript.say(f"The server holds this station until somebody accepts it; asking again in {wait}.")

    await station.start_up(on_pending=tell_pending)
    if not taps:
        transcript.say("The station is connected and stays so; Ctrl+C ends it.")
        await station.keep_alive()
    accepted = None
    for uid in taps:
        info = await station.tap(uid)
        transcript.say(f"The card {uid} is {_verdict(info)}.")
        accepted = uid if info.accepted else accepted
    if charge_seconds is not None:
        await _charge(station, accepted, charge_seconds, transcript)


async def _charge(station: SimulatedStation, uid: str | None, seconds: float, transcript: Transcript) -> None:
    if uid is None:
        raise StationError("Nothing was charged: no card was accepted.")
    session = await station.plug_in(uid, seconds)
    info = session.id_tag_info
    if info is not None and not info.accepted:
        raise StationError(f"Nothing was charged: at the start the card {uid} was {_verdict(info)}.")
    energy = session.energy_wh / 1000
    transcript.say(f"Charged {energy:.3f} kWh with the card {uid}, transaction {session.transaction_id}.")


async def _while_connected(play: Coroutine[Any, Any, None], station: SimulatedStation, transcript: Transcript) -> None:
    """Let `play` run to its end, or until the connection or the reader of the transcript is gone."""
    played = asyncio.create_task(play)
    lost = asyncio.create_task(station.until_lost())
    unread = asyncio.create_task(transcript.broken.wait())
    try:
        await asyncio.wait({played, lost, unread}, return_when=asyncio.FIRST_COMPLETED)
        if played.done():
            await played
        elif lost.done():
            await lost
    finally:
        for task in (played, lost, unread):
            task.cancel()
        await asyncio.gather(played, lost, unread, return_exceptions=True)


def _verdict(info: IdTagInfo) -> str:
    return f"{_VERDICTS.get(info.status, 'refused')} ({info.status})"


def _on_one_line(text: str) -> str:
    """Nothing a server sends may break the line or move the cursor."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
