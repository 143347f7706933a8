"""Reading a file that somebody dropped: in a process of its own, with an end to its time and memory."""

import asyncio
import subprocess
import sys
from pathlib import Path

from app.domain.errors import AppError
from app.exchange.answers import understood
from app.exchange.tables import LARGEST_FILE, Workbook
from app.responsiveness import nothing_collected

READ_WITHIN_S = 5.0
#: What Excel and LibreOffice leave beside a file that they have open, and what stands for one that is not here yet.
_LOCK_MARKS = ("~$", ".~lock.")
_PLACEHOLDERS = (".icloud", ".part", ".crdownload", ".download")
_WEB = ("http:", "https:", "ftp:")


async def read_table(path: Path, sheet: str = "") -> Workbook:
    """The table in a file: xlsx, xls, ods, or text with delimiters, whatever its name ends in.

    Raises AppError `file_absent`, `file_is_a_folder`, `file_is_a_web_link`, `file_is_a_lock`, `file_not_there_yet`,
    `file_locked`, `file_empty`, `file_too_large`, `file_encrypted`, `file_damaged`, `file_not_a_table`,
    `file_takes_too_long`, `sheet_absent`, `too_many_rows`, `too_many_columns`; each with `name`.
    """
    try:
        _check(path)
        return await asyncio.to_thread(_read_in_child, path, sheet)
    except AppError as error:
        raise AppError.told(error.code, error.params | {"name": path.name}) from error


def _check(path: Path) -> None:
    if path.parts[:1] and path.parts[0].casefold() in _WEB:
        raise AppError("file_is_a_web_link")
    if path.name.startswith(_LOCK_MARKS):
        raise AppError("file_is_a_lock")
    if path.name.endswith(_PLACEHOLDERS):
        raise AppError("file_not_there_yet")
    if path.is_dir():
        raise AppError("file_is_a_folder")
    try:
        with path.open("rb") as file:
            file.read(1)
        if path.stat().st_size > LARGEST_FILE:
            raise AppError("file_too_large")
    except FileNotFoundError as error:
        raise AppError("file_absent") from error
    except OSError as error:
        raise AppError("file_locked", why=error.strerror or str(error)) from error


def _read_in_child(path: Path, sheet: str) -> Workbook:
    try:
        # The interpreter and module are ours; the path is an argument, never a command.
        child = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "app.exchange.child", str(path.absolute()), sheet],
            capture_output=True,
            timeout=READ_WITHIN_S,
            check=False,
            cwd=Path(__file__).parents[2],
        )
    except subprocess.TimeoutExpired as error:
        raise AppError("file_takes_too_long") from error
    if child.returncode != 0:
        raise AppError("file_damaged")
    with nothing_collected():
        return understood(child.stdout)
