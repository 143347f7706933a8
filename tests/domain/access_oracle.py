"""Who may charge, told a second time and the other way round: the later line has the last word.

It shares no code with `app.domain.access`, and no thought either: that one asks its rules from the top and
stops at the first that settles the matter, this one lets every objection speak, the weightiest last.
"""

from datetime import UTC, datetime, timedelta

from app.domain.access import Facts, PassFacts

Answer = tuple[str, str, str]
"""Status, reason, and the step of the trail that gave it."""

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


def expected(facts: Facts, moment: str, now: datetime, remember_for: timedelta) -> dict[str, object]:
    """What a decision must be, in plain words: `status`, `reason`, `expires_at`, `group_id` and `last_step`."""
    card = facts.card or PassFacts()
    answer = _from_the_pool(facts, card, moment)
    answer = _from_the_calendar(card, now, answer)
    if card.blocked:
        answer = ("Blocked", "pass_blocked", "pass_not_blocked")
    if facts.card is None:
        answer = ("Invalid", "unknown_card", "card_known")
    if facts.pool is not None and facts.pool.free_vend:
        answer = ("Accepted", "free_vend", "pool_free_vend")
    if facts.pool is None:
        answer = ("Invalid", "no_pool", "station_in_pool")
    if not facts.station_accepted:
        answer = ("Invalid", "station_not_accepted", "station_accepted")

    status, reason, last_step = answer
    by_a_pass = status == "Accepted" and reason != "free_vend"
    return {
        "status": status,
        "reason": reason,
        "last_step": last_step,
        "group_id": card.group_id if by_a_pass else None,
        "expires_at": _remembered_until(card, now + remember_for) if by_a_pass else None,
    }


def _from_the_pool(facts: Facts, card: PassFacts, moment: str) -> Answer:
    level = facts.pool.level.value if facts.pool else "private"
    listed = facts.pool.has_members if facts.pool else True
    limit = facts.pool.session_limit if facts.pool else None
    may_stop = moment == "stop"
    answer = (
        ("Accepted", "may_stop", "within_limit") if may_stop else ("NotAtThisLocation", "not_a_member", "pool_admits")
    )
    for holds, why in (
        (card.has_grant, "grant"),
        (card.identity_is_member, "identity_is_member"),
        (card.is_member, "pass_is_member"),
        (level == "public" or (level, listed) == ("by_list", False), "registered_pass"),
    ):
        if holds:
            answer = ("Accepted", why, "within_limit")
    if answer[0] == "Accepted" and moment == "start" and limit is not None and card.open_sessions >= limit:
        answer = ("ConcurrentTx", "session_limit", "within_limit")
    return answer


def _from_the_calendar(card: PassFacts, now: datetime, answer: Answer) -> Answer:
    for whose in ("identity", "pass"):
        begins, ends = _bounds(card, whose)
        if now < begins:
            answer = ("Expired", f"{whose}_not_yet_valid", f"{whose}_valid")
        if now >= ends:
            answer = ("Expired", f"{whose}_expired", f"{whose}_valid")
    return answer


def _bounds(card: PassFacts, whose: str) -> tuple[datetime, datetime]:
    validity = card.validity if whose == "pass" else card.identity_validity
    return validity.start or _ALWAYS, validity.end or _NEVER


def _remembered_until(card: PassFacts, latest: datetime) -> datetime:
    for whose in ("pass", "identity"):
        end = _bounds(card, whose)[1]
        latest = end if end < latest else latest
    return latest
