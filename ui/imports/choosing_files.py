"""Asking for files, without holding up the window.

for path in await files_to_read(page, tr("Choose lists to import"), [tr("Spreadsheets and CSV (*.xlsx *.csv)")]): ...
if path := await file_to_write(page, tr("Save the template"), "passes.xlsx"): ...
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from ui.tasks import ask


async def files_to_read(parent: QWidget, name: str, filters: Sequence[str]) -> list[Path]:
    """Files that exist; none when the operator thought better of it."""
    dialog = QFileDialog(parent, name)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilters(filters)
    return [Path(chosen) for chosen in dialog.selectedFiles()] if await ask(dialog) else []


async def file_to_write(parent: QWidget, name: str, suggested: str) -> Path | None:
    """Where to write, with the ending of the suggested name; a file that is there may be replaced, which was asked."""
    dialog = QFileDialog(parent, name)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    ending = Path(suggested).suffix
    dialog.setNameFilters([f"*{ending}"])
    dialog.setDefaultSuffix(ending.removeprefix("."))
    dialog.selectFile(suggested)
    return Path(dialog.selectedFiles()[0]) if await ask(dialog) else None
