"""What a change of a pool would do, in words: who loses access, or that everyone gains it.

effect = desk.application.explanations.effect_of(pool.id, level=level)
if words := effect_words(desk, pool, effect): question.pose(words.title, words.facts, ..., in_full=words.in_full)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.application import Effect, PassAnswer
from app.domain.model import AccessLevel, Pool, PoolOptions
from ui.desk import Desk
from ui.pools.words import how_many_passes, names_of
from ui.strings import tr

NAMED_IN_FULL = 30


@dataclass(frozen=True)
class EffectWords:
    """What the operator should know before the change: in short, by name, and by more names."""

    title: str
    facts: str
    in_full: str


def effect_words(
    desk: Desk, pool: Pool, effect: Effect, *, level: AccessLevel | None = None, options: PoolOptions | None = None
) -> EffectWords | None:
    """None where nobody loses anything and not everyone gains it: then there is nothing to ask."""
    new_level, new_options = level or pool.level, options or pool.options
    unknown_cards = pool.free_vend and not (new_level is AccessLevel.PUBLIC and new_options.free_vend)
    pins = 0
    if pool.level is AccessLevel.RESTRICTED and new_level is not AccessLevel.RESTRICTED:
        pins = len(desk.application.pins.of_pool(pool.id))
    if effect.opens_to_everyone:
        return _opening(effect, free=new_level is AccessLevel.PUBLIC and new_options.free_vend)
    if not (effect.loses or unknown_cards or pins):
        return None
    facts = [_names(effect.loses)] if effect.loses else []
    if unknown_cards:
        facts.append(tr("cards that nobody knows lose access"))
    if pins:
        facts.append(tr("1 PIN stops working") if pins == 1 else tr("{count} PINs stop working").format(count=pins))
    if effect.nobody_left:
        facts.append(tr("nobody can charge there then"))
    if not effect.loses:
        return EffectWords(tr("Some lose access"), ", ".join(facts), "")
    return EffectWords(_losing(len(effect.loses)), " · ".join(facts), _in_full(effect.loses))


def _losing(count: int) -> str:
    return tr("1 pass loses access") if count == 1 else tr("{count} passes lose access").format(count=f"{count:,}")


def _opening(effect: Effect, *, free: bool) -> EffectWords:
    if free:
        return EffectWords(tr("Everyone gains access"), tr("anyone charges there, with any card or none known"), "")
    if not effect.gains:
        return EffectWords(tr("Everyone gains access"), tr("every pass known here may charge there"), "")
    more = tr("{passes} more: {names}").format(passes=how_many_passes(len(effect.gains)), names=_names(effect.gains))
    return EffectWords(tr("Everyone gains access"), more, _in_full(effect.gains))


def _names(answers: Sequence[PassAnswer]) -> str:
    return names_of(answer.holder or answer.title for answer in answers)


def _in_full(answers: Sequence[PassAnswer]) -> str:
    return names_of((answer.holder or answer.title for answer in answers), most=NAMED_IN_FULL)
