"""That a loop answers soon, and on which thread garbage goes."""

import asyncio
import gc
import sys
import threading
import weakref

import pytest

from app import responsiveness
from app.responsiveness import nothing_collected, responsive


class Ring:
    def __init__(self):
        self.me = self


def make_many():
    kept = [Ring() for _ in range(20_000)]
    last = weakref.ref(kept[-1])
    del kept
    return last


async def until(holds):
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


class TestOnALoop:
    @pytest.fixture(autouse=True)
    def _often(self, monkeypatch):
        monkeypatch.setattr(responsiveness, "EVERY_S", 0.01)

    @pytest.fixture
    async def collected_here(self):
        with responsive(asyncio.get_running_loop()):
            yield

    def test_another_thread_takes_nothing_away(self, collected_here):
        found = []
        ring = weakref.ref(Ring())
        thread = threading.Thread(target=lambda: found.append(make_many()))
        thread.start()
        thread.join()
        assert ring() is not None
        assert found[0]() is not None

    async def test_what_nobody_holds_goes_on_this_thread(self, collected_here):
        went_on = []
        ring = Ring()
        weakref.finalize(ring, lambda: went_on.append(threading.get_ident()))
        del ring
        kept = [Ring() for _ in range(1_000)]
        await until(lambda: went_on == [threading.get_ident()])
        assert len(kept) == 1_000

    async def test_what_has_stayed_for_a_while_is_not_looked_at_again_and_again(self, collected_here):
        looked_at, kept = [], []
        gc.callbacks.append(
            watch := lambda phase, _: looked_at.append(len(gc.get_objects())) if phase == "start" else None
        )
        try:
            # As traffic does: some of it stays.
            await until(lambda: kept.extend(Ring() for _ in range(2_000)) or len(looked_at) > 40)
        finally:
            gc.callbacks.remove(watch)
        assert len(kept) > 60_000
        assert max(looked_at[1:]) < 60_000

    async def test_what_became_garbage_after_a_long_time_goes_as_well(self, monkeypatch):
        monkeypatch.setattr(responsiveness, "THOROUGHLY_EVERY_S", 0.05)
        with responsive(asyncio.get_running_loop()):
            ring = Ring()
            gc.freeze()
            gone = weakref.ref(ring)
            del ring
            await until(lambda: gone() is None)

    async def test_nothing_is_looked_at_while_a_long_list_is_worked_through_nor_its_rows_afterwards(
        self, collected_here
    ):
        with nothing_collected():
            last = make_many()
            kept = [Ring() for _ in range(20_000)]
            await asyncio.sleep(0.05)
            assert last() is not None
        await until(lambda: len(gc.get_objects()) < 20_000)
        assert len(kept) == 20_000

    async def test_threads_beside_it_soon_give_way(self):
        usual = sys.getswitchinterval()
        with responsive(asyncio.get_running_loop()):
            assert sys.getswitchinterval() < usual
        assert sys.getswitchinterval() == usual

    async def test_afterwards_python_collects_by_itself_again(self):
        assert gc.isenabled()
        with responsive(asyncio.get_running_loop()):
            assert not gc.isenabled()
        assert gc.isenabled()


class TestNotNow:
    def test_garbage_is_looked_for_again_afterwards_also_when_something_went_wrong(self):
        before = gc.get_threshold()
        with pytest.raises(ValueError, match="wrong"), nothing_collected():
            assert gc.get_threshold()[0] == 0
            raise ValueError("wrong")
        assert gc.get_threshold() == before != (0, *before[1:])

    def test_it_is_looked_for_again_when_the_last_of_several_is_done(self):
        before = gc.get_threshold()
        begun, go_on = threading.Event(), threading.Event()

        def work():
            with nothing_collected():
                begun.set()
                go_on.wait(10)

        with nothing_collected():
            thread = threading.Thread(target=work)
            thread.start()
            assert begun.wait(10)
        assert gc.get_threshold()[0] == 0
        go_on.set()
        thread.join()
        assert gc.get_threshold() == before
