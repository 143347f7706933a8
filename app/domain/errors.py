"""The one kind of error an operator is meant to see."""

from collections.abc import Mapping
from typing import Self


class AppError(Exception):
    """Something expected went wrong and nothing was changed.

    `code` names the case (`"uid_taken"`), `params` carries the facts a sentence needs. The words are the
    caller's: the window and the command line turn a code into a sentence, this module knows none.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code}({facts})"

    @classmethod
    def told(cls, code: str, params: Mapping[str, object]) -> Self:
        """One that was raised elsewhere, in another process or about a thing with another name."""
        return cls(code, **params)
