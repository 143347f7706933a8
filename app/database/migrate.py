"""From any earlier layout to today's, with Alembic."""

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from app.domain.errors import AppError

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, found: str | None) -> None:
    """Bring the database from revision `found` (None: empty) to the newest, in one transaction.

    Raises AppError `database_newer` when a later version of Tapdesk wrote it.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise AppError("database_newer", found=found)
    with engine.connect() as connection:
        # Replacing a table must not empty the others that name it. It holds for this connection, outside a transaction.
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise TypeError(driver)
        driver.execute("pragma foreign_keys=off")
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.exec_driver_sql("pragma foreign_key_check").first():
                raise AppError("database_damaged", path=str(engine.url.database))
