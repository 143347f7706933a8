"""What each access level can do, as a small table beside the options of a pool.

PoolFeatures(AccessLevel.PRIVATE)              # that level's column is marked
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.domain.model import AccessLevel
from ui.pools.words import levels
from ui.strings import tr
from ui.widgets.labels import Label, label, muted

_EVERY = frozenset(AccessLevel)


def features() -> list[tuple[str, frozenset[AccessLevel]]]:
    """Each feature with the levels that have it."""
    return [
        (tr("Members can be chosen"), _EVERY),
        (tr("Members charge free"), _EVERY),
        (tr("Hidden from drivers"), _EVERY),
        (
            tr("Only members charge"),
            frozenset({AccessLevel.PRIVATE, AccessLevel.RESTRICTED, AccessLevel.BY_LIST}),
        ),
        (tr("Open while the list is empty"), frozenset({AccessLevel.BY_LIST})),
        (tr("Access by PIN"), frozenset({AccessLevel.RESTRICTED})),
        (tr("Access on request"), frozenset({AccessLevel.RESTRICTED})),
        (tr("Free vend: anyone charges"), frozenset({AccessLevel.PUBLIC})),
    ]


class PoolFeatures(QWidget):
    """Features down, levels across; a ✓ where a level has a feature."""

    def __init__(self, level: AccessLevel) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 1)
        for column, (each, name) in enumerate(levels(), start=1):
            head = Label(name, 12, 600 if each is level else 400, "accent" if each is level else "muted")
            head.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            grid.addWidget(head, 0, column, Qt.AlignmentFlag.AlignHCenter)
        for line, (feature, having) in enumerate(features(), start=1):
            grid.addWidget(label(feature), line, 0)
            for column, (each, name) in enumerate(levels(), start=1):
                grid.addWidget(_mark(feature, name, has=each in having), line, column, Qt.AlignmentFlag.AlignHCenter)


def _mark(feature: str, level: str, *, has: bool) -> Label:
    mark = label("✓", "ok", 600) if has else muted("–")
    said = tr("{level}: {feature}, yes") if has else tr("{level}: {feature}, no")
    mark.setAccessibleName(said.format(level=level, feature=feature))
    return mark
