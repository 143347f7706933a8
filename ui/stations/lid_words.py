"""What a station does with cards while Tapdesk is closed, in sentences, and as a light with a word in it.

light_words(check.light)                        # ("Goes on", "ok")
about_members(lid); about_strangers(lid); about_former(lid)     # a sentence each, empty where there is nothing to say
site_in_short(lids)                             # "With Tapdesk closed: 5 of 7 stations go on for members; …"
"""

from collections.abc import Callable, Sequence

from app.application import StationLid
from app.domain.lid_check import Answer, Light, Why
from app.domain.lid_settings import Fit, OpensTo
from ui.strings import tr
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
    members, pool = lid.check.members, lid.pool.name if lid.pool else ""
    if lid.check.opens_to is OpensTo.ANYBODY:
        return _about_anybody(lid, pool)
    if members.why is Why.NOBODY_LISTED:
        if lid.pool is None:
            return tr("It is in no pool: with Tapdesk closed, nobody should charge here.")
        return tr("{pool} has no passes yet: with Tapdesk closed, nobody should charge here.").format(pool=pool)
    templates: dict[Answer, Callable[[], str]] = {
        Answer.YES: lambda: _all_members(lid.list.members),
        Answer.SOME: lambda: tr("With Tapdesk closed, not all of {pool} can charge here: {why}."),
        Answer.NO: lambda: tr("With Tapdesk closed, nobody of {pool} can charge here: {why}."),
        Answer.PRESUMABLY_NOT: lambda: tr("With Tapdesk closed, presumably nobody of {pool} can charge here: {why}."),
        Answer.UNKNOWN: lambda: tr("Whether {pool} can charge here with Tapdesk closed is not known: {why}."),
    }
    template = templates[members.answer]()
    return template.format(pool=pool, why=_because(members.why), count=lid.list.members)


def _all_members(count: int) -> str:
    if count == 1:
        return tr("With Tapdesk closed, the one pass of {pool} can charge here.")
    return tr("With Tapdesk closed, the {count} passes of {pool} can charge here.")


def _about_anybody(lid: StationLid, pool: str) -> str:
    finding = lid.check.strangers
    templates = {
        Answer.YES: tr("With Tapdesk closed, any card can charge here, as {pool} wants it."),
        Answer.NO: tr("With Tapdesk closed, unknown cards cannot charge here, though {pool} is free: {why}."),
        Answer.PRESUMABLY_NOT: tr(
            "With Tapdesk closed, unknown cards presumably cannot charge here, though {pool} is free: {why}."
        ),
    }
    unknown = tr("Whether any card can charge here with Tapdesk closed is not known: {why}.")
    return templates.get(finding.answer, unknown).format(pool=pool, why=_because(finding.why))


def about_strangers(lid: StationLid) -> str:
    """Whether a card that nobody knows can charge there; empty where that is what the pool wants."""
    finding = lid.check.strangers
    if lid.check.opens_to is OpensTo.ANYBODY:
        return ""
    if finding.answer is Answer.YES:
        if lid.check.members.answer is Answer.YES:
            return tr("A stranger's card can too: {why}.").format(why=_because(finding.why))
        return tr("A stranger's card can: {why}.").format(why=_because(finding.why))
    templates = {
        Answer.NO: tr("A stranger's card cannot: {why}."),
        Answer.PRESUMABLY_NOT: tr("A stranger's card presumably cannot: {why}."),
    }
    unknown = tr("Whether a stranger's card can is not known: {why}.")
    return templates.get(finding.answer, unknown).format(why=_because(finding.why))


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


def _because(why: Why) -> str:
    words = {
        Why.NOT_READ: tr("its settings were not read yet"),
        Why.SEEN: tr("the test with cards showed it"),
        Why.NO_AUTHORIZATION: tr("the station asks for no card at all"),
        Why.UNKNOWN_ALLOWED: tr("the station accepts unknown cards when it is offline"),
        Why.UNKNOWN_NOT_ALLOWED: tr("the station refuses unknown cards when it is offline"),
        Why.NO_SETTING_FOR_UNKNOWN: tr("the station told of no setting that would let it"),
        Why.VENDORS_SETTING: tr("a setting of its vendor's own may decide it"),
        Why.OFFLINE_OFF: tr("it starts no charge by its list while it is offline"),
        Why.LIST_OFF: tr("its list is switched off"),
        Why.LIST_IN_STEP: tr("its list is in step"),
        Why.LIST_NOT_IN_STEP: tr("its list is not what it should be yet"),
        Why.LIST_NOT_KNOWN: tr("nobody knows yet what its list holds"),
        Why.LIST_EMPTY: tr("its list is empty"),
        Why.LIST_TOO_SMALL: tr("its list has no room for all"),
        Why.LIST_INCOMPLETE: tr("its list cannot take some passes"),
        Why.ONLY_REMEMBERED: tr("it goes by the cards it remembers"),
        Why.NO_LIST: tr("it keeps no list"),
        Why.NOT_TOLD: tr("it does not tell a setting that decides it"),
        Why.NOBODY_LISTED: tr("nobody is to charge here"),
    }
    return words[why]


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
