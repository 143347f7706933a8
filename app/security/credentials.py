"""What each station has to prove itself with: its security profile, and the hashes of its passwords.

A new password works beside the one in use until a station has used it: whoever changes it over the air may lose the
connection between the question and the answer, and must not lose the station with it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from app.bus import Bus
from app.database import schema
from app.database.replacement import Replacement, put_columns_back, replace_columns
from app.database.rows import insert_row, to_station
from app.database.store import Store
from app.domain.errors import AppError
from app.domain.events import CredentialsChanged, StationsChanged
from app.domain.model import Station
from app.domain.security import PasswordState, SecurityProfile
from app.security.passwords import clean_password, generate, hashed
from app.undo import Undo, taking_back

#: New passwords that may wait to be used: each may have reached the station before the connection broke.
MOST_WAITING = 4


@dataclass(frozen=True, slots=True)
class KeptPassword:
    id: int
    kept: str
    in_use: bool


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that was just made: to be shown once, or sent to its station, and forgotten."""

    id: int
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """What a station that knocks is held against."""

    station: Station
    passwords: tuple[KeptPassword, ...]
    #: How it sent its password last.
    sent_as: str = ""


class Credentials:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    def login(self, station_id: str) -> Login | None:
        """What a station must bring; None for a station that is not known."""
        rows = self._store.reader.execute(_LOGIN, {"identity": station_id})
        found = rows.mappings().all()
        if not found:
            return None
        passwords = (
            KeptPassword(row["password_id"], row["kept"], row["in_use"]) for row in found if row["password_id"]
        )
        return Login(to_station(found[0]), tuple(passwords), found[0]["password_form"])

    def any_by_certificate(self) -> bool:
        """Whether any station is let in by a certificate, or is to be."""
        by_certificate = SecurityProfile.CERTIFICATE.value
        wanting = (_station.security_profile == by_certificate) | (_station.wanted_profile == by_certificate)
        return self._store.reader.execute(select(_station.id).where(wanting).limit(1)).first() is not None

    def password_state(self, station_id: str) -> PasswordState:
        """What is known of a station's password."""
        rows = self._store.reader.execute(
            select(_password.in_use, _password.set_at, _station.password_form)
            .join(schema.stations, _password.station_id == _station.id)
            .where(_station.station_id == station_id)
            .order_by(_password.id.desc())
        ).all()
        if not rows:
            return PasswordState()
        waiting = not rows[0].in_use
        return PasswordState(is_set=True, waiting=waiting, set_at=rows[0].set_at, sent_as=rows[0].password_form)

    async def generate(self, station_id: str, *, at_once: bool = False) -> NewPassword:
        """A new password for a station, readable only here and now. As `set_password` otherwise."""
        password = generate()
        return NewPassword(await self._set(station_id, password, generated=True, at_once=at_once), password)

    async def set_password(self, station_id: str, password: str, *, at_once: bool = False) -> None:
        """Give a station a new password. The one in use works until the new one was used, or with `at_once` no more.

        Raises AppError `station_unknown`, and those of `clean_password`.
        """
        await self._set(station_id, clean_password(password), generated=False, at_once=at_once)

    async def _set(self, station_id: str, password: str, *, generated: bool, at_once: bool) -> int:
        kept = await asyncio.to_thread(hashed, password, generated=generated)
        now = self._clock()

        def write(connection: Connection) -> tuple[int, str]:
            row_id, spelled = _row(connection, station_id)
            of_station = _password.station_id == row_id
            if at_once:
                connection.execute(delete(schema.station_passwords).where(of_station))
            else:
                newest = select(_password.id).where(of_station, ~_password.in_use).order_by(_password.id.desc())
                surplus = newest.offset(MOST_WAITING - 1)
                connection.execute(delete(schema.station_passwords).where(_password.id.in_(surplus)))
            values = {"station_id": row_id, "kept": kept, "in_use": False, "set_at": now}
            return insert_row(connection, insert(schema.station_passwords).values(**values)), spelled

        password_id, spelled = await self._store.write(write)
        self._bus.publish(CredentialsChanged(spelled, ends_connection=at_once))
        return password_id

    async def withdraw(self, station_id: str, password_id: int) -> None:
        """Forget a new password that was not used yet: the station said that it did not take it (1.6 A01.FR.04)."""

        def write(connection: Connection) -> str:
            row_id, spelled = _row(connection, station_id)
            unused = (_password.station_id == row_id, _password.id == password_id, ~_password.in_use)
            connection.execute(delete(schema.station_passwords).where(*unused))
            return spelled

        self._bus.publish(CredentialsChanged(await self._store.write(write)))

    async def clear_password(self, station_id: str) -> None:
        """Forget all passwords of a station that needs none. Raises AppError `password_needed` when it needs one."""

        def write(connection: Connection) -> str:
            row_id, spelled = _row(connection, station_id)
            if SecurityProfile(_profile(connection, row_id)).needs_password:
                raise AppError("password_needed", station_id=spelled)
            connection.execute(delete(schema.station_passwords).where(_password.station_id == row_id))
            return spelled

        self._bus.publish(CredentialsChanged(await self._store.write(write)))

    async def used(self, station_id: str, password_id: int, sent_as: str) -> None:
        """A station came in with this password: the earlier ones are over. Newer ones may be on their way to it."""

        def write(connection: Connection) -> None:
            row_id, _ = _row(connection, station_id)
            of_station = _password.station_id == row_id
            known = connection.scalar(select(_password.id).where(of_station, _password.id == password_id))
            if known is None:
                return
            connection.execute(delete(schema.station_passwords).where(of_station, _password.id < password_id))
            connection.execute(update(schema.station_passwords).filter_by(id=password_id).values(in_use=True))
            connection.execute(update(schema.stations).filter_by(id=row_id).values(password_form=sent_as))

        await self._store.write(write)
        self._bus.publish(CredentialsChanged(station_id))

    async def set_profile(self, station_id: str, profile: SecurityProfile) -> Undo:
        """Demand a profile of a station from now on; it is let in with nothing less.

        Raises AppError `station_unknown`, and `profile_needs_password` for one that has none and would be locked out.
        """
        values = {"security_profile": profile.value, "wanted_profile": None}

        def write(connection: Connection) -> tuple[str, Replacement]:
            row_id, spelled = _row(connection, station_id)
            has_password = connection.scalar(select(_password.id).where(_password.station_id == row_id).limit(1))
            if profile.needs_password and has_password is None:
                raise AppError("profile_needs_password", station_id=spelled)
            return spelled, replace_columns(connection, schema.stations, [row_id], values)

        spelled, replaced = await self._store.write(write)
        changed = StationsChanged((spelled,))
        self._bus.publish(changed)
        return taking_back(self._store, self._bus, lambda connection: put_columns_back(connection, replaced), changed)

    async def want_profile(self, station_id: str, profile: SecurityProfile | None) -> None:
        """Demand a higher profile as soon as the station has come in with it; None: no longer wait for that."""

        def write(connection: Connection) -> str:
            row_id, spelled = _row(connection, station_id)
            wanted = None if profile is None else profile.value
            connection.execute(update(schema.stations).filter_by(id=row_id).values(wanted_profile=wanted))
            return spelled

        self._bus.publish(StationsChanged((await self._store.write(write),)))

    async def proved(self, station_id: str, profile: SecurityProfile) -> None:
        """A station came in with what it was wanted to bring: nothing less will do from now on (1.6 A05.FR.09)."""

        def write(connection: Connection) -> bool:
            reached = (_station.station_id == station_id, _station.wanted_profile <= profile.value)
            raised = update(schema.stations).where(*reached, _station.wanted_profile > _station.security_profile)
            done = connection.execute(raised.values(security_profile=_station.wanted_profile))
            connection.execute(update(schema.stations).where(*reached).values(wanted_profile=None))
            return bool(done.rowcount)

        if await self._store.write(write):
            self._bus.publish(StationsChanged((station_id,)))


_password, _station = schema.station_passwords.c, schema.stations.c
_LOGIN = (
    select(schema.stations, _password.id.label("password_id"), _password.kept, _password.in_use)
    .outerjoin(schema.station_passwords, _password.station_id == _station.id)
    .where(_station.station_id == bindparam("identity"))
    .order_by(_password.in_use.desc(), _password.id.desc())
)


def _row(connection: Connection, station_id: str) -> tuple[int, str]:
    query = select(_station.id, _station.station_id).where(_station.station_id == station_id)
    row = connection.execute(query).first()
    if row is None:
        raise AppError("station_unknown", station_id=station_id)
    return row.id, row.station_id


def _profile(connection: Connection, row_id: int) -> int:
    return int(connection.execute(select(_station.security_profile).where(_station.id == row_id)).scalar_one())
