import gc
import threading
import weakref

import pytest

from ui.frame import collecting
from ui.frame.collecting import collecting_here


class Ring:
    def __init__(self):
        self.me = self


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(collecting, "EVERY_MS", 10)


def make_many():
    kept = [Ring() for _ in range(20_000)]
    last = weakref.ref(kept[-1])
    del kept
    return last


def test_another_thread_takes_nothing_away(qapp):
    found = []
    with collecting_here():
        ring = weakref.ref(Ring())
        thread = threading.Thread(target=lambda: found.append(make_many()))
        thread.start()
        thread.join()
        assert ring() is not None
        assert found[0]() is not None


def test_what_nobody_holds_goes_on_this_thread(qtbot):
    went_on = []
    with collecting_here():
        ring = Ring()
        weakref.finalize(ring, lambda: went_on.append(threading.get_ident()))
        del ring
        kept = [Ring() for _ in range(1_000)]
        qtbot.waitUntil(lambda: went_on == [threading.get_ident()])
        assert len(kept) == 1_000


def test_afterwards_python_collects_by_itself_again(qapp):
    was_on = gc.isenabled()
    gc.enable()
    with collecting_here():
        assert not gc.isenabled()
    assert gc.isenabled()
    if not was_on:
        gc.disable()
