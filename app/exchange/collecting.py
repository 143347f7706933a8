"""While a long list is worked through, nobody looks for garbage in it.

Python looks through everything there is each time that a quarter more has come; a list of 100,000 rows is nothing but
more, and each look is a time in which no other thread runs.
"""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def nothing_collected() -> Iterator[None]:
    """Within it no garbage is looked for; after it again, if it was before. Other threads may do the same meanwhile."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
