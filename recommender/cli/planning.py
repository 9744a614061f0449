"""When a profile's runs are to be, by its settings."""

from collections.abc import Mapping
from datetime import time, tzinfo
from zoneinfo import ZoneInfo

from tzlocal import get_localzone

from recommender.agenda import Work
from recommender.config import Settings
from recommender.errors import ConfigError
from recommender.rhythm import EVERY_DAY, WORKING_DAYS, Daily, Next

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def zone(settings: Settings) -> tzinfo:
    """Whose clock a profile's times are by."""
    named = settings.schedule.zone
    return ZoneInfo(named) if named else get_localzone()


def rhythms(settings: Settings) -> Mapping[Work, Next]:
    """When what is to be done for a profile, by its section ``[schedule]``.

    Raises:
        ConfigError: If one of its lines of cron is none.
    """
    said = settings.schedule
    found = {Work.PUBLISH: rhythm(settings)}
    for work, line in ((Work.INGEST, said.ingest), (Work.SYNC, said.sync)):
        if line:
            found[work] = _cron(work.value, line, zone(settings))
    return found


def rhythm(settings: Settings) -> Next:
    """The rhythm of a profile's whole runs.

    Raises:
        ConfigError: If its line of cron is none.
    """
    said = settings.schedule
    if said.cron:
        return _cron("cron", said.cron, zone(settings))
    days = {
        "day": EVERY_DAY,
        "weekday": WORKING_DAYS,
        "week": frozenset({DAYS.index(said.on)}),
    }[said.every]
    return Daily(at=time.fromisoformat(said.at), days=days, zone=zone(settings))


def _cron(key: str, line: str, here: tzinfo) -> Next:
    # It brings a library that few configs need.
    from recommender import schedule

    try:
        return schedule.cron(line, here)
    except ValueError as error:
        raise ConfigError(f"schedule.{key}: {error}") from error
