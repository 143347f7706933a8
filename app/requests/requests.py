"""What is asked for and what an operator says to it."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import schema
from app.database.store import Store
from app.domain.drafts import IdentityDraft, clean_name
from app.domain.errors import AppError
from app.domain.events import CardTapped, IdentitiesChanged, PassesChanged, PoolsChanged, RequestsChanged
from app.domain.model import Tap
from app.domain.requests import AccessRequest
from app.mail import Mail
from app.requests import deciding, rows
from app.requests.asking import PENDING_LIMIT, Asking, Written
from app.requests.deciding import Approval, Decided
from app.undo import Undo

#: How long after the last tap its driver is likely to stand there still.
WAITS_FOR = timedelta(minutes=2)
#: How long a request with nothing left to decide is kept out of sight, for an Undo that brings it back.
SETTLED_AFTER = timedelta(minutes=1)


class Requests:
    """Cards that were refused at a restricted pool which takes requests.

    The same card again is the same request. Of a pool 200 are kept at most, further cards have to ask again when some
    are decided. A card that was denied asks again only after 24 hours. UIDs that are new at each tap do not ask.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        mail: Mail,
        clock: Callable[[], datetime],
        is_captured: Callable[[Tap], bool] = lambda _tap: False,
    ) -> None:
        """A card for which `is_captured` holds is held to the reader by the operator: it asks for nothing."""
        self._store = store
        self._bus = bus
        self._mail = mail
        self._clock = clock
        self._asking = Asking(store, mail, clock, self._written)
        self._seen = rows.seen_ids(store.reader, clock())
        self._unseen_since: dict[int, datetime] = {}
        self._is_captured = is_captured
        bus.subscribe(CardTapped, self._card_tapped)
        bus.subscribe(PoolsChanged, self._pools_changed)
        bus.subscribe(PassesChanged, self._may_be_settled)

    def _card_tapped(self, event: CardTapped) -> None:
        if not self._is_captured(event.tap):
            self._asking.card_tapped(event.tap)

    def pending(self) -> list[AccessRequest]:
        """Those to decide, oldest first."""
        request = schema.access_requests.c
        seen = rows.whole().where(rows.seen(self._clock()))
        return rows.read(self._store.reader, seen.order_by(request.first_at, request.id))

    def count_pending(self) -> int:
        """How many there are to decide."""
        return len(rows.seen_ids(self._store.reader, self._clock()))

    def require(self, request_id: int) -> AccessRequest:
        """The request with this id, decided or not. Raises AppError `request_unknown`."""
        found = rows.read(self._store.reader, rows.whole().where(schema.access_requests.c.id == request_id))
        if not found:
            raise AppError("request_unknown")
        return found[0]

    def of_pool(self, pool_id: int, *, limit: int = 50) -> list[AccessRequest]:
        """The requests of one pool, decided ones too, the latest tap first."""
        request = schema.access_requests.c
        shown = or_(~rows.IS_PENDING, rows.seen(self._clock()))
        query = rows.whole().where(request.pool_id == pool_id, shown)
        return rows.read(self._store.reader, query.order_by(request.last_at.desc(), request.id.desc()).limit(limit))

    def is_full(self, pool_id: int) -> bool:
        """Whether so many requests of this pool are pending that no further ones are kept."""
        return list(rows.seen_ids(self._store.reader, self._clock()).values()).count(pool_id) >= PENDING_LIMIT

    def still_waits(self, request: AccessRequest) -> bool:
        """Whether its driver is likely to stand at the station still: the last tap is two minutes old at most."""
        return self._clock() - request.last_at <= WAITS_FOR

    async def approve(
        self,
        request_id: int,
        *,
        identity_id: int | None = None,
        new_identity: IdentityDraft | None = None,
        name: str = "",
        valid_until: datetime | None = None,
    ) -> Undo:
        """Let the card charge at all stations of the pool, for good or until a moment, from its next tap on.

        A card that no pass is known for becomes one, called `name`, of the identity that is given, if one is. The
        identity becomes a member, or the pass when it has none.

        Raises AppError `request_unknown`, `request_decided` (somebody was faster), `pass_has_holder` (it is another
        identity's), `identity_unknown`, `email_taken`, `organization_unknown`, and those of `IdentityDraft.cleaned`.
        Undo raises `undo_overtaken`.
        """
        approval = Approval(
            identity_id, new_identity.cleaned() if new_identity else None, clean_name(name), valid_until
        )
        now = self._clock()
        decided = await self._store.write(
            lambda connection: deciding.approve(connection, self._mail, request_id, approval, now)
        )
        self._tell(decided)
        return lambda: self._take_back(decided)

    async def deny(self, request_id: int) -> Undo:
        """Leave things as they are; the card asks again after 24 hours at the earliest.

        Raises AppError `request_unknown`, `request_decided`. Undo raises `undo_overtaken`.
        """
        now = self._clock()
        decided = await self._store.write(lambda connection: deciding.deny(connection, self._mail, request_id, now))
        self._tell(decided)
        return lambda: self._take_back(decided)

    async def settle(self) -> None:
        """Remove requests that have had nothing left to decide for a minute; call it now and then."""
        now = self._clock()
        unseen = rows.unseen_ids(self._store.reader, now)
        self._unseen_since = {each: self._unseen_since.get(each, now) for each in unseen}
        gone = [each for each, since in self._unseen_since.items() if now - since >= SETTLED_AFTER]
        if gone:
            await self._store.write(lambda connection: rows.forget_unseen(connection, gone, now))

    async def close(self) -> None:
        """Write what was asked and is not written yet."""
        await self._asking.close()

    async def _take_back(self, decided: Decided) -> None:
        now = self._clock()
        try:
            await self._store.write(lambda connection: deciding.take_back(connection, self._mail, decided, now))
        except IntegrityError as error:
            raise AppError("undo_overtaken") from error
        self._tell(decided)

    def _written(self, written: Written) -> None:
        self._tell_requests(written.pool_ids)
        if written.letter_ids:
            self._mail.tell()

    def _tell(self, decided: Decided) -> None:
        self._tell_requests({decided.pool_id})
        if decided.made_identity and decided.identity_id is not None:
            self._bus.publish(IdentitiesChanged((decided.identity_id,)))
        if (decided.made_pass or decided.gave_pass) and decided.pass_id is not None:
            self._bus.publish(PassesChanged((decided.pass_id,)))
        if decided.member_ids:
            self._bus.publish(PoolsChanged((decided.pool_id,)))
        if decided.letter_ids:
            self._mail.tell()

    def _tell_requests(self, pool_ids: Collection[int]) -> None:
        self._seen = rows.seen_ids(self._store.reader, self._clock())
        self._bus.publish(RequestsChanged(tuple(sorted(pool_ids))))

    def _pools_changed(self, event: PoolsChanged) -> None:
        self._asking.look_at_pools()
        self._may_be_settled(event)

    def _may_be_settled(self, _event: object) -> None:
        seen = rows.seen_ids(self._store.reader, self._clock())
        changed = {pool_id for _, pool_id in self._seen.items() ^ seen.items()}
        if changed:
            self._tell_requests(changed)
