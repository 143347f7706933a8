"""A list of stations, to let them in before they first connect, with their names, pools and hosts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.domain.drafts import clean_station_id
from app.domain.errors import AppError
from app.domain.import_cells import Cells, Problem
from app.domain.import_fields import Columns, Field
from app.domain.import_plan import FirstSeen, ImportPlan, PlannedRow, judged, rows_below
from app.domain.sheets import Kinds, Row


@dataclass(frozen=True, slots=True)
class Box:
    """A station as a list names it; an empty text says nothing. `is_accepted` tells whether it was let in."""

    station_id: str
    name: str = ""
    pool: str = ""
    organization: str = ""
    is_accepted: bool = True


def plan_stations(
    rows: Sequence[Row],
    columns: Columns,
    existing: Sequence[Box],
    pools: Sequence[str] = (),
    organizations: Sequence[str] = (),
    kinds: Kinds | None = None,
) -> ImportPlan[Box]:
    """Plan a list of stations. `pools` and `organizations` are the names of those there are."""
    planner = _Planner(existing, pools, organizations)
    return ImportPlan(tuple(planner.row(at, cells) for at, cells in rows_below(rows, columns, kinds or {})))


class _Planner:
    def __init__(self, existing: Sequence[Box], pools: Sequence[str], organizations: Sequence[str]) -> None:
        self._known = {box.station_id.casefold(): box for box in existing}
        self._pools = {name.casefold(): name for name in pools}
        self._organizations = {name.casefold(): name for name in organizations}
        self._first_seen = FirstSeen()

    def row(self, at: int, cells: Cells) -> PlannedRow[Box]:
        named = Box(
            self._station_id(cells),
            cells.name(Field.NAME),
            cells.choice(Field.POOL, self._pools, "pool_not_found"),
            cells.choice(Field.ORGANIZATION, self._organizations, "organization_unknown"),
        )
        folded = named.station_id.casefold()
        problem = self._first_seen.earlier(at, Field.STATION_ID, folded) if folded else None
        if problem:
            cells.problems.append(problem)
        before = self._known.get(folded)
        return judged(at, cells, before, named, _merged, _replaced)

    def _station_id(self, cells: Cells) -> str:
        text = cells.text(Field.STATION_ID)
        try:
            return clean_station_id(text)
        except AppError as error:
            cells.problems.append(Problem(error.code, Field.STATION_ID, value=text))
            return ""


def _merged(before: Box, named: Box) -> Box:
    """The station as it would be: an empty cell leaves what there is, and to be listed is to be let in."""
    return replace(
        before,
        name=named.name or before.name,
        pool=named.pool or before.pool,
        organization=named.organization or before.organization,
        is_accepted=True,
    )


def _replaced(before: Box, after: Box) -> Iterator[Problem]:
    if before.pool and before.pool != after.pool:
        yield Problem("pool_replaced", Field.POOL, is_error=False, value=after.pool, other=before.pool)
