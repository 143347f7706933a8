"""Until when somebody is a member of a pool.

desk.run(ask_for_the_end(desk, pool, members))        # asks, keeps it, says so with Undo
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.application import Member
from app.domain.model import Pool
from ui.access.revocation import told_later
from ui.days import day
from ui.desk import Desk
from ui.passes.words import first_moment, last_day
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField
from ui.widgets.optional_date import OptionalDate

_A_DAY = timedelta(days=1)


async def ask_for_the_end(desk: Desk, pool: Pool, members: Sequence[Member]) -> None:
    """Ask for the last day of these memberships, or for none, and keep it."""
    dialog = MemberEndDialog(desk, pool, members)
    if not await ask(dialog):
        return
    until = dialog.valid_until()
    member_ids = [member.id for member in members if member.id is not None]
    undo = await desk.application.members.set_end(pool.id, member_ids, until)
    who = members[0].name if len(members) == 1 else tr("{count} members").format(count=f"{len(members):,}")
    if until is None:
        said = tr("{who}: member of {pool} for good.").format(who=who, pool=pool.name)
    else:
        ends = day(last_day(desk, until), desk.now())
        said = tr("{who}: member of {pool} until {day}, that day included.").format(who=who, pool=pool.name, day=ends)
    if until is not None and until <= desk.now():
        said = f"{said} {told_later(desk, pool.id)}".strip()
    desk.offer_undo(said, undo)


class MemberEndDialog(FormDialog):
    """Accepted: read `valid_until`."""

    def __init__(self, desk: Desk, pool: Pool, members: Sequence[Member]) -> None:
        name = members[0].name if len(members) == 1 else tr("{count} members").format(count=f"{len(members):,}")
        super().__init__(desk.window, tr("Member until"))
        self._desk = desk
        ends = {member.valid_until for member in members}
        self._before: datetime | None = ends.pop() if len(ends) == 1 else None
        self.end = OptionalDate(tr("Until and including"), desk.now().date())
        self.end.show_value(last_day(desk, self._before) if self._before is not None else None)
        helper = tr("After that day these passes are refused at the stations of {pool}. Without a date: for good.")
        self.body.addWidget(FormField(name, self.end, helper=helper.format(pool=pool.name)))
        self.add_buttons(tr("Save"), self.accept)
        self.end.setFocus()

    def valid_until(self) -> datetime | None:
        """The moment after the last day, as UTC; None: for good."""
        chosen, before = self.end.value(), self._before
        if chosen is None:
            return None
        return (
            before if before is not None and last_day(self._desk, before) == chosen else first_moment(chosen + _A_DAY)
        )
