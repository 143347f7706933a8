"""`tapdesk stations`: letting stations in, and to whom they are allocated."""

import argparse
import asyncio
from collections.abc import Sequence
from typing import Any

from app.commands import site, station_security
from app.commands.console import Console
from app.commands.declaring import Common, action, group


def list_stations(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        pools = {summary.pool.id: summary.pool.name for summary in application.pools.all()}
        belonging = site.Belonging(application, args.organization)
        rows = [
            {
                "station_id": station.station_id,
                "name": station.name,
                "registration": station.registration.value,
                "pool": "" if station.pool_id is None else pools.get(station.pool_id, ""),
                "organization": belonging.name(station.host_id),
                "vendor": station.vendor,
                "model": station.model,
                "serial_number": station.serial_number,
                "firmware": station.firmware,
                "address": station.address,
                "security_profile": station.security_profile.value,
                "last_seen_at": station.last_seen_at,
            }
            for station in application.stations.all()
            if belonging.wants(station.host_id)
        ]
    columns = ("station_id", "name", "registration", "pool", *belonging.column, "vendor", "model", "address")
    return console.table(rows, columns)


def accept_station(args: argparse.Namespace, console: Console) -> int:
    with site.changing(args.data) as application:
        pool = site.pool_named(application, args.pool) if args.pool else None
        host = site.organization_named(application, args.organization) if args.organization else None
        station = asyncio.run(
            application.stations.accept(
                args.id, name=args.name or "", pool_id=pool.id if pool else None, host_id=host.id if host else None
            )
        )
    return console.done(f"{station.station_id} is accepted.", station)


def reject_station(args: argparse.Namespace, console: Console) -> int:
    with site.changing(args.data) as application:
        asyncio.run(application.stations.reject(args.id))
        station = application.stations.require(args.id)
    return console.done(f"{station.station_id} is refused.", station)


def allocate_stations(args: argparse.Namespace, console: Console) -> int:
    with site.changing(args.data) as application:
        host = site.organization_named(application, args.organization)
        asyncio.run(application.stations.allocate(args.id, host.id))
        stations = [application.stations.require(station_id) for station_id in args.id]
        name = site.name_of(application, host)
    return console.done(f"Allocated to {name}: {', '.join(station.station_id for station in stations)}.", stations)


def expect_nameless(args: argparse.Namespace, console: Console) -> int:
    with site.changing(args.data) as application:
        station = application.stations.require(args.id)
        asyncio.run(application.habits.expect_nameless(station.station_id, args.address or ""))
        address = application.habits.of(station.station_id).nameless_at
    told = f"What comes from {address} without an ID is {station.station_id}."
    ended = f"{station.station_id} has to name itself."
    return console.done(told if address else ended, {"station_id": station.station_id, "nameless_at": address})


def show_configuration(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        station = application.stations.require(args.id)
        wanted = args.search.casefold()
        rows = [
            {"name": each.name, "value": each.value, "read_only": each.read_only, "read_at": each.read_at}
            for each in application.configuration.of(station.station_id)
            if wanted in each.name.casefold()
        ]
    return console.table(rows, ("name", "value", "read_only", "read_at"))


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`stations list|accept|reject|nameless|allocate|password|profile|configuration`."""
    stations = group(commands, "stations", "the stations of the site")
    listing = action(stations, "list", "list the stations, those that wait to join too", list_stations, common)
    listing.add_argument("--organization", metavar="NAME", help="only those allocated to it or to one below it")

    accept = action(stations, "accept", "let a station in, also before it first connects", accept_station, common)
    accept.add_argument("id", metavar="ID", help="its OCPP identity: the last part of its URL")
    accept.add_argument("--pool", metavar="NAME", help="the pool to put it in")
    accept.add_argument("--name", metavar="N", help="what people call it")
    accept.add_argument("--organization", metavar="NAME", help="the one that hosts it, where there are several")

    reject = action(stations, "reject", "refuse a station", reject_station, common)
    reject.add_argument("id", metavar="ID")

    words = "take what comes from an address without an ID in its URL for this station"
    nameless = action(stations, "nameless", words, expect_nameless, common)
    nameless.add_argument("id", metavar="ID")
    nameless.add_argument("address", metavar="ADDRESS", nargs="?", help="such as 192.168.1.23; without one that ends")

    station_security.declare(stations, common)

    configuration = action(
        stations, "configuration", "what is set inside a station, as it was last read", show_configuration, common
    )
    configuration.add_argument("id", metavar="ID")
    configuration.add_argument("--search", metavar="TEXT", default="", help="only what has this in its name")

    allocate = action(stations, "allocate", "say which organization hosts stations", allocate_stations, common)
    allocate.add_argument("id", metavar="ID", nargs="+")
    allocate.add_argument("--organization", metavar="NAME", required=True, help="the one that hosts them from now on")
