"""What a cycle tells the reader by channels: an edition for each one that is due.

An edition is written down before it is sent (``store.editions``): one of which nobody knows whether
it was taken is sent again under its name, and what was certainly not taken goes into the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from recommender import health, runs
from recommender.cycle import reading
from recommender.cycle.profile import Profile
from recommender.cycle.recording import last_that
from recommender.cycle.summing import gists
from recommender.editions import Edition, Told, edition_id, ranked
from recommender.errors import StoreError, TransientError, Unconfirmed
from recommender.health import REMEMBERED, Alarm
from recommender.ports import Channel
from recommender.records import Failure
from recommender.store import Store
from recommender.suggestions import Shown, State, Suggestion
from recommender.wording import count

_MOST = 50  # suggestions in one edition; more than anybody reads in a mail
# What may have been taken, and then could not be sent for so long, is tried once more, and no more.
_GIVEN_UP = timedelta(days=14)
_NEW = frozenset({State.PENDING, State.DELIVERED})


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a cycle's editions.

    Attributes:
        n_editions: Those that were taken now, earlier ones too.
    """

    n_editions: int = 0
    failures: tuple[Failure, ...] = ()


def tell(
    profile: Profile,
    store: Store,
    now: datetime,
    record: Mapping[str, Any] | None,
) -> Sent:
    """Send each channel what is due; one that fails stops no other.

    Args:
        profile: Whose channels they are.
        store: What outlives the cycle.
        now: When this is.
        record: What this cycle did, as it will be kept; None where it failed, its record is kept,
            and only alarms are to be told.

    Raises:
        StoreError: If the store cannot be used.
    """
    if not profile.telling.channels:
        return Sent()
    failures: list[Failure] = []
    n_sent = 0
    cycles = [(c.started_at, c.record) for c in store.last_cycles(profile.name, REMEMBERED)]
    if record is not None:
        cycles.insert(0, (now, record))
    this = _Round(profile, store, now, cycles, has_run=record is not None)
    for channel in profile.telling.channels:
        try:
            n_sent += this.told(channel)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the edge of a cycle; the failure is a value
            failures.append(reading.failure(channel.name, error))
    # The summariser fails once, however many channels were to have its words.
    others = {failure.where: failure for failure in this.failures}
    return Sent(n_sent, (*failures, *others.values()))


def preview(profile: Profile, store: Store, now: datetime) -> Edition:
    """The edition that tells what was suggested last, as if it were to be sent now.

    Raises:
        StoreError: If the store cannot be used.
    """
    shown = [one for one in store.shown(profile.name) if _is_news(one)]
    last = max((one.suggestion.suggested_at for one in shown), default=now)
    chosen = [one for one in shown if one.suggestion.suggested_at == last]
    whole = last_that(store, profile.name, runs.is_whole)
    cycles = [(whole.started_at, whole.record)] if whole else []
    at = now.astimezone(profile.telling.zone)
    called = edition_id(profile.name, at, ())
    records = [record for _, record in cycles]
    return _Round(profile, store, now, cycles).composed(called, "", chosen, records)


def is_stopped(store: Store, profile: str, channel: str) -> bool:
    """Whether the reader wants no more editions by a channel."""
    return channel in store.memory(_stopped(profile))


def stop(store: Store, profile: str, channel: str, now: datetime) -> None:
    """Send no more editions by a channel, until ``start_again``."""
    store.memory(_stopped(profile))[channel] = now.isoformat()


def stopped(store: Store, profile: str) -> list[str]:
    """The channels by which the reader wants no more editions."""
    return list(store.memory(_stopped(profile)))


def start_again(store: Store, profile: str, channel: str) -> None:
    """Send editions by a channel again."""
    store.memory(_stopped(profile)).pop(channel, None)


def _stopped(profile: str) -> str:
    return f"channels of {profile} that are stopped"


def _is_news(one: Shown) -> bool:
    return one.state in _NEW and one.verdict is None


@dataclass(frozen=True, slots=True)
class _Round:
    """What is told in one cycle.

    Attributes:
        cycles: When each began and what it did, this one first.
        has_run: This cycle did not fail.
        failures: What went wrong beside the channels' own editions.
    """

    profile: Profile
    store: Store
    now: datetime
    cycles: Sequence[tuple[datetime, Mapping[str, Any]]]
    has_run: bool = True
    failures: list[Failure] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        """When this is by the reader's clock."""
        return self.now.astimezone(self.profile.telling.zone)

    def told(self, channel: Channel) -> int:
        """Send one channel what it is to have, and give how many editions it took.

        An alarm is told once until it is over.
        """
        if is_stopped(self.store, self.profile.name, channel.name):
            return 0
        alarms = self._alarms()
        known = self.store.memory(f"alarms of {self.profile.name} by {channel.name}")
        for over in set(known) - {alarm.name for alarm in alarms}:
            del known[over]
        n_sent = self._sent_again(channel)
        fresh = [alarm for alarm in alarms if alarm.name not in known]
        edition = self._next(channel.name, fresh)
        if not edition:
            return n_sent
        self.store.begin_edition(channel.name, edition)
        known.update({alarm.name: self.now.isoformat() for alarm in fresh})
        try:
            n_sent += self._sent(channel, edition)
        except (Unconfirmed, StoreError):
            raise
        except Exception:
            # Whatever it was, nobody took it, and what is told must not wait for it.
            self.store.withdraw_edition(edition.profile, channel.name, edition.edition_id)
            for alarm in fresh:
                del known[alarm.name]
            raise
        return n_sent

    def _alarms(self) -> Sequence[Alarm]:
        telling = self.profile.telling
        # What this cycle will have failed at in the end, nobody knows: a channel may be the reason.
        is_open = self.has_run and not self.cycles[0][1].get("failures")
        past = self.cycles[1:] if is_open else self.cycles
        return (
            *health.alarms(past, self.now, failures=telling.alarm_after_failures, stale_days=0),
            *health.alarms(
                self.cycles, self.now, failures=0, stale_days=telling.alarm_after_stale_days
            ),
        )

    def _sent_again(self, channel: Channel) -> int:
        """Send what may have been taken already, under its name, and give how many were now.

        One that is refused keeps what comes after it waiting only where that would be, too.
        """
        n_sent = 0
        for edition in self.store.begun_editions(self.profile.name, channel.name):
            try:
                n_sent += self._sent(channel, edition)
            except StoreError:
                raise
            except Exception as error:
                if self.now - edition.at >= _GIVEN_UP:
                    self.store.record_sent(edition.profile, channel.name, edition.edition_id)
                elif isinstance(error, TransientError):
                    raise
                self.failures.append(reading.failure(channel.name, error))
        return n_sent

    def _sent(self, channel: Channel, edition: Edition) -> int:
        channel.send(edition)
        self.store.record_sent(edition.profile, channel.name, edition.edition_id)
        return 1

    def _next(self, channel: str, alarms: Sequence[Alarm]) -> Edition | None:
        """The edition that a channel is to be sent now, if any."""
        name, rhythm = self.profile.name, self.profile.telling.rhythm
        first = self._known_since(channel)
        last = self.store.last_edition(name, channel)
        is_due = self.has_run and rhythm.is_due(last, self.at)
        chosen = self._news(channel, first) if is_due else []
        # Somebody who has heard today that there is nothing need not hear it again.
        is_news = last is None or last.astimezone(self.at.tzinfo).date() != self.at.date()
        if not (chosen or alarms or (is_due and rhythm.quiet and is_news)):
            return None
        records = self._records(last or first) if is_due else []
        called = edition_id(name, self.at, self.store.edition_ids(name, channel))
        return self.composed(called, channel, chosen, records, alarms=alarms, last=last)

    def _records(self, since: datetime) -> list[Mapping[str, Any]]:
        """What the cycles since a moment did, and this one in any case; the latest first."""
        return [record for n, (at, record) in enumerate(self.cycles) if n == 0 or at > since]

    def _known_since(self, channel: str) -> datetime:
        """From when on a channel's editions tell: of what was before it, the last alone is news."""
        known = self.store.memory(f"channels of {self.profile.name}")
        begins = self.profile.telling.rhythm.begins(self.at)
        first = datetime.fromisoformat(known.setdefault(channel, begins.isoformat()))
        if first > self.now:  # the clock ran ahead then
            known[channel] = begins.isoformat()
            return begins
        return first

    def _news(self, channel: str, first: datetime) -> list[Shown]:
        """What waits for an answer and was not told by a channel yet."""
        told = self.store.told(self.profile.name, channel)
        return [
            one
            for one in self.store.shown(self.profile.name)
            if _is_news(one)
            and one.suggestion.suggested_at >= first
            and one.suggestion.suggestion_id not in told
        ]

    def composed(
        self,
        called: str,
        channel: str,
        chosen: Sequence[Shown],
        records: Sequence[Mapping[str, Any]],
        *,
        alarms: Sequence[Alarm] = (),
        last: datetime | None = None,
    ) -> Edition:
        """An edition that tells these suggestions and these runs.

        Args:
            called: Its id.
            channel: The channel's name.
            chosen: What it tells; of too many, the best.
            records: Of the runs, the latest first.
            alarms: What the reader has to look after.
            last: When the one before was made.
        """
        by_id = {one.suggestion.suggestion_id: one for one in chosen}
        suggestions = ranked([one.suggestion for one in chosen])
        best, n_more = suggestions[:_MOST], len(suggestions[_MOST:])
        looked = runs.looked(records) if records else ""
        if n_more:
            looked = f"{looked} {count(n_more, 'further suggestion')} will follow.".strip()
        whole = next((record for record in records if runs.is_whole(record)), None)
        quiet = "" if suggestions or whole is None else runs.why_quiet(whole)
        said = self._gists(best)
        return Edition(
            edition_id=called,
            profile=self.profile.name,
            at=self.at,
            told=tuple(
                self._as_told(by_id[one.suggestion_id], *said[one.suggestion_id]) for one in best
            ),
            looked=looked,
            quiet=f"Nothing to suggest: {quiet}." if quiet else "",
            since=self.profile.telling.rhythm.gap(last, self.at) if records else None,
            alarms=tuple(alarm.text for alarm in alarms),
            page=self.profile.telling.links.page,
            stop=self.profile.telling.links.stop(channel),
        )

    def _gists(self, suggestions: Sequence[Suggestion]) -> Mapping[str, tuple[str, str]]:
        telling = self.profile.telling
        said = gists(suggestions, telling.summariser, telling.language, self.store, self.now)
        self.failures.extend(said.failures)
        return said.gists

    def _as_told(self, one: Shown, gist: str, by: str) -> Told:
        good, bad = self.profile.telling.links.answers(one.suggestion.suggestion_id)
        opens = (
            publisher.address(place)
            for place in sorted(one.places)
            for publisher in self.profile.publishers
        )
        return Told(
            suggestion=one.suggestion,
            gist=gist,
            gist_by=by,
            good=good,
            bad=bad,
            own=next(filter(None, opens), ""),
        )
