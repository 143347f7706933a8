"""What an operator's action hands back: the way to take it back."""

from collections.abc import Awaitable, Callable

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database.removal import Removal, restore
from app.database.store import Store
from app.domain.errors import AppError

#: Awaiting it restores what the action changed, or raises AppError `undo_overtaken` and changes nothing. Call it once.
Undo = Callable[[], Awaitable[None]]


def taking_back(store: Store, bus: Bus, write: Callable[[Connection], None], *events: object) -> Undo:
    """An Undo that writes and then tells `events`. What cannot be written any more has been overtaken."""

    def write_or_refuse(connection: Connection) -> None:
        try:
            write(connection)
        except (IntegrityError, AppError) as error:
            raise AppError("undo_overtaken") from error

    async def undo() -> None:
        await store.write(write_or_refuse)
        for event in events:
            bus.publish(event)

    return undo


def put_back(
    store: Store, bus: Bus, taken: Removal, *events: object, also: Callable[[Connection], None] | None = None
) -> Undo:
    """An Undo that restores removed rows exactly, does what else belongs to it, and then tells `events`.

    It raises AppError `undo_overtaken`, and restores nothing, when something new has taken their place.
    """

    def write(connection: Connection) -> None:
        restore(connection, taken)
        if also:
            also(connection)

    return taking_back(store, bus, write, *events)
