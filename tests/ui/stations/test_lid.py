"""With the lid shut: what a station's tab, its list, the pool, the overview and the foot of the window say of it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.application import StationLid
from app.csms.lists import sync as list_sync
from app.csms.station import outgoing
from app.domain.drafts import PassDraft
from app.domain.lid_check import Answer, LidFacts, Light, Why, check_lid
from app.domain.lid_settings import Fit, OpensTo
from app.domain.list_record import Trouble
from app.domain.list_state import ListState, ListStatus, Missing, MissingWhy
from app.domain.model import OcppVersion, Pool, Registration, Station
from app.domain.variables import Variable
from app.lid import lid, testing
from app.simulation import SimulatedStation
from ui.overview.attention import Attention
from ui.overview.lid_line import LidLine
from ui.pools.lists import PoolLists, lists_pill
from ui.stations.asked import AskedHistory
from ui.stations.card_test_view import CardTestDialog
from ui.stations.lid_words import about_members, about_strangers, fit_words, light_words, site_in_short
from ui.stations.list_dialog import LocalListDialog
from ui.stations.list_words import list_meaning, list_words, lists_in_short, trouble_words
from ui.stations.page import StationsPage
from ui.stations.show_tab import ShowTab
from ui.widgets.boxes import Progress
from ui.widgets.labels import Label, Paragraph
from ui.widgets.pill import Pill

ANNA, STRANGER = "04A2B3C4D5E680", "B1204F77"


@pytest.fixture(autouse=True)
def prompt(lists_can_wait, monkeypatch):
    """Before the site begins: lists are looked after at once, stations are asked as soon as they come."""
    monkeypatch.setattr(list_sync, "QUIET_S", 0.02)
    monkeypatch.setattr(list_sync, "GATHER_AT_MOST_S", 0.2)
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.0)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)
    monkeypatch.setattr(lid, "READ_AFTER_S", 0.0)
    monkeypatch.setattr(testing, "TELLS_WITHIN_S", 30.0)


@pytest.fixture
async def site_with_cp1(application, url, until):
    """CP1 "Gate" of the private pool "Yard": it has its list, was asked for its settings, and lets strangers in."""
    pool = await application.pools.create("Yard")
    await application.passes.add(PassDraft(uid=ANNA, name="Anna's card"), pool_id=pool.id)
    await application.stations.accept("CP1", name="Gate", pool_id=pool.id)
    settings = {"AllowOfflineTxForUnknownId": "true", "AuthorizationCacheEnabled": "false"}
    async with SimulatedStation(url, "CP1", configuration=settings) as station:
        await station.start_up()
        await until(lambda: application.lid.of("CP1").read_at is not None)
        await until(lambda: application.local_lists.of("CP1").state is ListState.IN_STEP)
        yield station


@pytest.fixture
async def page(desk, site_with_cp1, qtbot, until):
    page = StationsPage(desk)
    qtbot.addWidget(page)
    page.resize(1160, 900)
    page.show()
    page.select(ShowTab("CP1", "lid"))
    await until(lambda: "can charge here" in words_in(page))
    return page


def words_in(widget):
    return " ".join(each.words() for each in widget.findChildren(Paragraph) if each.isVisibleTo(widget))


def pills(widget):
    return [each.text for each in widget.findChildren(Pill) if each.isVisibleTo(widget)]


async def test_the_tab_says_who_can_charge_and_one_button_sets_it_right(page, site_with_cp1, press, until):
    assert page.pane.strip.value() == "lid"
    assert "With Tapdesk closed, the one pass of Yard can charge here." in words_in(page)
    assert "A stranger's card can too: the station accepts unknown cards when it is offline." in words_in(page)
    assert "Take care" in pills(page.pane)
    press(page.pane, "Set it right")
    await until(lambda: "A stranger's card cannot" in words_in(page))
    assert "As it should be" in pills(page.pane)
    assert not site_with_cp1.cabinet.configuration.flag("AllowOfflineTxForUnknownId")
    assert not any(each.text() == "Set it right" and each.isVisibleTo(page) for each in page.findChildren(QPushButton))


async def test_what_was_set_right_is_undone_from_its_note(page, desk, site_with_cp1, said, press, until):
    press(page.pane, "Set it right")
    note = await said("1 setting of Gate was set.")
    press(note, "Undo")
    await said("1 setting of Gate is what it was.")
    assert site_with_cp1.cabinet.configuration.flag("AllowOfflineTxForUnknownId")
    await until(lambda: "A stranger's card can too" in words_in(page))


async def test_what_was_set_right_is_undone_from_the_history_long_after(page, site_with_cp1, said, press, until):
    press(page.pane, "Set it right")
    (await said("1 setting of Gate was set.")).close_note()
    page.pane.open_tab("history")

    def labels():
        return {each.text() for each in page.pane.findChildren(Label) if each.isVisibleTo(page)}

    await until(lambda: {"Set right", "AllowOfflineTxForUnknownId", "true → false"} <= labels())
    press(page.pane, "Undo")
    await said("1 setting of Gate is what it was.")
    assert site_with_cp1.cabinet.configuration.flag("AllowOfflineTxForUnknownId")
    asked = page.pane.findChild(AskedHistory).model()
    lines = ["Set AllowOfflineTxForUnknownId to true", "Set AllowOfflineTxForUnknownId to false"]
    await until(lambda: [asked.text_at(at, 1) for at in range(asked.rowCount())][:2] == lines)
    await until(lambda: "Set right" not in labels())


async def test_the_settings_stand_beside_what_the_pool_wants(page):
    tab = next(tab for tab in page.pane.tabs if tab.key == "lid")
    rows = {each.name: (each.now, each.wanted, each.fit) for each in map(tab.table.model().row, range(6))}
    assert rows["AllowOfflineTxForUnknownId"] == ("true", False, Fit.TO_CHANGE)
    assert rows["LocalAuthListEnabled"] == ("true", True, Fit.AS_IT_SHOULD_BE)


async def test_the_table_of_stations_has_the_state_of_each_list(page, site_with_cp1, until):
    [column] = [number for number, each in enumerate(page.model.columns) if each.title == "Local list"]
    assert page.model.text_at(0, column) == "In step · 1 of 500"
    await site_with_cp1.drop()
    await until(lambda: not page._desk.application.server.connected)
    await page._desk.application.passes.add(PassDraft(uid=STRANGER), pool_id=1)
    await until(lambda: page.model.text_at(0, column) == "Waiting for its return")


async def test_the_list_is_shown_beside_what_it_should_be(desk, application, site_with_cp1, qtbot, until):
    dialog = LocalListDialog(desk, "CP1")
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.facts.text() == "1 in it, 1 should be"
    assert [dialog.model.text_at(0, column) for column in range(5)] == [
        ANNA,
        "Anna's card",
        "may charge",
        "may charge",
        "the same",
    ]
    await site_with_cp1.drop()
    await until(lambda: not application.server.connected)
    await application.passes.block([application.passes.find(ANNA).id])
    await until(lambda: dialog.model.text_at(0, 4) == "to change")
    assert dialog.model.text_at(0, 3) == "blocked"


async def test_a_list_that_is_sent_in_pieces_shows_how_far_it_is(page, application, until):
    lists = application.local_lists
    lists.progress("CP1", 40, 60, 20)
    await until(lambda: "It is sent in pieces of 20: 40 of 60 entries so far." in words_in(page))
    assert "Sending · 40 of 60" in pills(page.pane)
    [bar] = [each for each in page.pane.findChildren(Progress) if each.accessibleName() == "Sent so far"]
    assert (bar.value(), bar.maximum()) == (40, 60)
    lists.progress("CP1", 60, 61, 0)
    await until(lambda: "Sending · 60 of 61" in pills(page.pane))
    assert "pieces" not in words_in(page)


async def test_who_still_can_and_should_not_is_said_in_the_tab_the_pool_and_the_overview(
    page, desk, application, site_with_cp1, qtbot, until
):
    await site_with_cp1.drop()
    await until(lambda: not application.server.connected)
    await application.passes.block([application.passes.find(ANNA).id])
    await until(lambda: "1 card that should not charge any more still can" in words_in(page))
    pool = application.pools.all()[0].pool
    banner = PoolLists(desk)
    qtbot.addWidget(banner)
    banner.show_pool(pool)
    assert not banner.isHidden()
    words, kind, which = lists_pill(desk, pool.id)
    assert (words, kind, which) == ("0 of 1 local lists in step", "warn", "Gate: Waiting for its return")
    attention = Attention(desk)
    qtbot.addWidget(attention)
    attention.show_lids(application.lid.all())
    attention.show()
    assert "Gate still lets cards charge that should not: 1, since" in words_in(attention)


async def test_several_stations_with_cards_that_should_not_charge_are_named_the_longest_since_first(
    desk, application, qtbot
):
    def away(title, since):
        lid = lid_of(members=1)
        status = replace(lid.list, state=ListState.WAITING, still_open=1, open_since=since)
        return replace(lid, station=replace(lid.station, name=title), list=status)

    now = application.clock()
    attention = Attention(desk)
    qtbot.addWidget(attention)
    attention.show_lids([away("Gate", now), away("Roof", now - timedelta(days=3))])
    attention.show()
    words = words_in(attention)
    assert re.search("Stations still let cards charge that should not: Roof since .* and Gate since ", words), words


async def test_the_test_with_cards_goes_on_when_its_dialog_is_closed(
    page, desk, application, site_with_cp1, qtbot, press, until
):
    dialog = CardTestDialog(desk, "CP1")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
    await until(lambda: "Hold a member's card to it" in words_in(dialog))
    assert not dialog.begin.isVisible()
    dialog.accept()
    await until(lambda: not site_with_cp1.online)
    assert (await site_with_cp1.tap(STRANGER)).accepted
    await site_with_cp1.start(STRANGER)
    await until(lambda: "Hold a member's card to it" in words_in(page))
    press(page, "Listen again now")
    await until(lambda: "Waiting for the station" in words_in(page))
    await site_with_cp1.reconnect()
    await until(lambda: "It has a moment to report" in words_in(page))
    press(page, "That is all")
    await until(lambda: "A stranger's card can too: the test with cards showed it." in words_in(page))
    choice = page.findChild(object, "saw member")
    choice.segment("refused").click()
    await until(lambda: "nobody of Yard can charge here: the test with cards showed it" in words_in(page))


async def test_a_station_that_is_away_can_neither_be_set_nor_tested(page, site_with_cp1, until):
    await site_with_cp1.drop()
    await until(lambda: "It can be asked and set when it is connected." in words_in(page))
    tab = next(tab for tab in page.pane.tabs if tab.key == "lid")
    assert not any(each.isEnabled() for each in (tab.set_right, tab.read, tab.try_cards))


async def test_the_site_comes_to_one_line(desk, application, site_with_cp1, qtbot):
    line = LidLine(desk)
    qtbot.addWidget(line)
    line.show_lids(application.lid.all())
    assert line.words.text() == "With Tapdesk closed: 1 of 1 station goes on for members; 1 lets strangers in."
    went = []
    desk.going.connect(lambda *place: went.append(place))
    line.link.click()
    assert went == [("stations", ShowTab("CP1", "lid"))]
    line.show_lids([])
    assert line.isHidden()


def lid_of(opens_to=OpensTo.LISTED, pool="Guests", **facts):
    given = LidFacts(opens_to, OcppVersion.V16, **facts)
    status = ListStatus("CP1", given.list_state, members=given.members, count=given.held)
    station = Station(1, "CP1", "Gate", Registration.ACCEPTED)
    return StationLid(station, Pool(1, pool) if pool else None, status, check_lid(given))


@pytest.mark.parametrize(
    ("given", "members", "strangers"),
    [
        (
            lid_of(members=3),
            "Whether Guests can charge here with Tapdesk closed is not known: its settings were not read yet.",
            "Whether a stranger's card can is not known: its settings were not read yet.",
        ),
        (
            lid_of(
                members=3,
                was_read=True,
                list_state=ListState.TOO_SMALL,
                variables=(Variable("LocalAuthorizeOffline", "true"),),
            ),
            "With Tapdesk closed, not all of Guests can charge here: its list has no room for all.",
            "A stranger's card presumably cannot: the station told of no setting that would let it.",
        ),
        (
            lid_of(OpensTo.NOBODY, pool=""),
            "It is in no pool: with Tapdesk closed, nobody should charge here.",
            "Whether a stranger's card can is not known: its settings were not read yet.",
        ),
        (
            lid_of(OpensTo.ANYBODY, variables=(Variable("AllowOfflineTxForUnknownId", "true"),)),
            "With Tapdesk closed, any card can charge here, as Guests wants it.",
            "",
        ),
    ],
)
def test_each_finding_is_a_sentence(given, members, strangers):
    assert (about_members(given), about_strangers(given)) == (members, strangers)


def test_every_code_has_its_words():
    for why in Why:
        for answer in Answer:
            finding = lid_of(members=2)
            object.__setattr__(finding.check.members, "why", why)
            object.__setattr__(finding.check.members, "answer", answer)
            assert "{" not in about_members(finding)
    assert all(light_words(light)[0] for light in Light)
    assert all(fit_words(fit)[0] for fit in Fit)
    for state in ListState:
        for online in (True, False):
            status = ListStatus("CP1", state, missing=(Missing(1, "A", MissingWhy.NO_ROOM),))
            assert list_words(status, online=online)[0]
            list_meaning(status, online=online)
    assert all(trouble_words(ListStatus("CP1", ListState.FAILING, trouble=trouble)) for trouble in Trouble if trouble)


def test_lists_come_to_a_few_words():
    states = [ListState.IN_STEP] * 5 + [ListState.WAITING, ListState.NOT_SUPPORTED, ListState.TOO_SMALL]
    statuses = [ListStatus(str(number), state) for number, state in enumerate(states)]
    assert lists_in_short(statuses) == "Local lists: 5 in step, 1 waiting, 1 not whole"
    assert lists_in_short([ListStatus("CP1", ListState.NOT_SUPPORTED)]) == ""


def test_a_site_in_short_counts_only_stations_at_which_somebody_may_charge():
    assert site_in_short([lid_of(OpensTo.NOBODY, pool="")]) == ("", Light.UNKNOWN)
    words, light = site_in_short([lid_of(members=2), lid_of(members=1)])
    assert words == "With Tapdesk closed: 0 of 2 stations go on for members; of 2 it is not known."
    assert light is Light.UNKNOWN


def test_that_some_cannot_charge_is_only_said_where_it_is_certain():
    offline = (Variable("LocalAuthorizeOffline", "true"),)
    waiting = lid_of(members=3, held=2, list_known=True, list_state=ListState.WAITING, variables=offline)
    assert about_members(waiting).startswith("With Tapdesk closed, perhaps not all of Guests can charge here")
    too_small = lid_of(members=3, held=2, list_known=True, list_state=ListState.TOO_SMALL, variables=offline)
    assert about_members(too_small).startswith("With Tapdesk closed, not all of Guests can charge here")
