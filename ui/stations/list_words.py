"""How the list that a station keeps itself stands, in the few words of a pill, of a cell or of a line.

list_words(status, online=True)                 # ("In step · 33 of 800", "ok"): for a pill
lists_in_short(statuses)                        # "Local lists: 5 in step, 1 waiting": for the foot of the window
"""

from collections.abc import Iterable

from app.domain.list_record import Trouble
from app.domain.list_state import ListState, ListStatus, Missing, MissingWhy
from ui.strings import tr
from ui.theme import Kind

#: Nothing is wrong with these, and nothing is to come.
SETTLED = (ListState.IN_STEP, ListState.NOT_NEEDED)
WITHOUT = (ListState.NOT_SUPPORTED, ListState.KEEPS_NOTHING)


def list_words(status: ListStatus, *, online: bool) -> tuple[str, Kind]:
    """The one state of a list, and how it is coloured."""
    match status.state:
        case ListState.IN_STEP:
            return tr("In step · {held}").format(held=_held(status)), "ok"
        case ListState.WAITING:
            return (tr("Waiting") if online else tr("Waiting for its return")), "warn"
        case ListState.SENDING:
            part = tr("{done} of {all}").format(done=status.count, all=status.wanted)
            return tr("Sending · {part}").format(part=part), "info"
        case ListState.TOO_SMALL:
            part = tr("{done} of {all}").format(done=status.count, all=status.wanted)
            return tr("Too small · {part}").format(part=part), "bad"
        case ListState.INCOMPLETE:
            return tr("Incomplete · {count} missing").format(count=len(status.missing)), "warn"
    words: dict[ListState, tuple[str, Kind]] = {
        ListState.NOT_NEEDED: (tr("Not needed"), "grey"),
        ListState.FAILING: (tr("Failing"), "bad"),
        ListState.NOT_SUPPORTED: (tr("Not supported"), "grey"),
        ListState.KEEPS_NOTHING: (tr("Keeps none"), "grey"),
    }
    return words[status.state]


def _held(status: ListStatus) -> str:
    if status.capacity is None:
        return str(status.count)
    return tr("{done} of {all}").format(done=status.count, all=status.capacity)


def list_meaning(status: ListStatus, *, online: bool) -> str:
    """What that state means, in a sentence; empty where the state says it all."""
    if status.state is ListState.WAITING and not online:
        return tr("It gets its list when it is back.")
    if status.state is ListState.SENDING and status.piece:
        words = tr("It is sent in pieces of {size}: {done} of {all} entries so far.")
        return words.format(size=status.piece, done=status.count, all=status.wanted)
    meanings = {
        ListState.WAITING: tr("It is about to get its list, or is tried again soon."),
        ListState.NOT_NEEDED: tr("The pool lets everyone charge: there is nobody to list."),
        ListState.FAILING: tr("Several tries failed; the next one is hours away."),
        ListState.TOO_SMALL: tr("It has no room for all: who charged here lately comes first."),
        ListState.INCOMPLETE: tr("It holds all but those it cannot take."),
        ListState.NOT_SUPPORTED: tr("It says that it keeps no list."),
        ListState.KEEPS_NOTHING: tr("It accepts lists, and then says that it has none."),
    }
    return meanings.get(status.state, "")


def trouble_words(status: ListStatus) -> str:
    """What ended the last try; empty where nothing did."""
    words = {
        Trouble.NONE: "",
        Trouble.SILENT: tr("It did not answer."),
        Trouble.FAILED: tr("It said that the list failed."),
        Trouble.VERSION_MISMATCH: tr("It took no version of the list."),
        Trouble.REFUSED: tr("It refused: {detail}").format(detail=status.detail),
        Trouble.UNREADABLE: tr("Its answer could not be read."),
    }
    return words[status.trouble]


def why_missing(missing: Missing) -> str:
    """Why a pass is not in a list."""
    words = {
        MissingWhy.NO_ROOM: tr("no room"),
        MissingWhy.REFUSED: tr("refused by the station"),
        MissingWhy.CANNOT_BE_SENT: tr("its UID cannot be sent to this station"),
    }
    return words[missing.why]


def lists_in_short(statuses: Iterable[ListStatus]) -> str:
    """How many lists are in step and how many are not; empty where no station keeps one."""
    states = [status.state for status in statuses]
    waiting = (ListState.WAITING, ListState.SENDING, ListState.FAILING)
    counted = (
        (sum(state is ListState.IN_STEP for state in states), tr("{count} in step")),
        (sum(state in waiting for state in states), tr("{count} waiting")),
        (sum(state in (ListState.TOO_SMALL, ListState.INCOMPLETE) for state in states), tr("{count} not whole")),
    )
    parts = [words.format(count=count) for count, words in counted if count]
    return tr("Local lists: {parts}").format(parts=", ".join(parts)) if parts else ""
