"""`tapdesk stations password` and `profile`: what a station has to bring. Passwords never stand in a command's
arguments, which every account of the machine can read: they are made up and told once, or piped in."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common, action
from app.domain.errors import AppError
from app.domain.security import SecurityProfile

PROFILES = "0 nothing, 1 a password, 2 a password over TLS, 3 a certificate over TLS"


def set_password(args: argparse.Namespace, console: Console) -> int:
    typed = None if args.generate else _piped()
    with site.changing(args.data) as application:
        station = application.stations.require(args.id)
        credentials, name = application.credentials, station.station_id
        until = "" if args.at_once else " Until it was used, an earlier one works too."
        if typed is None:
            new = asyncio.run(credentials.generate(name, at_once=args.at_once))
            told = f"The new password of {name} is {new.password}, and is not shown again.{until}"
            return console.done(told, {"station_id": name, "password": new.password})
        asyncio.run(credentials.set_password(name, typed, at_once=args.at_once))
    return console.done(f"{name} has a new password.{until}", {"station_id": name})


def set_profile(args: argparse.Namespace, console: Console) -> int:
    profile = SecurityProfile(args.profile)
    with site.changing(args.data) as application:
        asyncio.run(application.credentials.set_profile(args.id, profile))
        station = application.stations.require(args.id)
        certified = profile is SecurityProfile.CERTIFICATE or profile.needs_tls
        off = certified and application.settings.server_tls != "yes"
    told = f"{station.station_id} is let in with security profile {profile.value} or more from now on."
    return console.done(f"{told} The secure port is off; it is switched on in Settings." if off else told, station)


def _piped() -> str:
    typed = sys.stdin.readline() if sys.stdin is not None else ""
    if not typed.strip():
        raise AppError("password_not_given")
    return typed.rstrip("\r\n")


def declare(stations: Any, common: Sequence[Common]) -> None:
    """`stations password|profile`, within `stations`."""
    password = action(
        stations,
        "password",
        "give a station a new password",
        set_password,
        common,
        "Enter it at the station too. The one it has works until the new one was used.",
    )
    password.add_argument("id", metavar="ID")
    source = password.add_mutually_exclusive_group(required=True)
    source.add_argument("--generate", action="store_true", help="make one up, and tell it once")
    source.add_argument("--stdin", action="store_true", help="take the one that is piped in")
    password.add_argument("--at-once", action="store_true", help="the earlier one works no more, for it is known")

    profile = action(stations, "profile", "demand a security profile of a station", set_profile, common)
    profile.add_argument("id", metavar="ID")
    profile.add_argument(
        "profile", metavar="0..3", type=int, choices=[each.value for each in SecurityProfile], help=PROFILES
    )
