import gc
import logging
import weakref
from dataclasses import dataclass

from app.bus import Bus


@dataclass(frozen=True)
class Rang:
    bell: str = "front"


class RangTwice(Rang):
    pass


def test_whoever_asked_hears_in_the_order_of_asking():
    bus, heard = Bus(), []
    bus.subscribe(Rang, lambda event: heard.append(("first", event.bell)))
    bus.subscribe(Rang, lambda event: heard.append(("second", event.bell)))
    bus.publish(Rang("back"))
    assert heard == [("first", "back"), ("second", "back")]


def test_only_exactly_this_kind_of_event_is_heard():
    bus, heard = Bus(), []
    bus.subscribe(Rang, heard.append)
    bus.publish(RangTwice())
    bus.publish("a text")
    assert heard == []


def test_publishing_what_nobody_asked_for_is_nothing():
    Bus().publish(Rang())


def test_a_handler_that_fails_is_logged_and_keeps_nobody_from_hearing(caplog):
    bus, heard = Bus(), []
    bus.subscribe(Rang, lambda event: 1 / 0)
    bus.subscribe(Rang, heard.append)
    bus.publish(Rang())
    assert heard == [Rang()]
    assert [(record.levelno, "ZeroDivisionError" in record.exc_text) for record in caplog.records] == [
        (logging.ERROR, True)
    ]
    caplog.clear()


def test_after_the_end_of_a_subscription_nothing_is_heard():
    bus, heard = Bus(), []
    end = bus.subscribe(Rang, heard.append)
    end()
    bus.publish(Rang())
    assert heard == []


def test_the_same_handler_may_ask_twice_and_each_asking_ends_by_itself():
    bus, heard = Bus(), []
    first, second = bus.subscribe(Rang, heard.append), bus.subscribe(Rang, heard.append)
    first()
    bus.publish(Rang())
    second()
    bus.publish(Rang())
    assert heard == [Rang()]


def test_ending_a_subscription_twice_ends_no_other():
    bus, heard = Bus(), []
    end = bus.subscribe(Rang, heard.append)
    bus.subscribe(Rang, heard.append)
    end()
    end()
    bus.publish(Rang())
    assert heard == [Rang()]


def test_a_handler_may_end_its_own_subscription_while_it_hears():
    bus, heard = Bus(), []

    def once(event):
        heard.append("once")
        end()

    end = bus.subscribe(Rang, once)
    bus.subscribe(Rang, lambda event: heard.append("always"))
    bus.publish(Rang())
    bus.publish(Rang())
    assert heard == ["once", "always", "always"]


def test_a_handler_ended_by_one_before_it_does_not_hear():
    bus, heard = Bus(), []
    bus.subscribe(Rang, lambda event: end())
    end = bus.subscribe(Rang, heard.append)
    bus.publish(Rang())
    assert heard == []


def test_a_handler_that_asks_while_it_hears_is_asked_the_next_time():
    bus, heard = Bus(), []
    bus.subscribe(Rang, lambda event: bus.subscribe(Rang, heard.append))
    bus.publish(Rang("one"))
    assert heard == []
    bus.publish(Rang("two"))
    assert heard == [Rang("two")]


def test_an_event_published_by_a_handler_is_heard_before_the_next_handler_hears():
    bus, heard = Bus(), []
    bus.subscribe(Rang, lambda event: bus.publish("and so on") if event.bell == "front" else None)
    bus.subscribe(Rang, heard.append)
    bus.subscribe(str, heard.append)
    bus.publish(Rang())
    assert heard == ["and so on", Rang()]


def test_a_handler_whose_subscription_ended_is_not_kept_alive():
    class Page:
        def hear(self, event):
            pass

    bus, page = Bus(), Page()
    gone = weakref.ref(page)
    end = bus.subscribe(Rang, page.hear)
    end()
    del page, end
    gc.collect()
    assert gone() is None
