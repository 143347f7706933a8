"""What a station does with cards while Tapdesk is closed, in sentences, and as a light with a word in it.

light_words(check.light)                        # ("Goes on", "ok")
about_members(lid); about_strangers(lid); about_former(lid)     # a sentence each, empty where there is nothing to say
site_in_short(lids)                             # "With Tapdesk closed: 5 of 7 stations go on for members; …"
"""

from collections.abc import Sequence

from app.application import StationLid
from app.domain.lid_check import Answer, Light, Why
from app.domain.lid_settings import Fit, OpensTo
from app.domain.lid_told import members_told, strangers_told, why_told
from ui.strings import sentence, tr
from ui.theme import Kind, Tone


def light_words(light: Light) -> tuple[str, Kind]:
    """The light in a word."""
    words: dict[Light, tuple[str, Kind]] = {
        Light.GOOD: (tr("As it should be"), "ok"),
        Light.CARE: (tr("Take care"), "warn"),
        Light.BAD: (tr("Would stop"), "bad"),
        Light.UNKNOWN: (tr("Not known"), "grey"),
    }
    return words[light]


def tone_of(light: Light) -> Tone:
    """The colour of a sentence."""
    tones: dict[Light, Tone] = {Light.GOOD: "text", Light.CARE: "warn", Light.BAD: "bad", Light.UNKNOWN: "muted"}
    return tones[light]


def about_members(lid: StationLid) -> str:
    """Whether members can charge there with Tapdesk closed."""
    count = lid.list.members
    code = members_told(lid.check, members=count, in_pool=lid.pool is not None)
    why = sentence(why_told(lid.check.members.why))
    return sentence(code, pool=lid.pool.name if lid.pool else "", count=count, why=why)


def about_strangers(lid: StationLid) -> str:
    """Whether a card that nobody knows can charge there; empty where that is what the pool wants."""
    code = strangers_told(lid.check)
    return sentence(code, why=sentence(why_told(lid.check.strangers.why))) if code else ""


def about_former(lid: StationLid, since: str) -> str:
    """Who still can and should not, since `since`; empty where nobody can."""
    count = lid.list.still_open
    if count:
        said = (
            tr("1 card that should not charge any more still can, since {since}.")
            if count == 1
            else tr("{count} cards that should not charge any more still can, since {since}.")
        )
        return said.format(count=count, since=since)
    if lid.check.former_may_charge:
        return tr("It may remember cards that should not charge any more, since {since}.").format(since=since)
    return ""


def fit_words(fit: Fit) -> tuple[str, Kind]:
    """How a setting is, beside how it should be."""
    words: dict[Fit, tuple[str, Kind]] = {
        Fit.AS_IT_SHOULD_BE: (tr("as it should be"), "ok"),
        Fit.TO_CHANGE: (tr("to change"), "warn"),
        Fit.CANNOT_BE_CHANGED: (tr("read-only"), "bad"),
        Fit.NOT_THERE: (tr("it has none"), "grey"),
        Fit.UNKNOWN: (tr("not known"), "grey"),
        Fit.EITHER_WAY: (tr("either way"), "grey"),
        Fit.VENDORS_OWN: (tr("vendor's own"), "info"),
    }
    return words[fit]


def goes_on(lid: StationLid) -> bool:
    """Whether a station goes on with Tapdesk closed for whom it should: all members, or anybody."""
    return lid.check.members.answer is Answer.YES


def lets_strangers_in(lid: StationLid) -> bool:
    """Whether it lets in who should not be let in."""
    return lid.check.opens_to is not OpensTo.ANYBODY and lid.check.strangers.answer is Answer.YES


def site_in_short(lids: Sequence[StationLid]) -> tuple[str, Light]:
    """The whole site in a sentence, and its light: the worst that is known; empty without stations in pools."""
    counted = [lid for lid in lids if lid.check.members.why is not Why.NOBODY_LISTED]
    if not counted:
        return "", Light.UNKNOWN
    going_on = sum(goes_on(lid) for lid in counted)
    strangers = sum(lets_strangers_in(lid) for lid in lids)
    unknown = sum(lid.check.members.answer is Answer.UNKNOWN for lid in counted)
    words = tr("With Tapdesk closed: {count} of {all} stations go on for members")
    if len(counted) == 1:
        words = tr("With Tapdesk closed: {count} of 1 station goes on for members")
    parts = [words.format(count=going_on, all=len(counted))]
    if strangers:
        parts.append(
            tr("1 lets strangers in") if strangers == 1 else tr("{count} let strangers in").format(count=strangers)
        )
    if unknown:
        parts.append(
            tr("of 1 it is not known") if unknown == 1 else tr("of {count} it is not known").format(count=unknown)
        )
    lights = (Light.GOOD, Light.UNKNOWN, Light.CARE, Light.BAD)
    return "; ".join(parts) + ".", max((lid.check.light for lid in lids), key=lights.index)
