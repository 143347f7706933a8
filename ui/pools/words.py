"""What a pool is, in the few words of a pill, a line or a sentence."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from app.application import PoolSummary
from app.domain.model import AccessLevel, Pool, PoolOptions, Price
from ui.strings import tr
from ui.theme import Kind

NAMES_SHOWN = 3
NO_OPTIONS = PoolOptions()


def level_of(pool: Pool) -> tuple[str, Kind]:
    """The access level and how it is coloured."""
    kinds: dict[AccessLevel, Kind] = {
        AccessLevel.PUBLIC: "ok",
        AccessLevel.PRIVATE: "info",
        AccessLevel.RESTRICTED: "warn",
        AccessLevel.BY_LIST: "grey",
    }
    return dict(levels())[pool.level], kinds[pool.level]


def levels() -> Sequence[tuple[AccessLevel, str]]:
    """The access levels with their names, the most open first."""
    return (
        (AccessLevel.PUBLIC, tr("Public")),
        (AccessLevel.PRIVATE, tr("Private")),
        (AccessLevel.RESTRICTED, tr("Restricted")),
        (AccessLevel.BY_LIST, tr("By list")),
    )


def what_it_means(level: AccessLevel, options: PoolOptions = NO_OPTIONS) -> str:
    """Who may charge at the stations of a pool of this level."""
    if level is AccessLevel.PUBLIC:
        if options.free_vend:
            return tr("Anyone charges at these stations, free of charge: with any card, also one that nobody knows.")
        return tr("Every pass known here may charge at these stations, member or not.")
    if level is AccessLevel.RESTRICTED:
        if options.takes_requests:
            return tr("Members may charge at these stations, and whoever has a PIN. Other cards become requests.")
        return tr("Members may charge at these stations, and whoever has a PIN.")
    if level is AccessLevel.BY_LIST:
        if options.published:
            return tr("Who is on the list may charge at these stations. While the list is empty, every known pass may.")
        return tr("Only who is on the list may charge at these stations. While it is empty, nobody may.")
    return tr("Only members may charge at these stations.")


def contents_of(summary: PoolSummary) -> str:
    """How much is in a pool: its stations, and who is a member."""
    pool = summary.pool
    members = summary.identities + summary.passes
    who = tr("free vend") if pool.free_vend else member_count(summary.identities, summary.passes)
    if pool.level is AccessLevel.BY_LIST and pool.options.published and not members:
        who = tr("open to every pass")
    return f"{stations(summary.stations)} · {who}"


def member_count(identities: int, passes: int) -> str:
    """So many identities, passes, or both."""
    if identities and passes:
        return tr("{count} members").format(count=f"{identities + passes:,}")
    if passes:
        return how_many_passes(passes)
    return tr("1 identity") if identities == 1 else tr("{count} identities").format(count=f"{identities:,}")


def how_many_passes(count: int) -> str:
    """So many passes."""
    return tr("1 pass") if count == 1 else tr("{count} passes").format(count=f"{count:,}")


def stations(count: int) -> str:
    """So many stations."""
    return tr("1 station") if count == 1 else tr("{count} stations").format(count=count)


def names_of(found: Iterable[str], *, most: int = NAMES_SHOWN) -> str:
    """Names one after the other, each once; of many the first few and how many more."""
    names = list(dict.fromkeys(found))
    if len(names) > most + 1:
        more = tr("{names} and {count} more")
        return more.format(names=", ".join(names[:most]), count=f"{len(names) - most:,}")
    if len(names) < 2:
        return "".join(names)
    return tr("{names} and {last}").format(names=", ".join(names[:-1]), last=names[-1])


def price_words(price: Price, currency: str) -> str:
    """What charging costs; empty where nothing is asked for it."""
    parts = []
    if price.per_kwh is not None:
        parts.append(tr("{amount} {currency} per kWh").format(amount=plain_amount(price.per_kwh), currency=currency))
    if price.per_session is not None:
        each = tr("{amount} {currency} per session")
        parts.append(each.format(amount=plain_amount(price.per_session), currency=currency))
    return " + ".join(parts)


def plain_amount(amount: Decimal) -> str:
    """An amount of money in digits, with cents at least."""
    text = f"{amount:f}"
    decimals = len(text.partition(".")[2])
    return text if decimals >= 2 else f"{amount:.2f}"


def members_fact(pool: Pool, currency: str) -> str:
    """What being a member of this pool is good for."""
    options = pool.options
    if pool.free_vend:
        return tr("not needed: anyone charges here, free of charge")
    price = tr("free of charge") if options.members_free else price_words(options.member_price, currency)
    if pool.level is AccessLevel.PUBLIC:
        return tr("charge here: {price}").format(price=price) if price else tr("not needed while the pool is public")
    return tr("may charge here, {price}").format(price=price) if price else tr("may charge here")
