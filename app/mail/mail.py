"""Mail: what is written to whom, the outbox on the way there, and the server it goes to."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.bus import Bus
from app.database import removal, schema
from app.database.store import Store
from app.domain.drafts import clean_email
from app.domain.errors import AppError
from app.domain.events import OutboxChanged, SettingsChanged
from app.domain.letters import Letter, LetterState
from app.mail import outbox
from app.mail.password import Password
from app.mail.postman import Postman
from app.mail.way import Way, way_of
from app.mail.wording import worded
from app.settings import Settings
from app.undo import Undo, put_back

#: How long letters that were sent are kept to be looked at.
KEEP_SENT = timedelta(days=30)


class Mail:
    """`start` it to have letters sent; without that they can be written and looked at, and wait."""

    def __init__(self, store: Store, bus: Bus, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._settings = settings
        self._clock = clock
        self._password = Password(settings)
        self._postman = Postman(store, self._find_way, clock, self.tell)
        self._looking: set[asyncio.Task[str | None]] = set()
        self._is_running = False
        bus.subscribe(SettingsChanged, self._settings_changed)
        bus.subscribe(OutboxChanged, lambda _: self._postman.look())

    @property
    def is_set_up(self) -> bool:
        """Whether there are a server and an address to send from. Otherwise no letter is written at all."""
        return way_of(self._settings) is not None

    def letters(self, *, limit: int = 100) -> list[Letter]:
        """The latest letters, those that were sent included, latest first."""
        return outbox.letters(self._store.reader, limit)

    def start(self) -> None:
        """Send what waits, from now on, and look the password up."""
        self._is_running = True
        self._postman.start()
        self._look_password_up()

    async def stop(self) -> None:
        """Send no more; a letter that is just being taken is waited for, for a few seconds."""
        self._is_running = False
        for looking in self._looking:
            looking.cancel()
        await self._postman.stop()

    def write(
        self,
        connection: Connection,
        template: str,
        recipients: Sequence[str],
        facts: Mapping[str, str],
        *,
        request_id: int,
        after: timedelta = timedelta(0),
    ) -> list[int]:
        """Write a letter to each, within the caller's transaction; their ids, to withdraw them by.

        It is sent `after` so long at the earliest. `facts` are what the template wants to know; the site's name is
        added. Call `tell` after the commit when there was anything to write.
        """
        way = way_of(self._settings)
        if way is None or not recipients:
            return []
        now = self._clock()
        wording = worded(template, {"site": self._settings.site_name, **facts})
        return outbox.write(
            connection, recipients, wording, domain=_domain(way), request_id=request_id, at=now, due_at=now + after
        )

    def withdraw(self, connection: Connection, letter_ids: Sequence[int]) -> None:
        """Within the caller's transaction, take back those that are not on their way yet. Then `tell`, as above."""
        outbox.withdraw(connection, letter_ids)

    def tell(self) -> None:
        """Say that the outbox changed."""
        self._bus.publish(OutboxChanged())

    async def send_test(self, recipient: str) -> None:
        """Send a letter at once that says that this works.

        Raises AppError `mail_not_set_up`, those of `clean_email`, and with the server's words `mail_unreachable`,
        `mail_not_secure`, `mail_password_missing`, `mail_login_refused`, `mail_sender_refused`,
        `mail_recipient_refused`, `mail_refused`, `mail_put_off`, `mail_unsure`.
        """
        way = await self._find_way()
        if way is None:
            raise AppError("mail_not_set_up")
        recipient, now = clean_email(recipient), self._clock()
        wording = worded("test", {"site": self._settings.site_name})
        letter = Letter(
            id=0,
            recipient=recipient,
            subject=wording.subject,
            body=wording.body,
            message_id=outbox.message_id(_domain(way)),
            request_id=None,
            created_at=now,
            due_at=now,
            state=LetterState.WAITING,
            attempts=0,
            problem="",
            sent_at=None,
        )
        # Loaded when it is wanted: most sites send no letters.
        from app.mail.delivery import mail_server

        async with mail_server(way) as server:
            await server.deliver(letter, _always)
        # What stood in the way of the others is gone.
        self._postman.hurry()

    async def try_again(self, letter_ids: Sequence[int]) -> None:
        """Send letters as soon as possible, also those that were refused, and those that may have arrived before."""
        now = self._clock()
        await self._store.write(lambda connection: outbox.try_again(connection, letter_ids, now))
        self.tell()

    async def discard(self, letter_ids: Sequence[int]) -> Undo:
        """Take letters out of the outbox, unsent; one that is on its way at this moment stays."""

        def write(connection: Connection) -> removal.Removal:
            return removal.remove(connection, schema.outbox, outbox.at_rest(connection, letter_ids))

        taken = await self._store.write(write)
        self.tell()
        return put_back(self._store, self._bus, taken, OutboxChanged())

    async def forget_old(self) -> None:
        """Forget letters that were sent long ago."""
        before = self._clock() - KEEP_SENT
        if await self._store.write(lambda connection: outbox.forget_sent(connection, before)):
            self.tell()

    def password(self) -> str | None:
        """The password for the user in the settings; None when there is none, or it was not looked up yet."""
        return self._password.known

    async def load_password(self) -> str | None:
        """As `password`, asking the keyring where that was not done yet: it may wait for its owner to open it."""
        return await self._password.read()

    async def set_password(self, password: str) -> None:
        """Keep the password for the user in the settings in the system's keyring; an empty one is forgotten.

        Raises AppError `keyring_absent`: then it is known until the program ends.
        """
        try:
            await self._password.keep(password)
        finally:
            self._postman.hurry()

    async def _find_way(self) -> Way | None:
        way = way_of(self._settings)
        if way is None or not way.user:
            return way
        return replace(way, password=await self._password.read())

    def _settings_changed(self, event: SettingsChanged) -> None:
        if any(key.startswith("mail_") for key in event.keys):
            self._postman.hurry()
            if self._is_running:
                self._look_password_up()

    def _look_password_up(self) -> None:
        if self._settings.mail_host and self._settings.mail_user:
            looking = asyncio.create_task(self._password.read())
            self._looking.add(looking)
            looking.add_done_callback(self._looking.discard)


def _domain(way: Way) -> str:
    """Whose letters these are, in ASCII; of a sender whose domain cannot be that, ours alone."""
    domain = way.sender.rpartition("@")[2]
    return domain if domain.isascii() and domain.replace(".", "").replace("-", "").isalnum() else "tapdesk.invalid"


async def _always() -> bool:
    return True
