import asyncio
import gc
import logging

import pytest
import qasync
from PySide6.QtWidgets import QApplication, QDialog

from app.domain.errors import AppError
from ui.strings import sentence
from ui.tasks import Tasks, ask


@pytest.fixture
def drive(qapp):
    # The window's application does the same: the end of the last window must not end the loop.
    qapp.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(qapp)
    yield lambda work: loop.run_until_complete(asyncio.wait_for(work, 5))
    loop.close()


@pytest.fixture
def said():
    return []


@pytest.fixture
def tasks(said):
    return Tasks(said.append)


def test_work_runs_to_its_end_though_nobody_holds_it(drive, tasks):
    done = []

    async def work():
        await asyncio.sleep(0.02)
        done.append(1)

    async def main():
        tasks.run(work())
        gc.collect()
        await asyncio.sleep(0.05)

    drive(main())
    assert done == [1]


def test_an_expected_error_becomes_a_sentence(drive, tasks, said):
    async def work():
        raise AppError("no_such_code", uid="04A2")

    async def main():
        await tasks.run(work())

    drive(main())
    assert said == [sentence("no_such_code", uid="04A2")]


def test_a_form_can_take_the_error_itself(drive, tasks, said):
    taken = []

    async def work():
        raise AppError("uid_taken")

    async def main():
        await tasks.run(work(), on_error=lambda error: taken.append(error.code))

    drive(main())
    assert (taken, said) == (["uid_taken"], [])


def test_a_fault_is_logged_each_time_and_shown_once(drive, tasks, said, caplog):
    async def work():
        raise ZeroDivisionError("of the program")

    async def main():
        for _ in range(3):
            await tasks.run(work())

    drive(main())
    assert len(said) == 1
    assert "ZeroDivisionError: of the program" in said[0]
    records = [record for record in caplog.records if record.name == "ui.tasks"]
    assert len(records) == 3
    assert all(record.levelno == logging.ERROR and record.exc_info for record in records)
    caplog.clear()


def test_closing_cancels_what_still_runs(drive, tasks, said):
    ended = []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(1)

    async def main():
        tasks.run(work())
        await asyncio.sleep(0)
        await tasks.close()

    drive(main())
    assert (ended, said) == ([1], [])


@pytest.mark.parametrize(("answer", "expected"), [("accept", True), ("reject", False)])
def test_a_dialog_is_waited_for_while_everything_else_goes_on(drive, qapp, answer, expected):
    ticks = []

    async def clock(dialog):
        for _ in range(5):
            await asyncio.sleep(0.005)
            ticks.append(1)
        getattr(dialog, answer)()

    async def main():
        dialog = QDialog()
        ticking = asyncio.ensure_future(clock(dialog))
        given = await ask(dialog)
        await ticking
        return given

    assert drive(main()) is expected
    assert len(ticks) == 5


def test_when_the_waiting_is_cancelled_the_dialog_closes(drive, qapp):
    async def main():
        dialog = QDialog()
        waiting = asyncio.ensure_future(ask(dialog))
        await asyncio.sleep(0.01)
        assert dialog.isVisible()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0.01)
        return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog)]

    assert drive(main()) == []


def test_a_dialog_that_vanishes_is_a_refusal(drive, qapp):
    async def main():
        dialog = QDialog()
        waiting = asyncio.ensure_future(ask(dialog))
        await asyncio.sleep(0.01)
        dialog.deleteLater()
        return await waiting

    assert drive(main()) is False
