"""The station without its network: connectors, memory, and what it decides by itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.simulation.charging import Connector, Reservation, Session, utc_now
from app.simulation.errors import StationError
from app.simulation.memory import AuthorizationCache, Configuration, IdTagInfo, LocalList


class Cabinet:
    """All that survives a restart. `connectors` holds the station itself as 0, `plugs` what a car can use."""

    def __init__(self, connectors: int, presets: Mapping[str, str]) -> None:
        self.connectors = {number: Connector(number) for number in range(connectors + 1)}
        self.plugs = {number: connector for number, connector in self.connectors.items() if number > 0}
        self.configuration = Configuration({"NumberOfConnectors": str(connectors), **presets})
        self.local_list = LocalList()
        self.cache = AuthorizationCache()

    def connector(self, number: int) -> Connector:
        """Raises StationError when the station has no such connector."""
        found = self.connectors.get(number)
        if found is None:
            raise StationError(f"The station has no connector {number}.")
        return found

    # Cards

    @property
    def keeps_local_list(self) -> bool:
        profiles = self.configuration.text("SupportedFeatureProfiles").split(",")
        return "LocalAuthListManagement" in profiles and self.configuration.flag("LocalAuthListEnabled")

    def remembered(self, uid: str) -> IdTagInfo | None:
        """What the local list, before the cache, says of a card today (OCPP 1.6 §3.5.3)."""
        info = self.local_list.find(uid) if self.keeps_local_list else None
        if info is None and self.configuration.flag("AuthorizationCacheEnabled"):
            info = self.cache.find(uid)
        return info and info.at(utc_now())

    def decide_offline(self, uid: str) -> IdTagInfo:
        """The station's own verdict while it cannot ask (OCPP 1.6 §3.5.4)."""
        known = self.remembered(uid) if self.configuration.flag("LocalAuthorizeOffline") else None
        if known is not None:
            return known
        return IdTagInfo("Accepted" if self.configuration.flag("AllowOfflineTxForUnknownId") else "Invalid")

    def learn(self, uid: str, id_tag_info: Mapping[str, Any]) -> IdTagInfo:
        """Keep the server's verdict for later; what the local list knows is not cached (OCPP 1.6 §3.5.3)."""
        info = IdTagInfo.read(id_tag_info)
        if self.configuration.flag("AuthorizationCacheEnabled") and self.local_list.find(uid) is None:
            self.cache.remember(uid, info)
        return info

    # Sessions and connectors

    def sessions(self) -> list[Session]:
        """The sessions that run now."""
        return [plug.session for plug in self.plugs.values() if plug.session is not None]

    def session_of(self, transaction_id: int) -> Session | None:
        return next((session for session in self.sessions() if session.transaction_id == transaction_id), None)

    def free_plug(self, uid: str, connector_id: int | None) -> Connector | None:
        """The connector this card may use: the one named, or the first that is free."""
        for plug in self.plugs.values():
            if connector_id in {None, plug.connector_id} and plug.is_free_for(uid):
                return plug
        return None

    def make_operative(self, connector_id: int, *, operative: bool) -> str:
        """Apply a ChangeAvailability, to everything with 0; the AvailabilityStatus (OCPP 1.6 §5.2)."""
        if connector_id not in self.connectors:
            return "Rejected"
        affected = [self.connectors[connector_id]] if connector_id else list(self.connectors.values())
        for connector in affected:
            connector.operative = operative
            if connector.status in {"Available", "Reserved", "Unavailable"}:
                connector.rest()
        waits = not operative and any(connector.session is not None for connector in affected)
        return "Scheduled" if waits else "Accepted"

    # Reservations

    def reserve(self, connector_id: int, reservation: Reservation) -> str:
        """Apply a ReserveNow; the ReservationStatus (OCPP 1.6 §5.13). The same id replaces the reservation."""
        plug = self.plugs.get(connector_id)
        if plug is None or reservation.expires_at <= utc_now():
            return "Rejected"
        if plug.status in {"Faulted", "Unavailable"}:
            return plug.status
        held = plug.reservation
        if plug.claimed or (held is None and plug.status != "Available"):
            return "Occupied"
        if held is not None and held.reservation_id != reservation.reservation_id:
            return "Occupied"
        self.cancel_reservation(reservation.reservation_id)
        plug.reservation = reservation
        plug.rest()
        return "Accepted"

    def cancel_reservation(self, reservation_id: int) -> bool:
        """Whether there was such a reservation."""
        for plug in self.plugs.values():
            if plug.reservation is not None and plug.reservation.reservation_id == reservation_id:
                plug.reservation = None
                plug.rest()
                return True
        return False

    def expire(self, reservation: Reservation) -> None:
        """End this very reservation, unless it was used, cancelled or replaced meanwhile."""
        if any(plug.reservation is reservation for plug in self.plugs.values()):
            self.cancel_reservation(reservation.reservation_id)

    # Statuses

    def unreported(self) -> Iterator[Connector]:
        """The connectors whose status the server has not heard yet, the station itself first."""
        return (connector for connector in self.connectors.values() if not connector.reported)

    def forget_reported(self, connector_id: int | None = None) -> None:
        """Let a connector's status, or every one, be told again."""
        for connector in self.connectors.values():
            if connector_id in {None, connector.connector_id}:
                connector.reported = False
