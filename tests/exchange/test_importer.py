"""Lists that come in: carried out exactly as planned, after a backup, and taken back exactly."""

import threading
from dataclasses import replace
from random import Random

import pytest

from app.database import schema
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.history import ChangeKind, Origin
from app.domain.import_fields import ListKind
from app.domain.import_plan import Choices, Verdict
from app.domain.model import AccessLevel, Registration
from app.exchange.importer import ImportJob
from app.exchange.tables import Sheet
from tests.random_sites import dump, fill

PASSES = ["Visible ID", "UID", "Pass name", "E-mail"]
ANNA = "anna@hotel.example"


@pytest.fixture
async def anna(site):
    return await site.identities.add(IdentityDraft(ANNA, "Anna", "de Vries"))


def job(site, *rows, kind=ListKind.PASSES, headers=PASSES, pool_id=None, **choices):
    sheet = Sheet("Passes", [list(headers), *map(list, rows)])
    columns = site.importer.columns_for(sheet, kind)
    return ImportJob(kind, sheet, columns, Choices(**choices), "passes.xlsx", pool_id)


async def brought_in(site, *rows, **about):
    return await site.importer.carry_out(await site.importer.plan(job(site, *rows, **about)))


def kept(site):
    """Every row but the records of imports, the history, and where counting of ids stands."""
    rows = dump(site.store.reader)
    return {name: rows[name] for name in rows if name not in ("imports", "access_changes", "column_choices")}


class TestPasses:
    async def test_new_passes_are_made_under_their_holders(self, site, anna):
        record = await brought_in(site, ["NL-TNM-012204-5", "04A2B3C4D5E680", "Fob", ANNA.upper()])
        card = site.passes.find("04A2B3C4D5E680")
        assert (card.visible_id, card.name, card.identity_id) == ("NL-TNM-012204-5", "Fob", anna.id)
        assert (record.source, record.counts["new"], record.can_be_undone) == ("passes.xlsx", 1, True)

    async def test_holders_are_made_when_the_operator_says_so(self, site):
        await brought_in(site, ["", "04A2B3C4", "", "New@hotel.example"], create_identities=True)
        assert site.passes.find("04A2B3C4").identity_id == site.identities.find("new@hotel.example").id

    async def test_a_uid_fills_a_pass_that_waits_for_one(self, site, anna):
        waiting = await site.passes.add(PassDraft(visible_id="NL-TNM-012204-5", identity_id=anna.id))
        await brought_in(site, ["NL-TNM-012204-5", "04A2B3C4", "", ANNA])
        assert site.passes.require(waiting.id).uid == "04A2B3C4"

    async def test_rows_with_errors_are_left_out_and_the_others_come_in(self, site, anna):
        record = await brought_in(site, ["", "04A2B3C4", "", ANNA], ["", "4.71E+13", "", ANNA])
        assert (site.passes.count(), record.counts["error"]) == (1, 1)

    async def test_a_complete_list_removes_what_is_not_in_it(self, site, anna):
        await site.passes.add(PassDraft(uid="04FFFFFF", identity_id=anna.id))
        record = await brought_in(site, ["", "04A2B3C4", "", ANNA], complete_list=True)
        assert [summary.card.uid for summary in site.passes.all()] == ["04A2B3C4"]
        assert record.counts["removed"] == 1

    async def test_what_is_brought_in_may_go_into_a_pool_at_once(self, site, anna):
        pool = await site.pools.create("Garage")
        known = await site.passes.add(PassDraft(uid="04A2B3C4", identity_id=anna.id))
        await brought_in(site, ["", "04A2B3C4", "", ANNA], ["", "04B7722E", "", ANNA], pool_id=pool.id)
        assert {member.pass_id for member in site.members.of_pool(pool.id)} == {
            known.id,
            site.passes.find("04B7722E").id,
        }

    async def test_it_stands_in_the_history_as_an_import(self, site, anna):
        await brought_in(site, ["", "04A2B3C4", "", ANNA])
        (change,) = site.history.of_pass(site.passes.find("04A2B3C4").id)[:1]
        assert (change.kind, change.origin) == (ChangeKind.PASS_ADDED, Origin.IMPORT)


class TestOtherLists:
    async def test_members_by_uid_by_visible_id_and_by_address(self, site, anna):
        pool = await site.pools.create("Garage")
        await site.passes.add(PassDraft(visible_id="NL-TNM-012204-5"))
        rows = (["", "04A2B3C4", ""], ["NL-TNM-012204-5", "", ""], ["", "", ANNA])
        headers = ["Visible ID", "Chip ID", "E-mail"]
        await brought_in(site, *rows, kind=ListKind.MEMBERS, headers=headers, pool_id=pool.id)
        assert {member.name for member in site.members.of_pool(pool.id)} == {
            "04A2B3C4",
            "NL-TNM-012204-5",
            "Anna de Vries",
        }

    async def test_one_column_may_hold_either_id(self, site):
        pool = await site.pools.create("Garage")
        rows = (["NL-TNM-012204-5"], ["04A2B3C4D5E680"], ["NL-TNM-C00122045-K"])
        await brought_in(site, *rows, kind=ListKind.MEMBERS, headers=["Auth ID"], pool_id=pool.id)
        found = {(member.visible_id, member.uid) for member in site.members.of_pool(pool.id)}
        assert found == {("NL-TNM-012204-5", None), ("NL-TNM-C00122045-K", None), (None, "04A2B3C4D5E680")}

    async def test_the_pool_may_be_emptied_before(self, site, anna):
        pool = await site.pools.create("Garage")
        await site.members.add(pool.id, identity_ids=[anna.id])
        about = {"kind": ListKind.MEMBERS, "headers": ["Auth ID"], "pool_id": pool.id, "complete_list": True}
        await brought_in(site, ["04A2B3C4D5E680"], **about)
        assert [member.uid for member in site.members.of_pool(pool.id)] == ["04A2B3C4D5E680"]
        assert site.identities.count() == 1

    async def test_members_of_no_pool_are_refused(self, site):
        with pytest.raises(AppError, match="pool_unknown"):
            await site.importer.plan(job(site, ["04A2B3C4"], kind=ListKind.MEMBERS, headers=["UID"]))

    async def test_identities(self, site, anna):
        headers = ["First name", "Last name", "E-mail", "Role"]
        rows = (["Anna", "Visser", ANNA, "admin"], ["Jan", "Bakker", "jan@hotel.example", ""])
        await brought_in(site, *rows, kind=ListKind.IDENTITIES, headers=headers)
        assert [summary.identity.name for summary in site.identities.all()] == ["Anna Visser", "Jan Bakker"]
        assert site.identities.require(anna.id).role.value == "administrator"

    async def test_stations_are_let_in_before_they_connect(self, site):
        pool = await site.pools.create("Garage", AccessLevel.PUBLIC)
        headers = ["Charge point", "Name", "Pool"]
        await brought_in(site, ["CP-1", "Garage 1", "garage"], kind=ListKind.STATIONS, headers=headers)
        station = site.stations.find("cp-1")
        assert (station.registration, station.pool_id, station.name) == (Registration.ACCEPTED, pool.id, "Garage 1")
        assert station.host_id == schema.FIRST_ORGANIZATION

    async def test_a_station_that_goes_into_a_pool_gets_a_host_and_keeps_the_one_it_has(self, site):
        await site.pools.create("Garage")
        elsewhere = await site.organizations.create("Elsewhere")
        await site.stations.accept("CP-1", host_id=elsewhere.id)
        headers = ["Charge point", "Pool"]
        await brought_in(site, ["CP-1", "Garage"], ["CP-2", "Garage"], kind=ListKind.STATIONS, headers=headers)
        hosts = [site.stations.find(each).host_id for each in ("CP-1", "CP-2")]
        assert hosts == [elsewhere.id, schema.FIRST_ORGANIZATION]


class TestWholeOrNot:
    async def test_a_backup_is_made_first(self, site, anna):
        await brought_in(site, ["", "04A2B3C4", "", ANNA])
        (backup,) = (site.store.path.parent / "backups").iterdir()
        assert backup.name.startswith("before-import-")

    async def test_what_was_planned_on_other_data_is_not_carried_out(self, site, anna):
        planned = await site.importer.plan(job(site, ["", "04A2B3C4", "", ANNA]))
        await site.passes.add(PassDraft(uid="04FFFFFF"))
        before = kept(site)
        with pytest.raises(AppError, match="data_moved_on"):
            await site.importer.carry_out(planned)
        assert kept(site) == before

    async def test_it_can_be_stopped_in_the_middle(self, site, anna):
        rows = [["", f"04{number:06X}", "", ANNA] for number in range(5_000)]
        planned, stop, before = await site.importer.plan(job(site, *rows)), threading.Event(), kept(site)
        with pytest.raises(AppError, match="import_stopped"):
            await site.importer.carry_out(planned, lambda done, _all: stop.set() if done > 2_000 else None, stop)
        assert kept(site) == before

    async def test_a_list_that_changes_nothing_is_said_to(self, site, anna):
        await brought_in(site, ["", "04A2B3C4", "", ANNA])
        with pytest.raises(AppError, match="nothing_to_import"):
            await brought_in(site, ["", "04A2B3C4", "", ANNA])


class TestColumns:
    async def test_what_the_operator_said_of_the_columns_holds_for_the_next_list_with_these_headers(self, site):
        first = job(site, ["04A2B3C4", "Anna"], headers=["Serial", "Who"])
        chosen = replace(first.columns, by_field=dict.fromkeys(first.columns.by_field, 1))
        await site.importer.remember(first.sheet, ListKind.PASSES, chosen)
        assert job(site, ["04FFFFFF", "Jan"], headers=["Serial", "Who"]).columns == chosen
        assert job(site, ["04FFFFFF", "Jan"], headers=["Serial", "Whom"]).columns != chosen

    async def test_a_corrected_cell_counts_instead_of_the_one_in_the_list(self, site, anna):
        wrong = job(site, ["", "4A2B3C4", "", ANNA])
        assert (await site.importer.plan(wrong)).plan.rows[0].verdict is Verdict.ERROR
        corrected = replace(wrong, corrections={(1, 1): "04A2B3C4"})
        assert (await site.importer.plan(corrected)).plan.rows[0].verdict is Verdict.NEW


UIDS = ["04A2B3C4", "04A2246F", "6F24A204", "0400A2246F5180", "04FFFFFF", "4.7E+11", ""]
VISIBLE = ["NL-TNM-000001", "nltnm000002", "NL-TNM-000003", "NL-TNM-012204-5", ""]
EMAILS = ["p1@example.com", "P2@example.com", "p3@example.com", "new@example.com", "none", ""]


@pytest.mark.parametrize("seed", range(60))
async def test_any_list_on_any_site_is_carried_out_as_planned_and_taken_back_exactly(site, seed):
    random = Random(seed)
    await site.store.write(lambda connection: fill(connection, random))
    before = kept(site)
    pools = site.pools.all()
    kind = random.choice([ListKind.PASSES, ListKind.PASSES, ListKind.MEMBERS] if pools else [ListKind.PASSES])
    rows = [
        [random.choice(VISIBLE), random.choice(UIDS), random.choice(["", "Van 3"]), random.choice(EMAILS)]
        for _ in range(random.randint(1, 6))
    ]
    about = {
        "kind": kind,
        "pool_id": random.choice(pools).pool.id if kind is ListKind.MEMBERS else None,
        "complete_list": random.random() < 0.5,
        "create_identities": random.random() < 0.5,
        "email_required": random.random() < 0.5,
    }
    planned = await site.importer.plan(job(site, *rows, **about))
    try:
        await site.importer.carry_out(planned)
    except AppError as error:
        assert error.code == "nothing_to_import"
        return
    again = await site.importer.plan(job(site, *rows, **about))
    for first, second in zip(planned.plan.rows, again.plan.rows, strict=True):
        assert first.verdict is Verdict.ERROR or second.verdict is Verdict.SAME
    assert again.plan.removed == ()
    await site.importer.undo_last()
    assert kept(site) == before
    assert not site.importer.last().can_be_undone


async def test_a_pass_whose_uid_was_captured_since_is_not_taken_away_again(site, anna, clock):
    await brought_in(site, ["NL-TNM-012204-5", "", "", ANNA], ["", "04B7722E", "", ANNA])
    (waiting,) = site.passes.waiting()
    await site.passes.give_uid(waiting.card.id, "04A2B3C4")
    before = kept(site)
    with pytest.raises(AppError, match="undo_overtaken"):
        await site.importer.undo_last()
    assert kept(site) == before


async def test_what_was_changed_since_is_not_taken_back_over(site, anna):
    card = await site.passes.add(PassDraft(uid="04A2B3C4", identity_id=anna.id))
    await brought_in(site, ["", "04A2B3C4", "Fob", ANNA])
    await site.passes.change(card.id, PassDraft(uid="04A2B3C4", name="Van", identity_id=anna.id))
    with pytest.raises(AppError, match="undo_overtaken"):
        await site.importer.undo_last()
    assert site.passes.require(card.id).name == "Van"
