"""What Ctrl+K finds: any station, identity, pass, pool or page by a few letters, and what can be done from anywhere.

    Finder(window, lambda text: find(desk, text))

The kind with the best match stands first, and in it what begins with the text before what only holds it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.application import PassSummary
from app.domain.drafts import printable
from app.domain.ids import canonical_uid, canonical_visible_id
from app.domain.model import Registration, Station
from ui.access.try_card import try_card
from ui.desk import Desk
from ui.frame.palette import Hit
from ui.strings import sentence, tr

MOST = 8
_LONGEST = 200
_BEGINS, _WORD_BEGINS, _INSIDE = range(3)


@dataclass(frozen=True)
class _Found:
    """A hit, and how well it matches: the lower, the better."""

    closeness: int
    hit: Hit


def find(desk: Desk, text: str) -> list[Hit]:
    """Hits grouped by kind, at most eight of each; without a text the pages, and what can be done from anywhere."""
    wanted = " ".join(printable(text[:_LONGEST]).split())
    if not wanted:
        return [found.hit for look in (_pages, _doings) for found in look(desk, "")]
    look_in = (_stations, _identities, _passes, _pools, _pages, _doings)
    groups = [sorted(look(desk, wanted), key=lambda found: found.closeness)[:MOST] for look in look_in]
    groups = sorted((group for group in groups if group), key=lambda group: group[0].closeness)
    return [found.hit for group in groups for found in group]


def _stations(desk: Desk, wanted: str) -> Iterable[_Found]:
    pools = {summary.pool.id: summary.pool.name for summary in desk.application.pools.all()}
    for station in desk.application.stations.all():
        close = _closeness(wanted, station.name, station.station_id, station.serial_number, station.address)
        if close is not None:
            about = _joined(station.station_id if station.name else "", _place(station, pools))
            yield _Found(close, Hit(tr("Stations"), station.title, about, _going(desk, "stations", station.station_id)))


def _place(station: Station, pools: dict[int, str]) -> str:
    if station.registration is Registration.PENDING:
        return tr("wants to join")
    if station.registration is Registration.REJECTED:
        return tr("refused")
    return tr("no pool") if station.pool_id is None else pools.get(station.pool_id, "")


def _identities(desk: Desk, wanted: str) -> Iterable[_Found]:
    for summary in desk.application.identities.search(wanted, limit=MOST):
        identity = summary.identity
        close = _closeness(wanted, identity.name, identity.email, identity.external_id or "")
        passes = tr("1 pass") if summary.passes == 1 else tr("{count} passes").format(count=summary.passes)
        about = _joined(identity.email if identity.name != identity.email else "", passes)
        hit = Hit(tr("Identities"), identity.name, about, _going(desk, "identities", identity.id))
        yield _Found(_INSIDE if close is None else close, hit)


def _passes(desk: Desk, wanted: str) -> Iterable[_Found]:
    found = desk.application.passes.search(wanted, limit=MOST)
    for summary in found:
        yield _Found(_pass_closeness(wanted, summary), _pass_hit(desk, summary.card.id, *_about_pass(summary)))
    known = {summary.card.id for summary in found}
    for alike in desk.application.passes.suggestions(wanted):
        if alike.card.id not in known:
            about = _joined(alike.uid, sentence(f"alike.{alike.likeness.value}"), alike.holder)
            yield _Found(_INSIDE, _pass_hit(desk, alike.card.id, alike.card.title, about))


def _pass_closeness(wanted: str, summary: PassSummary) -> int:
    card = summary.card
    visible_key = canonical_visible_id(card.visible_id or "")
    pairs = ((wanted, card.name), (canonical_uid(wanted), card.uid), (canonical_visible_id(wanted), visible_key))
    close = [_closeness(part, text) for part, text in pairs if part and text]
    return min((each for each in close if each is not None), default=_INSIDE)


def _about_pass(summary: PassSummary) -> tuple[str, str]:
    card = summary.card
    ids = [each for each in (card.visible_id, card.uid) if each and each != card.title]
    return card.title, _joined(*ids, summary.holder)


def _pass_hit(desk: Desk, pass_id: int, title: str, about: str) -> Hit:
    return Hit(tr("Passes"), title, about, _going(desk, "passes", pass_id))


def _pools(desk: Desk, wanted: str) -> Iterable[_Found]:
    for summary in desk.application.pools.all():
        close = _closeness(wanted, summary.pool.name)
        if close is not None:
            members = summary.identities + summary.passes
            about = _joined(
                tr("1 station") if summary.stations == 1 else tr("{count} stations").format(count=summary.stations),
                tr("1 member") if members == 1 else tr("{count} members").format(count=members),
            )
            yield _Found(close, Hit(tr("Pools"), summary.pool.name, about, _going(desk, "pools", summary.pool.id)))


def _pages(desk: Desk, wanted: str) -> Iterable[_Found]:
    for key, title, about, also in (
        ("overview", tr("Overview"), tr("the site at a glance"), tr("home start energy")),
        ("log", tr("Live log"), tr("every message, as it comes"), tr("OCPP messages frames Authorize")),
        ("stations", tr("Stations"), tr("chargers, and who wants to join"), tr("chargers connectors")),
        ("pools", tr("Pools"), tr("who may charge where"), tr("whitelist access members private public")),
        ("identities", tr("Identities"), tr("people and companies that charge"), tr("people users cardholders")),
        ("passes", tr("Passes"), tr("cards, fobs and tags"), tr("cards fobs tags tokens RFID UID")),
        ("sessions", tr("Sessions"), tr("what was charged"), tr("transactions charges kWh energy")),
        (
            "imports",
            tr("Import & export"),
            tr("lists in and out"),
            tr("import export spreadsheet Excel xlsx CSV upload template list"),
        ),
        (
            "settings",
            tr("Settings"),
            tr("port, theme, backup"),
            tr("options preferences port address heartbeat retention theme dark light backup folder version licences"),
        ),
    ):
        close = _closeness(wanted, title) if wanted else _BEGINS
        if close is None and _closeness(wanted, also) in (_BEGINS, _WORD_BEGINS):
            close = _INSIDE
        if close is not None:
            yield _Found(close, Hit(tr("Pages"), title, about, _going(desk, key)))


def _doings(desk: Desk, wanted: str) -> Iterable[_Found]:
    name = tr("Try a card…")
    about, also = tr("what a station would answer, and why"), tr("test check explain why decision simulate PIN")
    close = _closeness(wanted, name) if wanted else _BEGINS
    if close is None and _closeness(wanted, also) in (_BEGINS, _WORD_BEGINS):
        close = _INSIDE
    if close is not None:
        yield _Found(close, Hit(tr("Do"), name, about, lambda: try_card(desk)))


def _closeness(wanted: str, *texts: str) -> int | None:
    """How well some texts match: one begins so, a word in one does, all words are somewhere in them; None: not."""
    sought, texts = wanted.casefold(), tuple(text.casefold() for text in texts)
    if any(text.startswith(sought) for text in texts):
        return _BEGINS
    if any(f" {sought}" in text for text in texts):
        return _WORD_BEGINS
    everywhere = all(any(word in text for text in texts) for word in sought.split())
    return _INSIDE if everywhere else None


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _going(desk: Desk, page: str, key: object = None) -> Callable[[], None]:
    return lambda: desk.go(page, key)
