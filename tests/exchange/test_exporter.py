"""Lists that go out: what is in them, that they come back as they were, and that they are whole or not written."""

import asyncio
import csv
import json
import threading
from datetime import timedelta
from random import Random

import openpyxl
import pytest
from sqlalchemy import insert, update

from app.application import Application, ImportJob, MessageFilter
from app.database import schema
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.export_kinds import ExportForm, ExportKind
from app.domain.ids import Uid
from app.domain.import_fields import ListKind
from app.domain.import_plan import Choices, Verdict
from app.domain.model import Direction, Message, Tap, TapSource
from app.exchange.exporter import PIECE
from app.sessions import Admission, Start, Stop
from tests.random_sites import NOW, UIDS, fill

ANNA = "anna@hotel.example"
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
async def anna(site):
    return await site.identities.add(IdentityDraft(ANNA, "Anna", "de Vries", external_id="0042"))


@pytest.fixture
async def fob(site, anna):
    return await site.passes.add(PassDraft("04A2B3C4D5E680", "NL-TNM-012204-5", "Fob", anna.id))


@pytest.fixture
async def tag(site):
    return await site.passes.add(PassDraft("04B7722E", name=FORMULA))


def rows_of(path):
    """The rows of a CSV file, as programs read it that know nothing of Tapdesk."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def dicts_of(path):
    headers, *rows = rows_of(path)
    return [dict(zip(headers, row, strict=True)) for row in rows]


class TestPasses:
    async def test_in_the_form_that_maxem_imports(self, site, fob, tag, tmp_path):
        path = tmp_path / "passes.xlsx"
        assert await site.exporter.export(ExportKind.PASSES, path, form=ExportForm.MAXEM) == 2
        sheet = openpyxl.load_workbook(path).worksheets[0]
        assert list(sheet.values) == [
            ("Visible ID", "UID", "Pass name", "E-mail address of passholder"),
            ("NL-TNM-012204-5", "04A2B3C4D5E680", "Fob", ANNA),
            (None, "04B7722E", FORMULA, None),
        ]
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}

    async def test_in_the_form_that_ev_portal_imports(self, site, fob, tag, tmp_path):
        """The visible ID, or the UID where there is none; nothing before the header that a program could trip over."""
        path = tmp_path / "tokens.csv"
        await site.exporter.export(ExportKind.PASSES, path, form=ExportForm.EV_PORTAL)
        assert path.read_bytes() == b"Auth ID\r\nNL-TNM-012204-5\r\n04B7722E\r\n"

    async def test_everything_that_is_known_of_them(self, site, fob, tag, anna, tmp_path):
        pool = await site.pools.create("Garage")
        await site.members.add(pool.id, identity_ids=[anna.id])
        await site.passes.block([fob.id])
        path = tmp_path / "passes.csv"
        await site.exporter.export(ExportKind.PASSES, path)
        first, second = dicts_of(path)
        assert (first["Holder"], first["Pools"], first["Blocked"]) == ("Anna de Vries", "Garage", "yes")
        assert (second["Pass name"], second["Blocked"]) == (f"'{FORMULA}", "no")

    async def test_the_rows_that_are_shown_in_their_order(self, site, fob, tag, tmp_path):
        path = tmp_path / "passes.csv"
        assert await site.exporter.export(ExportKind.PASSES, path, ids=[tag.id, 999, fob.id]) == 2
        assert [row["UID"] for row in dicts_of(path)] == ["04B7722E", "04A2B3C4D5E680"]

    async def test_those_that_a_pool_admits(self, site, fob, tag, anna, clock, tmp_path):
        pool = await site.pools.create("Garage")
        await site.members.add(
            pool.id, identity_ids=[anna.id], pass_ids=[tag.id], valid_until=clock() + timedelta(hours=1)
        )
        path = tmp_path / "tokens.csv"
        by_pool = {"form": ExportForm.EV_PORTAL, "pool_id": pool.id}
        assert await site.exporter.export(ExportKind.PASSES, path, **by_pool) == 2
        assert await site.exporter.export(ExportKind.MEMBERS, path, **by_pool) == 2
        clock.go_on(hours=2)
        assert await site.exporter.export(ExportKind.PASSES, path, **by_pool) == 0

    async def test_a_day_of_validity_is_a_day_and_a_moment_a_moment(self, site, fob, clock, tmp_path):
        midnight = clock().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        noon = midnight.replace(hour=12)
        for valid_until, written in ((midnight, None), (noon, noon.isoformat())):
            await site.passes.change(fob.id, PassDraft(fob.uid, fob.visible_id, "Fob", valid_until=valid_until))
            path = tmp_path / "passes.csv"
            await site.exporter.export(ExportKind.PASSES, path)
            yesterday = midnight.fromtimestamp(midnight.timestamp() - 1).date().isoformat()
            assert dicts_of(path)[0]["Valid until"] == (written or yesterday)


async def filled(site, seed):
    """A site of chance, without the one UID that only a reader can bring in: a list names it in vain."""
    odd = update(schema.passes).where(schema.passes.c.uid == UIDS[-1]).values(uid="0411223344556677")

    def write(connection):
        fill(connection, Random(seed))
        connection.execute(odd)

    await site.store.write(write)


async def planned(site, kind, path, pool_id=None):
    """What a file would change at a site."""
    sheet = (await site.importer.read(path)).sheet
    choices = Choices(create_identities=True, email_required=False)
    columns = site.importer.columns_for(sheet, kind)
    return await site.importer.plan(ImportJob(kind, sheet, columns, choices, path.name, pool_id))


def verdicts(planned_import):
    return {(row.verdict, row.problems) for row in planned_import.plan.rows}


def known_of(site):
    """All that a list of passes tells, as the site has it."""
    return sorted(
        (s.card.uid or "", s.card.visible_id or "", s.card.name, s.email, s.card.blocked) for s in site.passes.all()
    )


@pytest.fixture
async def elsewhere(tmp_path, clock):
    """Another site, with nothing in it."""
    site = Application(tmp_path / "elsewhere" / "tapdesk.db", clock=clock)
    yield site
    await site.stop()


class TestComingBack:
    @pytest.mark.parametrize("seed", range(6))
    @pytest.mark.parametrize("ending", ["xlsx", "csv"])
    async def test_what_went_out_changes_nothing_when_it_comes_back(self, site, clock, tmp_path, seed, ending):
        clock.now = NOW
        await filled(site, seed)
        for kind in (ListKind.PASSES, ListKind.IDENTITIES, ListKind.STATIONS):
            path = tmp_path / f"{kind}.{ending}"
            count = await site.exporter.export(ExportKind(kind), path)
            back = await planned(site, kind, path)
            assert len(back.plan.rows) == count
            assert verdicts(back) <= {(Verdict.SAME, ())}
        for pool in site.pools.all():
            path = tmp_path / f"members.{ending}"
            count = await site.exporter.export(ExportKind.MEMBERS, path, pool_id=pool.pool.id)
            back = await planned(site, ListKind.MEMBERS, path, pool.pool.id)
            assert len(back.plan.rows) == count
            assert verdicts(back) <= {(Verdict.SAME, ())}

    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("ending", ["xlsx", "csv"])
    async def test_a_list_of_passes_makes_the_same_passes_elsewhere(
        self, site, elsewhere, clock, tmp_path, seed, ending
    ):
        clock.now = NOW
        await filled(site, seed)
        path = tmp_path / f"passes.{ending}"
        await site.exporter.export(ExportKind.PASSES, path)
        await elsewhere.importer.carry_out(await planned(elsewhere, ListKind.PASSES, path))
        assert known_of(elsewhere) == known_of(site)


def message(site, number, **about):
    facts = {
        "id": site.journal.next_message_id(),
        "at": NOW + timedelta(seconds=number),
        "station_id": "CP-1",
        "direction": Direction.FROM_STATION,
        "action": "Authorize",
        "id_tag": "04A2B3C4",
        "outcome": "Accepted",
        "request": '{"idTag":"04A2B3C4"}',
        "response": '{"idTagInfo":{"status":"Accepted"}}',
        "took_ms": 1.5,
    }
    return Message(**facts | about)


class TestWhatHappened:
    async def test_sessions_with_their_energy_as_a_number(self, site, fob, clock, tmp_path):
        admission = Admission("Accepted", "pass_is_member", "Garage left", "Garage", fob.id, None, "Anna")
        start = Start("CP-1", 1, "04a2b3c4d5e680", fob.uid, 1_000, clock(), "")
        kept = await site.sessions.started(start, admission)
        clock.go_on(minutes=90)
        await site.sessions.stopped(Stop("CP-1", kept.transaction_id, 8_250, clock(), reason="Local"))
        path = tmp_path / "sessions.xlsx"
        assert await site.exporter.export(ExportKind.SESSIONS, path) == 1
        headers, values = openpyxl.load_workbook(path).worksheets[0].values
        row = dict(zip(headers, values, strict=True))
        assert (row["kWh"], row["Minutes"], row["Visible ID"]) == (7.25, 90, "NL-TNM-012204-5")
        assert row["Start"] == start.at.astimezone().isoformat()

    async def test_a_session_that_runs_has_no_end(self, site, clock, tmp_path):
        admission = Admission("Accepted", "free_vend", "CP-1", "Garage", None, None, "")
        await site.sessions.started(Start("CP-1", 1, FORMULA, FORMULA.upper(), None, clock(), ""), admission)
        path = tmp_path / "sessions.csv"
        await site.exporter.export(ExportKind.SESSIONS, path)
        [row] = dicts_of(path)
        assert (row["End"], row["kWh"], row["ID as sent"]) == ("", "", f"'{FORMULA}")

    async def test_taps_latest_first(self, site, clock, tmp_path):
        for number, uid in enumerate(("04A2B3C4", "04B7722E")):
            at = NOW + timedelta(seconds=number)
            facts = (
                uid.lower(),
                Uid(uid),
                TapSource.AUTHORIZE,
                "Invalid",
                "unknown_card",
                (),
                None,
                "",
                None,
                "",
                None,
            )
            site.journal.tapped(Tap(site.journal.next_tap_id(), at, "CP-1", "Garage left", 1, *facts))
        await site.journal.flush()
        path = tmp_path / "taps.jsonl"
        assert await site.exporter.export(ExportKind.TAPS, path) == 2
        told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert [tap["uid"] for tap in told] == ["04B7722E", "04A2B3C4"]
        assert (told[0]["reason"], told[0]["connector_id"]) == ("unknown_card", 1)

    async def test_messages_as_they_are_filtered(self, site, tmp_path):
        for number in range(4):
            site.journal.log(message(site, number, action="Heartbeat" if number % 2 else "Authorize"))
        path = tmp_path / "messages.jsonl"
        wanted = MessageFilter(action="Authorize")
        assert await site.exporter.export(ExportKind.MESSAGES, path, messages=wanted) == 2
        newest = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
        assert (newest["action"], newest["direction"], newest["took_ms"]) == ("Authorize", "from_station", 1.5)
        assert newest["request"] == '{"idTag":"04A2B3C4"}'
        assert newest["at"] == (NOW + timedelta(seconds=2)).astimezone().isoformat()

    async def test_messages_by_the_ten_thousand_while_the_loop_stays_free(self, site, tmp_path):
        many = 12_345
        for number in range(many):
            site.journal.log(message(site, number))
        await site.journal.flush()
        path, turns, ended = tmp_path / "messages.csv", 0, asyncio.Event()

        async def watch():
            nonlocal turns
            while not ended.is_set():
                await asyncio.sleep(0.001)
                turns += 1

        watching, told = asyncio.create_task(watch()), []
        assert await site.exporter.export(ExportKind.MESSAGES, path, progress=told.append) == many
        ended.set()
        await watching
        assert told == list(range(PIECE, many, PIECE))
        assert turns > many / PIECE
        assert len({row["Time"] for row in dicts_of(path)}) == many


class TestWholeOrNot:
    async def test_one_that_is_stopped_leaves_what_was_there(self, site, tmp_path):
        for number in range(2 * PIECE):
            site.journal.log(message(site, number))
        path, stop = tmp_path / "messages.csv", threading.Event()
        path.write_text("before")
        stop.set()
        with pytest.raises(AppError, match="export_stopped"):
            await site.exporter.export(ExportKind.MESSAGES, path, stop=stop)
        assert [each.name for each in tmp_path.glob("messages*")] == ["messages.csv"]
        assert path.read_text() == "before"

    async def test_a_spreadsheet_that_is_stopped_as_well(self, site, tmp_path):
        def many(connection):
            values = [{"uid": f"04{number:06X}", "name": "", "created_at": NOW} for number in range(PIECE)]
            connection.execute(insert(schema.passes), values)

        await site.store.write(many)
        stop = threading.Event()
        stop.set()
        with pytest.raises(AppError, match="export_stopped"):
            await site.exporter.export(ExportKind.PASSES, tmp_path / "passes.xlsx", stop=stop)
        assert list(tmp_path.glob("passes*")) == []

    async def test_a_folder_that_is_not_there_is_said(self, site, tmp_path):
        with pytest.raises(AppError, match="file_not_written"):
            await site.exporter.export(ExportKind.PASSES, tmp_path / "gone" / "passes.csv")

    @pytest.mark.parametrize(
        ("kind", "form", "name", "code"),
        [
            (ExportKind.PASSES, ExportForm.ALL, "passes.pdf", "format_unknown"),
            (ExportKind.PASSES, ExportForm.ALL, "passes", "format_unknown"),
            (ExportKind.PASSES, ExportForm.EV_PORTAL, "passes.xlsx", "format_not_for_this"),
            (ExportKind.MESSAGES, ExportForm.ALL, "messages.xlsx", "format_not_for_this"),
            (ExportKind.STATIONS, ExportForm.MAXEM, "stations.xlsx", "form_not_for_this"),
        ],
    )
    async def test_what_cannot_be_written_like_that_is_refused(self, site, tmp_path, kind, form, name, code):
        with pytest.raises(AppError, match=code):
            await site.exporter.export(kind, tmp_path / name, form=form)
        assert list(tmp_path.glob("[pms]*.*")) == []

    async def test_messages_are_of_no_pool(self, site, tmp_path):
        with pytest.raises(AppError, match="export_not_by_pool"):
            await site.exporter.export(ExportKind.MESSAGES, tmp_path / "messages.csv", pool_id=1)
