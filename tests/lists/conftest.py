"""Lists are looked after at once, what fails is tried again soon, and silence is noticed soon."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.csms.lists import sync as list_sync
from app.csms.station import outgoing
from app.csms.versions.commands16 import FORMS_16
from app.csms.versions.commands201 import FORMS_201
from app.database import schema
from app.domain import list_keeping


@pytest.fixture(autouse=True)
def prompt(lists_can_wait, monkeypatch):
    monkeypatch.setattr(list_sync, "QUIET_S", 0.05)
    monkeypatch.setattr(list_sync, "GATHER_AT_MOST_S", 0.3)
    monkeypatch.setattr(list_sync, "TAP_IS_KEPT_AFTER", timedelta(seconds=0.3))
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.0)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)
    soon = (timedelta(seconds=0.05), timedelta(seconds=0.05), timedelta(hours=6))
    monkeypatch.setattr(list_keeping, "PAUSES", soon)
    for forms in (FORMS_16, FORMS_201):
        for command, form in forms.items():
            monkeypatch.setitem(forms, command, replace(form, timeout_s=1.0))


def uid(number):
    return f"04{number:012X}"


@pytest.fixture
def yard(application):
    """A private pool with so many members, and these stations in it."""

    async def make(count, stations=("CP1",)):
        pool = await application.pools.create("Yard")
        now = application.clock()

        def fill(connection):
            rows = [{"id": n + 1, "uid": uid(n), "created_at": now} for n in range(count)]
            connection.execute(insert(schema.passes), rows)
            members = [{"pool_id": pool.id, "pass_id": row["id"], "added_at": now} for row in rows]
            connection.execute(insert(schema.members), members)

        await application.store.write(fill)
        for station_id in stations:
            await application.stations.accept(station_id, pool_id=pool.id)
        return pool

    return make
