"""How SQLite means to answer what the program asks it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event


@contextmanager
def _asked(store) -> Iterator[list[tuple[str, object]]]:
    statements = []

    def take(_connection, _cursor, statement, parameters, _context, _many):
        statements.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", take)
    try:
        yield statements
    finally:
        event.remove(store._engine, "before_cursor_execute", take)


def plan_of(store, ask: Callable[[], object]) -> list[str]:
    """Each step of each statement that `ask` sends; `SCAN messages` is a step that reads a whole table."""
    with _asked(store) as statements:
        ask()
    assert statements
    return [
        row[3]
        for statement, parameters in statements
        for row in store.fast_reader.execute(f"explain query plan {statement}", parameters)
    ]
