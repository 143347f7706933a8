"""A card that nobody knows asks, an operator says yes, and it charges: over real sockets, with real mail."""

import asyncio
import logging
import threading

import pytest

from app.application import Application
from app.csms.station import outgoing
from app.domain.commands import StartCharge, StopCharge
from app.domain.drafts import IdentityDraft
from app.domain.letters import LetterState
from app.domain.model import AccessLevel, PoolOptions
from app.mail import postman
from app.requests import deciding
from app.simulation import SimulatedStation
from tests.command_line import hear, serving
from tests.mail_server import HOST, mail_server

CARD = "04A2B3C4D5E680"
OPTIONS = PoolOptions(takes_requests=True, notify=("owner@garage.example",))
EVA = IdentityDraft("eva@home.example", "Eva", "Bakker")


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.05)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.05)
    monkeypatch.setattr(postman, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(deciding, "TOLD_AFTER", deciding.TOLD_AFTER / 20)
    logging.getLogger("mail").setLevel(logging.CRITICAL)


@pytest.fixture
async def pool(application):
    return await application.pools.create("Yard", AccessLevel.RESTRICTED, OPTIONS)


@pytest.fixture
async def station(application, url, pool):
    await application.stations.accept("CP1", name="Gate", pool_id=pool.id)
    async with SimulatedStation(url, "CP1", connectors=2, pace=1000) as station:
        await station.start_up()
        yield station


@pytest.fixture
async def post(application):
    async with mail_server() as post:
        await application.settings.change(
            mail_host=HOST, mail_port=post.port, mail_security="none", mail_sender="desk@site.example"
        )
        yield post
        await application.mail.stop()


async def until(true, within_s=5.0):
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.005)


async def test_from_a_refusal_to_a_charge_and_every_letter_once(application, station, pool, post):
    assert not (await station.tap(CARD)).accepted
    await until(lambda: application.requests.count_pending() == 1)
    await until(lambda: len(post.taken) == 1)
    assert not (await station.tap(CARD)).accepted
    await until(lambda: application.requests.pending()[0].times == 2)
    (request,) = application.requests.pending()
    assert application.requests.still_waits(request)

    await application.requests.approve(request.id, new_identity=EVA)
    # The driver still stands there: the station begins, with the card as its reader spelled it.
    start = StartCharge(request.raw_id_tag, request.connector_id)
    await application.server.carry_out(request.station_id, start)
    await until(lambda: any(session.transaction_id for session in station.cabinet.sessions()))
    (session,) = application.sessions.recent(open_only=True)
    assert (session.holder, session.status) == ("Eva Bakker", "Accepted")
    await application.server.carry_out(session.station_id, StopCharge(session))
    await until(lambda: not application.sessions.recent(open_only=True))
    assert (await station.tap(CARD)).accepted

    await until(lambda: {letter.state for letter in application.mail.letters()} == {LetterState.SENT})
    await asyncio.sleep(0.2)
    assert [(letter["To"], letter["Subject"]) for letter in post.letters] == [
        ("owner@garage.example", "Somebody asks to charge at Yard"),
        ("eva@home.example", "You can charge at Yard"),
    ]


async def test_approved_by_mistake_and_taken_back_nobody_charges_and_nobody_is_told(application, station, post):
    await station.tap(CARD)
    await until(lambda: len(post.taken) == 1)
    (request,) = application.requests.pending()
    undo = await application.requests.approve(request.id, new_identity=EVA)
    await undo()
    assert not (await station.tap(CARD)).accepted
    await asyncio.sleep(0.8)
    assert [letter["To"] for letter in post.letters] == ["owner@garage.example"]


async def test_the_answer_to_a_card_does_not_wait_for_its_request(application, station):
    """Not even while the disk is at work on something long."""
    go_on = threading.Event()
    busy = asyncio.ensure_future(application.store.write(lambda _: go_on.wait(5)))
    async with asyncio.timeout(1):
        assert not (await station.tap(CARD)).accepted
    assert application.requests.pending() == []
    go_on.set()
    await busy
    await until(lambda: application.requests.count_pending() == 1)


async def test_a_server_without_a_window_says_who_asks(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    site = Application(folder / "tapdesk.db")
    pool = await site.pools.create("Yard", AccessLevel.RESTRICTED, OPTIONS)
    await site.stations.accept("CP1", pool_id=pool.id)
    await site.stop()
    with serving(folder) as server:
        async with SimulatedStation(f"ws://127.0.0.1:{server.port}/", "CP1") as station:
            await station.start_up()
            await station.tap(CARD)
            await asyncio.to_thread(hear, server.process, f"Card {CARD} asks to charge at Yard")
        ended = server.end()
    assert (ended.code, ended.err) == (0, "")
