"""Where a pass or an identity could charge: yes or no for each station, and why.

lines = station_lines(desk, desk.application.explanations.of_pass(card.id))
section.addWidget(station_table(desk, lines))
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.application import PassAnswer, StationAnswer
from app.domain.access import Decision, Reason
from ui.desk import Desk
from ui.strings import SENTENCES, sentence, tr
from ui.theme import Tone
from ui.widgets.pane_table import pane_table
from ui.widgets.tables import Column, TableView

_OF_MEMBERS = frozenset({Reason.PASS_IS_MEMBER, Reason.IDENTITY_IS_MEMBER})


def why(decision: Decision, pool_name: str, *, members_free: bool = False) -> str:
    """The reason of a decision, as a list of places or of people wants it: "member of Guests, free"."""
    reason = decision.reason.value
    long = f"answer.{reason}"
    words = sentence(long if long in SENTENCES else reason, pool=pool_name)
    if members_free and decision.reason in _OF_MEMBERS:
        return tr("{why}, free").format(why=words)
    return words


@dataclass(frozen=True)
class StationLine:
    """A station at which a pass or an identity may charge or not, and why, in words."""

    station_id: str
    station: str
    decision: Decision
    why: str


def station_lines(desk: Desk, answers: Sequence[StationAnswer]) -> tuple[StationLine, ...]:
    """The answers in words: where it may charge first, then in their own order."""
    pools = (summary.pool for summary in desk.application.pools.all())
    free = {pool.id for pool in pools if pool.options.members_free}
    lines = (
        StationLine(
            answer.station_id,
            answer.station_name,
            answer.decision,
            why(answer.decision, answer.pool_name, members_free=answer.pool_id in free),
        )
        for answer in answers
    )
    return tuple(sorted(lines, key=lambda line: not line.decision.accepted))


def station_table(desk: Desk, lines: Sequence[StationLine]) -> TableView:
    """Stations with ✓ or ✕ and why; Enter opens the station."""
    columns: list[Column[StationLine]] = [
        Column(title="", text=lambda line: mark(line.decision), tone=lambda line: mark_tone(line.decision), width=34),
        Column(title=tr("Station"), text=lambda line: line.station, width=96, stretch=1),
        Column(title=tr("Why"), text=lambda line: line.why, tone="muted", width=118, stretch=2),
    ]
    table = pane_table(tr("Where it can charge"), columns, lines, key=lambda line: line.station_id)
    table.row_activated.connect(lambda line: desk.go("stations", line.station_id))
    return table


def how_many_of(lines: Sequence[StationLine]) -> str:
    """At how many of the stations it may charge; empty where there is none."""
    accepted = sum(line.decision.accepted for line in lines)
    return tr("{count} of {total}").format(count=accepted, total=len(lines)) if lines else ""


def how_many_can(answers: Sequence[PassAnswer]) -> str:
    """How many passes may charge, and how many of those once their UID is known."""
    accepted = [answer for answer in answers if answer.decision.accepted]
    waiting = sum(answer.uid is None for answer in accepted)
    facts = {"count": f"{len(accepted):,}", "total": f"{len(answers):,}", "waiting": f"{waiting:,}"}
    if waiting:
        return tr("{count} of {total} passes, {waiting} of them once the UID is known").format(**facts)
    return tr("{count} of {total} passes").format(**facts)


def mark(decision: Decision) -> str:
    """Yes or no."""
    return "✓" if decision.accepted else "✕"


def mark_tone(decision: Decision) -> Tone:
    """The colour of yes or no."""
    return "ok" if decision.accepted else "bad"
