"""A backup is one file with all of the site, and a site that is opened from it is trusted by its stations again."""

import os
import shutil
import stat
from contextlib import asynccontextmanager

import pytest

from app.application import Application
from app.domain.errors import AppError
from tests.tls_site import NOW, make_certificates


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    make_certificates(folder)
    return folder


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    folder = tmp_path_factory.mktemp("others")
    make_certificates(folder)
    return folder


@asynccontextmanager
async def opened(folder):
    application = Application(folder / "site.db", clock=lambda: NOW)
    try:
        yield application
    finally:
        await application.stop()


@pytest.fixture
async def backup(made, tmp_path):
    shutil.copytree(made, tmp_path / "site")
    target = tmp_path / "copies" / "copy.db"
    target.parent.mkdir()
    async with opened(tmp_path / "site") as application:
        await application.pools.create("Guests")
        await application.back_up(target)
    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    return target


def restored(backup, folder):
    """A data folder with this backup as its database."""
    folder.mkdir(exist_ok=True)
    shutil.copy2(backup, folder / "site.db")
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in (folder / "certificates").iterdir()}


async def test_elsewhere_it_is_the_same_site_with_the_same_certificates(made, backup, tmp_path):
    folder = restored(backup, tmp_path / "elsewhere")
    async with opened(folder) as application:
        assert [each.pool.name for each in application.pools.all()] == ["Guests"]
        assert contents(folder) == contents(made)
        assert application.site_certificates.describe() is not None


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
async def test_nobody_else_can_read_it_nor_what_comes_out_of_it(backup, tmp_path):
    folder = restored(backup, tmp_path / "elsewhere")
    async with opened(folder):
        files = [backup, *(folder / "certificates").iterdir()]
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        assert stat.S_IMODE((folder / "certificates").stat().st_mode) == 0o700


async def test_the_keys_do_not_stay_in_the_database(backup, tmp_path):
    assert b"PRIVATE KEY" in backup.read_bytes()
    folder = restored(backup, tmp_path / "elsewhere")
    for _ in range(2):
        async with opened(folder):
            pass
    assert not any(b"PRIVATE KEY" in path.read_bytes() for path in folder.glob("site.db*"))
    async with opened(folder) as application:
        assert len(await application.site_certificates.files()) == 6


async def test_certificates_that_are_there_already_stay(backup, others):
    before = contents(others)
    async with opened(restored(backup, others)):
        assert contents(others) == before


async def test_where_they_cannot_be_written_the_backup_keeps_them(backup, tmp_path):
    folder = restored(backup, tmp_path / "elsewhere")
    (folder / "certificates").write_text("no folder")
    with pytest.raises(AppError, match="certificates_not_written"):
        Application(folder / "site.db", clock=lambda: NOW)
    (folder / "certificates").unlink()
    async with opened(folder):
        assert len(contents(folder)) == 6
