"""Files that a backup holds beside the site's rows, so that it is one file with all of it.

They are in the copy only: a site that is opened from it takes them out and forgets them.
"""

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection

_TABLE = "enclosed_files"


def enclose(copy: Path, files: Mapping[str, bytes]) -> None:
    """Put files, by name, into a copy that nobody has opened. Raises sqlite3.Error."""
    with contextlib.closing(sqlite3.connect(copy)) as database, database:
        database.execute(f"create table {_TABLE} (name text primary key, content blob not null)")
        database.executemany(f"insert into {_TABLE} values (?, ?)", files.items())  # noqa: S608


def enclosed(reader: Connection) -> dict[str, bytes]:
    """The files in a database that was a backup, by name; none in any other."""
    if not reader.exec_driver_sql("select 1 from sqlite_master where name = ?", (_TABLE,)).first():
        return {}
    rows = reader.exec_driver_sql(f"select name, content from {_TABLE}")  # noqa: S608
    return {str(name): bytes(content) for name, content in rows}


def forget_enclosed(writer: Connection) -> None:
    """Leave nothing of them in the database."""
    writer.exec_driver_sql("pragma secure_delete = on")
    writer.exec_driver_sql(f"drop table if exists {_TABLE}")
    writer.exec_driver_sql("pragma secure_delete = off")
