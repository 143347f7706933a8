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


def test_what_has_stayed_for_a_while_is_not_looked_at_again_and_again(qtbot):
    looked_at = []
    gc.callbacks.append(watch := lambda phase, _: looked_at.append(len(gc.get_objects())) if phase == "start" else None)
    try:
        with collecting_here():
            kept = []
            # As traffic does: some of it stays.
            qtbot.waitUntil(lambda: kept.extend(Ring() for _ in range(2_000)) or len(looked_at) > 40, timeout=20_000)
            most = max(looked_at[1:])
    finally:
        gc.callbacks.remove(watch)
    assert len(kept) > 60_000
    assert most < 60_000


def test_what_became_garbage_after_a_long_time_goes_as_well(qtbot, monkeypatch):
    monkeypatch.setattr(collecting, "THOROUGHLY_EVERY_MS", 50)
    with collecting_here():
        ring = Ring()
        gc.freeze()
        gone = weakref.ref(ring)
        del ring
        qtbot.waitUntil(lambda: gone() is None)


def test_nothing_is_looked_at_while_a_long_list_is_worked_through_nor_its_rows_afterwards(qtbot):
    before = gc.get_threshold()
    with collecting_here():
        gc.set_threshold(0)
        last = make_many()
        kept = [Ring() for _ in range(20_000)]
        qtbot.wait(50)
        assert last() is not None
        gc.set_threshold(*before)
        qtbot.waitUntil(lambda: len(gc.get_objects()) < 20_000)
        assert len(kept) == 20_000


def test_afterwards_python_collects_by_itself_again(qapp):
    was_on = gc.isenabled()
    gc.enable()
    with collecting_here():
        assert not gc.isenabled()
    assert gc.isenabled()
    if not was_on:
        gc.disable()
