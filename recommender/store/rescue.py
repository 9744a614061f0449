"""A store that is damaged is set aside, and what nobody could make again goes into a new one.

A copy of just that (``lasting``) is kept beside the store after each good run in which it changed,
and once a day. It is a store, too: given the store's name, it can take its place.

Whatever is cut off here is made up by the next run: the new store is there as a whole before the
damaged one is moved.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from recommender.errors import DamagedStore, ForeignStore, StoreError
from recommender.store.database import is_ours
from recommender.store.lasting import salvaged
from recommender.store.store import Store

_Done = TypeVar("_Done")
Tell = Callable[[str], None]
"""Tells a person something in one line."""

_OLDEST_COPY = timedelta(days=1)


def using(path: Path, now: datetime, tell: Tell, work: Callable[[Store], _Done]) -> _Done:
    """What some work on a store gives; where the store is damaged, on a new one in its place.

    The caller holds the store's lock. The work is begun a second time when only it finds the
    damage. A copy of what lasts is kept after it.

    Args:
        path: The store's file.
        now: When this is.
        tell: Is told what became of a damaged store, and that no copy could be kept.
        work: What is to be done.

    Raises:
        StoreError: If the store cannot be used, and is not damaged or cannot be set aside.
    """
    path = path.resolve()
    clear_away(path)
    # What was being read when the damage showed keeps the file open as long as the error is there.
    with suppress(DamagedStore):
        return _on(path, now, tell, work)
    _set_aside(path, now, tell)
    return _on(path, now, tell, work)


def copy_of(path: Path) -> Path:
    """Where the copy of what lasts is kept."""
    path = path.resolve()
    return path.with_name(f"{path.name}.backup")


def keep_copy(path: Path, store: Store) -> None:
    """Keep a copy of what lasts beside a store, in place of the last one.

    Args:
        path: The store's file.
        store: It, opened.

    Raises:
        StoreError: If the store cannot be read, or the copy cannot be written; then the earlier
            one stays.
    """
    path = path.resolve()
    with _beside(path, "the copy of what lasts cannot be kept") as folder:
        with Store.open(folder / "new") as new:
            new.take_over(store.lasting())
        _put(folder / "new", copy_of(path))


def left_behind(path: Path) -> list[Path]:
    """The files of a store and all that was made of it beside it, those that there are."""
    path = path.resolve()
    names = ("", "-wal", "-shm", ".lock", ".backup*", ".damaged-*", ".rescued")
    return [file for name in names for file in sorted(path.parent.glob(_literal(path.name) + name))]


def clear_away(path: Path) -> None:
    """Remove what runs left beside a store that were cut off; the caller holds its lock."""
    path = path.resolve()
    for left in path.parent.glob(f".{_literal(path.name)}.*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)


def _on(path: Path, now: datetime, tell: Tell, work: Callable[[Store], _Done]) -> _Done:
    with _sound(path, now, tell) as store:
        done = work(store)
        try:
            if not _is_fresh(path, store, now):
                keep_copy(path, store)
        except StoreError as error:
            tell(str(error))
        return done


def _is_fresh(path: Path, store: Store, now: datetime) -> bool:
    """Whether the copy is what it would be now, or nearly."""
    copy = copy_of(path)
    if not is_ours(copy):
        return False
    try:
        with Store.open(copy) as kept:
            then = kept.standing()
    except StoreError:
        return False
    is_young = then.last_run_at and abs(now - then.last_run_at) < _OLDEST_COPY
    return bool(is_young) and then.changed == store.standing().changed


def _sound(path: Path, now: datetime, tell: Tell) -> Store:
    """The store, be it a new one in the place of a damaged one, or of one that is gone."""
    if not path.exists() and _ready(path).exists():
        # A run was cut off when it had just moved the damaged one.
        _move_in(path, _aside(path, now))
    is_empty = not path.exists() or not path.stat().st_size
    if is_empty and is_ours(copy_of(path)):
        _set_aside(path, now, tell)
    try:
        return _checked(path)
    except (DamagedStore, ForeignStore):
        # What else is at that path by mistake is left alone.
        if not is_ours(path) and not is_ours(copy_of(path)):
            raise
    _set_aside(path, now, tell)
    return _checked(path)


def _checked(path: Path) -> Store:
    store = Store.open(path)
    try:
        store.check()
    except BaseException:
        store.close()
        raise
    return store


def _set_aside(path: Path, now: datetime, tell: Tell) -> None:
    """Make a new store of what can still be read, and give it the damaged one's place."""
    aside = _aside(path, now)
    with _beside(path, "it is damaged and cannot be set aside") as folder:
        with Store.open(folder / "new") as new:
            for file in (path, copy_of(path)):
                new.take_over(salvaged(file, folder))
            n_known = new.standing().n_suggestions
        _put(folder / "new", _ready(path))
        if path.exists():
            path.rename(aside)
        _move_in(path, aside)
    what = f"was damaged, and is kept as {aside.name}" if aside.exists() else "was gone"
    tell(
        f"the store {path} {what}; a new one knows {n_known} earlier suggestions, and the library"
        " and the sources are read anew"
    )


def _move_in(path: Path, aside: Path) -> None:
    """Give the new store its place, once nothing is left of the damaged one."""
    for suffix in ("-wal", "-shm"):
        left = path.with_name(path.name + suffix)
        if left.exists():
            left.rename(aside.with_name(aside.name + suffix))
    _ready(path).rename(path)


def _ready(path: Path) -> Path:
    return path.with_name(f"{path.name}.rescued")


def _aside(path: Path, now: datetime) -> Path:
    """A name that no file has."""
    name = f"{path.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    found, n = path.with_name(name), 1
    while any(found.with_name(found.name + suffix).exists() for suffix in ("", "-wal", "-shm")):
        n += 1
        found = path.with_name(f"{name}-{n}")
    return found


def _put(new: Path, place: Path) -> None:
    """Give a whole store its name, in place of what is there."""
    for suffix in ("-wal", "-shm"):
        place.with_name(place.name + suffix).unlink(missing_ok=True)
    new.replace(place)


def _literal(name: str) -> str:
    """A name as a pattern that fits it alone."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


@contextmanager
def _beside(path: Path, what: str) -> Iterator[Path]:
    """A folder beside the store that is gone afterwards."""
    try:
        with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            yield Path(folder)
    except StoreError as error:
        raise StoreError(f"the store {path}: {what}: {error}") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StoreError(
            f"the store {path}: {what}: {reason}; check the disk, and that you may write there"
        ) from error
