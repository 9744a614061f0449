"""One run at a time on a store: who has it, and that nobody else gets it meanwhile.

The operating system keeps the lock, on a file beside the store, and lets go of it when the process
ends, however that happens. What stands in the file only tells people who holds it.
"""

import errno
import json
import os
import sys
import weakref
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from recommender.errors import StoreError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# Windows lets nobody read what is locked; so the lock is on a byte far behind the text.
_FAR_BEHIND = 1 << 30
_LONGEST = 4096
_HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


class Lock:
    """The right to be the only run on a store; it is let go of by ``close`` or at the end of it.

    A process that this one starts does not get it.
    """

    def __init__(self, file: int) -> None:
        self._file: int | None = file
        _open.add(self)

    @classmethod
    def taken(cls, store: Path, *, command: str, at: datetime) -> Self:
        """The lock of a store, which need not be there yet.

        Args:
            store: The store's file; several paths to one file have one lock.
            command: What this process is, as others are told: ``shelfwise daemon``.
            at: When this is.

        Raises:
            StoreError: If another process holds it, which is named, or no lock can be had there.
        """
        path = store.expanduser().resolve()
        path = path.with_name(f"{path.name}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Text is written into it, so it has to be the file itself.
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            file = os.open(path, flags, 0o600)
        except OSError as error:
            raise _unlockable(store, path, error) from error
        try:
            _seize(file, store, at)
            _write(file, _told(command, at))
        except OSError as error:
            os.close(file)
            raise _unlockable(store, path, error) from error
        except BaseException:
            os.close(file)
            raise
        return cls(file)

    def close(self) -> None:
        """Let go of it; closing twice does nothing."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            # The file stays: one that somebody else has just opened must not vanish.
            os.ftruncate(file, 0)
        finally:
            os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _forget(self) -> None:
        """Close this process's hand on the file; the one that forked it keeps the lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


_open: "weakref.WeakSet[Lock]" = weakref.WeakSet()


def _forget_all() -> None:
    for lock in tuple(_open):
        lock._forget()  # noqa: SLF001 - this module's own


# A program that is started gets no open file of ours by itself; a forked copy of us does.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def _seize(file: int, store: Path, now: datetime) -> None:
    try:
        if sys.platform == "win32":
            os.lseek(file, _FAR_BEHIND, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _HELD:
            raise
        raise StoreError(
            f"the store {store} is in use by {_holder(file, now)};"
            " wait until that is done, or end it, and try again"
        ) from None


def _told(command: str, at: datetime) -> str:
    told = {"process": os.getpid(), "command": command[:200], "since": at.isoformat()}
    return json.dumps(told) + "\n"


def _write(file: int, text: str) -> None:
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, text.encode())


def _holder(file: int, now: datetime) -> str:
    """Who holds the lock, as far as the file tells."""
    os.lseek(file, 0, os.SEEK_SET)
    try:
        told = json.loads(os.read(file, _LONGEST))
        number, command = int(told["process"]), str(told["command"])
        since = datetime.fromisoformat(told["since"]).astimezone()
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return "another process"
    if any(not c.isprintable() for c in command):
        return f"process {number}"
    clock = "%H:%M" if since.date() == now.astimezone().date() else "%Y-%m-%d %H:%M"
    return f"process {number} ({command}, since {since.strftime(clock)})"


def _unlockable(store: Path, path: Path, error: OSError) -> StoreError:
    reason = error.strerror or type(error).__name__
    return StoreError(
        f"the store {store} cannot be locked: {path}: {reason}; check the path and its permissions"
    )
