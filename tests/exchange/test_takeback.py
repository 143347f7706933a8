"""What takes an import back, packed for the database and carried out again."""

from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import insert, select, update

from app.application import Application
from app.database import removal, schema
from app.database.replacement import replace_columns
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.import_fields import ListKind
from app.domain.import_plan import Choices
from app.exchange.importer import ImportJob
from app.exchange.tables import Sheet
from app.exchange.takeback import Came, Takeback, take_back
from tests.random_sites import dump, fill

ANNA = "anna@hotel.example"


def job(site, *rows, **choices):
    sheet = Sheet("", [["UID", "Pass name", "E-mail"], *rows])
    return ImportJob(ListKind.PASSES, sheet, site.importer.columns_for(sheet, ListKind.PASSES), Choices(**choices))


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_was_removed_changed_and_added_is_put_back_exactly(site, seed):
    random = Random(seed)
    await site.store.write(lambda connection: fill(connection, random))
    before = dump(site.store.reader)

    def work(connection):
        done = Takeback()
        pools, passes = (list(connection.scalars(select(table.c.id))) for table in (schema.pools, schema.passes))
        done.add(removal.remove(connection, schema.pools, pools))
        done.add(removal.remove(connection, schema.passes, passes[::2]))
        changes = {"name": "Van", "blocked": True, "valid_until": datetime(2027, 1, 1, tzinfo=UTC)}
        done.add(replace_columns(connection, schema.passes, passes[1::2], changes))
        values = {"uid": "04ABCDEF", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
        made = connection.execute(insert(schema.passes).values(values).returning(schema.passes.c.id)).scalar_one()
        done.add(Came(schema.passes, [made]))
        return done.packed()

    packed = await site.store.write(work)
    assert dump(site.store.reader) != before
    await site.store.write(lambda connection: take_back(connection, packed, site.clock()))
    assert dump(site.store.reader) == before


async def test_what_came_and_is_needed_by_now_is_not_taken_back(site):
    packed = await site.store.write(lambda connection: _came(connection, schema.identities))
    anna = site.identities.find(ANNA)
    await site.passes.add(PassDraft(uid="04A2B3C4", identity_id=anna.id))
    with pytest.raises(AppError, match="undo_overtaken"):
        await site.store.write(lambda connection: take_back(connection, packed, site.clock()))
    assert site.identities.find(ANNA) == anna


def _came(connection, table):
    values = {"email": ANNA, "role": "cardholder", "organization_id": 1, "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    row_id = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    done = Takeback()
    done.add(Came(table, [row_id]))
    return done.packed()


async def test_what_was_changed_since_is_not_taken_back_and_nothing_else_either(site):
    ids = [(await site.passes.add(PassDraft(uid=uid))).id for uid in ("04A2B3C4", "04B7722E")]

    def work(connection):
        done = Takeback()
        for each in ids:
            done.add(replace_columns(connection, schema.passes, [each], {"name": "Van"}))
        return done.packed()

    packed = await site.store.write(work)
    await site.store.write(
        lambda connection: connection.execute(update(schema.passes).filter_by(id=ids[0]).values(name="Fob")).rowcount
    )
    before = dump(site.store.reader)
    with pytest.raises(AppError, match="undo_overtaken"):
        await site.store.write(lambda connection: take_back(connection, packed, site.clock()))
    assert dump(site.store.reader) == before


async def test_the_last_import_is_taken_back_after_a_restart_too(database, clock):
    site = Application(database, clock=clock)
    await site.identities.add(IdentityDraft(ANNA))
    await site.importer.carry_out(await site.importer.plan(job(site, ["04A2B3C4", "Fob", ANNA])))
    await site.stop()
    site = Application(database, clock=clock)
    assert site.importer.last().can_be_undone
    await site.importer.undo_last()
    assert (site.passes.count(), site.importer.last().can_be_undone) == (0, False)
    with pytest.raises(AppError, match="nothing_to_undo"):
        await site.importer.undo_last()
    await site.stop()


async def test_only_the_last_import_can_be_taken_back(site):
    await site.identities.add(IdentityDraft(ANNA))
    for uid in ("04A2B3C4", "04B7722E"):
        await site.importer.carry_out(await site.importer.plan(job(site, [uid, "", ANNA])))
    await site.importer.undo_last()
    assert [summary.card.uid for summary in site.passes.all()] == ["04A2B3C4"]
    with pytest.raises(AppError, match="nothing_to_undo"):
        await site.importer.undo_last()
