"""Card after card held to a reader: each gives its UID to the next pass, becomes a pass, or is listed.

`Capturing` is the face; the queue of passes, what is kept of a run and moving a card are modules of their own.
"""

from app.capturing.capturing import Capturing

__all__ = ["Capturing"]
