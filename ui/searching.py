"""Finding by what is printed, seen or said: an ID in any spelling, a name, a person.

search = Search(summaries, key=..., ids=lambda summary: (card.uid, card.visible_id), words=...)
model.show_only(search.predicate("04:a2:b3"))
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from app.domain.ids import canonical_visible_id

Row = TypeVar("Row")
Predicate = Callable[[Row], bool]


class Search(Generic[Row]):
    """What rows are searched by, made once for each row: ten thousand are searched within a frame."""

    def __init__(
        self,
        key: Callable[[Row], Hashable],
        ids: Callable[[Row], Iterable[str | None]],
        words: Callable[[Row], Iterable[str | None]],
    ) -> None:
        self._key, self._ids, self._words = key, ids, words
        self._kept: dict[Hashable, tuple[str, str]] = {}

    def forget(self) -> None:
        """The rows are other ones now."""
        self._kept.clear()

    def predicate(self, text: str) -> Predicate[Row] | None:
        """Whether a row is meant by this text; None when nothing was typed.

        An ID is found by any part of it, written with other separators and in whatever case; words are found when each
        of them occurs.
        """
        wanted_words = text.casefold().split()
        if not wanted_words:
            return None
        wanted_id = _compact(text)

        def meant(row: Row) -> bool:
            ids, words = self._of(row)
            return (bool(wanted_id) and wanted_id in ids) or all(word in words for word in wanted_words)

        return meant

    def _of(self, row: Row) -> tuple[str, str]:
        key = self._key(row)
        found = self._kept.get(key)
        if found is None:
            ids = "\n".join(_compact(one) for one in self._ids(row) if one)
            words = "\n".join(one for one in (*self._ids(row), *self._words(row)) if one).casefold()
            found = self._kept[key] = (ids, words)
        return found


def _compact(text: str) -> str:
    return canonical_visible_id(text).replace(":", "")
