"""What belongs to an organization, in a few words."""

from collections.abc import Sequence

from app.application import OrganizationSummary
from ui.strings import tr


def identities(count: int) -> str:
    """A number of identities."""
    return tr("1 identity") if count == 1 else tr("{count} identities").format(count=f"{count:,}")


def stations(count: int) -> str:
    """A number of stations."""
    return tr("1 station") if count == 1 else tr("{count} stations").format(count=f"{count:,}")


def pools(count: int) -> str:
    """A number of pools."""
    return tr("1 pool") if count == 1 else tr("{count} pools").format(count=f"{count:,}")


def contents_of(summary: OrganizationSummary) -> str:
    """What it has of its own, in the line below its name."""
    parts = _parts(summary, 0)
    return " · ".join(parts) if parts else tr("empty")


def what_is_still_in(summary: OrganizationSummary, below: int) -> str:
    """What keeps it from being removed, with the number of organizations below it; empty when nothing does."""
    return joined(_parts(summary, below))


def joined(parts: Sequence[str]) -> str:
    """Things named one after the other, as in a sentence."""
    if len(parts) < 2:
        return "".join(parts)
    return tr("{others} and {last}").format(others=", ".join(parts[:-1]), last=parts[-1])


def _parts(summary: OrganizationSummary, below: int) -> list[str]:
    parts = []
    if summary.identities:
        parts.append(identities(summary.identities))
    if summary.stations:
        parts.append(stations(summary.stations))
    if summary.pools:
        parts.append(pools(summary.pools))
    if below:
        parts.append(
            tr("1 organization below it") if below == 1 else tr("{count} organizations below it").format(count=below)
        )
    return parts
