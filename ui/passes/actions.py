"""What can be done to passes, one or many, from wherever they are shown. Each says what it did and can be undone."""

from collections.abc import Sequence
from dataclasses import replace

from app.domain.drafts import PassDraft
from app.domain.model import Pass
from ui.desk import Desk
from ui.strings import tr


def block(desk: Desk, cards: Sequence[Pass], *, blocked: bool = True) -> None:
    """Block passes, or let them be used again, from the next tap on."""
    meant = [card for card in cards if card.blocked is not blocked]
    if not meant:
        return
    if blocked:
        said = _said(meant, tr("{title} is blocked."), tr("{count} passes are blocked."))
    else:
        said = _said(meant, tr("{title} can be used again."), tr("{count} passes can be used again."))
    desk.do(desk.application.passes.block([card.id for card in meant], blocked=blocked), said)


def remove(desk: Desk, cards: Sequence[Pass]) -> None:
    """Remove passes: they open no station from the next tap on; their sessions stay."""
    if cards:
        said = _said(cards, tr("{title} was removed."), tr("{count} passes were removed."))
        desk.do(desk.application.passes.remove([card.id for card in cards]), said)


def correct_visible_id(desk: Desk, card: Pass, visible_id: str) -> None:
    """Give a pass another visible ID and leave the rest as it is."""
    draft = replace(draft_of(card), visible_id=visible_id)
    said = tr("The visible ID is {visible_id} now.").format(visible_id=visible_id)
    desk.do(desk.application.passes.change(card.id, draft), said)


def draft_of(card: Pass) -> PassDraft:
    """A pass as if it had been filled in. Its UID is taken as a reader sent it: it is not judged anew."""
    return PassDraft(
        tapped=card.uid or "",
        visible_id=card.visible_id or "",
        name=card.name,
        identity_id=card.identity_id,
        valid_from=card.valid_from,
        valid_until=card.valid_until,
    )


def _said(cards: Sequence[Pass], of_one: str, of_many: str) -> str:
    if len(cards) == 1:
        return of_one.format(title=cards[0].title)
    return of_many.format(count=len(cards))
