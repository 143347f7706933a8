"""What was charged in a month, by who charged and by where; frozen as it was when each session began."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.ids import canonical_uid
from app.domain.model import AccessLevel, Price
from app.domain.month_report import Group, Grouping, MonthReport, month_before, next_month
from app.reports import Reports
from app.sessions import Start, Stop
from tests.command_line import commands_on

MARCH = date(2026, 3, 1)
T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANN, BOB, FOB, NOBODY = "04A1B2C3", "04A1B2C4", "04A1B2C5", "0BADCAFE"


@pytest.fixture
async def town(site):
    """Two pools with prices: at the garage Ann is a member; the yard is open to every registered pass."""
    garage = await site.pools.create("Garage", AccessLevel.PRIVATE)
    yard = await site.pools.create("Yard", AccessLevel.PUBLIC)
    prices = {"member_price": Price(Decimal("0.25")), "price": Price(Decimal("0.40"), Decimal("1"))}
    for pool, options in ((garage, {}), (yard, {"members_free": True})):
        await site.pools.change(pool.id, options=replace(pool.options, **prices, **options))
    for station_id, pool in (("CP-1", garage), ("CP-2", yard)):
        await site.stations.accept(station_id, pool_id=pool.id)
    ann = await site.identities.add(IdentityDraft("ann@example.org", "Ann", "Alder"))
    bob = await site.identities.add(IdentityDraft("bob@example.org", "Bob", "Birch"))
    await site.passes.add(PassDraft(uid=ANN, name="Blue fob", identity_id=ann.id), pool_id=garage.id)
    await site.passes.add(PassDraft(uid=BOB, identity_id=bob.id))
    await site.passes.add(PassDraft(uid=FOB, name="Reception"), pool_id=yard.id)
    return site


async def charge(site, station_id, card, minutes, energy, *, ended=True):
    at = T0 + timedelta(minutes=minutes)
    start = Start(station_id, 1, card, canonical_uid(card), 1000, at, at.isoformat())
    kept = await site.sessions.started(start, await site.taps.start_judge(station_id, card))
    if ended:
        await site.sessions.stopped(Stop(station_id, kept.transaction_id, 1000 + energy, at + timedelta(minutes=30)))
    return kept.transaction_id


async def a_month(site):
    await charge(site, "CP-1", ANN, 0, 10_000)
    await charge(site, "CP-1", ANN, 60, 2_001)
    await charge(site, "CP-2", BOB, 120, 5_000)
    await charge(site, "CP-2", FOB, 180, 7_000)
    await charge(site, "CP-1", NOBODY, 240, 500)
    await charge(site, "CP-2", BOB, 300, 0, ended=False)
    await charge(site, "CP-1", ANN, 60 * 24 * 31, 9_999)


def rows(report):
    return [(row.group, row.name, row.sessions, row.energy_wh, row.costs, row.free) for row in report.rows]


def eur(amount):
    return (("EUR", Decimal(amount)),)


class TestAMonth:
    async def test_by_who_charged(self, town):
        await a_month(town)
        report = await town.reports.month(MARCH, Grouping.IDENTITY)
        assert rows(report) == [
            (Group.IDENTITY, "Ann Alder", 2, 12_001, eur("3.00"), 0),
            (Group.IDENTITY, "Bob Birch", 1, 5_000, eur("3.00"), 0),
            (Group.PASS, "Reception", 1, 7_000, eur("0.00"), 1),
            (Group.NOBODY, "", 1, 500, (), 0),
        ]
        total = report.total
        assert (total.sessions, total.energy_wh, total.costs, report.running) == (5, 24_501, eur("6.00"), 1)

    async def test_by_where(self, town):
        await a_month(town)
        report = await town.reports.month(date(2026, 3, 17), Grouping.POOL)
        assert report.month == MARCH
        assert rows(report) == [
            (Group.POOL, "Garage", 3, 12_501, eur("3.00"), 0),
            (Group.POOL, "Yard", 2, 12_000, eur("3.00"), 1),
        ]

    async def test_is_what_it_was_whatever_changes_afterwards(self, town):
        await a_month(town)
        before = await town.reports.month(MARCH, Grouping.IDENTITY)
        session = town.sessions.recent()[-1]
        assert (session.pass_name, session.email, session.is_member, session.tariff) == (
            "Blue fob",
            "ann@example.org",
            True,
            "member",
        )
        for pool in town.pools.all():
            pricey = replace(pool.pool.options, member_price=Price(Decimal(99)), price=Price(Decimal(99)))
            await town.pools.change(pool.pool.id, name=f"New {pool.pool.name}", options=pricey)
        for person in town.identities.all():
            await town.identities.remove(person.identity.id)
        assert await town.reports.month(MARCH, Grouping.IDENTITY) == before
        by_pool = await town.reports.month(MARCH, Grouping.POOL)
        assert [row.name for row in by_pool.rows] == ["Garage", "Yard"]

    async def test_of_which_nothing_is_known_is_empty(self, site):
        report = await site.reports.month(MARCH, Grouping.POOL)
        assert (report.rows, report.total.sessions, report.running) == ((), 0, 0)

    async def test_begins_at_midnight_where_the_stations_are(self, town):
        await charge(town, "CP-1", ANN, -60 * 24 * 2 + 15 * 60 + 30, 1_000)  # 28 February, 23:30 UTC
        for hours, month in ((0, date(2026, 2, 1)), (1, MARCH)):
            reports = Reports(town.store, town.clock, timezone(timedelta(hours=hours)))
            assert (await reports.month(month, Grouping.POOL)).total.sessions == 1
            assert reports.months() == [MARCH, month][: 1 + (month != MARCH)]

    async def test_counts_what_an_operator_should_look_at(self, town):
        await charge(town, "CP-1", ANN, 0, -500)
        (row,) = (await town.reports.month(MARCH, Grouping.IDENTITY)).rows
        assert (row.unknown, row.doubtful, row.costs) == (1, 1, ())

    def test_follows_another(self):
        assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)
        assert month_before(date(2027, 1, 1)) == date(2026, 12, 1)
        assert month_before(next_month(MARCH)) == MARCH


class TestAsAFile:
    async def test_each_row_is_a_line(self, town, tmp_path):
        await a_month(town)
        report = await town.reports.month(MARCH, Grouping.IDENTITY)
        path = tmp_path / "march.csv"
        assert await town.exporter.save_report(report, path) == 4
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        assert lines[0].startswith('"Month","By","Kind","Name","E-mail address","Sessions","kWh","Cost","Currency"')
        assert lines[1] == (
            '"2026-03","identity","identity","Ann Alder","ann@example.org","2","12.001","3.00","EUR","0","0","0"'
        )
        await town.exporter.save_report(report, tmp_path / "march.xlsx")

    async def test_each_currency_has_a_line(self, tmp_path, site):
        report = await site.reports.month(MARCH, Grouping.POOL)
        row = replace(
            report.total, group=Group.POOL, name="Yard", sessions=3, costs=(*eur("1.50"), ("SEK", Decimal(9)))
        )
        mixed = MonthReport(MARCH, Grouping.POOL, (row,), row)
        path = tmp_path / "march.jsonl"
        assert await site.exporter.save_report(mixed, path) == 2
        first, second = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        assert (first["cost"], first["currency"], first["sessions"]) == ("1.50", "EUR", 3)
        assert (second["cost"], second["currency"], second["sessions"]) == ("9", "SEK", None)


class TestTheCommand:
    async def test_tells_a_month(self, town, tmp_path, capsys):
        await a_month(town)
        tapdesk = commands_on(town.store.path.parent, capsys)
        told = await asyncio.to_thread(tapdesk, "report", "--month", "2026-03", "--by", "pool", "--json")
        assert [(row["name"], row["sessions"], row["kwh"], row["cost"]) for row in told.data["rows"]] == [
            ("Garage", 3, 12.501, "3.00 EUR"),
            ("Yard", 2, 12.0, "3.00 EUR"),
        ]
        assert (told.data["total"]["kwh"], told.data["running"], told.data["month"]) == (24.501, 1, "2026-03")
        words = await asyncio.to_thread(tapdesk, "report", "--month", "2026-03")
        assert "Not authorized, or not known who" in words.out
        path = tmp_path / "report.csv"
        said = await asyncio.to_thread(tapdesk, "report", str(path), "--month", "2026-03")
        assert (said.code, said.out) == (0, f"4 rows are in {path}.\n")
