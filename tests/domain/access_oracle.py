"""Who may charge, told a second time and the other way round: the later line has the last word.

It shares no code with `app.domain.access`, and no thought either: that one asks its rules from the top and
stops at the first that settles the matter, this one lets every objection speak, the weightiest last.
"""

from datetime import UTC, datetime, timedelta

from app.domain.access import Facts, PassFacts, PinFacts

Answer = tuple[str, str, str]
"""Status, reason, and the step of the trail that gave it."""

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


def expected(facts: Facts, moment: str, now: datetime, remember_for: timedelta) -> dict[str, object]:
    """What a decision must be, in plain words: `status`, `reason`, `expires_at`, `group_id` and `last_step`."""
    card = facts.card or PassFacts()
    answer = _from_the_pool(facts, card, moment)
    if card.off_here and moment != "stop":
        answer = ("NotAtThisLocation", "pass_off_here", "pass_on_here")
    answer = _from_the_calendar(card, now, answer)
    if card.blocked:
        answer = ("Blocked", "pass_blocked", "pass_not_blocked")
    if facts.card is None:
        answer = ("Invalid", "unknown_card", "card_known")
    if facts.card is None and facts.pin is not None:
        answer = _from_the_keypad(facts.pin, facts, moment, now)
    if facts.pool is not None and facts.pool.free_vend:
        answer = ("Accepted", "free_vend", "pool_free_vend")
    if facts.pool is None:
        answer = ("Invalid", "no_pool", "station_in_pool")
    if not facts.station_accepted:
        answer = ("Invalid", "station_not_accepted", "station_accepted")

    status, reason, last_step = answer
    accepted = status == "Accepted"
    return {
        "status": status,
        "reason": reason,
        "last_step": last_step,
        "group_id": card.group_id if accepted and reason != "free_vend" else None,
        "expires_at": _remembered_until(facts, reason, moment, now, now + remember_for) if accepted else None,
    }


def _from_the_pool(facts: Facts, card: PassFacts, moment: str) -> Answer:
    level = facts.pool.level.value if facts.pool else "private"
    stands_open = facts.pool is not None and level == "by_list" and facts.pool.published and not facts.pool.has_members
    limit = facts.pool.session_limit if facts.pool else None
    may_stop = moment == "stop"
    answer = (
        ("Accepted", "may_stop", "within_limit") if may_stop else ("NotAtThisLocation", "not_a_member", "pool_admits")
    )
    for holds, why in (
        (card.identity_is_member, "identity_is_member"),
        (card.is_member, "pass_is_member"),
        (level == "public" or stands_open, "registered_pass"),
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


def _from_the_keypad(pin: PinFacts, facts: Facts, moment: str, now: datetime) -> Answer:
    answer = ("Accepted", "pin", "pin_not_used_up")
    wants_to_end = moment == "stop" or (moment == "authorize" and pin.charging_here)
    if not wants_to_end:
        if pin.uses_left is not None and pin.uses_left < 1:
            answer = ("Invalid", "pin_used_up", "pin_not_used_up")
        if pin.validity.start and now < pin.validity.start:
            answer = ("Expired", "pin_not_yet_valid", "pin_valid")
        if pin.validity.end and now >= pin.validity.end:
            answer = ("Expired", "pin_expired", "pin_valid")
    if not pin.known or facts.pool is None or facts.pool.level.value != "restricted":
        answer = ("Invalid", "wrong_pin", "pin_known")
    if not pin.entry_open:
        answer = ("Invalid", "pin_entry_closed", "pin_entry_open")
    return answer


def _bounds(card: PassFacts, whose: str) -> tuple[datetime, datetime]:
    validity = card.validity if whose == "pass" else card.identity_validity
    return validity.start or _ALWAYS, validity.end or _NEVER


def _remembered_until(facts: Facts, reason: str, moment: str, now: datetime, latest: datetime) -> datetime:
    if reason == "free_vend":
        return latest
    if reason == "pin":
        end = facts.pin.validity.end if facts.pin and facts.pin.validity.end else _NEVER
        limits = [latest, now + timedelta(minutes=5), end if end > now else _NEVER]
        return now if moment == "stop" else min(limits)
    card = facts.card or PassFacts()
    limits = [latest, _bounds(card, "pass")[1], _bounds(card, "identity")[1]]
    if reason == "may_stop" or (moment == "stop" and card.off_here):
        limits.append(now)
    if reason in ("pass_is_member", "identity_is_member") and card.member_until and card.member_until > now:
        limits.append(card.member_until)
    return min(limits)
