"""Letters in words: the templates in `resources/mail`, filled in.

A template is a subject line, an empty line and a body. A line that names a fact which is not known is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from string import Template

from app.domain.drafts import printable

SUBJECT_LIMIT = 150
FACT_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Wording:
    subject: str
    body: str


def worded(template: str, facts: Mapping[str, str]) -> Wording:
    """The template of this name with what is known; whatever a fact holds, it stays on the line it stands in."""
    known = {name: " ".join(printable(fact).split())[:FACT_LIMIT] for name, fact in facts.items()}
    subject, body = _template(template)
    lines = [filled for line in body.splitlines() if (filled := _filled(line, known)) is not None]
    return Wording((_filled(subject, known) or "")[:SUBJECT_LIMIT], "\n".join(lines).strip() + "\n")


def local_time(moment: datetime) -> str:
    """A moment as the people around this machine read it."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _filled(line: str, known: Mapping[str, str]) -> str | None:
    template = Template(line)
    if not all(known.get(name) for name in template.get_identifiers()):
        return None
    return template.substitute(known)


@cache
def _template(name: str) -> tuple[str, str]:
    text = (files("resources") / "mail" / "en" / f"{name}.txt").read_text(encoding="utf-8")
    subject, _, body = text.partition("\n\n")
    return subject.removeprefix("Subject: "), body
