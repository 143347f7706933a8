"""Facts made by chance, very many a second: what hypothesis finds slowly in odd corners, found by sheer number."""

from datetime import UTC, datetime, timedelta

from app.domain.access import Facts, PassFacts, PinFacts, PoolFacts, Validity
from app.domain.model import AccessLevel

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
_LEVELS = tuple(AccessLevel)
# None mostly, else close together, so that bounds meet NOW and each other.
_MOMENTS = (*[None] * 5, *(NOW + seconds * SECOND for seconds in range(-2, 3)))


def facts(random):
    """Facts for one decision."""
    chance = random.random
    return Facts(
        station_accepted=chance() < 0.95,
        pool=_pool(random) if chance() < 0.95 else None,
        card=_card(random) if chance() < 0.7 else None,
        pin=_pin(random) if chance() < 0.4 else None,
    )


def _pool(random):
    return PoolFacts(
        random.choice(_LEVELS),
        free_vend=random.random() < 0.1,
        has_members=random.random() < 0.5,
        published=random.random() < 0.5,
        session_limit=random.choice((None, 0, 1, 2)),
    )


def _card(random):
    return PassFacts(
        blocked=random.random() < 0.1,
        validity=_validity(random),
        identity_validity=_validity(random),
        is_member=random.random() < 0.5,
        identity_is_member=random.random() < 0.5,
        off_here=random.random() < 0.2,
        open_sessions=random.randrange(4),
        group_id=random.choice((None, "FLEET")),
        member_until=random.choice(_MOMENTS),
    )


def _pin(random):
    return PinFacts(
        known=random.random() < 0.8,
        entry_open=random.random() < 0.9,
        validity=_validity(random),
        uses_left=random.choice((None, -1, 0, 1, 2)),
        charging_here=random.random() < 0.3,
    )


def _validity(random):
    return Validity(random.choice(_MOMENTS), random.choice(_MOMENTS))
