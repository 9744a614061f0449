"""``shelfwise uninstall``: says what it would remove, and removes it.

The reader's library stays as it is, and so does the shelf, unless it is to go as well: then what
Shelfwise put there and nobody changed is taken away. The files of ``[outputs]`` stay, too: readers
may write in them, and cite from them. They are named.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recommender import config
from recommender.cli import asking, opening, service
from recommender.cli.services import finding
from recommender.cli.telling import on_one_line
from recommender.config import Settings
from recommender.cycle import Profile, reading
from recommender.errors import ConfigError, PermanentError
from recommender.store import Store, rescue
from recommender.store.lock import Lock
from recommender.suggestions import State
from recommender.wording import count


def run(config_file: Path | None, *, takes_shelf: bool = False, agrees: bool = False) -> int:
    """Remove all files of ours that a config names, with the config itself.

    Args:
        config_file: Another than the usual one.
        takes_shelf: The untouched suggestions on the shelf are to go first; where they cannot,
            nothing else goes.
        agrees: Nobody is to be asked.

    Raises:
        RecommenderError: If nobody agrees, the service is installed, a run is under way, or the
            settings cannot be used; with the shelf, if the store or the shelf cannot either.
    """
    config_file = config.own_file(config_file)
    profiles = config.read_all(config_file)
    path, now = config.store_file(profiles[0]), datetime.now(UTC)
    if service.is_installed(finding.supervisor()):
        raise ConfigError("the service is installed; take it away first: shelfwise service remove")
    files = list(_files(config_file, profiles[0], path))
    for file in files:
        print(on_one_line(str(file)))
    _agree(takes_shelf=takes_shelf, agrees=agrees)
    # Whoever has never run anything has no folder to lock.
    with Lock.taken(path, command="shelfwise uninstall", at=now):
        if takes_shelf and path.exists():
            _tell(_taken_off(profiles, path, now))
        lock = path.resolve().with_name(f"{path.resolve().name}.lock")
        rescue.clear_away(path)
        for file in files:
            if file != lock:
                file.unlink(missing_ok=True)
    lock.unlink(missing_ok=True)
    for folder in {path.resolve().parent, config_file.resolve().parent}:
        # Somebody else's file may be in it.
        if folder.name == "shelfwise":
            with suppress(OSError):
                folder.rmdir()
    print(f"Removed {count(len(files), 'file')}. {_KEYS}", file=sys.stderr)
    for kind, output in _outputs(profiles):
        print(
            on_one_line(f"outputs.{kind}: {output} stays; it is yours to remove"), file=sys.stderr
        )
    return 0


_KEYS = "Your library stays as it is, and keys stay where the config said."


def _files(config_file: Path, settings: Settings, store: Path) -> Iterator[Path]:
    """What there is of ours."""
    yield from rescue.left_behind(store)
    if settings.log.file:
        log = Path(settings.log.file)
        numbered = (log.with_name(f"{log.name}.{n}") for n in range(1, settings.log.keep + 1))
        yield from (file for file in (log, *numbered) if file.is_file())
    bak = config_file.with_name(f"{config_file.name}.bak")
    yield from (file for file in (config_file, bak) if file.is_file())


def _outputs(profiles: Sequence[Settings]) -> Iterator[tuple[str, Path]]:
    """The files that are there of those that were written for the reader, by kind."""
    for settings in profiles:
        yield from (one for one in opening.files(settings).items() if one[1].is_file())


def _agree(*, takes_shelf: bool, agrees: bool) -> None:
    if agrees:
        return
    if not asking.is_possible():
        raise ConfigError("uninstall: nobody is there to be asked; give --yes to remove these")
    shelf = ", and take what nobody changed off the shelf" if takes_shelf else ""
    if not asking.yes(f"Remove these files{shelf}?", otherwise=False):
        raise KeyboardInterrupt


@dataclass(frozen=True, slots=True)
class _TakenOff:
    n_gone: int
    n_left: int


def _tell(taken: _TakenOff) -> None:
    left = f"; {taken.n_left} left, since somebody changed them" if taken.n_left else ""
    gone = count(taken.n_gone, "suggestion")
    print(f"Taken off the shelf: {gone}{left}.", file=sys.stderr)


def _taken_off(profiles: Sequence[Settings], path: Path, now: datetime) -> _TakenOff:
    """Takes away what was delivered and nobody kept or changed.

    Raises:
        IntegrationError: If any of it could not be taken away.
    """
    n_gone = n_left = 0
    with Store.open(path) as store:
        for settings in profiles:
            profile = opening.profile(settings, store, now)
            # What the reader did since the last run counts.
            library, _ = reading.libraries(profile, store)
            reading.learn(profile, library, store, now)
            gone, left = _retired(profile, store, now)
            n_gone, n_left = n_gone + gone, n_left + left
    return _TakenOff(n_gone, n_left)


def _retired(profile: Profile, store: Store, now: datetime) -> tuple[int, int]:
    ours = [
        one.suggestion.suggestion_id
        for one in store.shown(profile.name)
        if one.delivered_at and one.state is not State.KEPT
    ]
    store.record_learnt({}, retire=ours, at=now)
    n_gone = n_left = 0
    for publisher in profile.publishers:
        receipts = tuple(publisher.retire(store.to_retire(profile.name, publisher.name)))
        store.record_retired(publisher.name, receipts, at=now)
        failed = [receipt.failure for receipt in receipts if receipt.failure]
        if failed:
            message = f"{publisher.name}: {len(failed)} could not be taken away: {failed[0]}"
            raise PermanentError(publisher.name, f"{message}; nothing was removed; try again")
        n_left += sum(receipt.touched for receipt in receipts)
        n_gone += sum(not receipt.touched for receipt in receipts)
    return n_gone, n_left
