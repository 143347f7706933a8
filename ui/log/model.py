"""The messages that the live log holds: newest on top, in the order of their ids, bounded at both ends."""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence

from PySide6.QtCore import QModelIndex, QObject

from app.domain.model import Message
from ui.widgets.rows import Column, RowsModel

_NOWHERE = QModelIndex()


class LogModel(RowsModel[Message]):
    """A `RowsModel` for which arriving on top, going at the bottom and loading older ones cost no rebuild.

    It shows all it holds, in its own order: `show_only` and `sort` are not for it.
    """

    def __init__(self, columns: Sequence[Column[Message]], parent: QObject | None = None) -> None:
        super().__init__(columns, key=lambda message: message.id, parent=parent)

    def holds(self, message_id: int) -> bool:
        """Whether a message is here."""
        return message_id in self._all

    def messages(self) -> Sequence[Message]:
        """All of them, newest first."""
        return self._shown

    def oldest_id(self) -> int:
        """The id of the message at the bottom; 0 where there is none."""
        return self._shown[-1].id if self._shown else 0

    def take_in(self, messages: Iterable[Message]) -> None:
        """Put messages, in any order, where they belong. Known ones are shown anew."""
        fresh = sorted(messages, key=lambda message: -message.id)
        newest, oldest = self._shown[0].id if self._shown else 0, self.oldest_id()
        above = [message for message in fresh if message.id > newest]
        below = [message for message in fresh if message.id < oldest]
        if above:
            self._insert(0, above)
        if below:
            self._insert(len(self._shown), below)
        for message in fresh[len(above) : len(fresh) - len(below)]:
            if message.id in self._all:
                self.update(message)
            else:
                self._insert(self._place(message.id), [message])

    def keep_newest(self, most: int) -> None:
        """Let the oldest go beyond so many."""
        last = len(self._shown) - 1
        if last < most:
            return
        self.beginRemoveRows(_NOWHERE, most, last)
        for message in self._shown[most:]:
            del self._all[message.id]
        del self._shown[most:], self._keys[most:]
        self.endRemoveRows()

    def position(self, key: Hashable) -> int | None:
        """Where a message stands, or None."""
        if not isinstance(key, int):
            return None
        at = self._place(key)
        return at if at < len(self._keys) and self._keys[at] == key else None

    def _place(self, message_id: int) -> int:
        return bisect_left(self._shown, -message_id, key=lambda message: -message.id)

    def _insert(self, at: int, messages: Sequence[Message]) -> None:
        self.beginInsertRows(_NOWHERE, at, at + len(messages) - 1)
        self._shown[at:at] = messages
        self._keys[at:at] = [message.id for message in messages]
        self._all.update((message.id, message) for message in messages)
        self.endInsertRows()
