"""The members of a pool, identities and passes, and every other one that could become a member.

It reads its rows with `show_pool`, filters them, and does what the operator asks, with Undo.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from app.application import Member
from app.domain.model import AccessLevel, Pool
from ui.access.revocation import told_later
from ui.days import day, last_time
from ui.desk import Desk
from ui.organizations.choice import organization_choices
from ui.passes.words import NOTHING, last_day
from ui.pools.member_end import ask_for_the_end
from ui.pools.quick_add import QuickAdd
from ui.pools.words import how_many_passes, members_fact, names_of
from ui.row_index import RowIndex
from ui.strings import tr
from ui.theme import Tone
from ui.widgets.buttons import Action, button
from ui.widgets.question import Question
from ui.widgets.tables import Column
from ui.widgets.two_lists import ListWords, TwoLists

IDENTITIES, PASSES = "identities", "passes"
IN_FORCE, WITH_END, ENDED, NO_CARD = "in_force", "with_end", "ended", "no_card"
Test = Callable[[Member], bool]
#: Where there are more, what is available is read after the members are on the screen.
AT_ONCE = 5_000


class PoolMembers(TwoLists):
    """The members of a pool, and every other identity and pass."""

    def __init__(self, desk: Desk, question: Question) -> None:
        self._desk, self._question = desk, question
        self._pool: Pool | None = None
        self._organizations: dict[object, str] = {}
        self._text = ""
        self._tests: list[Test] = []
        super().__init__(
            self._columns(),
            key=_key,
            words=ListWords(
                inside=tr("Members"),
                outside=tr("Available"),
                nothing_inside=tr("No members yet"),
                how_to_begin=tr("Choose identities or single passes below. An identity counts with all its passes."),
                nothing_outside=tr("Nobody else"),
                where_from=tr("Every identity and every pass that is not a member stands here."),
            ),
        )
        self._members, self._others = _index(self), _index(self)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._read_available)
        self.quick_add = QuickAdd(desk)
        self.put_between(self.quick_add)
        until = button(tr("Until…"), self._set_end, tooltip=tr("Say until when the selected ones are members"))
        self.inside.add_button(until, needs_selection=True, first=True)
        self.inside.add_action(tr("Until…"), "U", self._set_end)
        self.put_in.connect(self._add)
        self.take_out.connect(self._remove)
        self.linked.connect(self._follow)

    def show_pool(self, pool: Pool) -> None:
        """Read the members anew."""
        other = self._pool is None or self._pool.id != pool.id
        self._pool = pool
        application = self._desk.application
        self._organizations = {key: name.strip() for key, name in organization_choices(self._desk)}
        members = application.members.of_pool(pool.id)
        self._members.read(members)
        self.inside.show_rows(members)
        self.say(members_fact(pool, application.organizations.currency(pool.options.organization_id)))
        if application.identities.count() + application.passes.count() <= AT_ONCE:
            self._read_available()
            return
        if other:
            self._others.read([])
            self.outside.show_rows([])
        self._narrow()
        self._later.start()

    def filter(
        self, text: str, kind: object, state: object, belongs: Callable[[int | None], bool] | None = None
    ) -> None:
        """Show those that a text means; of one kind, in one state, of some organizations; None narrows nothing."""
        self._text, self._tests = text, []
        if kind in (IDENTITIES, PASSES):
            self._tests.append(lambda member: (member.identity_id is not None) is (kind == IDENTITIES))
        if state is not None:
            self._tests.append(self._in_state(str(state)))
        if belongs is not None:
            self._tests.append(lambda member: belongs(member.organization_id))
        self._narrow()

    def _narrow(self) -> None:
        """Filter what is there now as was asked for last."""
        self.show_only(*(_all_of(index.meaning(self._text), self._tests) for index in (self._members, self._others)))
        self.quick_add.offer(self._pool, self._text)

    def _read_available(self) -> None:
        self._later.stop()
        if self._pool is None:
            return
        others = self._desk.application.members.available(self._pool.id)
        self._others.read(others)
        self.outside.show_rows(others)
        if self._text:
            self._narrow()
        else:
            self.count_rows()

    def _in_state(self, state: str) -> Callable[[Member], bool]:
        now = self._desk.now()
        states: dict[str, Callable[[Member], bool]] = {
            IN_FORCE: lambda member: member.valid_until is None or member.valid_until > now,
            WITH_END: lambda member: member.valid_until is not None and member.valid_until > now,
            ENDED: lambda member: member.valid_until is not None and member.valid_until <= now,
            NO_CARD: lambda member: member.passes == 0 if member.pass_id is None else member.uid is None,
        }
        return states[state]

    # How a row looks

    def _columns(self) -> list[Column[Member]]:
        return [
            Column(title=tr("Name"), text=lambda member: member.name, width=126, stretch=2),
            Column(
                title=tr("Kind"),
                prefix=_kind,
                text=lambda member: member.visible_id or member.uid or "",
                mono=lambda member: member.pass_id is not None,
                width=170,
                stretch=1,
            ),
            Column(title=tr("Contact"), text=self._contact, width=150, stretch=2, drop=1),
            Column(
                title=tr("Until"),
                text=self._until,
                tone=self._until_tone,
                width=114,
                drop=3,
                sort=lambda member: member.valid_until.timestamp() if member.valid_until else float("inf"),
            ),
            Column(
                title=tr("Last used"),
                text=self._last_used,
                tone=lambda member: "text" if member.last_used_at else "muted",
                width=100,
                drop=2,
                sort=lambda member: member.last_used_at.timestamp() if member.last_used_at else 0.0,
            ),
            Column(title="", text=lambda _member: "", link=_move_words, width=74, drop=4, sort=None),
            Column(title="", text=lambda _member: "", link=lambda _member: tr("Open"), width=58, sort=None),
        ]

    def _contact(self, member: Member) -> str:
        organization = self._organizations.get(member.organization_id, "")
        return " · ".join(part for part in (member.contact, organization) if part) or NOTHING

    def _last_used(self, member: Member) -> str:
        at = member.last_used_at
        return last_time(self._desk.local(at) if at else None, self._desk.now())

    def _until(self, member: Member) -> str:
        if member.valid_until is None:
            return NOTHING
        ended = member.valid_until <= self._desk.now()
        ends = day(last_day(self._desk, member.valid_until), self._desk.now())
        return tr("ended {day}").format(day=ends) if ended else ends

    def _until_tone(self, member: Member) -> Tone:
        if member.valid_until is None:
            return "muted"
        return "bad" if member.valid_until <= self._desk.now() else "text"

    # What is done

    def _follow(self, member: Member, words: str) -> None:
        if words != tr("Open"):
            (self._add if member.id is None else self._remove)([member])
        elif member.identity_id is not None:
            self._desk.go("identities", member.identity_id)
        else:
            self._desk.go("passes", member.pass_id)

    def _add(self, rows: Sequence[Member]) -> None:
        if self._pool is None:
            return
        adding = self._desk.application.members.add(
            self._pool.id,
            identity_ids=[member.identity_id for member in rows if member.identity_id is not None],
            pass_ids=[member.pass_id for member in rows if member.pass_id is not None],
        )
        said = _said(rows, tr("{name} is a member of {pool} now."), tr("{count} are members of {pool} now."))
        self._desk.do(adding, said.format(name=rows[0].name, count=f"{len(rows):,}", pool=self._pool.name))

    def _remove(self, rows: Sequence[Member]) -> None:
        if self._pool is not None:
            self._desk.run(self._remove_unless_it_opens(self._pool.id, rows))

    async def _remove_unless_it_opens(self, pool_id: int, rows: Sequence[Member]) -> None:
        # As it is now: what is shown may be a moment old, and others may have removed members meanwhile.
        pool = self._desk.application.pools.require(pool_id)
        if pool.level is AccessLevel.BY_LIST and pool.options.published:
            member_ids = [member.id for member in rows if member.id is not None]
            effect = self._desk.application.explanations.effect_of(pool.id, without_members=member_ids)
            if effect.opens_to_everyone:
                self._ask_before_opening(pool, rows, len(effect.gains))
                return
        await self._take_out(pool, rows)

    def _ask_before_opening(self, pool: Pool, rows: Sequence[Member], gains: int) -> None:
        names = names_of(member.name for member in rows)
        facts = tr("{names} is the last on the list of {pool}: while it is empty, every known pass may charge there.")
        if len(rows) > 1:
            facts = tr("{names} are all on the list of {pool}: while it is empty, every known pass may charge there.")
        title = tr("The pool opens to everyone")
        if gains:
            title = tr("The pool opens to everyone: {passes} more").format(passes=how_many_passes(gains))
        said = facts.format(names=names, pool=pool.name)
        remove = Action(tr("Remove and open"), lambda: self._desk.run(self._take_out(pool, rows)))
        self._question.pose(title, said, remove, tr("Keep"), in_full=said)

    async def _take_out(self, pool: Pool, rows: Sequence[Member]) -> None:
        member_ids = [member.id for member in rows if member.id is not None]
        undo = await self._desk.application.members.remove(pool.id, member_ids)
        said = _said(
            rows,
            tr("{name} is not a member of {pool} any more."),
            tr("{count} are not members of {pool} any more."),
        ).format(name=rows[0].name, count=f"{len(rows):,}", pool=pool.name)
        later = "" if pool.level is AccessLevel.PUBLIC else told_later(self._desk, pool.id)
        self._desk.offer_undo(f"{said} {later}".strip(), undo)

    def _set_end(self) -> None:
        if self._pool is not None and (rows := self.inside.table.selected_rows()):
            self._desk.run(ask_for_the_end(self._desk, self._pool, rows))


def _key(member: Member) -> tuple[str, int | None]:
    return (IDENTITIES, member.identity_id) if member.identity_id is not None else (PASSES, member.pass_id)


def _index(parent: QObject) -> RowIndex[Member]:
    return RowIndex(
        parent,
        key=_key,
        ids=lambda member: (member.visible_id, member.uid, member.external_id),
        words=lambda member: (member.name, member.contact),
    )


def _all_of(meant: Test | None, tests: Sequence[Test]) -> Test | None:
    if meant is None and not tests:
        return None
    wanted = [test for test in (*tests, meant) if test is not None]
    return wanted[0] if len(wanted) == 1 else lambda member: all(test(member) for test in wanted)


def _kind(member: Member) -> str:
    if member.pass_id is not None:
        return tr("pass ")
    return tr("identity · {passes}").format(passes=how_many_passes(member.passes))


def _move_words(member: Member) -> str:
    return tr("Add") if member.id is None else tr("Remove")


def _said(rows: Sequence[object], of_one: str, of_many: str) -> str:
    return of_one if len(rows) == 1 else of_many
