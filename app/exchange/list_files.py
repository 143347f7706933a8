"""The list that a station should keep itself, as a file: for stations that a vendor's own tool fills."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from app.domain.commands import SendList
from app.domain.errors import AppError
from app.domain.local_list import Piece, fit
from app.domain.model import OcppVersion
from app.domain.wanted_list import Wanted
from app.exchange.writers import Row, whole_or_not, write_table
from app.local_lists import LocalLists
from app.passes import Passes

JSON = ".json"
HEADERS = ("ID as sent", "Status", "Valid until", "Group", "Visible ID", "Pass name", "Holder")
#: So many passes are read at once.
PIECE = 1_000
#: In a tool of a vendor the list begins anew.
FIRST_VERSION = 1

Payload = Callable[[SendList], dict[str, Any]]


class ListFiles:
    def __init__(self, lists: LocalLists, passes: Passes, payloads: Mapping[OcppVersion, Payload]) -> None:
        """`payloads` write SendLocalList in each version."""
        self._lists = lists
        self._passes = passes
        self._payloads = payloads

    async def of_station(self, station_id: str, path: Path, version: OcppVersion | None = None) -> int:
        """Write what a station's list should hold, all of it; how many entries.

        A name that ends in .json gets the payload of a SendLocalList, in the version the station speaks unless another
        one is named; any other a table. Raises AppError `station_unknown`, `list_is_empty`, and those of
        `write_table`.
        """
        spoken = version or self._lists.version_of(station_id)
        return await self._write(self._lists.wanted(station_id), path, spoken)

    async def of_pool(self, pool_id: int, path: Path, version: OcppVersion | None = None) -> int:
        """As `of_station`, for a station that was never connected, in the UIDs' own spelling."""
        return await self._write(self._lists.wanted_of_pool(pool_id), path, version or OcppVersion.V16)

    async def _write(self, wanted: Sequence[Wanted], path: Path, version: OcppVersion) -> int:
        if not wanted:
            raise AppError("list_is_empty")
        if path.suffix.casefold() == JSON:
            entries, _ = fit((each.entry for each in wanted), None)
            payload = self._payloads[version](SendList(Piece(True, FIRST_VERSION, entries)))
            text = orjson.dumps(payload, option=orjson.OPT_INDENT_2)
            await asyncio.to_thread(whole_or_not, path, lambda part: part.write_bytes(text))
            return len(entries)
        rows = self._rows(wanted)
        return await asyncio.to_thread(write_table, path, HEADERS, rows, sheet="Local list")

    def _rows(self, wanted: Sequence[Wanted]) -> list[Row]:
        ids = [each.pass_id for each in wanted]
        pieces = (ids[start : start + PIECE] for start in range(0, len(ids), PIECE))
        known = {each.card.id: each for piece in pieces for each in self._passes.these(piece)}
        rows: list[Row] = []
        for each in wanted:
            entry, summary = each.entry, known.get(each.pass_id)
            card = (summary.card.visible_id, summary.card.name, summary.holder) if summary else ("", "", "")
            rows.append((entry.raw, entry.status.value, _moment(entry.expires_at), entry.group_id, *card))
        return rows


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone().isoformat(timespec="seconds")
