"""One run in a process of its own, as the daemon starts it, with the settings on stdin.

So memory goes back to the system after each run, a run that takes too long can be ended, and what
is wrong with a config that was changed meanwhile never reaches a run.
"""

import json
import logging
import signal
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType

from recommender.config import Settings
from recommender.records import Record

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a run tells the daemon.

    Attributes:
        run: The run's own name, which is in all that it logs.
        settings: Of the profile, as JSON.
    """

    run: str
    settings: str

    def as_json(self) -> str:
        """For stdin."""
        return json.dumps(asdict(self))


def main() -> None:
    """Do one run of the profile on stdin, and end with the exit code of ``shelfwise run``."""
    # What the daemon is interrupted by, it tells us itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from recommender.cli import heartbeat, logs, running, told_to_people
    from recommender.cli.telling_cycles import code_of

    told = Told(**json.loads(sys.stdin.buffer.read()))
    settings = Settings.model_validate_json(told.settings)
    logs.begin(settings.log, run=told.run)
    with told_to_people():
        # Until now nothing was begun, and it ended at once.
        signal.signal(signal.SIGTERM, _interrupted)
        record = running.done(settings)
        _account(settings.name, record)
        _alarm(settings)
        code = code_of(record)
        if code == 0:
            heartbeat.beat(settings.daemon.heartbeat)
        sys.exit(code)


def _account(profile: str, record: Record) -> None:
    """Logs what a run did: counts alone, and where something failed."""
    new = sum(source.n_new for source in record.sources)
    _log.info(
        "%s: %d sources, %d new papers, %d suggestions, %d delivered",
        profile,
        len(record.sources),
        new,
        len(record.suggestions),
        record.n_delivered,
    )
    for failure in record.failures:
        _log.warning(
            "%s: %s failed: %s", profile, failure.error.service, type(failure.error).__name__
        )


def _alarm(settings: Settings) -> None:
    """Logs which sources have brought nothing for longer than the config lets pass."""
    from recommender import health
    from recommender.cli import opening

    days = settings.daemon.alarm_after_stale_days
    if not days:
        return
    with opening.own_store(settings) as store:
        cycles = store.last_cycles(settings.name, health.REMEMBERED)
    now = datetime.now(UTC)
    for one in health.healths((cycle.started_at, cycle.record) for cycle in cycles):
        if one.since and now - one.since >= timedelta(days=days):
            # What failed may be an address; who asks status sees it.
            _log.error(
                "%s: a source is %s since %s", settings.name, one.condition, one.since.date()
            )


def _interrupted(_: int, __: FrameType | None) -> None:
    # Asked again, it is not to be kept from leaving all in order.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
