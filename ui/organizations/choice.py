"""Which organization: one of those there are, or all of them.

    self.organization = OrganizationFilter(desk, none=tr("External passes"))
    self.organization.refresh()                      # whenever organizations changed
    belongs = self.organization.belongs()            # None: everything is meant
    desk.go("passes", InOrganization(organization.id))

On a site with a single organization there is nothing to choose: the filter hides itself, and there are no choices.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QStyleOptionComboBox

from app.application import OrganizationSummary
from app.domain.model import Organization
from ui.desk import Desk
from ui.strings import tr
from ui.widgets.inputs import DropDown

LEAST, MOST = 120, 230
#: More are searched by typing, where blanks before a name would be in the way.
_INDENTED_AT_MOST = 10
_LEVEL = "\u2003"
_DEEPEST = 6
_NONE = "none"


@dataclass(frozen=True, slots=True)
class InOrganization:
    """What a page is asked to show: only what belongs to this organization and to those below it."""

    organization_id: int


def organization_name(desk: Desk, organization: Organization) -> str:
    """Its name; the one that every site begins with has none until it is given one."""
    return organization.name or desk.application.settings.site_name or tr("Main organization")


def inherited_currency(desk: Desk, parent_id: int | None) -> str:
    """What an organization below this one, or at the top, charges in unless it says otherwise; empty: not known."""
    return desk.application.organizations.currency(parent_id) if parent_id is not None else ""


def organization_choices(desk: Desk) -> list[tuple[object, str]]:
    """Every organization as the choices of a drop-down, children below their parent; none where there is only one."""
    summaries = desk.application.organizations.all()
    return named(desk, summaries) if len(summaries) > 1 else []


def named(desk: Desk, summaries: Sequence[OrganizationSummary]) -> list[tuple[object, str]]:
    """These organizations as the choices of a drop-down."""
    level = _LEVEL if len(summaries) <= _INDENTED_AT_MOST else ""
    return [
        (each.organization.id, level * min(each.depth, _DEEPEST) + organization_name(desk, each.organization))
        for each in summaries
    ]


class OrganizationDropDown(DropDown):
    """A drop-down of a tree: the blanks that show how deep a choice stands are left out once it is chosen."""

    def select(self, value: object) -> None:
        super().select(value)
        if (edit := self.lineEdit()) is not None:
            # Of a long name the beginning is seen.
            edit.setCursorPosition(0)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        option.currentText = option.currentText.strip()


class OrganizationFilter(OrganizationDropDown):
    """All organizations, or one with those below it; not seen where there is only one."""

    def __init__(self, desk: Desk, *, none: str = "") -> None:
        """`none`: the words for what belongs to no organization, where a list has such things."""
        super().__init__(tr("Organization"), [(None, tr("All organizations"))])
        self._desk, self._none = desk, none
        self.setMinimumWidth(LEAST)
        self.setMaximumWidth(MOST)
        self.hide()

    def refresh(self) -> None:
        """Offer the organizations there are now; where the chosen one is gone, all of them are meant again."""
        choices = organization_choices(self._desk)
        none: list[tuple[object, str]] = [(_NONE, self._none)] if self._none else []
        self.set_choices([(None, tr("All organizations")), *choices, *none] if choices else [])
        self.setVisible(bool(choices))

    def organization_id(self) -> int | None:
        """The organization that is chosen; None for all of them, and for what belongs to none."""
        chosen = self.value()
        return chosen if isinstance(chosen, int) else None

    def belongs(self) -> Callable[[int | None], bool] | None:
        """Whether what belongs to an organization (None: to none) is meant; None where everything is."""
        if self.value() == _NONE:
            return lambda organization_id: organization_id is None
        chosen = self.organization_id()
        if chosen is None:
            return None
        return self._desk.application.organizations.within(chosen).__contains__
