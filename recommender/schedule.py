"""The one file that knows apscheduler: lines of cron, and what calls the daemon now and then."""

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger

from recommender.rhythm import Next

# It tells of each job at each time.
logging.getLogger("apscheduler").setLevel(logging.ERROR)

_LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)  # a leap year comes then, in which all days are
_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def cron(line: str, zone: tzinfo) -> Next:
    """The rhythm of a line of cron: minute, hour, day, month and day of the week.

    Numbers of weekdays are cron's, 0 and 7 for Sunday; names (``mon-fri``) are understood too. A
    moment that a clock shows twice in the night that it is put back counts once.

    Args:
        line: Such as ``30 7 * * mon-fri``.
        zone: Whose clock it goes by.

    Raises:
        ValueError: If it is no such line, or one that never comes.
    """
    fields = line.split()
    if len(fields) != len(_FIELDS):
        raise ValueError("needs five fields: minute, hour, day, month and day of the week")
    if "*" not in {fields[2], fields[4]}:
        # Cron takes either, and the scheduler both; so nobody gets what they did not mean.
        raise ValueError("can name days of the month or days of the week, not both")
    fields[4] = re.sub(r"\d+", _named, fields[4].lower())
    try:
        trigger = CronTrigger(timezone=zone, **dict(zip(_FIELDS, fields, strict=True)))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError("is no line of cron, such as 30 7 * * mon-fri") from error

    def following(after: datetime) -> datetime | None:
        while True:
            # It gives the moment itself, too.
            after += timedelta(microseconds=1)
            found = trigger.get_next_fire_time(None, after.astimezone(zone))
            if found is None or not found.fold:
                return found.astimezone(UTC) if found else None
            after = found.astimezone(UTC)

    if following(_LONG_AGO) is None:
        raise ValueError("names a day that never comes")
    return following


class Clockwork:
    """Calls something again and again, in this thread, until it is stopped.

    Args:
        every: From one call to the next; a call that takes longer makes the others wait.
        tick: What is called. What it raises ends the clockwork, and is raised by ``run``.
    """

    def __init__(self, every: timedelta, tick: Callable[[], None]) -> None:
        self._scheduler = BlockingScheduler(timezone=UTC)
        self._failure: BaseException | None = None
        self._scheduler.add_job(
            tick,
            "interval",
            seconds=every.total_seconds(),
            next_run_time=datetime.now(UTC),
            # After sleep it is called once, however late that is.
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        self._scheduler.add_listener(self._failed, EVENT_JOB_ERROR)

    def run(self) -> None:
        """Call it until ``stop``; from another thread or a signal's handler, too."""
        self._scheduler.start()
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        """Call it no more; what it is doing now is not waited for."""
        with suppress(SchedulerNotRunningError):
            self._scheduler.shutdown(wait=False)

    def _failed(self, event: JobExecutionEvent) -> None:
        self._failure = event.exception
        self.stop()


def _named(number: re.Match[str]) -> str:
    day = int(number[0])
    return _DAYS[day] if day < len(_DAYS) else number[0]
