"""One run in a process of its own, as the daemon starts it, with the settings on stdin.

So memory goes back to the system after each run, a run that takes too long can be ended, and what
is wrong with a config that was changed meanwhile never reaches a run.
"""

import json
import logging
import signal
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from types import FrameType

from recommender.agenda import Work
from recommender.config import Settings
from recommender.cycle.between import PartRecord
from recommender.records import Record

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a run tells the daemon.

    Attributes:
        run: The run's own name, which is in all that it logs.
        settings: Of the profile, as JSON.
        work: What the run is to do (``agenda.Work``).
    """

    run: str
    settings: str
    work: str

    def as_json(self) -> str:
        """For stdin."""
        return json.dumps(asdict(self))


def main() -> None:
    """Do one run of the profile on stdin, and end with the exit code of ``shelfwise run``."""
    # What the daemon is interrupted by, it tells us itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from recommender.cli import heartbeat, logs, reading, running, told_to_people
    from recommender.cli.telling_cycles import code_of

    told = Told(**json.loads(sys.stdin.buffer.read()))
    settings = Settings.model_validate_json(told.settings)
    logs.begin(settings.log, run=told.run)
    with told_to_people():
        # Until now nothing was begun, and it ended at once.
        signal.signal(signal.SIGTERM, _interrupted)
        work = Work(told.work)
        is_whole = work is Work.PUBLISH
        record = running.done(settings) if is_whole else reading.done(settings, work)
        _account(settings.name, record)
        _alarm(settings)
        code = code_of(record)
        # Whoever waits for it is to miss it where no suggestions are made.
        if code == 0 and is_whole:
            heartbeat.beat(settings.daemon.heartbeat)
        sys.exit(code)


def _account(profile: str, record: Record | PartRecord) -> None:
    """Logs what a run did: counts alone, and where something failed."""
    new = sum(source.n_new for source in record.sources)
    read = f"{len(record.sources)} sources, {new} new papers"
    if isinstance(record, Record):
        done = f"{read}, {len(record.suggestions)} suggestions, {record.n_delivered} delivered"
    else:
        done = f"{read}, {sum(record.learnt.values())} answers"
    _log.info("%s: %s", profile, done)
    for failure in record.failures:
        _log.warning(
            "%s: %s failed: %s", profile, failure.error.service, type(failure.error).__name__
        )


def _alarm(settings: Settings) -> None:
    """Logs how many sources have brought nothing for longer than the config lets pass."""
    from recommender import health
    from recommender.cli import opening

    days = settings.daemon.alarm_after_stale_days
    with opening.own_store(settings) as store:
        found = store.last_cycles(settings.name, health.REMEMBERED)
    # Runs that fail the daemon counts itself: not each of them comes as far as this.
    cycles = ((one.started_at, one.record) for one in found)
    alarms = health.alarms(cycles, datetime.now(UTC), failures=0, stale_days=days)
    if alarms:
        # A source's name may be an address; who asks status sees it.
        without = f"without news for {days} days or longer"
        said = f"{settings.name}: {len(alarms)} of the sources are {without}"
        _log.error("%s; shelfwise status says which", said)


def _interrupted(_: int, __: FrameType | None) -> None:
    # Asked again, it is not to be kept from leaving all in order.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
