"""`tapdesk requests`: cards that were refused where access can be asked for, and the answer they get."""

import argparse
import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import UNCHANGED, Common, action, end, given, group
from app.domain.drafts import IdentityDraft
from app.domain.requests import AccessRequest

if TYPE_CHECKING:
    from app.application import Application


def list_requests(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        if args.pool:
            found = application.requests.of_pool(site.pool_named(application, args.pool).id)
        else:
            found = application.requests.pending()
        rows = [
            {
                "id": request.id,
                "state": request.state.value,
                "pool": request.pool_name,
                "uid": request.uid,
                "holder": request.holder,
                "email": request.email,
                "station_id": request.station_id,
                "station": request.station_name,
                "times": request.times,
                "first_at": request.first_at,
                "last_at": request.last_at,
                "decided_at": request.decided_at,
            }
            for request in found
        ]
    return console.table(rows, ("id", "state", "pool", "uid", "holder", "station", "times", "last_at"))


def approve_request(args: argparse.Namespace, console: Console) -> int:
    with site.deciding(args.data) as application:
        request = application.requests.require(args.id)
        identity_id, new_identity = _whose(application, request, args)
        asyncio.run(
            application.requests.approve(
                request.id,
                identity_id=identity_id,
                new_identity=new_identity,
                name=args.name,
                valid_until=given(args, ["until"]).get("until"),
            )
        )
        request = application.requests.require(request.id)
    return console.done(f"{request.holder or request.uid} may charge at {request.pool_name}.", request)


def deny_request(args: argparse.Namespace, console: Console) -> int:
    with site.deciding(args.data) as application:
        request = application.requests.require(args.id)
        asyncio.run(application.requests.deny(request.id))
        request = application.requests.require(request.id)
    return console.done(f"{request.holder or request.uid} is denied access to {request.pool_name}.", request)


def _whose(
    application: "Application", request: AccessRequest, args: argparse.Namespace
) -> tuple[int | None, IdentityDraft | None]:
    """The identity that gets the card, or the one to be made for it; neither where none is named."""
    if not (args.email or args.first or args.last):
        return None, None
    known = application.identities.find(args.email)
    if known is not None:
        return known.id, None
    if args.organization:
        organization_id = site.organization_named(application, args.organization).id
    else:
        organization_id = application.pools.require(request.pool_id).options.organization_id
    return None, IdentityDraft(args.email, args.first, args.last, organization_id=organization_id)


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`requests list|approve|deny`."""
    requests = group(commands, "requests", "cards that ask for access to restricted pools")
    listing = action(requests, "list", "list the requests that wait for an answer, oldest first", list_requests, common)
    listing.add_argument("--pool", metavar="NAME", help="those of one pool, the answered ones too, latest first")

    both = "It counts at all stations of the pool."
    approve = action(
        requests, "approve", "approve a request: the card may charge from now on", approve_request, common, both
    )
    approve.add_argument("id", metavar="ID", type=int, help="its number in the list")
    approve.add_argument("--email", metavar="E", default="", help="whose card it is; made when nobody has that address")
    approve.add_argument("--first", metavar="F", default="", help="first name, of one that is made")
    approve.add_argument("--last", metavar="L", default="", help="last name, of one that is made")
    approve.add_argument(
        "--organization", metavar="NAME", help="whom one that is made belongs to; by default as the pool"
    )
    approve.add_argument("--name", metavar="N", default="", help="what to call the card, where it is a new pass")
    approve.add_argument(
        "--until", metavar="DATE", type=end, default=UNCHANGED, help="the last day of access, or a moment"
    )
    action(requests, "deny", "deny a request: the card stays refused", deny_request, common, both).add_argument(
        "id", metavar="ID", type=int, help="its number in the list"
    )
