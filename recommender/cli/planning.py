"""When a profile's runs are to be, by its settings."""

from datetime import time
from zoneinfo import ZoneInfo

from tzlocal import get_localzone

from recommender.config import Settings
from recommender.errors import ConfigError
from recommender.rhythm import EVERY_DAY, WORKING_DAYS, Daily, Next

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def rhythm(settings: Settings) -> Next:
    """The rhythm of a profile's section ``[schedule]``.

    Raises:
        ConfigError: If its line of cron is none.
    """
    said = settings.schedule
    zone = ZoneInfo(said.zone) if said.zone else get_localzone()
    if said.cron:
        from recommender import schedule

        try:
            return schedule.cron(said.cron, zone)
        except ValueError as error:
            raise ConfigError(f"schedule.cron: {error}") from error
    days = {
        "day": EVERY_DAY,
        "weekday": WORKING_DAYS,
        "week": frozenset({_DAYS.index(said.on)}),
    }[said.every]
    return Daily(at=time.fromisoformat(said.at), days=days, zone=zone)
