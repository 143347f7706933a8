"""What is kept of a run of captured cards, so that it goes on after a restart: one row beside the settings."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from app.database import schema
from app.database.store import Store
from app.domain.capture import (
    CapturedCard,
    CaptureMode,
    CardReader,
    NewPasses,
    Outcome,
    ReaderKind,
    TypedForm,
)
from app.domain.ids import Uid

logger = logging.getLogger(__name__)
#: No declared setting's: `Settings` leaves it alone.
KEY = "capture_run"


@dataclass(slots=True)
class KeptRun:
    """What was chosen, and what was captured since the last Finish, the oldest first."""

    mode: CaptureMode = CaptureMode.FILL
    reader: CardReader = field(default_factory=CardReader)
    new_passes: NewPasses = field(default_factory=NewPasses)
    typed_form: TypedForm = TypedForm.HEX
    sound: bool = True
    order: list[int] = field(default_factory=list)
    cards: list[CapturedCard] = field(default_factory=list)
    #: That of the last card, counted on from run to run.
    number: int = 0


def read_run(store: Store) -> KeptRun:
    """The run as it was kept; a new one where there is none or it cannot be read."""
    text = store.reader.execute(select(schema.settings.c.value).filter_by(key=KEY)).scalar()
    if text is None:
        return KeptRun()
    try:
        return _from_json(orjson.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        logger.warning("What was kept of the captured cards cannot be read; capturing begins anew")
        return KeptRun()


async def keep_run(store: Store, run: KeptRun) -> None:
    """Write it. Raises AppError `disk_…`."""
    text = orjson.dumps(run).decode()

    def write(connection: Connection) -> None:
        statement = insert(schema.settings).values(key=KEY, value=text)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_={"value": statement.excluded.value})
        )

    await store.write(write)


def _from_json(kept: dict[str, Any]) -> KeptRun:
    return KeptRun(
        CaptureMode(kept["mode"]),
        CardReader(ReaderKind(kept["reader"]["kind"]), str(kept["reader"]["station_id"])),
        NewPasses(**kept["new_passes"]),
        TypedForm(kept["typed_form"]),
        bool(kept["sound"]),
        [int(each) for each in kept["order"]],
        [_card(each) for each in kept["cards"]],
        int(kept["number"]),
    )


def _card(kept: dict[str, Any]) -> CapturedCard:
    return CapturedCard(
        **kept
        | {
            "at": datetime.fromisoformat(kept["at"]),
            "uid": Uid(kept["uid"]),
            "outcome": Outcome(kept["outcome"]),
            "mode": CaptureMode(kept["mode"]),
            "facts": tuple((str(name), str(value)) for name, value in kept["facts"]),
        }
    )
