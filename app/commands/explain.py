"""`tapdesk explain`: what a card would be answered, and why."""

import argparse
import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common, moment
from app.domain.access import Decision, Moment, Step
from app.domain.errors import AppError
from app.domain.model import Pool

if TYPE_CHECKING:
    from app.application import Application, Verdict

#: The exit code of `explain` for one card at one station, when it would be refused.
REFUSED = 3
ABOUT = (
    "Nothing is kept of it. With a card and a station: the decision and what led to it; it then ends with 0 when the "
    f"card is accepted, and with {REFUSED} when it is refused. With a card or an identity alone: each station and "
    "why. With a station or a pool alone: each pass and why."
)


def explain(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        if args.station is not None and args.uid is not None:
            return _card_at_station(application, args, console)
        if args.station is not None or args.pool is not None:
            return _who_may(application, args, console)
        return _where(application, args, console)


def _card_at_station(application: "Application", args: argparse.Namespace, console: Console) -> int:
    station = application.stations.require(args.station)
    verdict = asyncio.run(
        application.taps.judge_typed(station.station_id, args.uid, Moment.AUTHORIZE, at=args.at, rehearsed=True)
    )
    decision = verdict.decision
    value = {
        "station_id": station.station_id,
        "station": verdict.station_name,
        "pool": verdict.pool_name,
        "uid": verdict.uid,
        "holder": verdict.holder,
        **_decided(decision),
        "expires_at": decision.expires_at,
        "trail": [{"step": step.value, "passed": passed} for step, passed in decision.trail],
    }
    why = console.words(decision.reason.value, pool=verdict.pool_name)
    answer = f"{'Accepted' if decision.accepted else 'Refused'} at {verdict.station_name}: {why}."
    steps = [_step(verdict, step, console, passed=passed) for step, passed in decision.trail]
    console.show(value, [answer, *steps])
    return 0 if decision.accepted else REFUSED


def _step(verdict: "Verdict", step: Step, console: Console, *, passed: bool) -> str:
    # Of whose name is not known, the step in which it would be told names the card; all others are about it.
    nameless = verdict.uid if step is Step.CARD_KNOWN else "It"
    said = console.words(
        f"step.{step.value}" if passed else f"step.{step.value}.no",
        station=verdict.station_name,
        pool=verdict.pool_name,
        holder=verdict.holder or nameless,
        uid=verdict.uid,
    )
    return f"  {'✓' if passed else '✕'} {said}"


def _where(application: "Application", args: argparse.Namespace, console: Console) -> int:
    if args.uid is not None:
        answers = application.explanations.of_pass(site.pass_with(application, args.uid).id, at=args.at)
    elif args.email is not None:
        answers = application.explanations.of_identity(site.identity_with(application, args.email), at=args.at)
    else:
        raise AppError("nothing_to_explain")
    rows = [
        {
            "station_id": answer.station_id,
            "station": answer.station_name,
            "pool": answer.pool_name,
            **_decided(answer.decision),
            "why": console.words(answer.decision.reason.value, pool=answer.pool_name),
        }
        for answer in answers
    ]
    return console.table(rows, ("station_id", "station", "pool", "status", "why"))


def _who_may(application: "Application", args: argparse.Namespace, console: Console) -> int:
    pool: Pool | None
    if args.station is not None:
        station = application.stations.require(args.station)
        pool = None if station.pool_id is None else application.pools.require(station.pool_id)
        answers = application.explanations.at_station(station.station_id, at=args.at)
    else:
        pool = site.pool_named(application, args.pool)
        answers = application.explanations.in_pool(pool.id, at=args.at)
    identity_id = site.identity_with(application, args.email) if args.email is not None else None
    pass_id = site.pass_with(application, args.uid).id if args.uid is not None else None
    rows = [
        {
            "holder": answer.holder,
            "pass": answer.title,
            "uid": answer.uid,
            **_decided(answer.decision),
            "why": console.words(answer.decision.reason.value, pool=pool.name if pool else ""),
        }
        for answer in answers
        if identity_id in (None, answer.identity_id) and pass_id in (None, answer.pass_id)
    ]
    return console.table(rows, ("holder", "pass", "uid", "status", "why"))


def _decided(decision: Decision) -> dict[str, object]:
    return {"accepted": decision.accepted, "status": decision.status.value, "reason": decision.reason.value}


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`explain`."""
    parser = commands.add_parser("explain", help="who may charge where, and why", description=ABOUT, parents=common)
    parser.set_defaults(command=explain)
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--uid", metavar="U", help="a card, also one that nobody knows when a station is named")
    who.add_argument("--email", metavar="E", help="an identity")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--station", metavar="ID", help="a station")
    where.add_argument("--pool", metavar="NAME", help="a pool, leaving aside what only one of its stations decides")
    parser.add_argument("--at", metavar="TIME", type=moment, help="at another moment, such as 2026-08-01T18:00")
