"""The mail server's password and the keyrings of this world: there, not there, slow."""

import asyncio
import threading

import keyring.backends.fail
import keyring.errors
import pytest

from app.domain.errors import AppError
from app.mail import password
from tests.mail_server import MemoryKeyring


class LockedKeyring(MemoryKeyring):
    def get_password(self, service, username):
        raise keyring.errors.KeyringLocked(service)

    def set_password(self, service, username, password):
        raise RuntimeError(f"cannot keep {password}")


class SlowKeyring(MemoryKeyring):
    """It waits for somebody to open it."""

    def __init__(self):
        super().__init__()
        self.opened = threading.Event()

    def get_password(self, service, username):
        self.opened.wait(10)
        return super().get_password(service, username)


@pytest.fixture
def use(monkeypatch):
    def use(ring):
        monkeypatch.setattr("keyring.core._keyring_backend", ring)
        return ring

    return use


@pytest.fixture
async def site(site):
    await site.settings.change(mail_host="mail.example", mail_user="eva@site.example")
    return site


async def test_a_password_is_kept_for_the_user_at_the_server(site, use):
    ring = use(MemoryKeyring())
    await site.mail.set_password("secret")
    assert site.mail.password() == "secret"
    assert ring.passwords == {("tapdesk", "eva@site.example at mail.example"): "secret"}
    await site.settings.change(mail_user="bob@site.example")
    assert site.mail.password() is None


async def test_an_empty_one_is_forgotten(site, use):
    ring = use(MemoryKeyring())
    await site.mail.set_password("secret")
    await site.mail.set_password("")
    await site.mail.set_password("")
    assert ring.passwords == {}
    assert site.mail.password() is None


async def test_one_that_is_kept_is_there_when_it_is_asked_for(site, use):
    use(MemoryKeyring()).set_password("tapdesk", "eva@site.example at mail.example", "secret")
    assert site.mail.password() is None
    assert await site.mail.load_password() == site.mail.password() == "secret"


async def test_one_that_is_kept_is_known_after_the_start(site, use):
    use(MemoryKeyring()).set_password("tapdesk", "eva@site.example at mail.example", "secret")
    assert site.mail.password() is None
    site.mail.start()
    async with asyncio.timeout(5):
        while site.mail.password() is None:
            await asyncio.sleep(0.01)
    assert site.mail.password() == "secret"


@pytest.mark.parametrize("ring", [keyring.backends.fail.Keyring(), LockedKeyring()])
async def test_where_no_keyring_takes_it_it_is_known_for_this_run(site, use, ring):
    use(ring)
    with pytest.raises(AppError) as refused:
        await site.mail.set_password("secret")
    assert refused.value.code == "keyring_absent"
    assert refused.value.__cause__ is None
    assert "secret" not in repr(refused.value)
    assert site.mail.password() == "secret"


async def test_a_keyring_that_waits_to_be_opened_keeps_nobody_waiting(site, use, monkeypatch):
    monkeypatch.setattr(password, "OPENED_WITHIN_S", 0.05)
    ring = use(SlowKeyring())
    ring.passwords["tapdesk", "eva@site.example at mail.example"] = "secret"
    kept = password.Password(site.settings)
    async with asyncio.timeout(2):
        assert await kept.read() is None
    ring.opened.set()
    monkeypatch.setattr(password, "OPENED_WITHIN_S", 5)
    assert await kept.read() == "secret"
