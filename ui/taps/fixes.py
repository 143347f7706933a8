"""What puts a refused card right, in one click, from wherever the refusal is shown.

    fix = fix_for(desk, tap)                    # an Action, or None: nothing to put right (any more)
    if fix is not None:
        card.add_row(label(tap.raw_id_tag), None, link_button(fix.text, fix.run))

The answer is that of this moment, not of the tap's: once the pass is made, the fix is to add it to the pool, and once
it is in the pool there is none. One indexed read, so a screenful of taps may be asked about at each refresh; ask again
on `bridge.passes_changed`, `pools_changed` and `stations_changed`, never while painting.
"""

from collections.abc import Callable

from app.application import Verdict
from app.domain.access import Reason
from app.domain.model import Tap
from ui.desk import Desk
from ui.strings import tr
from ui.taps.add_to_pool import add_to_pool
from ui.taps.create_pass import create_pass
from ui.taps.words import can_become_pass, said_after, verdict_now
from ui.widgets.buttons import Action


def fix_for(desk: Desk, tap: Tap) -> Action | None:
    """The words and the deed that would get this card accepted; None where there is nothing to do."""
    if tap.status == "Accepted":
        return None
    verdict = verdict_now(desk, tap)
    make = _FIXES.get(verdict.decision.reason)
    return make(desk, tap, verdict) if make else None


def _accept_station(desk: Desk, tap: Tap, _verdict: Verdict) -> Action:
    return Action(tr("Accept the station…"), lambda: desk.go("stations", tap.station_id))


def _choose_pool(desk: Desk, tap: Tap, _verdict: Verdict) -> Action:
    return Action(tr("Put it in a pool…"), lambda: desk.go("stations", tap.station_id))


def _create_pass(desk: Desk, tap: Tap, _verdict: Verdict) -> Action | None:
    return Action(tr("Create pass…"), lambda: create_pass(desk, tap), "primary") if can_become_pass(tap) else None


def _unblock(desk: Desk, tap: Tap, verdict: Verdict) -> Action | None:
    pass_id = verdict.pass_id
    if pass_id is None:
        return None

    async def unblock() -> None:
        passes = desk.application.passes
        done = tr("{title} is not blocked any more").format(title=passes.require(pass_id).title)
        undo = await passes.block([pass_id], blocked=False)
        desk.offer_undo(said_after(desk, tap, done), undo)

    return Action(tr("Unblock"), lambda: desk.run(unblock()))


def _open_pass(desk: Desk, _tap: Tap, verdict: Verdict) -> Action:
    return Action(tr("Open pass"), lambda: desk.go("passes", verdict.pass_id))


def _open_identity(desk: Desk, _tap: Tap, verdict: Verdict) -> Action:
    return Action(tr("Open identity"), lambda: desk.go("identities", verdict.identity_id))


def _open_pool(desk: Desk, _tap: Tap, verdict: Verdict) -> Action:
    return Action(tr("Open pool"), lambda: desk.go("pools", verdict.pool_id))


def _add_to_pool(desk: Desk, tap: Tap, verdict: Verdict) -> Action | None:
    pool_id, pass_id = verdict.pool_id, verdict.pass_id
    if pool_id is None or pass_id is None:
        return None
    return Action(tr("Add to pool…"), lambda: desk.run(add_to_pool(desk, tap, pool_id, pass_id)))


_FIXES: dict[Reason, Callable[[Desk, Tap, Verdict], Action | None]] = {
    Reason.STATION_NOT_ACCEPTED: _accept_station,
    Reason.NO_POOL: _choose_pool,
    Reason.UNKNOWN_CARD: _create_pass,
    Reason.PASS_BLOCKED: _unblock,
    Reason.PASS_EXPIRED: _open_pass,
    Reason.PASS_NOT_YET_VALID: _open_pass,
    Reason.IDENTITY_EXPIRED: _open_identity,
    Reason.IDENTITY_NOT_YET_VALID: _open_identity,
    Reason.PASS_OFF_HERE: _open_pass,
    Reason.NOT_A_MEMBER: _add_to_pool,
    Reason.PIN_EXPIRED: _open_pool,
    Reason.PIN_NOT_YET_VALID: _open_pool,
    Reason.PIN_USED_UP: _open_pool,
}
