"""While a long list is worked through, nobody looks for garbage in it."""

import gc

import pytest

from app.exchange.collecting import nothing_collected


def test_garbage_is_looked_for_again_afterwards_also_when_something_went_wrong():
    with pytest.raises(ValueError, match="wrong"), nothing_collected():
        assert not gc.isenabled()
        raise ValueError("wrong")
    assert gc.isenabled()


def test_where_it_was_not_looked_for_before_it_is_not_afterwards():
    with nothing_collected():
        with nothing_collected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
