"""A charging station that exists in software only, and speaks OCPP-J like one on a wall."""

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from websockets.asyncio.client import ClientConnection

from app.simulation.answers import Answers
from app.simulation.answers2 import Answers21, Answers201
from app.simulation.cabinet import Cabinet
from app.simulation.charging import (
    Connector,
    Report,
    ReportQueue,
    Reservation,
    Session,
    happens_within,
    ocpp_time,
    utc_now,
)
from app.simulation.conversation import Conversation, OnFrame
from app.simulation.errors import OfflineError, StationError
from app.simulation.memory import IdTagInfo
from app.simulation.network import NetworkedStation

_CONVERSATIONS = {"1.6": Answers, "2.0.1": Answers201, "2.1": Answers21}
_LONGEST_UID = {"1.6": 20, "2.0.1": 36, "2.1": 255}
_UNSAMPLED_STEP_SECONDS = 60


class SimulatedStation(NetworkedStation):
    """One simulated station; use it as an async context manager, or `close` it.

    `url` is the server's address, to which the percent-encoded `station_id` is added; `ocpp` is the version to
    speak: 1.6, 2.0.1 or 2.1. `on_frame` sees each frame as `("sent" | "received", text)`. `configuration` presets
    keys by their 1.6 names, also read-only ones. `pace` is how many times faster than the clock the station lives:
    charging and restarting are shortened by it, protocol times are not, and the times it reports are the real ones in
    UTC. What goes wrong is a StationError, whose text is a sentence. `cabinet` is open to look at and to change.
    """

    def __init__(
        self,
        url: str,
        station_id: str,
        *,
        password: str | None = None,
        vendor: str = "Tapdesk",
        model: str = "Simulated station",
        serial: str | None = None,
        firmware: str = "1.0.0",
        connectors: int = 1,
        configuration: Mapping[str, str] | None = None,
        on_frame: OnFrame | None = None,
        pace: float = 1.0,
        answer_timeout: float = 30.0,
        restart_seconds: float = 3.0,
        ocpp: str = "1.6",
    ) -> None:
        super().__init__(
            url,
            station_id,
            ocpp=ocpp,
            password=password,
            nameplate={
                "charge_point_vendor": vendor,
                "charge_point_model": model,
                "charge_point_serial_number": serial,
                "firmware_version": firmware,
            },
            cabinet=Cabinet(connectors, configuration or {}),
            on_frame=on_frame,
            answer_timeout=answer_timeout,
        )
        self.restarting = False
        self._pace = pace
        self._restart_seconds = restart_seconds
        self._reports = ReportQueue(self._deliver, self._patience, self._pause)

    def _converse(self, link: ClientConnection) -> Conversation:
        return _CONVERSATIONS[self.ocpp](self, link)

    @property
    def unreported(self) -> int:
        """How many transaction-related messages still wait for the server's answer."""
        return len(self._reports)

    @property
    def log_name(self) -> str:
        """What the file is called that the station uploads as its diagnostics."""
        return "diagnostics.txt"

    @property
    def log(self) -> bytes:
        """What stands in it: the connectors and their meters."""
        lines = (f"{each.connector_id} {each.status} {each.meter} Wh" for each in self.cabinet.connectors.values())
        return "\n".join((self.station_id, *lines, "")).encode()

    # Coming and going

    async def start_up(
        self, *, longest_wait: float = math.inf, on_pending: Callable[[float], None] | None = None
    ) -> None:
        """Connect, boot, report every connector, and what was left to report: a power-up."""
        await self.connect()
        await self.boot(longest_wait=longest_wait, on_pending=on_pending)
        self.cabinet.forget_reported()
        await self.report_statuses()
        await self._reports.flush()

    async def reconnect(self) -> None:
        """Connect after a break: no BootNotification, but the queued messages in their order, then the statuses
        that changed. Raises CannotConnectError."""
        await self.connect()
        await self._reports.flush()
        await self.report_statuses()

    async def restart(self, reason: str) -> None:
        """End the sessions with `reason`, close, come back after a moment and boot (OCPP 1.6 §5.14)."""
        self.restarting = True
        try:
            for session in self.cabinet.sessions():
                await self.finish(session, reason)
            await self._leave(abruptly=False)
            self.accepted = False
            await self._pause(self._restart_seconds)
            await self.start_up()
        except StationError as error:
            if not self.online:
                self._lose(str(error))
        finally:
            self.restarting = False

    async def power_off(self, grace: float = 3.0) -> None:
        """End the running sessions and close; the goodbyes may take `grace` seconds."""
        with suppress(TimeoutError, StationError):
            async with asyncio.timeout(grace):
                for session in self.cabinet.sessions():
                    await self.stop(session)
        await self.close()

    # Cards and sessions

    async def tap(self, uid: str, connector: int = 1) -> IdTagInfo:
        """Hold a card to the reader of a connector: the server's verdict, or while it cannot ask the station's own.

        A connector reserved for another card refuses without asking. Raises StationError.
        """
        reservation = self.cabinet.kept_for(self._plug(connector))
        longest = _LONGEST_UID[self.ocpp]
        if not 0 < len(uid) <= longest:
            raise StationError(f"“{uid}” cannot be sent as a card: OCPP {self.ocpp} takes 1 to {longest} characters.")
        if reservation is not None and reservation.parent_id_tag is None and not reservation.is_for(uid):
            return IdTagInfo("Invalid")
        if not self.may_talk:
            return self.cabinet.decide_offline(uid)
        known = self.cabinet.remembered(uid) if self.cabinet.configuration.flag("LocalPreAuthorize") else None
        if known is not None and known.accepted:
            return known
        answer = await self.ask("Authorize", id_tag=uid)
        info = self.cabinet.learn(uid, answer["id_tag_info"])
        refused_here = info.accepted and reservation is not None and not reservation.is_for(uid, info)
        return IdTagInfo("Invalid") if refused_here else info

    async def start(self, uid: str, connector: int = 1) -> Session:
        """Report the start of a session; offline it waits for `reconnect`, with the time it has now.

        Raises StationError when the connector is taken or the server will not take the message.
        """
        plug = self._plug(connector)
        if plug.session is not None:
            raise StationError(f"Connector {connector} is charging already.")
        session = Session(connector, uid, plug.meter, utc_now(), self.cabinet.use_reservation(plug, uid))
        session.remote_start_id, plug.remote_start_id = plug.remote_start_id, None
        plug.session = session
        fields = {
            "connector_id": connector,
            "id_tag": uid,
            "meter_start": session.meter_start,
            "timestamp": ocpp_time(session.started_at),
            "reservation_id": session.reservation_id,
        }
        try:
            await self._report(Report("StartTransaction", session, fields))
        except StationError:
            plug.session = None
            raise
        return session

    async def meter_values(self, connector: int = 1, context: str = "Sample.Periodic") -> None:
        """Report what the meter says now; in a session it is queued like the session's other messages."""
        place = self.cabinet.connector(connector)
        fields = {"connector_id": connector, "meter_value": place.sample(context)}
        if place.session is not None:
            await self._report(Report("MeterValues", place.session, fields))
        elif self.online:
            await self.ask("MeterValues", **fields)

    async def stop(self, session: Session, reason: str = "Local") -> None:
        """Report the end of a session; offline it waits for `reconnect`, with the time it has now.

        A session that has ended already is not reported again.
        """
        session.end(reason)
        if session.stopped_at is not None:
            await self._reports.flush()
            return
        plug = self._plug(session.connector_id)
        session.stopped_at, session.meter_stop = utc_now(), plug.meter
        plug.session, plug.power_w = None, 0.0
        fields = {
            "meter_stop": session.meter_stop,
            "timestamp": ocpp_time(session.stopped_at),
            "reason": session.reason,
            "id_tag": session.uid if session.reason == "Local" else None,
        }
        await self._report(Report("StopTransaction", session, fields))

    async def finish(self, session: Session, reason: str) -> None:
        """Bring a running session to its end, also one that `charge` is driving."""
        session.end(reason)
        await session.released.wait()
        await self.stop(session)

    # A visit

    async def charge(
        self, uid: str, seconds: float, *, power_w: float = 11_000.0, tick: float | None = None, connector: int = 1
    ) -> Session | None:
        """A whole visit: tap, then as `plug_in`; None when the card is refused. Raises StationError."""
        with self._claimed(connector) as plug:
            if not (await self.tap(uid, connector)).accepted:
                return None
            return await self._use(plug, uid, seconds, power_w, tick)

    async def plug_in(
        self, uid: str, seconds: float, *, power_w: float = 11_000.0, tick: float | None = None, connector: int = 1
    ) -> Session:
        """Charge for `seconds` at `power_w` with a card that needs no tap any more, then unplug.

        Meter values go out every `tick` seconds (MeterValueSampleInterval when None). The energy is exactly
        power times `seconds`, unless the session ends earlier: because the server asks, or refuses its start.
        Raises StationError, also when the connector is not free.
        """
        with self._claimed(connector) as plug:
            return await self._use(plug, uid, seconds, power_w, tick)

    async def charge_remotely(self, uid: str, plug: Connector) -> None:
        """Charge as a RemoteStartTransaction asks for, until somebody ends it; the plug is claimed already."""
        plug.claimed = False
        visit = self.charge if self.cabinet.configuration.flag("AuthorizeRemoteTxRequests") else self.plug_in
        await visit(uid, math.inf, connector=plug.connector_id)

    @contextmanager
    def _claimed(self, connector: int) -> Iterator[Connector]:
        plug = self._plug(connector)
        if plug.claimed or plug.session is not None or plug.status in {"Faulted", "Unavailable"}:
            raise StationError(f"Connector {connector} is not free.")
        plug.claimed = True
        try:
            yield plug
        finally:
            plug.claimed = False

    async def _use(self, plug: Connector, uid: str, seconds: float, power_w: float, tick: float | None) -> Session:
        await self.status(plug.connector_id, "Preparing")
        try:
            session = await self.start(uid, plug.connector_id)
            try:
                await self._draw_power(session, plug, seconds, power_w, tick)
            except StationError:
                await self.stop(session, "Other")
                raise
            await self.stop(session)
        except StationError:
            with suppress(StationError):
                await self._unplug(plug)
            raise
        await self._unplug(plug)
        return session

    async def _draw_power(
        self, session: Session, plug: Connector, seconds: float, power_w: float, tick: float | None
    ) -> None:
        interval = self.cabinet.configuration.number("MeterValueSampleInterval") if tick is None else tick
        step = interval if interval > 0 else _UNSAMPLED_STEP_SECONDS
        session.released.clear()
        try:
            if not session.ending.is_set():
                plug.power_w = power_w
                await self.status(plug.connector_id, "Charging")
            remaining = seconds
            # What is left of a sum of fractions is no time.
            while remaining > 1e-6 and not session.ending.is_set():
                await self._meter(session, plug, min(step, remaining))
                remaining -= step
                if interval > 0 and not session.ending.is_set():
                    await self.meter_values(plug.connector_id)
        finally:
            session.released.set()

    async def _meter(self, session: Session, plug: Connector, seconds: float) -> None:
        """Count the energy of so many of the station's seconds, or of those until the session shall end."""
        loop = asyncio.get_running_loop()
        began, ended = loop.time(), True
        try:
            ended = await happens_within(seconds / self._pace, session.ending)
        finally:
            passed = min(seconds, (loop.time() - began) * self._pace) if ended else seconds
            plug.register_wh += plug.power_w / 3600 * passed

    async def _unplug(self, plug: Connector) -> None:
        if plug.status != "Faulted":
            plug.rest()
            await self.status(plug.connector_id, plug.status)

    # What the server's requests set going

    async def trigger(self, message: str, connector_id: int | None = None) -> None:
        """Send what a TriggerMessage asks for, also while the server holds the station (OCPP 1.6 §5.17)."""
        match message:
            case "BootNotification":
                self._wake_boot.set()
                if not self._booting:
                    await self.boot()
            case "Heartbeat":
                await self.heartbeat()
            case "MeterValues":
                for number in [connector_id] if connector_id else self.cabinet.plugs:
                    await self.meter_values(number, "Trigger")
            case "StatusNotification":
                self.cabinet.forget_reported(connector_id)
                for connector in self.cabinet.unreported():
                    await self._send_status(connector)
            case _:
                await self.ask(message, status="Idle")

    async def wait_for_expiry(self, reservation: Reservation) -> None:
        await asyncio.sleep((reservation.expires_at - utc_now()).total_seconds())
        if self.cabinet.expire(reservation):
            await self.report_statuses()
            await self.tell_expired(reservation.reservation_id)

    # Inside

    def _plug(self, number: int) -> Connector:
        if number == 0:
            raise StationError("Connector 0 is the station itself: nobody charges there.")
        return self.cabinet.connector(number)

    async def _report(self, report: Report) -> None:
        report.offline = not self.may_talk
        self._reports.add(report)
        await self._reports.flush()
        if report.failure is not None:
            raise report.failure

    async def _deliver(self, report: Report) -> None:
        if not self.may_talk:
            raise OfflineError("The station is not connected.")
        session, answer = report.session, await self.tell(report)
        info = self.cabinet.learn(session.uid, answer["id_tag_info"]) if answer.get("id_tag_info") else None
        if report.action == "StartTransaction" and info is not None:
            session.transaction_id, session.id_tag_info = answer["transaction_id"], info
            if not info.accepted and self.cabinet.configuration.flag("StopTransactionOnInvalidId"):
                session.end("DeAuthorized")

    def _patience(self) -> tuple[int, int]:
        number = self.cabinet.configuration.number
        return number("TransactionMessageAttempts"), number("TransactionMessageRetryInterval")

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._pace)
