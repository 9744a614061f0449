"""How the channels stand that the digest goes to, by what the store knows: nobody is asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recommender.agenda import Work, work_of
from recommender.cycle.telling import stopped
from recommender.store import CycleRecord, Store


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel stands.

    Attributes:
        channel: Its name.
        last_sent: When the last edition that it took was made; None before the first.
        waiting_since: When the first was made of which nobody knows whether it was taken.
        is_stopped: Whoever gets it wants no more.
        failure: What sort of error it was in the last run; empty where there was none.
    """

    channel: str
    last_sent: datetime | None
    waiting_since: datetime | None
    is_stopped: bool
    failure: str

    @property
    def told(self) -> str:
        """How it stands, for people."""
        return f"{self.channel}: {'; '.join(self._parts())}"

    @property
    def for_programs(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "channel": self.channel,
            "last_sent_at": self.last_sent.isoformat() if self.last_sent else None,
            "waiting_since": self.waiting_since.isoformat() if self.waiting_since else None,
            "stopped": self.is_stopped,
            "failure": self.failure,
        }

    def _parts(self) -> Iterator[str]:
        if self.is_stopped:
            yield "stopped by whoever gets it (shelfwise digest start sends it again)"
        yield f"last sent on {_day(self.last_sent)}" if self.last_sent else "nothing was sent yet"
        if self.waiting_since and not self.is_stopped:
            day = _day(self.waiting_since)
            yield f"that of {day} may not have arrived, and goes out again with the next run"
        if self.failure:
            yield "failed in the last run (shelfwise doctor says more)"


def standings(store: Store, profile: str, cycles: Sequence[CycleRecord]) -> list[Standing]:
    """How each channel of a profile stands of which there is anything to say, by name.

    Args:
        store: What outlives the cycles.
        profile: The profile's name.
        cycles: Its last ones, the latest first.

    Raises:
        StoreError: If the store cannot be read.
    """
    last = next((one.record for one in cycles if work_of(one.record) is Work.PUBLISH), {})
    failures = {one["where"]: one["error"] for one in last.get("failures", ())}
    given, silent = store.last_given(profile), set(stopped(store, profile))
    # What cannot even be opened has never been given anything.
    failed = failures.keys() & set(store.memory(f"channels of {profile}"))
    found = []
    for name in sorted(given.keys() | silent | failed):
        sent, begun = given.get(name, (None, None))
        found.append(Standing(name, sent, begun, name in silent, failures.get(name, "")))
    return found


def _day(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d at %H:%M}"
