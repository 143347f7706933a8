"""What happened in the application, as Qt signals: gathered for a moment, so that a storm of events is one repaint."""

from PySide6.QtCore import QObject, QTimer, Signal

from app.bus import Bus
from app.domain import events

GATHER_MS = 50


class Bridge(QObject):
    """Pages connect to these; nothing else refreshes them. Made and used on the loop's thread."""

    messages_arrived = Signal(list)  # Message, oldest first; one whose answer came later arrives again
    cards_tapped = Signal(list)  # Tap, oldest first
    lids_changed = Signal()  # what stations would do alone: their lists, their settings, a test with cards
    stations_changed = Signal()  # also: connected, disconnected, booted, a connector's status
    configuration_changed = Signal()
    transfers_changed = Signal()
    knocks_changed = Signal()
    pools_changed = Signal()
    identities_changed = Signal()
    passes_changed = Signal()
    organizations_changed = Signal()
    sessions_changed = Signal()
    requests_changed = Signal()
    outbox_changed = Signal()
    pin_entry_closed = Signal()
    capture_changed = Signal()
    sessions_reported = Signal(list)  # Session as each is now, in the order they were reported
    sessions_removed = Signal(list)  # the ids of those that were found to be the ends of others
    settings_changed = Signal()
    storage_changed = Signal()
    server_changed = Signal()  # also: other addresses of this computer
    addresses_changed = Signal()
    clock_set = Signal()
    station_wants_to_join = Signal(str)

    def __init__(self, bus: Bus) -> None:
        super().__init__()
        self._messages: list[object] = []
        self._taps: list[object] = []
        self._newcomers: list[str] = []
        self._sessions: list[object] = []
        self._no_sessions: list[object] = []
        self._changed: set[str] = set()
        self._is_silent = False
        self._timer = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._timer.timeout.connect(self._tell)
        bus.subscribe(events.MessageLogged, lambda event: self._gather(self._messages, event.message))
        bus.subscribe(events.CardTapped, lambda event: self._gather(self._taps, event.tap))
        bus.subscribe(events.SessionChanged, lambda event: self._gather(self._sessions, event.session))
        bus.subscribe(events.SessionRemoved, lambda event: self._gather(self._no_sessions, event.session_id))
        bus.subscribe(events.StationWantsToJoin, lambda event: self._gather(self._newcomers, event.station_id))
        for kind, name in (
            (events.StationsChanged, "stations_changed"),
            (events.StationConnected, "stations_changed"),
            (events.StationDisconnected, "stations_changed"),
            (events.ReservationsChanged, "stations_changed"),
            (events.ConfigurationChanged, "configuration_changed"),
            (events.TransferChanged, "transfers_changed"),
            (events.LocalListsChanged, "lids_changed"),
            (events.ConfigurationChanged, "lids_changed"),
            (events.CardTestChanged, "lids_changed"),
            (events.HandshakeRefused, "knocks_changed"),
            (events.PoolsChanged, "pools_changed"),
            (events.IdentitiesChanged, "identities_changed"),
            (events.PassesChanged, "passes_changed"),
            (events.OrganizationsChanged, "organizations_changed"),
            (events.SessionChanged, "sessions_changed"),
            (events.SessionRemoved, "sessions_changed"),
            (events.RequestsChanged, "requests_changed"),
            (events.OutboxChanged, "outbox_changed"),
            (events.PinEntryClosed, "pin_entry_closed"),
            (events.SettingsChanged, "settings_changed"),
            (events.StorageFailed, "storage_changed"),
            (events.StorageRecovered, "storage_changed"),
            (events.ServerStarted, "server_changed"),
            (events.AddressesChanged, "server_changed"),
            (events.AddressesChanged, "addresses_changed"),
            (events.ClockJumped, "clock_set"),
            (events.SecureDoorChanged, "server_changed"),
            (events.CredentialsChanged, "stations_changed"),
            (events.CertificatesChanged, "stations_changed"),
        ):
            bus.subscribe(kind, lambda _event, name=name: self._mark(name))
        bus.subscribe(events.CaptureChanged, lambda _event: self._tell_now("capture_changed"))

    def fall_silent(self) -> None:
        """Tell nothing any more, of what was gathered neither: the site is about to be closed."""
        self._is_silent = True
        self._timer.stop()

    def _gather(self, kept: list, item: object) -> None:
        kept.append(item)
        self._wake()

    def _mark(self, name: str) -> None:
        self._changed.add(name)
        self._wake()

    def _tell_now(self, name: str) -> None:
        # Somebody holds a card to a reader and looks: with what was gathered, but without gathering more.
        self._changed.add(name)
        QTimer.singleShot(0, self, self._tell)

    def _wake(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _tell(self) -> None:
        if self._is_silent:
            return
        messages, self._messages[:] = list(self._messages), []
        taps, self._taps[:] = list(self._taps), []
        newcomers, self._newcomers[:] = list(self._newcomers), []
        sessions, self._sessions[:] = list(self._sessions), []
        no_sessions, self._no_sessions[:] = list(self._no_sessions), []
        changed, self._changed = self._changed, set()
        if messages:
            self.messages_arrived.emit(messages)
        if taps:
            self.cards_tapped.emit(taps)
        if sessions:
            self.sessions_reported.emit(sessions)
        if no_sessions:
            self.sessions_removed.emit(no_sessions)
        for name in sorted(changed):
            getattr(self, name).emit()
        for station_id in newcomers:
            self.station_wants_to_join.emit(station_id)
