"""What a change of a pool would do to people, said before it is made; what cannot be taken back asks for `--yes`."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.domain.errors import AppError
from app.domain.model import AccessLevel, Pool

if TYPE_CHECKING:
    from app.application import Application, Effect, Member


def declare_yes(parser: argparse.ArgumentParser) -> None:
    """`--yes`, without which nothing is done that `confirm` refuses."""
    parser.add_argument("--yes", action="store_true", help="also when people lose access or everyone gains it")


def told(effect: "Effect") -> list[str]:
    """What it does, in sentences."""
    found = []
    if effect.loses:
        found.append(f"{passes(len(effect.loses))} {'loses' if len(effect.loses) == 1 else 'lose'} access.")
    if effect.gains:
        found.append(f"{passes(len(effect.gains))} {'gains' if len(effect.gains) == 1 else 'gain'} access.")
    if effect.opens_to_everyone:
        found.append("It is open to everyone.")
    if effect.nobody_left:
        found.append("Nobody can charge there.")
    return found


def lost_without_pass(before: Pool, after: Pool, pins: int) -> list[str]:
    """In sentences: who needs no pass to charge there now, and could not any more. `pins` is how many the pool has."""
    found = []
    if before.free_vend and not after.free_vend:
        found.append("Cards that nobody knows lose access.")
    if pins and before.level is AccessLevel.RESTRICTED and after.level is not AccessLevel.RESTRICTED:
        found.append("1 PIN opens nothing any more." if pins == 1 else f"{pins} PINs open nothing any more.")
    return found


def confirm(effect: "Effect", also_lost: Sequence[str], *, yes: bool) -> None:
    """Raises AppError `needs_yes` when people would lose access or everyone would gain it, and nobody said yes."""
    if (effect.loses or also_lost or effect.opens_to_everyone) and not yes:
        raise AppError("needs_yes", effects=" ".join([*also_lost, *told(effect)]))


def confirm_opening(application: "Application", pool: Pool, leaving: Sequence["Member"], *, yes: bool) -> None:
    """The same for taking members out: that they lose access is what is wanted, that everyone gains it is not."""
    effect = application.explanations.effect_of(pool.id, without_members=entries(leaving))
    if effect.opens_to_everyone and not yes:
        names, verb = ", ".join(member.name for member in leaving), "is" if len(leaving) == 1 else "are"
        last = f"{names} {verb} the last on the list of {pool.name}, which is published."
        raise AppError("needs_yes", effects=" ".join([last, *told(effect)]))


def confirm_removal(application: "Application", pool_id: int, *, yes: bool) -> None:
    """The same for a pool as a whole."""
    has_stations = any(station.pool_id == pool_id for station in application.stations.all())
    charging = [answer for answer in application.explanations.in_pool(pool_id) if answer.decision.accepted]
    if has_stations and charging and not yes:
        raise AppError("needs_yes", effects=f"{passes(len(charging))} may charge there now, and could not any more.")


def entries(members: Sequence["Member"]) -> list[int]:
    """The ids of their memberships."""
    return [member.id for member in members if member.id is not None]


def passes(count: int) -> str:
    """So many passes."""
    return "1 pass" if count == 1 else f"{count} passes"
