"""One change of who may charge, in a line: as the history of a pool, of an identity or of a pass tells it.

in_pool(change)           "Anna de Vries added, by approval"
of_identity(change)       "added to Guests"           "Fob: blocked"
of_pass(change)           "UID 047C11AA902B80 captured"   "Front desk: added to Guests"
"""

from datetime import datetime, timedelta

from app.domain.history import AccessChange, ChangeKind, Origin
from app.domain.model import AccessLevel, Pool
from ui.days import day
from ui.pools.words import level_of
from ui.strings import SENTENCES, sentence, tr

#: With what else something comes or goes.
CAUSES = frozenset(
    {
        ChangeKind.POOL_REMOVED,
        ChangeKind.POOL_CREATED,
        ChangeKind.IDENTITY_REMOVED,
        ChangeKind.IDENTITY_ADDED,
        ChangeKind.PASS_REMOVED,
        ChangeKind.PASS_ADDED,
    }
)


def in_pool(change: AccessChange) -> str:
    """As the history of the pool tells it."""
    code = f"change.pool.{change.kind.value}"
    if code in SENTENCES:
        return _by(change, sentence(code, name=change.name, detail=_detail(change)) + _more(change))
    return _by(change, _named(change))


def of_identity(change: AccessChange) -> str:
    """As the history of the identity tells it: a change of one of its passes begins with that pass."""
    return _by(change, _phrase(change) if change.pass_id is None else _named(change))


def of_pass(change: AccessChange) -> str:
    """As the history of the pass tells it: a change of the identity it belongs to begins with that identity."""
    return _by(change, _phrase(change) if change.pass_id is not None else _named(change))


def _named(change: AccessChange) -> str:
    return tr("{name}: {what}").format(name=change.name, what=_phrase(change)) if change.name else _phrase(change)


def _phrase(change: AccessChange) -> str:
    said = sentence(f"change.{change.kind.value}", pool=change.pool_name, name=change.name, detail=_detail(change))
    return said + _more(change)


def _more(change: AccessChange) -> str:
    """What else the change says of itself: what it came with, until when it holds, what is different."""
    detail = change.detail
    if detail in CAUSES:
        return sentence(f"because.{detail}")
    if change.kind is ChangeKind.MEMBER_ADDED and detail:
        if detail == "for_good":
            return sentence("member.for_good")
        # The end is a moment; the last day is the one before it.
        last = (datetime.fromisoformat(detail) - timedelta(milliseconds=1)).astimezone().date()
        return sentence("member.until", day=day(last, change.at.astimezone().date()))
    if change.kind in (ChangeKind.PASS_CHANGED, ChangeKind.IDENTITY_CHANGED) and detail:
        return ": " + ", ".join(sentence(f"column.{column}") for column in detail.split())
    return ""


def _by(change: AccessChange, what: str) -> str:
    if change.origin is Origin.BY_HAND:
        return what
    return sentence(f"origin.{change.origin.value}", what=what)


def _detail(change: AccessChange) -> str:
    if change.kind in (ChangeKind.POOL_CREATED, ChangeKind.LEVEL_CHANGED) and change.detail in set(AccessLevel):
        return level_of(Pool(0, "", AccessLevel(change.detail)))[0]
    if change.kind is ChangeKind.OPTIONS_CHANGED:
        return ", ".join(sentence(f"option.{option}") for option in change.detail.split())
    return change.detail
