"""Every setting, declared once: its kind, default and limits."""

import json
import logging
from collections.abc import Iterator
from typing import Any, Generic, Self, TypeVar, overload

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from app.bus import Bus
from app.database import schema
from app.database.store import Store
from app.domain.drafts import clean_email, printable
from app.domain.errors import AppError
from app.domain.events import SettingsChanged

logger = logging.getLogger(__name__)
Value = TypeVar("Value", bound=str | int)


class Setting(Generic[Value]):
    """One declared setting; on a `Settings` it reads as its current value."""

    def __init__(
        self,
        default: Value,
        *,
        lowest: int | None = None,
        highest: int | None = None,
        choices: tuple[str, ...] = (),
        is_address: bool = False,
    ) -> None:
        self.default = default
        self.lowest = lowest
        self.highest = highest
        self.choices = choices
        self.is_address = is_address

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = name

    @overload
    def __get__(self, settings: None, owner: type) -> Self: ...
    @overload
    def __get__(self, settings: "Settings", owner: type) -> Value: ...
    def __get__(self, settings: "Settings | None", owner: type) -> Self | Value:
        if settings is None:
            return self
        value: Value = settings.values.get(self.key, self.default)
        return value

    def check(self, value: object) -> Value:
        """The value, cleaned.

        Raises AppError `setting_wrong_kind`, `setting_out_of_range`, `setting_too_long`, `setting_not_a_choice`,
        `email_not_an_address`.
        """
        cleaned = printable(value).strip() if isinstance(value, str) else value
        if not isinstance(cleaned, type(self.default)) or isinstance(cleaned, bool) is not isinstance(
            self.default, bool
        ):
            raise AppError("setting_wrong_kind", key=self.key)
        if isinstance(cleaned, str):
            self._check_text(cleaned)
        elif not (self.lowest is None or self.lowest <= cleaned) or not (
            self.highest is None or cleaned <= self.highest
        ):
            raise AppError("setting_out_of_range", key=self.key, lowest=self.lowest, highest=self.highest)
        return cleaned

    def _check_text(self, text: str) -> None:
        if self.choices and text not in self.choices:
            raise AppError("setting_not_a_choice", key=self.key, choices=", ".join(self.choices))
        if self.highest is not None and len(text) > self.highest:
            raise AppError("setting_too_long", key=self.key, highest=self.highest)
        if self.is_address and text:
            clean_email(text)


class Settings:
    """The settings of one data folder. Reading is a dictionary look-up; changing is one transaction."""

    site_name = Setting("", highest=80)
    server_host = Setting("", highest=255)  # empty: every address of this machine
    server_port = Setting(9000, lowest=1, highest=65535)
    # Where files of stations come in and firmware is fetched, while something is under way.
    file_port = Setting(9080, lowest=1, highest=65535)
    # For wss. The old versions of TLS are for stations that know nothing better.
    server_tls = Setting("no", choices=("yes", "no"))
    server_tls_port = Setting(9443, lowest=1, highest=65535)
    server_old_tls = Setting("no", choices=("yes", "no"))
    heartbeat_interval_s = Setting(300, lowest=10, highest=86400)
    remember_accepted_h = Setting(24, lowest=1, highest=24 * 365)
    log_retention_days = Setting(90, lowest=1, highest=3650)
    theme = Setting("system", choices=("system", "light", "dark"))
    keep_serving_when_closed = Setting("ask", choices=("ask", "yes", "no"))
    # Without a host no letters are written. The password is in the system's keyring.
    mail_host = Setting("", highest=255)
    mail_port = Setting(587, lowest=1, highest=65535)
    mail_security = Setting("starttls", choices=("starttls", "tls", "none"))
    mail_user = Setting("", highest=254)
    mail_sender = Setting("", highest=254, is_address=True)  # empty: the user, when that is an address

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus
        self.values: dict[str, Any] = {}
        declared = dict(self.declared())
        for key, text in store.reader.execute(select(schema.settings)):
            if key not in declared:
                continue  # of another version; it stays where it is
            try:
                self.values[key] = declared[key].check(json.loads(text))
            except (AppError, ValueError):
                logger.warning("The stored setting %s does not fit; its default holds", key)

    @classmethod
    def declared(cls) -> Iterator[tuple[str, Setting[Any]]]:
        """Every setting with its key, in the order of declaration."""
        return ((key, value) for key, value in vars(cls).items() if isinstance(value, Setting))

    async def change(self, **values: object) -> None:
        """Set one or more settings, all or none. Raises AppError when a value does not fit."""
        declared = dict(self.declared())
        unknown = values.keys() - declared.keys()
        if unknown:
            raise AppError("setting_unknown", key=", ".join(sorted(unknown)))
        checked = {key: declared[key].check(value) for key, value in values.items()}
        if not checked:
            return

        def write(connection: Connection) -> None:
            statement = insert(schema.settings)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["key"], set_={"value": statement.excluded.value}),
                [{"key": key, "value": json.dumps(value)} for key, value in checked.items()],
            )

        await self._store.write(write)
        self.values.update(checked)
        self._bus.publish(SettingsChanged(tuple(checked)))
