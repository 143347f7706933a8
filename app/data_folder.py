"""The folder that holds everything: private to this account, and open in one program at a time."""

from pathlib import Path

import filelock
import platformdirs

from app.domain.errors import AppError

DATABASE = "tapdesk.db"
LOCK = "tapdesk.lock"


def default_folder() -> Path:
    """Where this account's programs keep their data on this system."""
    return Path(platformdirs.user_data_dir("tapdesk", appauthor=False))


class DataFolder:
    """A held data folder. While it is held, no other window, server or writing command can open it."""

    def __init__(self, path: Path) -> None:
        """Raises AppError `data_folder_in_use`, `data_folder_not_writable`, `data_folder_unusable`."""
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = filelock.FileLock(path / LOCK, timeout=0, mode=0o600)
            self._lock.acquire()
        except filelock.Timeout as error:
            raise AppError("data_folder_in_use", path=str(path)) from error
        except PermissionError as error:
            raise AppError("data_folder_not_writable", path=str(path)) from error
        except OSError as error:
            raise AppError("data_folder_unusable", path=str(path), why=error.strerror or str(error)) from error

    @property
    def database(self) -> Path:
        return self.path / DATABASE

    def release(self) -> None:
        """Let other programs open the folder."""
        self._lock.release()

    def __enter__(self) -> "DataFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
