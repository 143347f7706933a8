"""Changing the access level of a pool: at once where it does no harm, else after the operator has seen whom it hits."""

from app.domain.model import AccessLevel, Pool, PoolOptions
from ui.access.effect import EffectWords, effect_words
from ui.access.revocation import told_later
from ui.desk import Desk
from ui.pools.words import levels
from ui.strings import tr
from ui.widgets.buttons import Action
from ui.widgets.question import Question


class LevelChange:
    """`choose` with the pool as it is and the level that is wanted."""

    def __init__(self, desk: Desk, question: Question) -> None:
        self._desk, self._question = desk, question
        self._asked: tuple[Pool, AccessLevel] | None = None

    async def choose(self, pool: Pool, level: AccessLevel) -> None:
        """Change the level, with Undo; ask first when someone loses access by it, or everyone gains it."""
        self._question.withdraw()
        # As it is now: what is shown may be a moment old.
        pool = self._desk.application.pools.require(pool.id)
        words = self._effect(pool, level)
        if words is None:
            await self._change(pool, level, someone_loses=False)
        else:
            self._asked = pool, level
            self._pose(pool, level, words)

    def look_again(self, pool: Pool) -> None:
        """The site changed while the question was open: it tells what would happen now."""
        if self._asked is None or not self._question.is_posed():
            self._asked = None
            return
        asked, level = self._asked
        if asked.id != pool.id or level is pool.level:
            self._asked = None
            self._question.withdraw()
        elif (words := self._effect(pool, level)) is not None:
            self._pose(pool, level, words)

    def _pose(self, pool: Pool, level: AccessLevel, words: EffectWords) -> None:
        names = dict(levels())
        self._question.pose(
            words.title,
            words.facts,
            Action(
                tr("Change to {level}").format(level=names[level]),
                lambda: self._desk.run(self._change(pool, level, someone_loses=True)),
            ),
            tr("Keep {level}").format(level=names[pool.level]),
            in_full=words.in_full,
        )

    def _effect(self, pool: Pool, level: AccessLevel) -> EffectWords | None:
        effect = self._desk.application.explanations.effect_of(pool.id, level=level)
        return effect_words(self._desk, pool, effect, level=level)

    async def _change(self, pool: Pool, level: AccessLevel, *, someone_loses: bool) -> None:
        self._asked = None
        undo = await self._desk.application.pools.change(pool.id, level=level)
        said = _said(level, pool.options).format(pool=pool.name)
        later = told_later(self._desk, pool.id) if someone_loses else ""
        self._desk.offer_undo(f"{said} {later}".strip(), undo)


def _said(level: AccessLevel, options: PoolOptions) -> str:
    words = {
        AccessLevel.PUBLIC: tr("{pool} is public now: every pass known here may charge there."),
        AccessLevel.PRIVATE: tr("{pool} is private now: only its members may charge there."),
        AccessLevel.RESTRICTED: tr("{pool} is restricted now: its members may charge there, and whoever has a PIN."),
        AccessLevel.BY_LIST: tr("{pool} is by list now: only who is on its list may charge there."),
    }
    if level is AccessLevel.BY_LIST and options.published:
        return tr("{pool} is by list now: who is on its list may charge there, and everyone while it is empty.")
    return words[level]
