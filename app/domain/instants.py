"""Moments in time: aware UTC everywhere, whole milliseconds in the database, `Z` without fractions on the wire."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment; finer parts are cut off."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """The aware UTC moment `ms` milliseconds after 1970."""
    return _EPOCH + timedelta(milliseconds=ms)


def wire_time(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`: the one form every station reads (fractions and offsets break some of them)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
