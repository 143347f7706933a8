"""Lists are looked after at once, and what fails is tried again soon."""

from datetime import timedelta

import pytest

from app.csms import list_sync, outgoing
from app.domain import list_keeping


@pytest.fixture(autouse=True)
def prompt(lists_can_wait: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_sync, "QUIET_S", 0.02)
    monkeypatch.setattr(list_sync, "GATHER_AT_MOST_S", 0.2)
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.0)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)
    soon = (timedelta(seconds=0.05), timedelta(seconds=0.05), timedelta(hours=6))
    monkeypatch.setattr(list_keeping, "PAUSES", soon)
