"""Access on request: a card that was refused where that may be asked for, until an operator decides it."""

from app.requests.requests import Requests

__all__ = ["Requests"]
