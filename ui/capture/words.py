"""What became of a card that was captured, in the operator's words."""

from app.domain.capture import CapturedCard, CaptureMode, Outcome
from ui.strings import sentence, tr
from ui.theme import Kind

_KINDS: dict[Outcome, Kind] = {
    Outcome.SAVED: "ok",
    Outcome.MOVED: "ok",
    Outcome.COLLECTED: "ok",
    Outcome.SAME: "grey",
    Outcome.BELONGS: "warn",
    Outcome.LATE: "warn",
    Outcome.UNFIT: "warn",
    Outcome.NOTHING_LEFT: "warn",
    Outcome.FAILED: "bad",
    Outcome.UNDONE: "grey",
}


def kind_of(card: CapturedCard) -> Kind:
    """The colour of it."""
    return _KINDS[card.outcome]


def outcome_of(card: CapturedCard) -> str:
    """In one or two words."""
    return {
        Outcome.SAVED: tr("Saved"),
        Outcome.MOVED: tr("Moved"),
        Outcome.COLLECTED: tr("Listed"),
        Outcome.SAME: tr("Same card again"),
        Outcome.BELONGS: tr("Is a pass already"),
        Outcome.LATE: tr("Reported late"),
        Outcome.UNFIT: tr("No card"),
        Outcome.NOTHING_LEFT: tr("No pass left"),
        Outcome.FAILED: tr("Not saved"),
        Outcome.UNDONE: tr("Taken back"),
    }[card.outcome]


def explained(card: CapturedCard) -> str:
    """In a sentence."""
    if card.outcome is Outcome.FAILED:
        return tr("{why} Hold the card again.").format(why=sentence(card.code, **dict(card.facts)))
    if card.outcome is Outcome.UNFIT:
        return sentence(f"kind.{card.code}")
    listed = tr("On the list; it is {title}.") if card.title else tr("On the list.")
    words = {
        Outcome.SAVED: tr("{title} has its UID."),
        Outcome.MOVED: tr("Moved to {title}."),
        Outcome.COLLECTED: listed,
        Outcome.SAME: tr("This card was held a moment ago. Nothing was changed."),
        Outcome.BELONGS: tr("This card is {title} already, and stays that."),
        Outcome.LATE: tr("A charge that began earlier and is reported only now: nobody held this card just now."),
        Outcome.NOTHING_LEFT: tr("Every pass has its UID: this card was given to none."),
        Outcome.UNDONE: tr("Taken back. The card can be held again."),
    }[card.outcome]
    return words.format(title=card.title)


def about(mode: CaptureMode) -> str:
    """What cards are held to a reader for."""
    return {
        CaptureMode.FILL: tr("Each card held to a reader gives its UID to the next pass"),
        CaptureMode.NEW: tr("Each card held to a reader becomes a pass"),
        CaptureMode.COLLECT: tr("The UID of each card held to a reader is listed, and nothing else"),
    }[mode]
