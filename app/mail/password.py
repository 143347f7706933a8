"""The password of the mail server: in the system's keyring, never in the database, a log or an error."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from app.domain.errors import AppError
from app.settings import Settings

Result = TypeVar("Result")

SERVICE = "tapdesk"
OPENED_WITHIN_S = 60.0


class Password:
    """One for each user at each server. What was read or given is remembered for as long as the program runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, str | None] = {}

    @property
    def known(self) -> str | None:
        """That of the user in the settings, as far as it was read or given; the keyring is not asked."""
        return self._known.get(self._account)

    async def read(self) -> str | None:
        """That of the user in the settings; the keyring may want the operator to open it first, which takes a while."""
        account = self._account
        if account not in self._known:
            # Asked again the next time, when nobody opens it now.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OPENED_WITHIN_S):
                    found = await _in_thread(lambda: _read(account))
                    # One that was given while the keyring was looking is newer.
                    self._known.setdefault(account, found)
        return self._known.get(account)

    async def keep(self, password: str) -> None:
        """Keep it for the user in the settings; an empty one is forgotten.

        Raises AppError `keyring_absent` when no keyring takes it: then it is known until the program ends.
        """
        account = self._account
        self._known[account] = password or None
        await _in_thread(lambda: _keep(account, password))

    @property
    def _account(self) -> str:
        return f"{self._settings.mail_user} at {self._settings.mail_host}"


def _read(account: str) -> str | None:
    # It takes a tenth of a second to load, and most sites send no letters.
    import keyring

    try:
        return keyring.get_password(SERVICE, account)
    except Exception:  # noqa: BLE001 - each system's keyring fails in its own way; without one there is no password
        return None


def _keep(account: str, password: str) -> None:
    import keyring
    from keyring.errors import PasswordDeleteError

    try:
        if password:
            keyring.set_password(SERVICE, account, password)
        else:
            keyring.delete_password(SERVICE, account)
    except PasswordDeleteError:
        pass  # there was none
    except Exception:  # noqa: BLE001 - as above
        # Not chained: what a keyring says of its failure may name what it was given.
        raise AppError("keyring_absent") from None


async def _in_thread(work: Callable[[], Result]) -> Result:
    """What a keyring may take minutes for, waiting for its own password; it keeps nobody from ending the program."""
    done: Future[Result] = Future()

    def run() -> None:
        if not done.set_running_or_notify_cancel():
            return
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where it is awaited
            done.set_exception(error)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    return await asyncio.wrap_future(done)
