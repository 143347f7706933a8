"""Real widgets without a screen. A Qt warning fails the test in which it is said."""

import asyncio
import gc
import itertools
import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pytest
import pytestqt.plugin
import qasync
from PySide6.QtCore import Qt, QtMsgType
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from ui.bridge import Bridge
from ui.desk import Desk
from ui.frame.main_window import MainWindow, Page
from ui.theme import Theme

_OF_THE_PLATFORM = "This plugin does not support "
_CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QTextEdit, QPlainTextEdit)


_loops = []
_AFTER_THE_STEP_S = 0.001


class _WindowLoop(qasync.QEventLoop):
    """Between fixtures and test it stands still: qasync goes on for a moment after each, and asyncio's way to the loop
    is gone by then, so that a task that is woken there would die of it."""

    def run_until_complete(self, future):
        task = asyncio.ensure_future(future, loop=self)
        task.add_done_callback(lambda _task: self.stop())
        self.run_forever()
        return task.result()

    def call_later(self, delay, callback, *args, context=None):
        """Not while a task is at its step: where a test lets Qt go on in the middle of one, as `processEvents` does,
        asyncio refuses the step of every other task that is due, and none of them is ever woken again."""

        def call():
            if handle.cancelled():
                return
            if asyncio.current_task(self) is None:
                callback(*args)
            else:
                super(_WindowLoop, self).call_later(_AFTER_THE_STEP_S, call, context=context)

        handle = super().call_later(delay, call, context=context)
        return handle


def _window_loop():
    app = QApplication.instance() or QApplication(["tapdesk"])
    # As in the program: the end of the last window must not end the loop.
    app.setQuitOnLastWindowClosed(False)
    _loops[:] = [_WindowLoop(app)]
    return _loops[0]


def _process_events():
    """What pytest-qt does between fixtures, test and clean-up. A task that is woken by it finds its loop running."""
    loop = next((loop for loop in _loops if not loop.is_closed()), None)
    app = QApplication.instance()
    if app is None:
        return
    asyncio.events._set_running_loop(loop)
    try:
        app.processEvents()
    finally:
        asyncio.events._set_running_loop(None)


pytestqt.plugin._process_events = _process_events


def pytest_asyncio_loop_factories():
    """`async def test_…` runs on the loop of the window, where widgets and sockets meet."""
    return {"qasync": _window_loop}


#: Walking everything after each of two thousand tests would take longer than they do.
THOROUGHLY_EVERY = 40
_tests = itertools.count(1)


@pytest.fixture(autouse=True)
def _collected_on_this_thread():
    """As in the program: on a thread of the application a forgotten widget would be destroyed there."""
    gc.disable()
    yield
    if next(_tests) % THOROUGHLY_EVERY == 0:
        gc.unfreeze()
    gc.collect()
    # What is left is likely to stay for a while.
    gc.freeze()
    # Tests without a window follow on the same worker, and nobody collects by hand there.
    gc.enable()


@pytest.fixture(scope="session")
def theme(qapp):
    return Theme(qapp, "light")


@pytest.fixture(autouse=True)
def _light(theme):
    theme.choose("light")


@pytest.fixture(autouse=True)
def _no_qt_warnings(qtlog):
    yield
    loud = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    said = [record.message for record in qtlog.records if record.type in loud]
    assert [message for message in said if not message.startswith(_OF_THE_PLATFORM)] == []


@pytest.fixture
def shown(qtbot):
    """Shows a widget as the active window, where the keyboard goes."""

    def show(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        widget.show()
        widget.activateWindow()
        qtbot.waitUntil(widget.isActiveWindow)
        return widget

    return show


def _inside_a_control(widget):
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractSpinBox | QComboBox | QLineEdit):
            return True
        parent = parent.parentWidget()
    return False


@pytest.fixture
def out_of_reach():
    """Controls that a screen reader cannot name or that no Tab stop leads to."""

    def look(root: QWidget) -> list[str]:
        found = []
        for control in (widget for kind in _CONTROLS for widget in root.findChildren(kind)):
            if _inside_a_control(control) or control.isHidden():
                continue
            name = QAccessible.queryAccessibleInterface(control).text(QAccessible.Text.Name)
            if not name:
                found.append(f"{type(control).__name__} without a name")
            reachable = any(
                other.focusPolicy().value & 1
                for other in [control, *control.parentWidget().findChildren(type(control))]
            )
            if not reachable:
                found.append(f"{name!r} without a Tab stop")
        return found

    return look


@pytest.fixture
def pixels():
    """What a widget looks like: its picture, and whether a colour is in it."""

    def grab(widget: QWidget) -> QImage:
        return widget.grab().toImage()

    return grab


@pytest.fixture
def has_colour(pixels):
    def look(widget: QWidget, colour: str) -> bool:
        picture = pixels(widget)
        wanted = int(colour.lstrip("#"), 16)
        return any(
            picture.pixel(x, y) & 0xFFFFFF == wanted for x in range(picture.width()) for y in range(picture.height())
        )

    return look


@pytest.fixture
async def desk(qtbot, application):
    """What a page works at, with a window of nothing round it: real notes, real tasks, a real site."""
    window = MainWindow([Page("nothing", "Nothing", QWidget)], site="Parkhotel")
    qtbot.addWidget(window)
    desk = Desk(application, Bridge(application.bus), window.notes, window, "127.0.0.1")
    yield desk
    await desk.tasks.close()


@pytest.fixture
def until():
    """Waits for what the window will show: `await until(lambda: note.isVisible())`."""

    async def wait(holds, seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.01)

    return wait


@pytest.fixture
def went(desk):
    """Where pages asked to go: pairs of a page's key and what is to be selected there."""
    places = []
    desk.going.connect(lambda where, what: places.append((where, what)))
    return places


@pytest.fixture
def opened(desk, until):
    """Waits for a dialog of a kind: `dialog = await opened(PassDialog)`."""

    async def wait(kind):
        def there():
            return [dialog for dialog in desk.window.findChildren(kind) if dialog.isVisible()]

        await until(there)
        return there()[-1]

    return wait


@pytest.fixture
def said(desk, until):
    """Waits for a note that holds these words and gives it."""

    async def wait(words: str):
        await until(lambda: any(words in note.text for note in desk.notes.shown))
        return next(note for note in desk.notes.shown if words in note.text)

    return wait


@pytest.fixture
def press():
    """Presses the button with these words in a widget."""

    def find_and_press(root: QWidget, words: str) -> None:
        def hidden_by_hand(button):
            # A button that was just made is shown a moment later.
            return button.isHidden() and button.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)

        buttons = [button for button in root.findChildren(QAbstractButton) if button.text() == words]
        [button for button in buttons if not hidden_by_hand(button)][-1].click()

    return find_and_press
