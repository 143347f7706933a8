"""What an operator's action hands back: the way to take it back."""

from collections.abc import Awaitable, Callable

from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database.removal import Removal, restore
from app.database.store import Store
from app.domain.errors import AppError

#: Awaiting it restores what the action changed. Call it once.
Undo = Callable[[], Awaitable[None]]


def put_back(store: Store, bus: Bus, taken: Removal, event: object) -> Undo:
    """An Undo that restores removed rows exactly and then tells `event`.

    It raises AppError `undo_overtaken`, and restores nothing, when something new has taken their place.
    """

    async def undo() -> None:
        try:
            await store.write(lambda connection: restore(connection, taken))
        except IntegrityError as error:
            raise AppError("undo_overtaken") from error
        bus.publish(event)

    return undo
