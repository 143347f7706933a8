"""A station that was set right: what came of it, and the way back, in a note and in its history.

await set_right(desk, station_id)           # tells in a note, with Undo
show_set_right(desk, column, done)          # `Lid.last_set_right`, with Undo
"""

from PySide6.QtWidgets import QVBoxLayout

from app.application import SetRight, SettingsWritten, Written
from app.domain.commands import ResetStation
from app.domain.errors import AppError
from ui.desk import Desk
from ui.pools.words import names_of
from ui.stations.words import at_clock
from ui.strings import tr
from ui.theme import Kind
from ui.widgets.boxes import row
from ui.widgets.buttons import Action, link_button
from ui.widgets.labels import mono, muted, title


async def set_right(desk: Desk, station_id: str) -> None:
    """Set a station right and tell what came of it, also of what was written before an error.

    Raises AppError as `Lid.set_right`.
    """
    lid = desk.application.lid
    before = lid.last_set_right(station_id)
    try:
        done = await lid.set_right(station_id)
    except AppError:
        written = lid.last_set_right(station_id)
        if written is not None and written is not before:
            _tell_of(desk, written)
        raise
    _tell_of(desk, done)


async def _put_back(desk: Desk, done: SetRight) -> None:
    back = await desk.application.lid.put_back(done)
    count = len(back.written) - len(back.not_taken)
    said = (
        tr("1 setting of {name} is what it was.")
        if count == 1
        else tr("{count} settings of {name} are what they were.")
    )
    parts = [said.format(count=count, name=_title(desk, back))]
    if back.not_taken:
        parts.append(tr("It did not take back {names}.").format(names=_names(back.not_taken)))
    _tell(desk, back, parts)


def _tell_of(desk: Desk, done: SetRight) -> None:
    name = _title(desk, done)
    if not done.written:
        desk.say(tr("{name} is set as it should be already.").format(name=name))
        return
    count = len(done.written) - len(done.not_taken)
    said = tr("1 setting of {name} was set.") if count == 1 else tr("{count} settings of {name} were set.")
    parts = [said.format(count=count, name=name)]
    if done.not_taken:
        parts.append(tr("It did not take {names}.").format(names=_names(done.not_taken)))
    undo = [Action(tr("Undo"), lambda: desk.run(_put_back(desk, done)))] if done.changed else []
    _tell(desk, done, parts, *undo)


def _tell(desk: Desk, written: SettingsWritten, parts: list[str], *actions: Action) -> None:
    """In a note that stays where something is left to be done."""
    kind: Kind = "ok"
    if written.needs_restart:
        kind, parts = "warn", [*parts, tr("They count once it restarts.")]
        actions = (*actions, Action(tr("Restart it"), lambda: desk.run(_restart(desk, written.station_id))))
    if written.not_taken:
        kind = "bad"
    said = " ".join(parts)
    if kind == "ok":
        desk.notes.show_note(said, kind, *actions)
    else:
        desk.notes.show_note(said, kind, *actions, seconds=None)


def _names(written: tuple[Written, ...]) -> str:
    return names_of(each.name for each in written)


def _title(desk: Desk, written: SettingsWritten) -> str:
    return desk.application.stations.require(written.station_id).title


async def _restart(desk: Desk, station_id: str) -> None:
    await desk.application.carry_out(station_id, ResetStation())
    desk.say(tr("It was asked to restart."))


def show_set_right(desk: Desk, place: QVBoxLayout, done: SetRight) -> None:
    """When it was, each setting before and after, and Undo."""
    undo = link_button(tr("Undo"), lambda: desk.run(_put_back(desk, done)))
    when = muted(at_clock(desk, done.at) if done.at is not None else "")
    place.addLayout(row(title(tr("Set right"), whole=True), when, None, undo))
    for each in done.changed:
        change = tr("{before} → {now}").format(before=done.former[each.name], now=each.value or each.wanted)
        place.addLayout(row(mono(each.name), None, muted(change)))
