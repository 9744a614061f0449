"""``shelfwise pause`` and ``resume``: no run by itself for a while."""

from datetime import UTC, date, datetime, time
from pathlib import Path

from recommender import config
from recommender.cli import opening, telling
from recommender.errors import ConfigError
from recommender.store import Store

FOREVER = datetime.max.replace(tzinfo=UTC)
"""Until when a pause lasts that has no end."""

_PAUSED = "paused until"


def pause(until: str, config_file: Path | None, profile: str = "") -> int:
    """Let no run begin by itself until a day, or until somebody says so.

    Args:
        until: The day on which runs begin again, as ``2026-03-09``, or a moment; by the system's
            clock. Empty for no end.
        config_file: Another than the usual one.
        profile: The only one that is meant; empty for all.

    Raises:
        RecommenderError: If this is no day to come, or the settings or the store cannot be used.
    """
    end = _end(until, datetime.now(UTC))
    _write(end.isoformat(), config_file, profile)
    print(f"{told(end)}. shelfwise run still does one when you ask; shelfwise resume ends it.")
    return 0


def resume(config_file: Path | None, profile: str = "") -> int:
    """Let runs begin by themselves again.

    Args:
        config_file: Another than the usual one.
        profile: The only one that is meant; empty for all.

    Raises:
        RecommenderError: If the settings or the store cannot be used.
    """
    _write("", config_file, profile)
    print("Runs begin by themselves again; what was missed is made up by the next one.")
    return 0


def paused_until(store: Store, profile: str, now: datetime) -> datetime | None:
    """Until when no run of a profile is to begin by itself; None where it may.

    Raises:
        StoreError: If the store cannot be read.
    """
    said = store.memory(profile).get(_PAUSED, "")
    try:
        end = datetime.fromisoformat(said)
    except ValueError:
        return None
    return end if end > now else None


def told(end: datetime) -> str:
    """Until when a pause lasts, for a person."""
    return "Paused" if end == FOREVER else f"Paused until {end.astimezone():%Y-%m-%d %H:%M}"


def _write(end: str, config_file: Path | None, profile: str) -> None:
    profiles = config.read_all(config_file, profile)
    with opening.own_store(profiles[0]) as store:
        for one in profiles:
            store.memory(one.name)[_PAUSED] = end


def _end(until: str, now: datetime) -> datetime:
    if not until:
        return FOREVER
    try:
        at = datetime.combine(date.fromisoformat(until), time())
    except ValueError:
        try:
            at = datetime.fromisoformat(until)
        except ValueError:
            message = f"--until {until}: is no day; give it as {now.astimezone():%Y-%m-%d}"
            raise ConfigError(telling.on_one_line(message)) from None
    end = at.astimezone(UTC)
    if end <= now:
        raise ConfigError(f"--until {until}: is over; give a day that is to come")
    return end
