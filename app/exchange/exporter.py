"""Lists that go out: read in pieces in a thread of their own, and written whole or not at all."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from app.database.store import Store
from app.domain.errors import AppError
from app.domain.export_kinds import FORMS, ExportForm, ExportKind, FileFormat, formats_of
from app.domain.import_cells import Problem
from app.domain.import_fields import ListKind
from app.domain.model import Message
from app.domain.month_report import MonthReport
from app.exchange.export_lists import Listed, export_list, message_columns
from app.exchange.importer import PlannedImport
from app.exchange.report_lines import REPORT_HEADERS, REPORT_KEYS, report_lines
from app.exchange.writers import Row, format_of, write_table
from app.journal import Journal, MessageFilter

#: How many rows are read at once.
PIECE = 1_000


class Exporter:
    def __init__(self, store: Store, journal: Journal, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock

    async def export(
        self,
        kind: ExportKind,
        path: Path,
        *,
        form: ExportForm = ExportForm.ALL,
        ids: Sequence[int] | None = None,
        pool_id: int | None = None,
        messages: MessageFilter | None = None,
        progress: Callable[[int], None] = lambda _done: None,
        stop: threading.Event | None = None,
    ) -> int:
        """Write what there is of a kind, in the format that the name ends in; how many rows.

        The filter: `ids` of the rows wanted, in that order (those that are gone are left out); the pool they belong
        to (passes: those it admits now, also by their identities); for messages what `messages` admits, newest first.
        Moments are written in the time of this machine, with its distance to UTC. `progress` is called in another
        thread with the rows so far. Raises AppError `format_unknown`, `format_not_for_this`, `export_not_by_pool`,
        `export_stopped` (when `stop` was set) and those of `write_table`; then there is no new file.
        """
        _check(kind, form, path, pool_id)
        if kind is ExportKind.MESSAGES:
            with contextlib.suppress(AppError):
                await self._journal.flush()
        now, stopped = self._clock(), stop or threading.Event()

        def write() -> int:
            if kind is ExportKind.MESSAGES:
                columns: Sequence[Listed] = message_columns()
                found: Iterable[Any] = self._messages(messages or MessageFilter())
            else:
                listed = export_list(kind, form, ids, pool_id, now)
                columns, found = listed.columns, self._rows(listed.query)
            is_for_programs = format_of(path) is FileFormat.JSON_LINES
            headers = [column.key if is_for_programs else column.header for column in columns]
            rows = _cells(columns, found, progress, stopped)
            bare = form is ExportForm.EV_PORTAL
            return write_table(path, headers, rows, sheet=kind.value.capitalize(), for_programs=bare)

        return await asyncio.to_thread(write)

    async def save_report(self, report: MonthReport, path: Path) -> int:
        """Write a month's report, a line for each row and currency; how many lines.

        Raises AppError `format_unknown` and those of `write_table`; then there is no new file.
        """
        lines = report_lines(report)
        headers = REPORT_KEYS if format_of(path) is FileFormat.JSON_LINES else REPORT_HEADERS
        sheet = f"{report.month:%Y-%m}"
        return await asyncio.to_thread(lambda: write_table(path, headers, lines, sheet=sheet))

    async def save_template(self, kind: ListKind, path: Path) -> None:
        """Write an empty list of this kind to be filled in. Raises AppError as `save_template` of templates does."""
        from app.exchange.templates import save_template

        await asyncio.to_thread(save_template, kind, path)

    async def save_errors(
        self, planned: PlannedImport, path: Path, words: Callable[[Problem], str], original: Path | None = None
    ) -> int:
        """Write the rows that were left out of an import, each with what is wrong with it; how many.

        Raises AppError as `write_error_report` does.
        """
        from app.exchange.error_report import write_error_report

        return await asyncio.to_thread(write_error_report, planned, path, words, original)

    def _rows(self, query: Any) -> Iterator[Any]:
        with contextlib.closing(self._store.reader.execute(query)) as result:
            for piece in result.partitions(PIECE):
                yield from piece

    def _messages(self, wanted: MessageFilter) -> Iterator[Message]:
        before_id = None
        while piece := self._journal.messages(wanted, before_id=before_id, limit=PIECE):
            yield from piece
            before_id = piece[-1].id


def _check(kind: ExportKind, form: ExportForm, path: Path, pool_id: int | None) -> None:
    known = formats_of(kind, form)
    if form is not ExportForm.ALL and form not in FORMS.get(kind, ()):
        raise AppError("form_not_for_this", form=form.value, kind=kind.value)
    if format_of(path) not in known:
        raise AppError("format_not_for_this", name=path.name, formats=", ".join(f".{each}" for each in known))
    if kind is ExportKind.MESSAGES and pool_id is not None:
        raise AppError("export_not_by_pool")


def _cells(
    columns: Sequence[Listed], rows: Iterable[Any], progress: Callable[[int], None], stop: threading.Event
) -> Iterator[Row]:
    of_row = [column.cell for column in columns]
    for done, row in enumerate(rows, 1):
        if done % PIECE == 0:
            if stop.is_set():
                raise AppError("export_stopped")
            progress(done)
        yield [cell(row) for cell in of_row]
