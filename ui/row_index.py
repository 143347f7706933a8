"""Finding among tens of thousands of rows as fast as somebody types.

index = RowIndex(self, key=..., ids=lambda member: (member.uid,), words=lambda member: (member.name,))
index.read(rows)                               # prepares itself bit by bit while the window is idle
if meant := index.meaning("04:a2"): model.show_only(meant)

Where `ui.searching.Search` asks row by row, this looks through texts that were made beforehand.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

from app.domain.visible_ids import canonical_visible_id

Row = TypeVar("Row")

#: So many rows take less than half a frame.
_AT_A_TIME = 3_000
_SEPARATORS = str.maketrans("", "", ":-* ")


class RowIndex(Generic[Row]):
    """An ID is found by any part of it, written with other separators and in whatever case; words are found when each
    of them occurs."""

    def __init__(
        self,
        parent: QObject,
        key: Callable[[Row], Hashable],
        ids: Callable[[Row], Iterable[str | None]],
        words: Callable[[Row], Iterable[str | None]],
    ) -> None:
        """`parent` is whose rows they are: the searching ends with it."""
        self._key, self._ids, self._words = key, ids, words
        self._rows: Sequence[Row] = ()
        self._texts: list[str] = []
        self._idle = QTimer(parent, singleShot=True, interval=0)
        self._idle.timeout.connect(self._go_on)

    def read(self, rows: Sequence[Row]) -> None:
        """Search these from now on."""
        self._rows, self._texts = rows, []
        self._idle.start()

    def meaning(self, text: str) -> Callable[[Row], bool] | None:
        """Whether a row is meant by this text; None when nothing was typed."""
        words = text.casefold().split()
        if not words:
            return None
        self._prepare(len(self._rows))
        wanted_id = canonical_visible_id(text).translate(_SEPARATORS) or words[0]
        pairs = zip(self._rows, self._texts, strict=True)
        if len(words) == 1:
            word = words[0]
            rows = [row for row, kept in pairs if word in kept or wanted_id in kept]
        else:
            rows = [row for row, kept in pairs if wanted_id in kept or all(word in kept for word in words)]
        if len(rows) == len(self._rows):
            return _everyone
        if not rows:
            return _nobody
        key, found = self._key, set(map(self._key, rows))
        return lambda row: key(row) in found

    def _go_on(self) -> None:
        self._prepare(len(self._texts) + _AT_A_TIME)
        if len(self._texts) < len(self._rows):
            self._idle.start()

    def _prepare(self, so_many: int) -> None:
        for row in self._rows[len(self._texts) : so_many]:
            ids = [one for one in self._ids(row) if one]
            # IDs in capitals without separators, words in small letters: one text serves both.
            compact = "\n".join(ids).translate(_SEPARATORS).upper()
            words = "\n".join([one for one in self._words(row) if one] + ids).casefold()
            self._texts.append(f"{compact}\n{words}")


def _everyone(_row: Any) -> bool:
    return True


def _nobody(_row: Any) -> bool:
    return False
