"""What is taken away can be put back exactly, for as long as nothing has taken its place."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.database import removal, schema
from app.database.store import Store
from tests.random_sites import NOW, dump, fill, some

# Drawn as seeds: the rows are made in the writer's thread, where hypothesis draws nothing.
SEEDS = st.integers(0, 2**32)

REMOVABLE = (schema.pools, schema.pins, schema.members, schema.stations, schema.sessions, schema.access_requests)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("site") / "tapdesk.db")
    yield store
    store.close()


def written(store, write):
    return store.submit(write).result()


def ids_in(connection, table):
    return list(connection.scalars(select(table.c.id)))


@settings(max_examples=120, deadline=None)
@given(SEEDS, st.sampled_from((*REMOVABLE, schema.passes)))
def test_after_removing_and_restoring_every_table_is_the_same_to_the_byte(store, seed, table):
    def write(connection):
        random = Random(seed)
        fill(connection, random)
        ids = some(random, ids_in(connection, table))
        before = dump(connection)
        taken = removal.remove(connection, table, ids)
        assert not set(ids) & set(ids_in(connection, table))
        between = dump(connection)
        removal.restore(connection, taken)
        assert dump(connection) == before
        assert (between == before) is (not ids)

    written(store, write)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_identities_go_with_their_passes_and_come_back_with_them(store, seed):
    def write(connection):
        random = Random(seed)
        fill(connection, random)
        ids = some(random, ids_in(connection, schema.identities))
        before = dump(connection)
        own = list(connection.scalars(select(schema.passes.c.id).where(schema.passes.c.identity_id.in_(ids))))
        taken = removal.remove(connection, schema.passes, own)
        removal.remove(connection, schema.identities, ids, taken)
        assert connection.execute(select(schema.passes).where(schema.passes.c.identity_id.in_(ids))).first() is None
        removal.restore(connection, taken)
        assert dump(connection) == before

    written(store, write)


def site_of_two(connection):
    for table in reversed(schema.metadata.sorted_tables):
        if table is not schema.organizations:
            connection.execute(table.delete())
    connection.execute(insert(schema.pools), [{"id": 1, "name": "Garage"}, {"id": 2, "name": "Office"}])
    row = {"station_id": "CP-1", "registration": "accepted", "pool_id": 1}
    connection.execute(insert(schema.stations).values(id=1, **row))
    connection.execute(
        insert(schema.passes), [{"id": number, "uid": f"0{number}", "created_at": NOW} for number in (1, 2)]
    )
    connection.execute(insert(schema.members), [{"pool_id": 1, "pass_id": 1, "added_at": NOW}])


def test_more_rows_than_one_statement_takes(store):
    def write(connection):
        site_of_two(connection)
        many = range(10, 10 + 3 * removal.CHUNK)
        connection.execute(
            insert(schema.passes), [{"id": number, "uid": f"X{number}", "created_at": NOW} for number in many]
        )
        before = dump(connection)
        taken = removal.remove(connection, schema.passes, many)
        assert ids_in(connection, schema.passes) == [1, 2]
        removal.restore(connection, taken)
        assert dump(connection) == before

    written(store, write)


def test_a_reference_that_means_something_else_by_now_stays(store):
    """The pool is removed, its station is put into another one, and then the removal is taken back."""

    def write(connection):
        site_of_two(connection)
        taken = removal.remove(connection, schema.pools, [1])
        connection.execute(update(schema.stations).values(pool_id=2))
        removal.restore(connection, taken)
        assert connection.execute(select(schema.stations.c.pool_id)).scalar() == 2
        assert ids_in(connection, schema.pools) == [1, 2]

    written(store, write)


@pytest.mark.parametrize("table", [schema.pools, schema.passes, schema.members, schema.stations], ids=str)
def test_an_id_is_never_given_to_another_row(store, table):
    """Taking back a removal would find its place taken, and what names the old row would mean the new one."""
    new = {
        schema.pools: {"name": "New"},
        schema.passes: {"uid": "NEW", "created_at": NOW},
        schema.members: {"pool_id": 1, "pass_id": 2, "added_at": NOW},
        schema.stations: {"station_id": "NEW", "registration": "pending"},
    }[table]

    def write(connection):
        site_of_two(connection)
        newest = max(ids_in(connection, table))
        taken = removal.remove(connection, table, [newest])
        connection.execute(insert(table).values(**new))
        assert newest not in ids_in(connection, table)
        removal.restore(connection, taken)

    written(store, write)


def test_what_has_been_replaced_is_not_put_back(store):
    written(store, site_of_two)
    taken = written(store, lambda connection: removal.remove(connection, schema.passes, [1]))
    written(store, lambda connection: connection.execute(insert(schema.passes).values(uid="01", created_at=NOW)))
    before = written(store, dump)
    with pytest.raises(IntegrityError):
        written(store, lambda connection: removal.restore(connection, taken))
    assert written(store, dump) == before
