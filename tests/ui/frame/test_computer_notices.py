"""What happens to this computer is told in the window: its clock was set, its addresses changed."""

from datetime import timedelta

import pytest
from PySide6.QtWidgets import QPushButton

from app.domain.events import AddressesChanged, ClockJumped
from ui.frame.computer_notices import ComputerNotices


@pytest.fixture
def surroundings(application, desk):
    """As `application.surroundings`, which does not look by itself here; its notes are told in the window."""
    desk.notices = ComputerNotices(desk, desk.window)
    surroundings = application.surroundings
    surroundings.look = lambda: None
    return surroundings


def told(desk):
    return [note.text for note in desk.notes.shown]


class TestTheClock:
    async def set_by(self, application, surroundings, **time):
        surroundings.clock_set_by = timedelta(**time)
        application.bus.publish(ClockJumped(timedelta(**time), timedelta(**time)))

    async def test_that_was_set_back_is_told_until_it_is_right_again(self, application, desk, surroundings, until):
        await self.set_by(application, surroundings, hours=-2)
        await until(lambda: told(desk))
        (words,) = told(desk)
        assert words.startswith("This computer's clock was set 2 h back while Tapdesk runs.")
        await self.set_by(application, surroundings, hours=0)
        await until(lambda: not told(desk))

    async def test_may_be_said_to_be_right_as_it_is(self, application, desk, surroundings, until):
        await self.set_by(application, surroundings, minutes=5)
        await until(lambda: told(desk))
        assert told(desk)[0].startswith("This computer's clock was set 5 min ahead")
        (note,) = desk.notes.shown
        (right,) = [each for each in note.findChildren(QPushButton) if each.text() == "It is right"]
        right.click()
        await until(lambda: not surroundings.clock_set_by and not told(desk))


class TestTheNetwork:
    async def test_that_is_gone_is_told_until_it_is_back(self, application, desk, surroundings, until):
        surroundings.addresses = ()
        application.bus.publish(AddressesChanged(("192.168.1.20",), ()))
        await until(lambda: told(desk))
        assert told(desk)[0].startswith("This computer is in no network any more")
        surroundings.addresses = ("192.168.1.20",)
        application.bus.publish(AddressesChanged((), ("192.168.1.20",)))
        await until(lambda: told(desk)[0].startswith("Stations reach this computer at ws://"))

    async def test_that_is_another_one_names_how_many_stations_may_need_its_address(
        self, application, desk, surroundings, until, went
    ):
        await application.stations.accept("CP1")
        await application.habits.came_to("CP1", "192.168.77.1")
        surroundings.addresses = ("10.0.0.7",)
        application.bus.publish(AddressesChanged(("192.168.77.1",), ("10.0.0.7",)))
        await until(lambda: told(desk))
        assert "1 station may need the new address." in told(desk)[0]
        (note,) = desk.notes.shown
        (show,) = [each for each in note.findChildren(QPushButton) if each.text() == "Show"]
        show.click()
        await until(lambda: went)
        assert went[0][0] == "stations"
