"""Events to those who asked for them, on the loop's thread, in the order of asking."""

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

logger = logging.getLogger(__name__)
Event = TypeVar("Event")


class Bus:
    """Typed events. A handler that fails is logged and does not keep the others from hearing."""

    def __init__(self) -> None:
        self._handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)

    def subscribe(self, kind: type[Event], handler: Callable[[Event], None]) -> Callable[[], None]:
        """Call `handler` with each event of exactly this type; the returned function ends that."""
        self._handlers[kind].append(handler)
        return lambda: self._handlers[kind].remove(handler)

    def publish(self, event: object) -> None:
        """Tell everyone, now. Call it on the loop's thread and after the commit, never inside a transaction."""
        for handler in tuple(self._handlers.get(type(event), ())):
            try:
                handler(event)
            except Exception:
                logger.exception("A handler of %s failed", type(event).__name__)
