"""The site that a command reads or changes, and the things on it by the names people call them."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.data_folder import DATABASE, DataFolder
from app.domain.errors import AppError
from app.domain.model import Organization, Pass, Pool

if TYPE_CHECKING:
    from app.application import Application


@contextmanager
def changing(folder: Path) -> Iterator["Application"]:
    """The site of a data folder that nothing else has open. Raises AppError `data_folder_in_use`."""
    with DataFolder(folder) as held, closing(_site(held.database)) as application:
        yield application


@contextmanager
def deciding(folder: Path) -> Iterator["Application"]:
    """The site of a data folder, also while a window or a server has it open: for what one transaction settles.

    It counts from the next tap on; who has the folder open shows it within half a minute.
    """
    with ExitStack() as held:
        try:
            held.enter_context(DataFolder(folder))
        except AppError as error:
            if error.code != "data_folder_in_use":
                raise
        yield held.enter_context(closing(_site(folder / DATABASE)))


@contextmanager
def reading(folder: Path) -> Iterator["Application"]:
    """The site of a data folder, for reading, whether or not something else serves from it."""
    try:
        application = _site(folder / DATABASE, read_only=True)
    except AppError as error:
        if error.code != "database_absent":
            raise
        raise AppError("nothing_here_yet", path=str(folder)) from error
    with closing(application):
        yield application


def _site(database: Path, *, read_only: bool = False) -> "Application":
    # Its insides take longer to load than a window to appear: only who needs them waits.
    from app.application import Application

    return Application(database, read_only=read_only)


def pool_named(application: "Application", name: str) -> Pool:
    """Raises AppError `pool_not_found`."""
    pool = application.pools.find(name)
    if pool is None:
        raise AppError("pool_not_found", name=name)
    return pool


def organization_named(application: "Application", name: str) -> Organization:
    """Raises AppError `organization_not_found`."""
    for summary in application.organizations.all():
        if name_of(application, summary.organization).casefold() == name.strip().casefold():
            return summary.organization
    raise AppError("organization_not_found", name=name)


def name_of(application: "Application", organization: Organization) -> str:
    """What an organization is called; the one that every site begins with has no name until it is given one."""
    return organization.name or application.settings.site_name or "Main organization"


def identity_with(application: "Application", email: str) -> int:
    """The id of the identity with this address. Raises AppError `identity_not_found`."""
    identity = application.identities.find(email)
    if identity is None:
        raise AppError("identity_not_found", email=email)
    return identity.id


def pass_with(application: "Application", uid: str) -> Pass:
    """The pass which this card opens stations as. Raises AppError `pass_not_found`."""
    card = application.passes.find(uid)
    if card is None:
        raise AppError("pass_not_found", uid=uid)
    return card


def pass_ids(application: "Application", uids: Iterable[str]) -> list[int]:
    """The ids of these passes. Raises AppError `pass_not_found`."""
    return [pass_with(application, uid).id for uid in uids]


class Belonging:
    """To which organization things belong, for a list that may show only those of one of them.

    `column` is its column in a table. Where there is only one organization nobody sees any of it: no column, no name.
    """

    def __init__(self, application: "Application", only: str | None = None) -> None:
        """`only` names the organization wanted, with all below it. Raises AppError `organization_not_found`."""
        organizations = application.organizations
        self._within = organizations.within(organization_named(application, only).id) if only is not None else None
        self._names: dict[int, str] = {}
        if not organizations.is_single:
            found = [summary.organization for summary in organizations.all()]
            self._names = {organization.id: name_of(application, organization) for organization in found}
        self.column = ("organization",) if self._names else ()

    def wants(self, organization_id: int | None) -> bool:
        return self._within is None or organization_id in self._within

    def name(self, organization_id: int | None) -> str:
        return "" if organization_id is None else self._names.get(organization_id, "")
