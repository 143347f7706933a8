"""While a long list is worked through, nobody looks for garbage in it."""

import gc
import threading

import pytest

from app.exchange.collecting import nothing_collected


def test_garbage_is_looked_for_again_afterwards_also_when_something_went_wrong():
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="wrong"), nothing_collected():
        assert gc.get_threshold()[0] == 0
        raise ValueError("wrong")
    assert gc.get_threshold() == before != (0, *before[1:])


def test_it_is_looked_for_again_when_the_last_of_several_is_done():
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
