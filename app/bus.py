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
        self._handlers: dict[type, dict[object, Callable[[Any], None]]] = defaultdict(dict)

    def subscribe(self, kind: type[Event], handler: Callable[[Event], None]) -> Callable[[], None]:
        """Call `handler` with each event of exactly this type; the returned function ends that, at once."""
        subscription = object()
        self._handlers[kind][subscription] = handler

        def end() -> None:
            self._handlers[kind].pop(subscription, None)

        return end

    def publish(self, event: object) -> None:
        """Tell everyone, now. Call it on the loop's thread and after the commit, never inside a transaction."""
        handlers = self._handlers.get(type(event), {})
        for subscription in tuple(handlers):
            # One that heard before may have ended it: a page that is gone must not be told any more.
            handler = handlers.get(subscription)
            if handler is None:
                continue
            try:
                handler(event)
            except Exception:
                logger.exception("A handler of %s failed", type(event).__name__)
