import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.data_folder import DATABASE, LOCK, DataFolder, default_folder
from app.domain.errors import AppError
from tests.disk_faults import POSIX, without_privileges

HOLD = """
import sys, pathlib
from app.data_folder import DataFolder
with DataFolder(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def refusal(path):
    with pytest.raises(AppError) as refused:
        DataFolder(path)
    assert refused.value.params["path"] == str(path)
    return refused.value.code


def test_a_folder_is_made_with_all_above_it(tmp_path):
    path = tmp_path / "100% #1?" / "Ä" if os.name == "posix" else tmp_path / "100% #1" / "Ä"
    with DataFolder(path) as folder:
        assert path.is_dir()
        assert folder.database == path / DATABASE


@POSIX
def test_folder_and_lock_are_private(tmp_path):
    path = tmp_path / "site"
    with DataFolder(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert stat.S_IMODE((path / LOCK).stat().st_mode) == 0o600


def test_a_held_folder_is_in_use(tmp_path):
    with DataFolder(tmp_path):
        assert refusal(tmp_path) == "data_folder_in_use"
    DataFolder(tmp_path).release()


def test_another_program_finds_it_in_use_until_that_ends(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        assert refusal(tmp_path) == "data_folder_in_use"
        other.stdin.close()
        other.wait(10)
    DataFolder(tmp_path).release()


def test_a_program_that_was_killed_holds_nothing(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        other.kill()
        other.wait(10)
    DataFolder(tmp_path).release()


def test_two_folders_are_held_at_once(tmp_path):
    with DataFolder(tmp_path / "a"), DataFolder(tmp_path / "b"):
        assert refusal(tmp_path / "a") == refusal(tmp_path / "b") == "data_folder_in_use"


def test_releasing_twice_is_nothing(tmp_path):
    folder = DataFolder(tmp_path)
    folder.release()
    folder.release()


def test_a_file_in_the_place_of_the_folder_cannot_be_used(tmp_path):
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file") == "data_folder_unusable"
    assert refusal(tmp_path / "file" / "site") == "data_folder_unusable"


def test_a_folder_in_the_place_of_the_lock_cannot_be_used(tmp_path):
    (tmp_path / LOCK).mkdir()
    assert refusal(tmp_path) in {"data_folder_unusable", "data_folder_not_writable"}


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_folder_that_no_system_makes_cannot_be_used():
    assert refusal(Path("/proc/tapdesk")) == "data_folder_unusable"


@POSIX
@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_folder_of_somebody_else_cannot_be_written(tmp_path, mode):
    path = tmp_path / "site"
    path.mkdir(mode=mode)
    with without_privileges():
        codes = {refusal(path), refusal(path / "below")}
    path.chmod(0o700)
    assert codes == {"data_folder_not_writable"}


def test_where_this_accounts_data_is_by_default():
    assert default_folder().is_absolute()
    assert default_folder().name == "tapdesk"
