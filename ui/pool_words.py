"""What a pool is, in the few words of a pill, a line or a sentence."""

from app.application import PoolSummary
from app.domain.model import AccessLevel, Pool
from ui.strings import tr
from ui.theme import Kind


def level_of(pool: Pool) -> tuple[str, Kind]:
    """The access level and how it is coloured."""
    words: dict[AccessLevel, tuple[str, Kind]] = {
        AccessLevel.PUBLIC: (tr("Public"), "ok"),
        AccessLevel.PRIVATE: (tr("Private"), "info"),
        AccessLevel.RESTRICTED: (tr("Restricted"), "warn"),
        AccessLevel.BY_LIST: (tr("By list"), "warn"),
    }
    return words[pool.level]


def what_it_means(level: AccessLevel) -> str:
    """Who may charge at the stations of a pool of this level."""
    words = {
        AccessLevel.PUBLIC: tr("Every pass known here may charge at these stations, member or not."),
        AccessLevel.PRIVATE: tr("Only members may charge at these stations."),
        AccessLevel.RESTRICTED: tr("Members may charge at these stations, and whoever is let in for once."),
        AccessLevel.BY_LIST: tr("Every known pass may charge as long as there are no members; then only they."),
    }
    return words[level]


def contents_of(summary: PoolSummary) -> str:
    """How much is in a pool: its stations, and who is a member."""
    return f"{stations(summary.stations)} · {_members(summary.identities, summary.passes)}"


def _members(identities: int, passes: int) -> str:
    if identities and passes:
        return tr("{count} members").format(count=identities + passes)
    if passes:
        return tr("1 pass") if passes == 1 else tr("{count} passes").format(count=passes)
    return tr("1 identity") if identities == 1 else tr("{count} identities").format(count=identities)


def stations(count: int) -> str:
    """So many stations."""
    return tr("1 station") if count == 1 else tr("{count} stations").format(count=count)
