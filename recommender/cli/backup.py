"""``shelfwise backup [FILE]``: a copy of the store that can take its place."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from recommender import config
from recommender.cli import opening, telling
from recommender.errors import ConfigError
from recommender.store.database import is_ours


def run(file: Path | None, config_file: Path | None) -> int:
    """Copy the store as it is at one moment, also while a run is under way, and print where to.

    To go back to it, put the copy in the store's place while nothing runs.

    Args:
        file: The copy, or a folder for it; None for a file beside the store with the date. An
            earlier copy there is replaced once the new one is whole.
        config_file: Another than the usual one.

    Raises:
        RecommenderError: If something else is there, or the settings or the store cannot be used.
    """
    settings = config.read_all(config_file)[0]
    store_file = config.store_file(settings).resolve()
    usual = f"{store_file.name}.backup-{datetime.now().astimezone():%Y-%m-%d}"
    place = (file or store_file.with_name(usual)).expanduser().resolve()
    if place.is_dir():
        place /= usual
    with opening.own_store(settings) as store:
        _refuse(place, store_file)
        with TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as folder:
            copy = Path(folder, "new")
            store.save_copy(copy)
            copy.chmod(0o600)
            copy.replace(place)
    print(telling.on_one_line(str(place)))
    return 0


def _refuse(place: Path, store_file: Path) -> None:
    """Keep what is there, unless it is an earlier copy that nobody uses.

    Raises:
        ConfigError: If it is not.
    """
    if not place.exists():
        return
    if place.samefile(store_file):
        raise ConfigError(f"{place}: is the store itself; name another file")
    if not is_ours(place):
        raise ConfigError(f"{place}: is there already, and is no store; name another file")
    if place.with_name(f"{place.name}-wal").exists():
        raise ConfigError(f"{place}: is in use as a store; name another file")
