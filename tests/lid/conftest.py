"""Lists are looked after at once, and stations asked for their settings as soon as they come."""

import asyncio
from datetime import timedelta

import pytest

from app.csms.lists import sync as list_sync
from app.csms.station import outgoing
from app.domain import list_keeping
from app.domain.list_state import ListState
from app.lid import lid, testing


@pytest.fixture(autouse=True)
def prompt(lists_can_wait: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_sync, "QUIET_S", 0.02)
    monkeypatch.setattr(list_sync, "GATHER_AT_MOST_S", 0.2)
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.0)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)
    monkeypatch.setattr(list_keeping, "PAUSES", (timedelta(seconds=0.05), timedelta(seconds=0.05), timedelta(hours=6)))
    monkeypatch.setattr(lid, "READ_AFTER_S", 0.0)
    monkeypatch.setattr(testing, "TELLS_WITHIN_S", 30.0)


async def until(happened, seconds=10):
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.01)


async def in_step(application, station_id="CP1"):
    await until(lambda: application.local_lists.of(station_id).state is ListState.IN_STEP)
