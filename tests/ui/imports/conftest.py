"""A real site in the whole window, files to drop on it, and the list that is looked at."""

import csv

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.application import Application
from app.domain.drafts import IdentityDraft, PassDraft
from ui.frame.window import TapdeskWindow

HEADERS = ["Visible ID", "UID", "Pass name", "E-mail address of passholder"]


@pytest.fixture
async def site(database):
    """Anna and Jan; Anna's Fob with a UID, her Old card without one; the pools Guests and Staff."""
    application = Application(database)
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    await application.identities.add(IdentityDraft("jan@delinde.example", "Jan", "Bakker"))
    await application.passes.add(PassDraft("04A2B3C4D5E680", "NL-TNM-000001", "Fob", anna.id))
    await application.passes.add(PassDraft("", "NL-TNM-000002", "Old card", anna.id))
    await application.pools.create("Guests")
    await application.pools.create("Staff")
    yield application
    await application.stop()


@pytest.fixture
async def window(qtbot, site, theme, until):
    window = TapdeskWindow(theme, host="127.0.0.1", port=0)
    qtbot.addWidget(window)
    window.show()
    window.open_site(site)
    window.activateWindow()
    await until(window.isActiveWindow)
    yield window
    await window.desk.tasks.close()


@pytest.fixture
def page(window):
    return window.page("imports")


@pytest.fixture
def written(tmp_path):
    """Writes a list: `written("list.csv", rows)`, below the headers of passes or others."""

    def write(name, rows, headers=HEADERS):
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([headers, *rows])
        return path

    return write


@pytest.fixture
def november(written):
    """A new pass, a UID for one that has none, one as it is, a visible ID in the UID column, an unknown holder."""
    return written(
        "november.csv",
        [
            ["NL-TNM-000003", "04A1B2C3D4E580", "Reception", "anna@delinde.example"],
            ["NL-TNM-000002", "047C11AA902B80", "Old card", "anna@delinde.example"],
            ["NL-TNM-000001", "04A2B3C4D5E680", "Fob", "anna@delinde.example"],
            ["NL-TNM-000004", "NL-TNM-000004", "Pool car", "jan@delinde.example"],
            ["NL-TNM-000005", "", "Visitor", "new@delinde.example"],
        ],
    )


@pytest.fixture
def dragged(window):
    """Drags something over the window, as the system tells it; gives what lets go there."""

    def drag(mime: QMimeData, place=(300, 300)):
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(*place), Qt.DropAction.CopyAction, mime, buttons, keys)
        QApplication.sendEvent(window.windowHandle(), enter)

        def let_go():
            drop = QDropEvent(QPointF(*place), Qt.DropAction.CopyAction, mime, buttons, keys)
            QApplication.sendEvent(window.windowHandle(), drop)

        return let_go

    return drag


@pytest.fixture
def files():
    """Files as a drag or the clipboard carries them."""

    def carry(*paths):
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        return mime

    return carry


@pytest.fixture
def looked_at(page, until):
    """Waits for the list that is looked at to be compared with what is there, and gives it."""

    async def wait():
        await until(lambda: page.review is not None and page.review.is_compared)
        return page.review

    return wait


@pytest.fixture
def review_of(window, page, looked_at):
    """Looks at a file: `review = await review_of(path)`."""

    async def look(*paths):
        window.go("imports")
        page.select(paths)
        return await looked_at()

    return look


@pytest.fixture
def note(window, until):
    """Waits for a note with these words."""

    async def wait(words):
        await until(lambda: any(words in each.text for each in window.notes.shown))
        return next(each for each in window.notes.shown if words in each.text)

    return wait


@pytest.fixture
def settled(page, until):
    """Waits until the list is compared with what was said of it last."""

    async def wait():
        await until(lambda: page.review.is_compared)

    return wait
