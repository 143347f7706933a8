"""A small hotel to look around in: people, cards, pools, two weeks of charging, and stations that live."""

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from app.application import Application, PinDraft
from app.domain.access import Reason, Status
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.model import AccessLevel, PoolOptions, Price, Role
from app.sessions import Admission, Start, Stop
from app.simulation.demo_site import DemoStation, run_demo_site

SITE_NAME = "Parkhotel De Linde"

POOLS = {
    "DC fast": (
        AccessLevel.RESTRICTED,
        PoolOptions(
            description="The fast charger on the terrace: by request, or with the PIN of the day.",
            takes_requests=True,
            session_limit=1,
            member_price=Price(Decimal("0.45")),
            price=Price(Decimal("0.59"), Decimal("1.00")),
            notify=("frontdesk@delinde.example",),
        ),
    ),
    "Guests": (AccessLevel.PRIVATE, PoolOptions(members_free=True)),
    "Staff": (AccessLevel.PRIVATE, PoolOptions(members_free=True, passes_stop_each_other=True)),
    "Visitors parking": (AccessLevel.PUBLIC, PoolOptions(price=Price(Decimal("0.39")))),
}
#: At the pool, under which name, good for so many sessions.
PIN = ("DC fast", "Wedding party", "4821", 10)

# OCPP identity, name, pool, vendor, model, serial number, firmware
STATIONS = (
    ("EVB-P1881", "Entrance left", "Staff", "EVBox", "Elvi", "2118-0042", "3.6.1"),
    ("EVB-P1882", "Entrance right", "Staff", "EVBox", "Elvi", "2118-0043", "3.6.1"),
    ("ALF-0020", "Garage 1", "Guests", "Alfen", "NG910", "ACE0020117", "6.5.0"),
    ("ALF-0021", "Garage 2", "Guests", "Alfen", "NG910", "ACE0021442", "6.5.0"),
    ("ALF-0022", "Garage 3", "Visitors parking", "Alfen", "NG910", "ACE0022093", "6.4.2"),
    ("ABB-T54-7", "Terrace DC", "DC fast", "ABB", "Terra 54", "T54-IT1-0718", "4.1.3.12"),
)
#: Those that speak OCPP 2.0.1; the others speak 1.6.
SPEAK_201 = frozenset({"ABB-T54-7", "ALF-0022"})
NEWCOMER = ("EVB-P2118", "EVBox", "Elvi", "2118-0071", "3.6.1")

# first name, last name, e-mail, role, the pools it is a member of
PEOPLE = (
    ("Anna", "de Vries", "anna@delinde.example", Role.ADMINISTRATOR, ("Staff", "Guests", "DC fast")),
    ("Jan", "Bakker", "jan@delinde.example", Role.CARDHOLDER, ("Staff",)),
    ("Mila", "Jansen", "mila@delinde.example", Role.CARDHOLDER, ("Staff",)),
    ("Facility", "team", "facility@delinde.example", Role.CARDHOLDER, ("Staff",)),
    ("Front", "desk", "frontdesk@delinde.example", Role.CARDHOLDER, ("Guests",)),
    ("Sara", "Visser", "sara@visitor.example", Role.CARDHOLDER, ()),
    ("Tom", "Willems", "tom@delinde.example", Role.CARDHOLDER, ("Staff",)),
    ("Bouwbedrijf", "Van der Meulen", "planning@vdmeulen.example", Role.CARDHOLDER, ("DC fast",)),
)

# e-mail, name, visible ID, UID
CARDS = (
    ("anna@delinde.example", "Anna's card", "NL-DEL-000011-2", "04A2B3C4D5E680"),
    ("anna@delinde.example", "Anna's fob", "", "5E0A917C"),
    ("jan@delinde.example", "Key fob", "", "774F20B1"),
    ("mila@delinde.example", "Night shift", "NL-TNM-C00122045-K", ""),
    ("facility@delinde.example", "Pool car", "NL-DEL-000021-7", "04FF01C2D4E580"),
    ("facility@delinde.example", "Pool van", "NL-DEL-000022-6", ""),
    ("frontdesk@delinde.example", "Guest card 1", "NL-TNM-012204-5", "047C11AA902B80"),
    ("frontdesk@delinde.example", "Guest card 2", "", "0431BE02FF1290"),
    ("frontdesk@delinde.example", "Guest card 3", "", "04C2117F3A5B80"),
    ("frontdesk@delinde.example", "Guest card 4", "NL-DEL-000034-7", ""),
    ("sara@visitor.example", "Sara's card", "", "9A01F3C2"),
    ("tom@delinde.example", "Lost card", "", "0488AA12FF1280"),
    ("tom@delinde.example", "New card", "", "04D91B5A716C80"),
    ("planning@vdmeulen.example", "Van 12", "", "0452E7904F6180"),
)
STRANGERS = ("B1204F77", "04B7722E9F1D80", "088F31C5")
HISTORY_DAYS = 14

# The UIDs that charge at each pool's stations day by day.
_STAFF = ("04A2B3C4D5E680", "774F20B1", "04FF01C2D4E580", "04D91B5A716C80")
REGULARS = {
    "Staff": _STAFF,
    "Guests": ("04A2B3C4D5E680", "047C11AA902B80", "0431BE02FF1290", "04C2117F3A5B80"),
    "Visitors parking": (*_STAFF, "9A01F3C2"),
    "DC fast": ("0452E7904F6180", "5E0A917C"),
}


async def furnish(application: Application) -> None:
    """Fill an empty site with the hotel's people, cards, pools, stations and two weeks of sessions before now."""
    await application.settings.change(site_name=SITE_NAME)
    pools = {name: (await application.pools.create(name, *rule)).id for name, rule in POOLS.items()}
    pool, pin_name, digits, uses = PIN
    await application.pins.add(pools[pool], digits, PinDraft(pin_name, uses=uses))
    for station_id, name, pool, *_ in STATIONS:
        await application.stations.accept(station_id, name=name, pool_id=pools[pool])
    identities = {}
    for first, last, email, role, member_of in PEOPLE:
        identity = await application.identities.add(IdentityDraft(email, first, last, role))
        identities[email] = identity.id
        for pool in member_of:
            await application.members.add(pools[pool], identity_ids=[identity.id])
    for email, name, visible_id, uid in CARDS:
        card = await application.passes.add(PassDraft(uid, visible_id, name, identities[email]))
        if name == "Lost card":
            await application.passes.block([card.id])
    await _charge_for_two_weeks(application, pools, application.clock(), random.Random(7))  # noqa: S311 - the same each time


async def _charge_for_two_weeks(
    application: Application, pools: Mapping[str, int], now: datetime, chance: random.Random
) -> None:
    people = {email: f"{first} {last}" for first, last, email, *_ in PEOPLE}
    holders = {uid: people[email] for email, _, _, uid in CARDS if uid}
    registers = dict.fromkeys((station[0] for station in STATIONS), 1_200_000)
    for days_ago in range(HISTORY_DAYS, 0, -1):
        for _ in range(chance.randint(1, 5)):
            station_id, station_name, pool, *_ = chance.choice(STATIONS)
            uid = chance.choice(REGULARS[pool])
            began = now - timedelta(days=days_ago - 0.5, minutes=chance.randint(0, 600))
            energy = chance.randint(2_000, 21_000)
            card = application.passes.find(uid)
            start = Start(station_id, 1, uid, uid, registers[station_id], began, began.isoformat())
            is_member = POOLS[pool][0] is not AccessLevel.PUBLIC
            admission = Admission(
                status=Status.ACCEPTED.value,
                reason=(Reason.IDENTITY_IS_MEMBER if is_member else Reason.REGISTERED_PASS).value,
                station_name=station_name,
                pool_name=pool,
                pass_id=card.id if card else None,
                identity_id=card.identity_id if card else None,
                holder=holders[uid],
                pool_id=pools[pool],
                is_member=is_member,
            )
            kept = await application.sessions.started(start, admission)
            registers[station_id] += energy
            ended = began + timedelta(hours=energy / 11_000)
            await application.sessions.stopped(
                Stop(station_id, kept.transaction_id, registers[station_id], ended, uid, "Local")
            )


def living_stations() -> list[DemoStation]:
    """The stations that live: the six of the site, and one that asks to join."""
    living = [
        DemoStation(
            station_id,
            vendor,
            model,
            serial,
            firmware,
            cards=REGULARS[pool],
            strangers=(*STRANGERS, "0488AA12FF1280"),
            ocpp="2.0.1" if station_id in SPEAK_201 else "1.6",
        )
        for station_id, _, pool, vendor, model, serial, firmware in STATIONS
    ]
    station_id, vendor, model, serial, firmware = NEWCOMER
    return [*living, DemoStation(station_id, vendor, model, serial, firmware, cards=_STAFF)]


class DemoSite:
    """The living stations, in a thread of their own: they share nothing with the server but the network."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._thread = threading.Thread(target=self._live, name="demo site", daemon=True)
        self._stop: Callable[[], object] = lambda: None
        self._ready = threading.Event()

    @classmethod
    async def open(cls, application: Application) -> "DemoSite":
        """Furnish the site and give the stations that will live there for as long as the result is entered."""
        await furnish(application)
        return cls(f"ws://127.0.0.1:{application.server.port}/")

    def __enter__(self) -> "DemoSite":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._thread.join(timeout=10)

    def _live(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._run())

    async def _run(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is not None:
            self._stop = lambda: loop.call_soon_threadsafe(task.cancel)
        self._ready.set()
        await run_demo_site(self._url, living_stations(), random.Random())  # noqa: S311 - nothing here is a secret
