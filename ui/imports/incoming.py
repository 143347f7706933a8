"""What is dropped on the window or pasted into it, as lists to import.

    incoming = Incoming(desk, window)

A drag that carries files or cells is met by an overlay that says what a drop will do. Ctrl+V outside of a text field
takes what is on the clipboard. What cannot be a list ends in one sentence.
"""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QWidget

from ui.desk import Desk
from ui.imports.drop_overlay import DropOverlay
from ui.strings import tr

_WEB = ("http://", "https://", "ftp://", "www.")


@dataclass(frozen=True, slots=True)
class Pasted:
    """Text that may be a table."""

    text: str


Item = Path | Pasted


@dataclass(frozen=True, slots=True)
class Brought:
    """What a drop or the clipboard holds: `items` to import, and in `refusal` why something is none."""

    items: tuple[Item, ...] = ()
    refusal: str = ""


def brought_by(mime: QMimeData | None) -> Brought:
    """What can be imported of what is dragged or copied; None: nothing was."""
    mime = mime or QMimeData()
    if mime.hasUrls():
        urls = mime.urls()
        files = tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile() and url.toLocalFile())
        return Brought(files, "" if len(files) == len(urls) else _web_link())
    text = mime.text() if mime.hasText() else ""
    if not text.strip():
        return Brought(refusal=tr("There is no file and no text in this. Save it as a file first, then drop that."))
    if text.strip().lower().startswith(_WEB) and len(text.split()) == 1:
        return Brought(refusal=_web_link())
    return Brought((Pasted(text),))


def _web_link() -> str:
    return tr("This is a link to a web page. Download the file first, then drop it here.")


class Incoming(QObject):
    """Watches a window, from its first showing on."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._desk = desk
        self._window = window
        self._brought = Brought()
        self.overlay = DropOverlay(window)
        self.overlay.installEventFilter(self)
        # The frame sees a drag before any field inside of it that would take the words for its own.
        window.winId()
        window.windowHandle().installEventFilter(self)
        self.paste = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), window, self.take_clipboard)

    def take_clipboard(self) -> None:
        """Import what was copied."""
        self._take(brought_by(QGuiApplication.clipboard().mimeData()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.overlay:
            if isinstance(event, QDragEnterEvent) and event.source() is None:
                self._announce(event.mimeData())
            return False
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.overlay.hide()
            self._take(brought_by(event.mimeData()))
            return True
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            return True
        if isinstance(event, QDragLeaveEvent):
            self.overlay.hide()
            return True
        return False

    def _announce(self, mime: QMimeData) -> None:
        brought = brought_by(mime)
        files = [item.name for item in brought.items if isinstance(item, Path)]
        self.overlay.announce(files, refusal="" if brought.items else brought.refusal)

    def _take(self, brought: Brought) -> None:
        if brought.refusal:
            self._desk.notes.problem(brought.refusal)
        if brought.items:
            self._desk.go("imports", brought.items)
