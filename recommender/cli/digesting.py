"""``shelfwise digest``: how a digest looks, whether it arrives, and to have it again."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from recommender import config, cycle
from recommender.cli import channels, digest, opening, telling
from recommender.cli.exits import exit_code
from recommender.cli.telling_cycles import code_of_all
from recommender.config import Settings
from recommender.cycle.telling import is_stopped, start_again
from recommender.editions import Edition
from recommender.errors import ConfigError, IntegrationError
from recommender.ports import Channel
from recommender.store import Store


def preview(
    config_file: Path | None, profile: str = "", *, file: Path | None = None, is_raw: bool = False
) -> int:
    """Show the mail that would tell what was suggested last; nothing is sent.

    Raises:
        RecommenderError: If the settings or the store cannot be used, or the file not be written.
    """
    settings, now = config.read_own(config_file, profile), datetime.now(UTC)
    with opening.own_store(settings) as store:
        edition = cycle.preview(_reader(settings, store, now), store, now)
    return digest.run_preview(edition, settings.mail, now, file=file, is_raw=is_raw)


def try_out(config_file: Path | None, profile: str = "") -> int:
    """Send each channel a few words, tell how that went, and give the exit code.

    Raises:
        RecommenderError: If the settings or the store cannot be used, or there is no channel.
    """
    settings, now = config.read_own(config_file, profile), datetime.now(UTC)
    # Without a run there is no store yet, and nothing that a test needs of it.
    path = config.store_file(settings)
    with Store.open(path if path.exists() else None) as store:
        reader = _reader(settings, store, now)
    at = now.astimezone(reader.telling.zone)
    edition = Edition(
        edition_id=f"{settings.name}/test/{now:%Y%m%dT%H%M%S}",
        profile=settings.name,
        at=at,
        alarms=("This is a test: whatever Shelfwise suggests will come this way.",),
    )
    return code_of_all({_sent(one, edition) for one in _some(reader.telling.channels)})


def start(config_file: Path | None, profile: str = "") -> int:
    """Send editions again to all who had stopped them.

    Raises:
        RecommenderError: If the settings or the store cannot be used, or there is no channel.
    """
    settings, now = config.read_own(config_file, profile), datetime.now(UTC)
    with opening.own_store(settings) as store:
        for one in _some(_reader(settings, store, now).telling.channels):
            was = is_stopped(store, settings.name, one.name)
            start_again(store, settings.name, one.name)
            print(f"{one.name}: {'gets' if was else 'had not stopped, and gets'} the next digest.")
    return 0


def _reader(settings: Settings, store: Store, now: datetime) -> cycle.Profile:
    return cycle.Profile(
        name=settings.name,
        libraries=(),
        sources=(),
        telling=channels.telling(settings, store, now),
    )


def _some(found: Sequence[Channel]) -> Sequence[Channel]:
    if not found:
        raise ConfigError("there is nobody to be told; name somebody in mail.to or chat.to")
    return found


def _sent(channel: Channel, edition: Edition) -> int:
    try:
        channel.send(edition)
    except IntegrationError as error:
        telling.failure(channel.name, error)
        return exit_code(error)
    print(f"{channel.name}: taken; look whether it arrives.")
    return 0
