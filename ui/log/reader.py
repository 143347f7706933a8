"""The stored part of the live log, read beside the loop: a text that a million messages lack takes a second to miss."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from app.application import MessageFilter
from app.domain.model import Message
from ui.desk import Desk


class LogReader:
    """Reads in a thread of its own, one question after the other."""

    def __init__(self, desk: Desk) -> None:
        self._journal = desk.application.journal
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log reader")

    async def read(
        self,
        wanted: MessageFilter,
        *,
        before_id: int | None = None,
        limit: int,
        still_wanted: Callable[[], bool] = lambda: True,
    ) -> list[Message]:
        """Up to `limit` stored messages, newest first; none where `still_wanted` does not hold when its turn comes."""
        work = partial(self._journal.messages, wanted, before_id=before_id, limit=limit)
        return await asyncio.wrap_future(self._thread.submit(lambda: work() if still_wanted() else []))

    def close(self) -> None:
        """Let the thread end. Nothing can be read after that."""
        self._thread.shutdown(wait=False, cancel_futures=True)
