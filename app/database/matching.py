"""What an operator types in a search, as conditions on columns. Upper and lower case are alike, in every alphabet.

With GLOB, since LIKE knows the two cases of ASCII letters only.
"""

from sqlalchemy import ColumnElement, and_, case, false, or_

from app.domain.drafts import EMAIL_LIMIT, printable

Part = tuple[ColumnElement[str], str]

_SPECIAL = "*?["
#: Nothing that is kept is longer, and SQLite refuses conditions without end.
_LONGEST = EMAIL_LIMIT


def holds(text: str, *columns: ColumnElement[str]) -> ColumnElement[bool]:
    """Every word of `text` is in one of the columns; nothing holds a text without words or one too long to be kept."""
    words = printable(text).split()
    if not words or len(text) > _LONGEST:
        return false()
    return and_(*(or_(*(_is_like(column, f"*{_pattern(word)}*") for column in columns)) for word in words))


def closeness(*parts: Part) -> ColumnElement[int]:
    """What to order by, the best first: a column begins with its text, or a word in it does, or neither."""
    return case(
        (or_(*(_is_like(column, f"{_pattern(text)}*") for column, text in parts)), 0),
        (or_(*(_is_like(column, f"* {_pattern(text)}*") for column, text in parts)), 1),
        else_=2,
    )


def _is_like(column: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    return column.bool_op("GLOB")(pattern)


def _pattern(text: str) -> str:
    return "".join(_either_case(character) for character in printable(text))


def _either_case(character: str) -> str:
    cases = {case for case in (character, character.lower(), character.upper()) if len(case) == 1}
    return f"[{''.join(sorted(cases))}]" if len(cases) > 1 or character in _SPECIAL else character
