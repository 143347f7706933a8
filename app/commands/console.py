"""Where commands print: sentences and tables for people, data for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TextIO


class Words(Protocol):
    """Puts a code of the application into words."""

    def __call__(self, code: str, /, **facts: object) -> str: ...


class Console:
    """What a command has to say. Its methods give the exit code of a command that did what it was asked."""

    def __init__(self, out: TextIO, words: Words, *, as_json: bool) -> None:
        self.out = out
        self.words = words
        self.as_json = as_json

    def done(self, sentence: str, value: object) -> int:
        """What was done, and to what."""
        print(json.dumps(plain(value), ensure_ascii=False) if self.as_json else sentence, file=self.out)
        return 0

    def table(self, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> int:
        """Rows: for people those columns, for programs all there is."""
        return self.show(rows, [] if self.as_json else _aligned(rows, columns))

    def show(self, value: object, lines: Sequence[str]) -> int:
        """Something whole: for people those lines, for programs the value."""
        if self.as_json:
            print(json.dumps(plain(value), ensure_ascii=False, indent=2), file=self.out)
        else:
            for line in lines:
                print(line, file=self.out)
        return 0

    def sheet(
        self, facts: dict[str, Any], name: str = "", rows: Sequence[dict[str, Any]] = (), columns: Sequence[str] = ()
    ) -> int:
        """One thing: for people its facts that are there, then its rows; for programs all of both, rows as `name`."""
        told = {label: text for label, fact in facts.items() if (text := _cell(fact))}
        width = max(map(len, told), default=0)
        lines = [f"{label.ljust(width)}  {text}" for label, text in told.items()]
        if rows:
            lines += ["", *_aligned(rows, columns)]
        return self.show(facts | ({name: rows} if name else {}), lines)


def plain(value: Any) -> Any:
    """A value as JSON has it: moments in ISO 8601 with their zone, amounts as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def local(at: datetime) -> str:
    """A moment as people read it in a list."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _aligned(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[str]:
    lines = [list(columns), *([_cell(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _cell(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, datetime):
        return local(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return str(value)
