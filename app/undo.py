"""What an operator's action hands back: the way to take it back."""

from collections.abc import Awaitable, Callable

from app.bus import Bus
from app.database.removal import Removal, restore
from app.database.store import Store

#: Awaiting it restores what the action changed. Call it once.
Undo = Callable[[], Awaitable[None]]


def put_back(store: Store, bus: Bus, taken: Removal, event: object) -> Undo:
    """An Undo that restores removed rows exactly and then tells `event`."""

    async def undo() -> None:
        await store.write(lambda connection: restore(connection, taken))
        bus.publish(event)

    return undo
