"""The pool a station is put into: one that is there, a new one made in place, or none for now.

field = PoolField(desk, chosen=station.pool_id)
pool_id = await field.pool_id()                 # makes the new pool; AppError when its name will not do
"""

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.domain.errors import AppError
from ui.desk import Desk
from ui.strings import sentence, tr
from ui.widgets.inputs import DropDown, FormField

CHOOSE, NEW, NONE = "choose", "new", "none"


class PoolField(QWidget):
    """With one pool that is the one; with several it must be chosen; with none a new one is at hand."""

    def __init__(self, desk: Desk, *, chosen: int | None = None) -> None:
        super().__init__()
        self._desk = desk
        self._made: tuple[str, int] | None = None
        pools = [summary.pool for summary in desk.application.pools.all()]
        choices: list[tuple[object, str]] = [(pool.id, pool.name) for pool in pools]
        if len(pools) > 1 and chosen is None:
            choices.insert(0, (CHOOSE, tr("Choose a pool…")))
        choices += [(NEW, tr("New pool…")), (NONE, tr("No pool for now"))]
        self.choice = DropDown(tr("Pool"), choices)
        if chosen is not None:
            self.choice.select(chosen)
        self.field = FormField(
            tr("Pool"),
            self.choice,
            helper=tr("A pool is a group of stations with one rule of who may charge. Without a pool nobody can."),
        )
        self.name = QLineEdit(_free_name([pool.name for pool in pools]))
        self.name_field = FormField(
            tr("Name of the new pool"),
            self.name,
            helper=tr("It begins private: those you make members of it can charge."),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(self.field)
        column.addWidget(self.name_field)
        self.choice.changed.connect(lambda _value: self._chosen())
        self.name.textEdited.connect(lambda _text: self.name_field.clear_error())
        self.name_field.setVisible(self.choice.value() == NEW)

    def complete(self) -> bool:
        """Whether something was chosen; else it says so at the field."""
        if self.choice.value() == CHOOSE:
            self.field.show_error(tr("Choose the pool whose rule holds at this station, or “No pool for now”."))
            self.choice.setFocus()
            return False
        return True

    async def pool_id(self) -> int | None:
        """The pool that was chosen, made now where it is a new one; None for none.

        Raises AppError `pool_name_empty`, `pool_name_taken`, `name_too_long`, which `show_error` shows.
        """
        chosen = self.choice.value()
        if chosen != NEW:
            return chosen if isinstance(chosen, int) else None
        if self._made is None or self._made[0] != self.name.text():
            pool = await self._desk.application.pools.create(self.name.text())
            self._made = (self.name.text(), pool.id)
        return self._made[1]

    def show_error(self, error: AppError) -> bool:
        """Show what is wrong with the pool at its place; False where the error is of something else."""
        if error.code in ("pool_name_empty", "pool_name_taken"):
            self.name_field.show_error(sentence(error.code, **error.params))
            self.name.setFocus()
        elif error.code == "pool_unknown":
            self.field.show_error(sentence(error.code, **error.params))
            self.choice.setFocus()
        else:
            return False
        return True

    def _chosen(self) -> None:
        self.field.clear_error()
        new = self.choice.value() == NEW
        self.name_field.setVisible(new)
        if new:
            self.name.setFocus()
            self.name.selectAll()


def _free_name(taken: list[str]) -> str:
    """A name that can be taken as it stands, for who has no pool yet; else an empty field asks for one."""
    return "" if taken else tr("Main pool")
