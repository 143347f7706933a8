"""Whether a pass that is being captured may charge at once where its card was held to a reader.

admission = Admission(desk, tap)
admission.look_at(identity_id)                 # whose pass it will be
await application.passes.add(draft, pool_id=admission.pool_id())
"""

from PySide6.QtWidgets import QCheckBox, QWidget

from app.domain.model import AccessLevel, Pool, Tap
from ui.desk import Desk
from ui.strings import tr
from ui.widgets.boxes import row
from ui.widgets.labels import paragraph


def pool_of_station(desk: Desk, tap: Tap) -> Pool | None:
    """The pool that the tap's station is in now."""
    station = desk.application.stations.find(tap.station_id)
    return None if station is None or station.pool_id is None else desk.application.pools.require(station.pool_id)


class Admission(QWidget):
    """Whether the new pass may charge where its card was held to a reader, and a word on it where that is settled."""

    def __init__(self, desk: Desk, tap: Tap) -> None:
        super().__init__()
        self._pool = pool_of_station(desk, tap)
        self._settled = ""
        self.choice = QCheckBox()
        self.choice.setChecked(True)
        self.word = paragraph(tone="muted")
        if self._pool is None:
            self._settled = tr("{station} is in no pool: put it in one, so that cards can open it.").format(
                station=tap.station_name
            )
        elif self._pool.level is AccessLevel.PUBLIC:
            self._settled = tr("{pool} is public: every registered pass may charge there.").format(pool=self._pool.name)
        else:
            self.choice.setText(tr("May charge at {pool}").format(pool=self._pool.name.replace("&", "&&")))
        self._members = (
            {member.identity_id: member.name for member in desk.application.members.of_pool(self._pool.id)}
            if self._pool is not None and not self._settled
            else {}
        )
        line = row(self.choice, self.word)
        line.setStretch(1, 1)
        self.setLayout(line)
        self.look_at(None)

    def look_at(self, identity_id: int | None) -> None:
        """Take into account whose pass it is: a member's passes need no place of their own."""
        self._is_member = identity_id is not None and identity_id in self._members
        word = self._settled
        if self._is_member and self._pool is not None and identity_id is not None:
            word = tr("{holder} is a member of {pool}: every pass may charge there.").format(
                holder=self._members[identity_id], pool=self._pool.name
            )
        self.choice.setVisible(not word)
        self.word.setVisible(bool(word))
        self.word.say(word)

    def pool_id(self) -> int | None:
        """The pool that the pass itself becomes a member of."""
        wanted = self._pool is not None and not self._settled and not self._is_member and self.choice.isChecked()
        return self._pool.id if wanted and self._pool is not None else None
