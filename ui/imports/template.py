"""The button that saves an empty list to be filled in."""

from PySide6.QtWidgets import QPushButton

from app.domain.import_fields import ListKind
from ui.desk import Desk
from ui.imports.choosing_files import file_to_write
from ui.strings import tr
from ui.widgets.buttons import link_button

_FILES = {
    ListKind.PASSES: "passes.xlsx",
    ListKind.MEMBERS: "members of a pool.xlsx",
    ListKind.IDENTITIES: "identities.xlsx",
    ListKind.STATIONS: "stations.xlsx",
}


def template_button(desk: Desk, kind: ListKind) -> QPushButton:
    """Asks where to, and saves the template of a kind of list there."""
    return link_button(tr("Get the template"), lambda: desk.run(save_template(desk, kind)), flush=True)


async def save_template(desk: Desk, kind: ListKind) -> None:
    """Ask where to, and save the template of a kind of list there."""
    path = await file_to_write(desk.window, tr("Save the template"), tr(_FILES[kind]))
    if path is not None:
        await desk.application.exporter.save_template(kind, path)
        desk.say(tr("{name} is saved. Fill it in, then drop it here.").format(name=path.name))
