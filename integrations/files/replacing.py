"""Reading a file and replacing it as a whole: the old content or the new, never half of one.

Every failure is an ``IntegrationError`` with one line that begins with the path.
"""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from recommender.errors import PermanentError, StaleLibrary, TransientError


def content(path: Path, service: str) -> bytes:
    """What a file holds; nothing where there is no file yet.

    Args:
        path: Where; a symbolic link stands for what it points to.
        service: Who asks, for the error.

    Raises:
        IntegrationError: If its folder is missing, or it is a folder, a device, write-protected or
            unreadable.
    """
    with _failures(path, service, "cannot be read"):
        target = _target(path)
        if not target.parent.is_dir():
            raise PermanentError(
                service, f"{path}: the folder {target.parent} does not exist; create it first"
            )
        if not target.exists():
            return b""
        mode = target.stat().st_mode
        if stat.S_ISDIR(mode):
            raise PermanentError(service, f"{path}: is a folder; add a file's name")
        if not stat.S_ISREG(mode):
            raise PermanentError(service, f"{path}: is no ordinary file; choose another name")
        if not os.access(target, os.W_OK):
            raise PermanentError(service, f"{path}: is write-protected; choose another name")
        return target.read_bytes()


def replace(path: Path, data: bytes, service: str, *, over: bytes | None = None) -> None:
    """Make a file hold this and nothing else, with the permissions that it had.

    Args:
        path: The file; a symbolic link stands for what it points to.
        data: What it is to hold.
        service: Who asks, for the error.
        over: What it has to hold up to then, nothing where there is none yet; None for whatever it
            holds.

    Raises:
        StaleLibrary: If it holds something else by now.
        IntegrationError: If that fails; the file is as it was, and nothing is left beside it.
    """
    with _failures(path, service, "cannot be written"):
        target = _target(path)
        # In the same folder, since a file cannot be moved in one step to another disk.
        temporary = target.with_name(f".shelfwise-{secrets.token_hex(8)}.tmp")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _sweep(temporary)
            if target.exists():
                shutil.copymode(target, temporary)
            # As late as can be: nobody can be kept from writing at this very moment.
            found = target.read_bytes() if target.exists() else b""
            if over not in {None, found}:
                raise StaleLibrary(service, f"{path}: was just changed; run again")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


def _sweep(temporary: Path) -> None:
    """Remove what runs that were killed left half written in the folder, beside this new file."""
    now = temporary.stat().st_mtime
    for left in temporary.parent.glob(".shelfwise-*.tmp"):
        # Another run may be writing a younger one.
        with suppress(FileNotFoundError):
            if now - left.stat().st_mtime > _ABANDONED.total_seconds():
                left.unlink()


def _target(path: Path) -> Path:
    # Replacing a link itself would leave what it points to behind.
    return Path(os.path.realpath(path))


@contextmanager
def _failures(path: Path, service: str, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = TransientError if error.errno in _PASSING else PermanentError
        why = (error.strerror or type(error).__name__).lower()
        raise kind(service, f"{path}: {what}: {why}; {_advice(error.errno)}") from error


def _advice(number: int | None) -> str:
    return "free some space and run again" if number in _FULL else "choose another place"


_ABANDONED = timedelta(hours=1)
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
_PASSING = _FULL | {errno.EBUSY, errno.EAGAIN, errno.EINTR}
