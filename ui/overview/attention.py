"""What waits for the operator, each with how often and a link to where it is put right.

attention = Attention(desk)
attention.show_stations(stations)               # what `stations_now` gave, when stations, pools or knocks changed
attention.look_at_passes(); attention.look_at_taps(); attention.look_at_requests(); attention.look_at_letters()
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from app.application import MessageFilter, StationLid
from app.domain.capture import CaptureMode
from app.domain.letters import Letter, LetterState
from app.domain.model import AccessLevel, Knock, Tap
from app.domain.requests import AccessRequest
from ui.desk import Desk
from ui.outbox.letter_words import is_stuck, problem_of
from ui.overview.behaving import behaviour_matters
from ui.overview.list_matters import list_matters
from ui.overview.matters import Matter, about
from ui.stations.knocks import recent_knocks
from ui.stations.words import StationNow, at_clock, error_words, joined, lasted
from ui.strings import tr
from ui.taps.last_cards import visits
from ui.widgets.boxes import Card
from ui.widgets.buttons import link_button
from ui.widgets.labels import paragraph
from ui.widgets.pill import Pill

#: A card is worth a look when it was refused more often than this in one day.
USUAL_REFUSALS = 3
#: What knocked longer ago has given up, or was a stranger.
STILL_KNOCKING = timedelta(hours=1)
_TAPS_OF_TODAY = 1_000
_COUNT_WIDTH = 32


class Attention(Card):
    """The list of it; a calm word when there is nothing."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Needs attention"))
        self._desk = desk
        self._stations: Sequence[StationNow] = ()
        self._without_uid = 0
        self._refused: dict[str, int] = {}
        self._requests: list[AccessRequest] = []
        self._stuck: list[Letter] = []
        self._lids: Sequence[StationLid] = ()
        self._shown: list[Matter] | None = None

    def look_at_passes(self) -> None:
        """Count those that wait for their first tap."""
        self._without_uid = len(self._desk.application.passes.waiting())
        self._tell()

    def look_at_taps(self) -> None:
        """Count how often each card was refused today."""
        midnight = self._desk.now().replace(hour=0, minute=0, second=0, microsecond=0)
        taps = self._desk.application.journal.taps(limit=_TAPS_OF_TODAY, since=midnight)
        self._refused = refused_often(taps)
        self._tell()

    def look_at_requests(self) -> None:
        """Ask who waits to be let in."""
        self._requests = self._desk.application.requests.pending()
        self._tell()

    def look_at_letters(self) -> None:
        """Ask which letters go nowhere by themselves."""
        self._stuck = [letter for letter in self._desk.application.mail.letters() if is_stuck(letter)]
        self._tell()

    def show_stations(self, stations: Sequence[StationNow]) -> None:
        """Look at these stations, at their pools, and at who was not let in."""
        self._stations = stations
        self._tell()

    def show_lids(self, lids: Sequence[StationLid]) -> None:
        """Look at what stations would do with Tapdesk closed, and at the lists they keep."""
        self._lids = lids
        self._tell()

    def _tell(self) -> None:
        matters = list(self._matters())
        if matters == self._shown:
            return
        self._shown = matters
        self.clear()
        for matter in matters:
            self._add(matter)
        if not matters:
            calm = paragraph(tr("Nothing needs you."), tone="muted")
            calm.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.body.addWidget(calm, 1)
        else:
            self.body.addStretch(1)

    def _add(self, matter: Matter) -> None:
        link = link_button(matter.link, lambda: self._desk.go(matter.page, matter.select))
        words = matter.sentence()
        words.setContentsMargins(0, 3, 0, 0)
        link.setAccessibleDescription(words.words())
        count = Pill(str(matter.count), matter.kind)
        # The sentences begin below each other, whatever the number.
        count.setFixedWidth(max(_COUNT_WIDTH, count.sizeHint().width()))
        frame = self.add_row(count, words, link)
        line = frame.layout()
        if isinstance(line, QHBoxLayout):
            line.setStretch(1, 1)

    def _matters(self) -> Iterable[Matter]:
        now = self._desk.now()
        if self._requests:
            yield self._waiting_drivers()
        for find in (self._newcomers, self._faults, self._offline, self._poolless, self._closed_keypads):
            if matter := find(now):
                yield matter
        yield from behaviour_matters(self._desk, self._stations)
        yield from list_matters(self._desk, self._lids)
        yield from self._empty_pools()
        for look in (self._posing, self._knocking, self._certificates):
            if matter := look():
                yield matter
        if self._without_uid:
            words = tr("Pass has no UID yet") if self._without_uid == 1 else tr("Passes have no UID yet")
            yield Matter("uid", self._without_uid, "warn", words, tr("Capture"), "capture", CaptureMode.FILL)
        if matter := self._refusals():
            yield matter
        if self._stuck:
            yield self._stuck_letters()

    def _waiting_drivers(self) -> Matter:
        if len(self._requests) > 1:
            return Matter(
                "request", len(self._requests), "warn", tr("Cards ask for access"), tr("Review"), "requests", None
            )
        [request] = self._requests
        words = tr("<b>{who}</b> asks for access to {pool}")
        if not request.holder:
            words = tr("Card <code>{uid}</code> asks for access to {pool}")
        facts = (("who", request.holder), ("uid", request.uid), ("pool", request.pool_name))
        return Matter("request", 1, "warn", words, tr("Review"), "requests", None, facts)

    def _closed_keypads(self, _now: datetime) -> Matter | None:
        until = {each.station.station_id: self._pin_entry_closed(each) for each in self._stations if each.accepted}
        found = [each for each in self._stations if until.get(each.station.station_id)]
        first = until[found[0].station.station_id] if found else None
        return about(
            "keypad",
            "bad",
            found,
            tr("Wrong PINs at {name}: none is taken there until {clock}"),
            tr("Wrong PINs: none is taken at these stations for a while"),
            clock=at_clock(self._desk, first) if first else "",
        )

    def _pin_entry_closed(self, at: StationNow) -> datetime | None:
        return self._desk.application.pins.closed_until(at.station.station_id)

    def _stuck_letters(self) -> Matter:
        if len(self._stuck) > 1:
            words = tr("Letters were not sent, or may not have arrived")
            return Matter("letter", len(self._stuck), "warn", words, tr("Show"), "outbox", "stuck")
        [letter] = self._stuck
        words = {
            LetterState.UNSURE: tr("A letter to {to} may not have arrived"),
            LetterState.REFUSED: tr("A letter to {to} was refused: {problem}"),
        }.get(letter.state, tr("A letter to {to} cannot be sent: {problem}"))
        facts = (("to", letter.recipient), ("problem", problem_of(letter)))
        return Matter("letter", 1, "warn", words, tr("Show"), "outbox", letter.id, facts)

    def _newcomers(self, _now: datetime) -> Matter | None:
        found = [each for each in self._stations if each.pending]
        return about("join", "warn", found, tr("<code>{name}</code> wants to join"), tr("Stations want to join"))

    def _faults(self, _now: datetime) -> Matter | None:
        found = [each for each in self._stations if each.accepted and each.online and each.faulted]
        error = error_words(found[0].faulted[0]) if found else ""
        one = tr("{name} is faulted: {error}") if error else tr("{name} is faulted")
        return about("fault", "bad", found, one, tr("Stations are faulted"), error=error)

    def _offline(self, now: datetime) -> Matter | None:
        found = [
            each
            for each in self._stations
            if each.accepted and not each.online and each.station.last_seen_at is not None
        ]
        since = (found[0].station.last_seen_at if found else None) or now
        time = lasted(now - since)
        one = tr("{name} is offline for {time}, last heard {clock}") if time else tr("{name} is offline")
        many = tr("Stations are offline")
        return about("offline", "warn", found, one, many, time=time, clock=at_clock(self._desk, since))

    def _poolless(self, _now: datetime) -> Matter | None:
        found = [each for each in self._stations if each.accepted and not each.pool]
        one = tr("{name} is in no pool: nobody can charge there")
        return about("no pool", "warn", found, one, tr("Stations are in no pool: nobody can charge there"))

    def _empty_pools(self) -> Iterable[Matter]:
        words = tr("Nobody can charge at <b>{pool}</b>: it is private and has no members")
        for summary in self._desk.application.pools.all():
            pool, members = summary.pool, summary.identities + summary.passes
            if pool.level is AccessLevel.PRIVATE and summary.stations and not members:
                yield Matter(
                    f"pool {pool.id}", 1, "warn", words, tr("Add members"), "pools", pool.id, (("pool", pool.name),)
                )

    def _posing(self) -> Matter | None:
        found = {knock.station_id: knock for knock in recent_knocks(self._desk, STILL_KNOCKING) if knock.may_pose}
        if len(found) == 1:
            [knock] = found.values()
            words = tr("Somebody at {address} may pose as <b>{station}</b>")
            facts = (("address", knock.address), ("station", knock.station_id))
            return Matter("posing", 1, "bad", words, tr("Show"), "stations", knock.station_id, facts)
        if found:
            return Matter("posing", len(found), "bad", tr("Somebody may pose as stations"), tr("Show"), "stations")
        return None

    def _certificates(self) -> Matter | None:
        asking = {each.station_id for each in self._desk.application.certificates.waiting()}
        if not asking:
            return None
        words = tr("Station asks for a certificate") if len(asking) == 1 else tr("Stations ask for certificates")
        return Matter("certificate", len(asking), "warn", words, tr("Decide"), "stations", min(asking))

    def _knocking(self) -> Matter | None:
        found = [knock for knock in recent_knocks(self._desk, STILL_KNOCKING) if not knock.may_pose]
        if not found:
            return None
        if len(found) == 1:
            words, facts = tr("Connection from {who} was not let in"), (("who", _whose(found[0])),)
        else:
            words, facts = tr("Connections were not let in"), ()
        return Matter("knock", len(found), "info", words, tr("Show"), "stations", None, facts)

    def _refusals(self) -> Matter | None:
        if len(self._refused) == 1:
            [(uid, times)] = self._refused.items()
            words = tr("Card <code>{uid}</code> was refused {times} times today")
            facts = (("uid", uid or tr("without a UID")), ("times", str(times)))
            select = MessageFilter(refused_only=True, text=uid)
            return Matter("refused", 1, "bad", words, tr("Explain"), "log", select, facts)
        if not self._refused:
            return None
        words = tr("Cards were refused more than {times} times today")
        facts = (("times", str(USUAL_REFUSALS)),)
        return Matter(
            "refused", len(self._refused), "bad", words, tr("Explain"), "log", MessageFilter(refused_only=True), facts
        )


def refused_often(taps: Iterable[Tap]) -> dict[str, int]:
    """How often each card was refused, where that is more than usual; a visit counts once."""
    counted = Counter(tap.uid for tap in visits(taps) if tap.status != "Accepted")
    return {uid: times for uid, times in counted.items() if times > USUAL_REFUSALS}


def _whose(knock: Knock) -> str:
    return joined(knock.address, knock.station_id)
