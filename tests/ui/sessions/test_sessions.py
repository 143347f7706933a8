from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from sqlalchemy import insert

from app.database import schema
from app.demo import furnish
from app.domain.access import Moment
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.model import PoolOptions, Price, TapSource
from app.domain.month_report import Grouping
from app.sessions import Admission, Reading, Start, Stop
from ui.sessions import report
from ui.sessions.page import FIRST, RUNNING, SessionsPage
from ui.sessions.report import ReportDialog
from ui.sessions.report_pdf import write_pdf
from ui.widgets.labels import Label, Paragraph

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _now():
    """The moment of each test: a long run collects this file minutes before."""
    global NOW
    NOW = datetime.now(UTC)


MEMBER = Admission("Accepted", "pass_is_member", "Garage 2", "Guests", None, None, "Anna de Vries")
STRANGER = Admission("Invalid", "unknown_card", "Garage 1", "Guests", None, None, "")


@pytest.fixture
def page(qtbot, desk):
    made = SessionsPage(desk)
    qtbot.addWidget(made)
    made.resize(1160, 760)
    return made


@pytest.fixture
def gone(desk):
    places = []
    desk.going.connect(lambda page, key: places.append((page, key)))
    return places


async def charge(application, admission=MEMBER, *, station="ALF-0021", tag="04A2B3C4", ago=timedelta(), meter=1_000):
    began = NOW - ago
    kept = await application.sessions.started(
        Start(station, 1, tag, tag, meter, began, f"{began.isoformat()} {tag}"), admission
    )
    return kept.transaction_id


async def end(application, session_id, *, wh=9_000, reason="Local", station="ALF-0021", at=None):
    await application.sessions.stopped(Stop(station, session_id, wh, at or NOW, "", reason))


def cells(page, title):
    column = [each.title for each in page.model.columns].index(title)
    return [page.model.text_at(row, column) for row in range(page.model.rowCount())]


def words(pane):
    said = [label.text() for label in pane.findChildren(Label)] + [p.words() for p in pane.findChildren(Paragraph)]
    return " | ".join(each for each in said if each)


def visible_buttons(page):
    return {found.objectName() for found in page.pane.findChildren(QPushButton) if found.isVisible()}


def pane_button(page, name):
    return next(found for found in page.pane.findChildren(QPushButton) if found.objectName() == name)


async def test_running_sessions_stand_before_those_that_ended_later(application, page):
    old = await charge(application, tag="AAAA0001", station="S-1", ago=timedelta(hours=9))
    ended = await charge(application, tag="AAAA0002", station="S-2", ago=timedelta(hours=2))
    newest = await charge(application, tag="AAAA0003", station="S-3", ago=timedelta(hours=1))
    await end(application, ended, station="S-2")
    page.show()
    assert [page.model.key_at(row) for row in range(3)] == [newest, old, ended]


async def test_a_session_is_shown_with_its_facts(application, page):
    session_id = await charge(application, ago=timedelta(minutes=95))
    await end(application, session_id, wh=22_400, reason="EVDisconnected")
    page.show()
    assert cells(page, "Station") == ["Garage 2"]
    assert cells(page, "Connector") == ["1"]
    assert cells(page, "Person or card") == ["Anna de Vries"]
    assert cells(page, "Pool") == ["Guests"]
    assert cells(page, "kWh") == ["21.40"]
    assert cells(page, "Duration") == ["1:35"]
    assert cells(page, "State") == ["Ended"]
    assert cells(page, "Why it ended") == ["the car was unplugged"]


async def test_times_are_this_machines(application, page):
    await charge(application)
    page.show()
    assert cells(page, "Start")[0].endswith(NOW.astimezone().strftime("%H:%M"))


async def test_a_charge_and_its_power_appear_while_the_page_is_open(application, page, until):
    page.show()
    assert page.model.rowCount() == 0
    session_id = await charge(application)
    await until(lambda: cells(page, "State") == ["Charging"])
    await application.sessions.metered("ALF-0021", 1, session_id, [Reading(NOW, "{}", 7_410, 7_130.0)])
    await until(lambda: cells(page, "State") == ["Charging 7.1 kW"])
    assert cells(page, "kWh") == ["6.41"]
    await application.sessions.metered("ALF-0021", 1, session_id, [Reading(NOW, "{1}", 7_410, 0.0)])
    await until(lambda: cells(page, "State") == ["Paused"])
    await end(application, session_id)
    await until(lambda: cells(page, "State") == ["Ended"])


async def test_a_charge_whose_stop_never_came_ends_when_the_next_begins(application, page, until):
    page.show()
    await charge(application, ago=timedelta(hours=3), meter=500)
    await until(lambda: cells(page, "State") == ["Charging"])
    await charge(application, tag="BBBB0001")
    await until(lambda: cells(page, "State") == ["Charging", "Ended, to check"])
    assert cells(page, "Why it ended") == ["", "its stop was never reported"]


async def test_a_stop_that_comes_after_the_next_start_is_still_taken(application, page, until):
    page.show()
    first = await charge(application, ago=timedelta(hours=3), meter=500)
    await charge(application, tag="BBBB0001", meter=9_000)
    await end(application, first, wh=8_500, reason="PowerLoss", at=NOW - timedelta(hours=1))
    await until(lambda: cells(page, "Why it ended") == ["", "the power failed"])
    assert cells(page, "kWh")[-1] == "8.00"


async def test_who_charged_without_leave_is_marked_and_explained(application, page, gone):
    session_id = await charge(application, STRANGER, tag="B1204F77", station="ALF-0020")
    await application.sessions.metered("ALF-0020", 1, session_id, [Reading(NOW, "{}", 2_000, 3_700.0)])
    page.show()
    assert cells(page, "Person or card") == ["B1204F77"]
    assert cells(page, "State") == ["Not authorized 3.7 kW"]
    assert page.model.columns[7].pill(page.model.row(0)) == "warn"
    page.select(session_id)
    assert "✕ Unknown card" in words(page.pane)
    assert "reported the charge all the same" in words(page.pane)


async def test_a_refused_charge_offers_what_puts_it_right(application, desk, page, until):
    await application.pools.create("Guests")
    pool = application.pools.find("Guests")
    await application.stations.accept("ALF-0020", name="Garage 1", pool_id=pool.id)
    session_id = await charge(application, STRANGER, tag="B1204F77", station="ALF-0020")
    verdict = application.taps.judge("ALF-0020", "B1204F77", Moment.START)
    application.taps.record(
        verdict,
        station_id="ALF-0020",
        connector_id=1,
        raw_id_tag="B1204F77",
        source=TapSource.START,
        message_id=7,
    )
    page.show()
    page.select(session_id)
    await until(lambda: "fix" in visible_buttons(page))
    assert pane_button(page, "fix").text() == "Create pass…"
    await application.passes.add(PassDraft("B1204F77"), pool_id=pool.id)
    desk.bridge.passes_changed.emit()
    await until(lambda: visible_buttons(page) and "fix" not in visible_buttons(page))


async def test_an_end_without_a_beginning_is_shown_as_what_it_is(application, page):
    await application.sessions.stopped(Stop("ALF-0021", 4711, 9_000, NOW, "", ""))
    page.show()
    assert cells(page, "Start") == ["–"]
    assert cells(page, "Duration") == ["–"]
    assert cells(page, "kWh") == ["–"]
    assert cells(page, "State") == ["Ended, to check"]
    page.select(page.model.key_at(0))
    assert "Its start was never reported" in words(page.pane)


async def test_a_reason_that_is_no_word_of_the_specification_is_shown_as_sent(application, page):
    session_id = await charge(application)
    await end(application, session_id, reason="CarGone")
    page.show()
    assert cells(page, "Why it ended") == ["CarGone"]


async def test_the_subtitle_sums_two_weeks(application, page, until):
    page.show()
    assert page.head.subtitle.text() == ""
    for number in range(2):
        session_id = await charge(application, station=f"S-{number}", tag=f"AA{number}", ago=timedelta(days=number))
        await end(application, session_id, wh=11_000, station=f"S-{number}")
    old = await charge(application, station="S-9", tag="AA9", ago=timedelta(days=30))
    await end(application, old, wh=99_000, station="S-9")
    await until(lambda: page.head.subtitle.text() == "2 sessions, 20 kWh, in the last 14 days")


async def test_the_pane_tells_everything_and_leads_on(application, desk, page, gone):
    identity = await application.identities.add(IdentityDraft("anna@example.org", "Anna", "de Vries"))
    card = await application.passes.add(PassDraft("04A2B3C4", name="Anna's card", identity_id=identity.id))
    await application.stations.accept("ALF-0021", name="Garage 2")
    admission = Admission("Accepted", "identity_is_member", "Garage 2", "Guests", card.id, identity.id, "Anna de Vries")
    session_id = await charge(application, admission, tag="04a2b3c4", ago=timedelta(minutes=61))
    verdict = application.taps.judge("ALF-0021", "04a2b3c4", Moment.AUTHORIZE)
    application.taps.record(
        verdict,
        station_id="ALF-0021",
        connector_id=None,
        raw_id_tag="04a2b3c4",
        source=TapSource.AUTHORIZE,
        message_id=12,
    )
    page.show()
    assert not page.pane.isVisible()
    page.select(session_id)
    assert page.pane.isVisible()
    said = words(page.pane)
    for fact in ("Anna de Vries", "1:01", "Guests", "04a2b3c4", str(session_id), "✓ Member of Guests", "Card held"):
        assert fact in said
    for name in ("station", "pass"):
        pane_button(page, name).click()
    next(found for found in page.pane.findChildren(QPushButton) if found.text() == "Live log").click()
    assert gone == [("stations", "ALF-0021"), ("passes", card.id), ("log", 12)]
    pane_button(page, "copy").click()
    assert QGuiApplication.clipboard().text() == "04a2b3c4"


async def test_the_taps_are_those_of_that_time_however_many_came_since(application, page):
    began = NOW - timedelta(days=3)
    session_id = await charge(application, ago=timedelta(days=3))
    await end(application, session_id, at=began + timedelta(hours=1))

    def tap(number, at):
        values = {"id": number, "at": at, "station_id": "ALF-0021", "station_name": "Garage 2", "uid": "04A2B3C4"}
        values |= {"raw_id_tag": "04A2B3C4", "source": "Authorize", "status": "Accepted", "reason": "pass_is_member"}
        return values | {"trail": "[]", "holder": "Anna", "pool_name": "Guests", "message_id": number}

    rows = [tap(1, began - timedelta(minutes=1)), *(tap(2 + number, NOW) for number in range(80))]
    await application.store.write(lambda connection: connection.execute(insert(schema.taps), rows))
    page.show()
    page.select(session_id)
    assert len([found for found in page.pane.findChildren(QPushButton) if found.text() == "Live log"]) == 1


async def test_a_station_or_pass_that_is_gone_is_named_but_leads_nowhere(application, page, until):
    session_id = await charge(application)
    page.show()
    page.select(session_id)
    assert "Garage 2" in words(page.pane)
    await until(lambda: visible_buttons(page) == {"close", "copy"})


async def test_what_runs_is_shown_anew_without_moving_the_pane(application, page, until):
    session_id = await charge(application)
    page.show()
    page.select(session_id)
    button = pane_button(page, "copy")
    await application.sessions.metered("ALF-0021", 1, session_id, [Reading(NOW, "{}", 8_000, 11_000.0)])
    await until(lambda: "7.00 kWh" in words(page.pane))
    assert "11.0 kW" in words(page.pane)
    assert pane_button(page, "copy") is button


async def test_escape_closes_the_pane_and_gives_the_table_its_room(application, page, shown_page):
    session_id = await charge(application)
    page.select(session_id)
    before = page.table.width()
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert not page.pane.isVisible()
    QGuiApplication.processEvents()
    assert page.table.width() > before


@pytest.fixture
def shown_page(page):
    page.show()
    page.activateWindow()
    QTest.qWaitForWindowActive(page)
    return page


async def test_filters_narrow_what_is_shown(application, page):
    await furnish(application)
    await charge(application, station="ALF-0021", tag="CCCC0001")
    page.show()
    everything = page.model.rowCount()
    page.which.segment(RUNNING).click()
    assert cells(page, "State") == ["Charging"]
    page.which.segment("all").click()
    page.search.setText("entrance LEFT")
    page.search.searched.emit("entrance left")
    assert set(cells(page, "Station")) == {"Entrance left"}
    page.search.setText("04:7c:11")
    page.search.searched.emit("04:7c:11")
    assert set(cells(page, "Person or card")) == {"Front desk"}
    page.show_all()
    assert page.model.rowCount() == everything


async def test_the_station_filter_offers_stations_that_only_sessions_remember(application, page):
    await application.stations.accept("ALF-0020", name="Garage 1")
    await charge(application, station="GONE-1", tag="AA1")
    await charge(application, STRANGER, station="ALF-0020", tag="AA2")
    page.show()
    assert [page.station.itemText(row) for row in range(page.station.count())] == [
        "All stations",
        "Garage 1",
        "Garage 2",
    ]
    page.station.setCurrentIndex(2)
    page.station.activated.emit(2)
    assert cells(page, "Person or card") == ["Anna de Vries"]
    await charge(application, STRANGER, station="ALF-0020", tag="AA3")
    assert cells(page, "Person or card") == ["Anna de Vries"]


async def test_a_hidden_page_reads_nothing_until_it_is_shown(application, page, until):
    page.show()
    page.hide()
    await charge(application)
    await until(lambda: page._stale)
    assert page.model.rowCount() == 0
    page.show()
    assert page.model.rowCount() == 1


async def test_selecting_reaches_a_session_that_is_filtered_away_or_long_past(application, page):
    past = await many(application, FIRST + 10)
    page.show()
    page.search.setText("zebra")
    page.search.searched.emit("zebra")
    page.select(past)
    assert page.table.selected_rows()[0].id == past
    page.select(999_999)
    page.select("nonsense")
    assert page.table.selected_rows()[0].id == past


async def many(application, count):
    """So many sessions that ended, an hour apart; the id of the oldest."""

    def write(connection):
        rows = [
            {
                "id": number,
                "station_id": "ALF-0021",
                "station_name": "Garage 2",
                "connector_id": 1,
                "raw_id_tag": "04A2B3C4",
                "uid": "04A2B3C4",
                "holder": f"Person {number}",
                "pool_name": "Guests",
                "status": "Accepted",
                "reason": "pass_is_member",
                "reported_start": str(number),
                "started_at": NOW - timedelta(hours=number),
                "stopped_at": NOW - timedelta(hours=number - 1),
                "meter_start_wh": 0,
                "meter_last_wh": 5_000,
                "stored_at": NOW,
            }
            for number in range(1, count + 1)
        ]
        connection.execute(insert(schema.sessions), rows)

    await application.store.write(write)
    return count


async def test_older_sessions_are_read_when_asked_for_each_once(application, page):
    await many(application, FIRST + 30)
    page.show()
    assert page.model.rowCount() == FIRST
    assert page.older.isVisible()
    page.older.click()
    assert page.model.rowCount() == FIRST + 30
    assert len(set(cells(page, "Person or card"))) == FIRST + 30
    assert not page.older.isVisible()


async def test_a_search_says_how_far_it_looked(application, page):
    await many(application, FIRST + 30)
    page.show()
    page.search.setText(f"person {FIRST + 20}")
    page.search.searched.emit(f"person {FIRST + 20}")
    assert page.model.rowCount() == 0
    assert page.shown.text() == f"The latest {FIRST} sessions were searched."
    page.older.click()
    assert cells(page, "Person or card") == [f"Person {FIRST + 20}"]


async def test_an_empty_page_teaches_and_an_empty_search_leads_back(application, page, until):
    page.show()
    assert page._empty.currentWidget() is page._empty.teaching
    await charge(application)
    await until(lambda: page.model.rowCount() == 1)
    page.search.setText("zebra")
    page.search.searched.emit("zebra")
    assert page._empty.currentWidget() is page._empty.nothing_found
    page._empty.nothing_found.findChild(QPushButton).click()
    assert page.model.rowCount() == 1


async def test_the_menu_of_a_row_leads_to_its_station_and_pass(application, page, gone):
    card = await application.passes.add(PassDraft("04A2B3C4"))
    admission = Admission("Accepted", "pass_is_member", "Garage 2", "Guests", card.id, None, "")
    session_id = await charge(application, admission)
    page.show()
    assert not page.to_station.isEnabled()
    page.select(session_id)
    page.to_station.trigger()
    page.to_pass.trigger()
    assert gone == [("stations", "ALF-0021"), ("passes", card.id)]


async def test_the_selection_survives_what_happens(application, page, until):
    first = await charge(application, ago=timedelta(hours=1), station="S-1")
    page.show()
    page.select(first)
    await charge(application, station="S-2", tag="AA2")
    await until(lambda: page.model.rowCount() == 2)
    await end(application, first, station="S-1")
    await until(lambda: "Why it ended" in words(page.pane))
    assert page.table.selected_rows()[0].id == first


async def test_every_control_is_reached_and_named(application, page, out_of_reach):
    session_id = await charge(application)
    page.show()
    page.select(session_id)
    assert out_of_reach(page) == []


async def test_nothing_is_cut_at_the_smallest_window(application, page, until):
    session_id = await charge(application)
    page.resize(824, 620)
    page.show()
    page.select(session_id)
    await until(lambda: page.width() == 824 and "copy" in visible_buttons(page))
    table = page.table
    widths = sum(table.columnWidth(column) for column in range(table.model().columnCount()))
    assert widths <= table.viewport().width()
    buttons = [found for found in page.pane.findChildren(QPushButton) if found.isVisible()]
    assert all(page.pane.rect().contains(found.mapTo(page.pane, found.rect().bottomRight())) for found in buttons)
    assert [found.text() for found in page.pane.findChildren(Label) if found.is_cut()] == []


PRICED = replace(MEMBER, pool_id=1, is_member=True)


class TestWhatItCosts:
    @pytest.fixture
    async def pool(self, application):
        prices = PoolOptions(member_price=Price(Decimal("0.25")), price=Price(Decimal("0.40"), Decimal(1)))
        return await application.pools.create("Guests", options=prices)

    async def test_a_session_shows_its_cost_and_its_price(self, application, page, pool):
        session_id = await charge(application, replace(PRICED, pool_id=pool.id), ago=timedelta(hours=1))
        await end(application, session_id)
        page.resize(1700, 760)
        page.show()
        page.select(session_id)
        assert cells(page, "Cost") == ["2.00 EUR"]
        assert "members' price: 0.25 EUR per kWh" in words(page.pane)
        assert "yes, of Guests" in words(page.pane)
        assert "Ended by: the station" in words(page.pane)

    async def test_free_is_said_in_a_word(self, application, page):
        pool = await application.pools.create("Guests", options=PoolOptions(members_free=True))
        await end(application, await charge(application, replace(PRICED, pool_id=pool.id), ago=timedelta(hours=1)))
        page.show()
        assert cells(page, "Cost") == ["free"]

    async def test_what_had_to_be_supposed_is_told_and_to_be_checked(self, application, page):
        session_id = await charge(application, ago=timedelta(hours=1), meter=9_000)
        await end(application, session_id, wh=10)
        page.show()
        page.select(session_id)
        assert cells(page, "State") == ["Ended, to check"]
        assert page.model.columns[7].pill(page.model.row(0)) == "warn"
        assert "Its meter went backwards" in words(page.pane)

    async def test_a_card_that_ended_it_is_named(self, application, page):
        session_id = await charge(application, ago=timedelta(hours=1))
        stop = Stop("ALF-0021", session_id, 9_000, NOW, "04A2B3C5", "Local", holder="Bob")
        await application.sessions.stopped(stop)
        page.show()
        page.select(session_id)
        assert "Ended by: a card held to the station (Bob)" in words(page.pane)

    async def test_an_end_that_found_its_start_is_no_session_of_its_own(self, application, page, until):
        await application.sessions.stopped(Stop("ALF-0021", None, 9_000, NOW, "04A2B3C4", "Local"))
        page.show()
        assert page.model.rowCount() == 1
        await charge(application, ago=timedelta(hours=1))
        await until(lambda: page.model.rowCount() == 1 and cells(page, "kWh") == ["8.00"])


class TestTheMonthReport:
    @pytest.fixture
    async def dialog(self, application, desk, qtbot, until):
        pool = await application.pools.create("Guests", options=PoolOptions(member_price=Price(Decimal("0.25"))))
        admission = replace(PRICED, pool_id=pool.id)
        await end(application, await charge(application, admission, ago=timedelta(minutes=1)))
        stranger = replace(STRANGER, pool_id=pool.id)
        other = await charge(application, stranger, ago=timedelta(minutes=1), station="ALF-0020")
        await end(application, other, station="ALF-0020")
        made = ReportDialog(desk)
        qtbot.addWidget(made)
        made.show()
        await until(lambda: made.model.rowCount() == 2)
        return made

    def rows(self, dialog):
        return [
            tuple(dialog.model.text_at(at, column) for column in (0, 2, 3, 4)) for at in range(dialog.model.rowCount())
        ]

    async def test_sums_up_by_person_and_by_pool(self, dialog, until):
        assert self.rows(dialog) == [
            ("Anna de Vries", "1", "8.00", "2.00 EUR"),
            ("Not authorized, or not known who", "1", "8.00", "–"),
        ]
        assert (dialog.total.text(), dialog.costs.text()) == ("2 sessions, 16.00 kWh", "2.00 EUR")
        dialog.by.segment("pool").click()
        await until(lambda: self.rows(dialog) == [("Guests", "2", "16.00", "2.00 EUR")])

    async def test_follows_what_is_reported(self, application, dialog, until):
        await charge(application, station="ALF-0022")
        await until(lambda: "1 session still runs and is not counted yet." in dialog.notes.words())

    async def test_is_written_to_files(self, dialog, tmp_path, monkeypatch, until):
        for number, ending in enumerate(("pdf", "xlsx", "csv")):
            path = tmp_path / f"report.{ending}"

            async def chosen(*_arguments, path=path):
                return path

            monkeypatch.setattr(report, "file_to_write", chosen)
            dialog.files[number].click()
            await until(path.exists)
        assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
        assert "Anna de Vries" in (tmp_path / "report.csv").read_text(encoding="utf-8-sig")

    async def test_a_file_that_cannot_be_written_leaves_nothing_behind(self, application, dialog, tmp_path):
        made = await application.reports.month(NOW.date(), Grouping.POOL)
        with pytest.raises(AppError, match="file_not_written"):
            write_pdf(made, tmp_path / "missing" / "report.pdf", "", NOW)
        assert list(tmp_path.glob("*.part")) == []
