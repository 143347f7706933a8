"""The certificates with which stations prove who they are (security profile 3): asked for, issued, revoked.

A certificate is a standing right to be that station. So each is issued by an operator's word, is good only for the
station that asked for it and only while it is on this list: whoever removes the station, or revokes it, ends it.
Only a station that could act as itself anyway without anyone listening gets one without being looked at: it renews the
one it came in with, or an operator chose profile 3 for it and it came in with its password over TLS. Over an open line
(profile 1) that would turn an overheard password into a right that outlives the password.
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from app.bus import Bus
from app.database import schema
from app.database.rows import insert_row
from app.database.store import Store
from app.domain.errors import AppError
from app.domain.events import CertificatesChanged, CredentialsChanged
from app.domain.security import CertificateState, StationCertificate
from app.security.site_certificates import SiteCertificates

if TYPE_CHECKING:
    from app.security.authority_files import Signed

#: Wishes that a station may have waiting: a newer one takes the place of the oldest.
MOST_ASKED = 4
#: Decided ones that are remembered of each station.
MOST_KEPT = 20


class StationCertificates:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime], site: SiteCertificates) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._site = site

    def of_station(self, station_id: str) -> list[StationCertificate]:
        """What a station asked for and got, the latest first."""
        return self._read(_CERTIFICATES.where(_station.station_id == station_id))

    def waiting(self) -> list[StationCertificate]:
        """What stations ask for and nobody decided yet, the latest first."""
        return self._read(_CERTIFICATES.where(_certificate.state == CertificateState.ASKED.value))

    def any_issued(self) -> bool:
        """Whether any station has a certificate of this site."""
        issued = _certificate.state == CertificateState.ISSUED.value
        return self._store.reader.execute(select(_certificate.id).where(issued).limit(1)).first() is not None

    def is_good(self, station_id: str, der: bytes) -> bool:
        """Whether this certificate was issued to this station and not revoked; TLS has checked all else."""
        fingerprint = _fingerprint(der)
        return any(
            certificate.state is CertificateState.ISSUED and certificate.fingerprint == fingerprint
            for certificate in self.of_station(station_id)
        )

    async def ask(self, station_id: str, csr: str) -> StationCertificate:
        """Keep what a station wants signed, until somebody decides.

        Raises AppError `station_unknown`, and those of `check_request`.
        """
        from app.security import issuing

        now = self._clock()
        serial_number = self._store.reader.scalar(
            select(_station.serial_number).where(_station.station_id == station_id)
        )
        checked = issuing.check_request(csr, (station_id, serial_number or ""))
        values = {
            "csr": checked.pem,
            "subject": checked.subject,
            "key_kind": checked.key_kind,
            "state": CertificateState.ASKED.value,
            "asked_at": now,
        }

        def write(connection: Connection) -> int:
            row_id = connection.scalar(select(_station.id).where(_station.station_id == station_id))
            if row_id is None:
                raise AppError("station_unknown", station_id=station_id)
            of_station = select(_certificate.id).where(_certificate.station_id == row_id)
            asked = _certificate.state == CertificateState.ASKED.value
            for condition, most in ((asked, MOST_ASKED - 1), (~asked, MOST_KEPT)):
                surplus = of_station.where(condition).order_by(_certificate.id.desc()).offset(most)
                unneeded = _certificate.state != CertificateState.ISSUED.value
                connection.execute(delete(schema.station_certificates).where(_certificate.id.in_(surplus), unneeded))
            return insert_row(connection, insert(schema.station_certificates).values(station_id=row_id, **values))

        certificate_id = await self._store.write(write)
        self._bus.publish(CertificatesChanged(station_id))
        return self.require(certificate_id)

    async def issue(self, certificate_id: int) -> str:
        """Sign what a station asked for; the PEM text to send it.

        Raises AppError `certificate_unknown`, `certificate_decided`, `certificates_unusable`.
        """
        row, now = self._row(certificate_id), self._clock()
        station_id = str(row["station_spelled"])
        if row["state"] not in (CertificateState.ASKED.value, CertificateState.REFUSED.value):
            raise AppError("certificate_decided")
        signed = await asyncio.to_thread(self._sign, row, now)
        await self._decide(
            certificate_id,
            {
                "state": CertificateState.ISSUED.value,
                "decided_at": now,
                "valid_until": signed.valid_until,
                "fingerprint": signed.fingerprint,
            },
        )
        self._bus.publish(CertificatesChanged(station_id))
        return signed.pem

    async def refuse(self, certificate_id: int) -> None:
        """Leave what a station asked for unsigned. Raises AppError `certificate_unknown`, `certificate_decided`."""
        row = self._row(certificate_id)
        if row["state"] != CertificateState.ASKED.value:
            raise AppError("certificate_decided")
        await self._decide(certificate_id, {"state": CertificateState.REFUSED.value, "decided_at": self._clock()})
        self._bus.publish(CertificatesChanged(str(row["station_spelled"])))

    async def revoke(self, certificate_id: int) -> None:
        """No longer let a station in with this certificate. Raises AppError `certificate_unknown`."""
        row = self._row(certificate_id)
        await self._decide(certificate_id, {"state": CertificateState.REVOKED.value, "decided_at": self._clock()})
        station_id = str(row["station_spelled"])
        self._bus.publish(CertificatesChanged(station_id))
        self._bus.publish(CredentialsChanged(station_id, ends_connection=True))

    def require(self, certificate_id: int) -> StationCertificate:
        """Raises AppError `certificate_unknown`."""
        return _to_certificate(self._row(certificate_id))

    def _row(self, certificate_id: int) -> RowMapping:
        row = self._store.reader.execute(_CERTIFICATES.where(_certificate.id == certificate_id)).mappings().first()
        if row is None:
            raise AppError("certificate_unknown")
        return row

    def _read(self, query: Select[tuple[object, ...]]) -> list[StationCertificate]:
        rows = self._store.reader.execute(query.order_by(_certificate.id.desc())).mappings()
        return [_to_certificate(row) for row in rows]

    def _sign(self, row: RowMapping, now: datetime) -> "Signed":
        from app.security import authority_files

        return authority_files.sign(self._site.folder, row["csr"], row["subject"], row["id"], now)

    async def _decide(self, certificate_id: int, values: dict[str, object]) -> None:
        def write(connection: Connection) -> None:
            done = connection.execute(update(schema.station_certificates).filter_by(id=certificate_id).values(**values))
            if not done.rowcount:
                raise AppError("certificate_unknown")

        await self._store.write(write)


_certificate, _station = schema.station_certificates.c, schema.stations.c
_CERTIFICATES = select(schema.station_certificates, _station.station_id.label("station_spelled")).join(
    schema.stations, _certificate.station_id == _station.id
)


def _to_certificate(row: RowMapping) -> StationCertificate:
    fields = {name: row[name] for name in StationCertificate.__dataclass_fields__}
    return StationCertificate(
        **fields | {"station_id": row["station_spelled"], "state": CertificateState(row["state"])}
    )


def _fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).digest().hex(":").upper()
