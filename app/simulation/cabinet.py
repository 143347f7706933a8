"""The station without its network: connectors, memory, and what it decides by itself."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from app.simulation.charging import Connector, Reservation, Session, utc_now
from app.simulation.errors import StationError
from app.simulation.memory import AuthorizationCache, Configuration, IdTagInfo, LocalList
from app.simulation.roots import Roots


class Cabinet:
    """All that survives a restart. `connectors` holds the station itself as 0, `plugs` what a car can use."""

    def __init__(self, connectors: int, presets: Mapping[str, str]) -> None:
        self.connectors = {number: Connector(number) for number in range(connectors + 1)}
        self.plugs = {number: connector for number, connector in self.connectors.items() if number > 0}
        self.configuration = Configuration({"NumberOfConnectors": str(connectors), **presets})
        self.local_list = LocalList()
        self.cache = AuthorizationCache()
        self.roots = Roots()

    def connector(self, number: int) -> Connector:
        """Raises StationError when the station has no such connector."""
        found = self.connectors.get(number)
        if found is None:
            raise StationError(f"The station has no connector {number}.")
        return found

    def can_reach(self, location: str) -> bool:
        """Whether the station knows the way to a URL."""
        return urlsplit(location).scheme.upper() in self.configuration.text("SupportedFileTransferProtocols").split(",")

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
            if connector_id in {None, plug.connector_id} and plug.is_free and self.admits(plug, uid):
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
        """Apply a ReserveNow; the ReservationStatus (OCPP 1.6 §5.13). The same id replaces the reservation.

        With 0 one connector, whichever, is kept free, where ReserveConnectorZeroSupported says so.
        """
        place = self.connectors.get(connector_id)
        whole = connector_id == 0 and self.configuration.flag("ReserveConnectorZeroSupported")
        if place is None or not (connector_id or whole) or reservation.expires_at <= utc_now():
            return "Rejected"
        if place.status in {"Faulted", "Unavailable"}:
            return place.status
        held = place.reservation
        if held is not None and held.reservation_id != reservation.reservation_id:
            return "Occupied"
        free = self._free_plugs() if whole else [place] if place.is_free else []
        if not free or (held is None and place.status != "Available"):
            return "Occupied"
        self.cancel_reservation(reservation.reservation_id)
        place.reservation = reservation
        place.rest()
        return "Accepted"

    def kept_for(self, plug: Connector) -> Reservation | None:
        """For whom a connector is kept: by its own reservation, or as the last free one by that of the station."""
        last = all(each is plug for each in self._free_plugs())
        return plug.reservation or (self.connectors[0].reservation if last else None)

    def admits(self, plug: Connector, uid: str) -> bool:
        """Whether a card may charge at a connector as far as reservations go; of its group what is remembered."""
        reservation = self.kept_for(plug)
        return reservation is None or reservation.is_for(uid, self.remembered(uid))

    def use_reservation(self, plug: Connector, uid: str) -> int | None:
        """End the reservation that a start at a connector uses; its id."""
        for place in (plug, self.connectors[0]):
            if place.reservation is not None and place.reservation.is_for(uid, self.remembered(uid)):
                used, place.reservation = place.reservation, None
                return used.reservation_id
        return None

    def _free_plugs(self) -> list[Connector]:
        return [plug for plug in self.plugs.values() if plug.is_free and plug.reservation is None]

    def cancel_reservation(self, reservation_id: int) -> bool:
        """Whether there was such a reservation."""
        for place in self.connectors.values():
            if place.reservation is not None and place.reservation.reservation_id == reservation_id:
                place.reservation = None
                place.rest()
                return True
        return False

    def expire(self, reservation: Reservation) -> bool:
        """End this very reservation; False when it was used, cancelled or replaced meanwhile."""
        stands = any(place.reservation is reservation for place in self.connectors.values())
        return stands and self.cancel_reservation(reservation.reservation_id)

    # Statuses

    def unreported(self) -> Iterator[Connector]:
        """The connectors whose status the server has not heard yet, the station itself first."""
        return (connector for connector in self.connectors.values() if not connector.reported)

    def forget_reported(self, connector_id: int | None = None) -> None:
        """Let a connector's status, or every one, be told again."""
        for connector in self.connectors.values():
            if connector_id in {None, connector.connector_id}:
                connector.reported = False
