"""The loop of these tests themselves: what a test lets Qt do in the middle of a step is no other task's end."""

import asyncio

from PySide6.QtGui import QGuiApplication


async def test_a_task_that_is_due_while_a_test_lets_qt_go_on_goes_on_afterwards(qapp):
    other = asyncio.create_task(asyncio.sleep(0.01, "done"))
    await asyncio.sleep(0)
    until = asyncio.get_running_loop().time() + 0.05
    while asyncio.get_running_loop().time() < until:
        QGuiApplication.processEvents()
    assert not other.done()
    async with asyncio.timeout(5):
        assert await other == "done"


async def test_what_was_called_off_meanwhile_does_not_happen(qapp):
    called, loop = [], asyncio.get_running_loop()
    handle = loop.call_later(0.001, called.append, 1)
    until = loop.time() + 0.02
    while loop.time() < until:
        QGuiApplication.processEvents()
    handle.cancel()
    await asyncio.sleep(0.02)
    assert called == []
