"""Editions: what a digest tells at one time, and when there is one. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from recommender.suggestions import Suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A suggestion as an edition tells it.

    Attributes:
        gist: One sentence: the one of the abstract that says best why it is here, or a summary;
            empty where there is neither.
        gist_by: The model that wrote the gist; empty where it is the abstract's own.
        good: The address that says that it was good; empty without a page that could take it.
        bad: The same for bad.
        own: The address that opens its item in the reference manager; empty where it has none.
    """

    suggestion: Suggestion
    gist: str = ""
    gist_by: str = ""
    good: str = ""
    bad: str = ""
    own: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What a channel tells at one time.

    Attributes:
        edition_id: The same whenever this edition is sent again, and no other's of this profile.
        profile: The profile's name.
        at: When it was made, in the reader's time zone.
        told: What is suggested, the best first.
        looked: A line on what was looked at.
        quiet: Why nothing is suggested, a sentence; empty where something is.
        since: Where it makes up for editions that were missed, the first day that it tells of.
        alarms: What the reader has to look after, a sentence each.
        page: The address of the page; empty without one.
        stop: The address at which the reader can have no more of these; empty without one.
    """

    edition_id: str
    profile: str
    at: datetime
    told: tuple[Told, ...] = ()
    looked: str = ""
    quiet: str = ""
    since: date | None = None
    alarms: tuple[str, ...] = ()
    page: str = ""
    stop: str = ""

    @property
    def heading(self) -> str:
        """What stands above it wherever it is read."""
        if n := len(self.told):
            return f"{n} {'paper' if n == 1 else 'papers'} for you"
        return "Please have a look" if self.alarms and not self.quiet else "Nothing new for you"

    @property
    def subject(self) -> str:
        """What it is about, in one line that begins with what matters most.

        The best paper's title as it is: it may be long, and hold any character.
        """
        if self.told:
            best = self.told[0].suggestion.paper.title
            more = len(self.told) - 1
            return f"{best} (and {more} more)" if more else best
        if self.alarms:
            more = len(self.alarms) - 1
            return f"{self.alarms[0]} (and {more} more)" if more else self.alarms[0]
        return f"Nothing for you on {self.at:%d %B %Y}".replace(" 0", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When a digest is sent.

    Attributes:
        every: With each run, or with the first of each week.
        on: The day on which that week begins, from 0 for Monday.
        quiet: Whether there is an edition where nothing is suggested, once a day at the most.
        missed_after: Later than so long after the last one, editions were missed in between.
    """

    every: Literal["run", "week"] = "run"
    on: int = 0
    quiet: bool = True
    missed_after: timedelta = timedelta(days=4)  # over a long weekend, nothing was

    def is_due(self, last: datetime | None, now: datetime) -> bool:
        """Whether an edition is to be made now.

        Args:
            last: When the last one was made; None before the first.
            now: In the reader's time zone.
        """
        if self.every == "run" or last is None or last - now > _WRONG_BY:
            return True
        return last < self._week(now)

    def begins(self, now: datetime) -> datetime:
        """From when on the first edition tells what was suggested: it is no archive.

        Args:
            now: In the reader's time zone.
        """
        return now - _PERIODS[self.every]

    def gap(self, last: datetime | None, now: datetime) -> date | None:
        """The first day that is told of where editions were missed, and None otherwise.

        Args:
            last: When the last edition was sent; None before the first.
            now: In the reader's time zone.
        """
        missed_after = max(self.missed_after, _PERIODS[self.every] + timedelta(days=3))
        if last is None or now - last < missed_after:
            return None
        return (last.astimezone(now.tzinfo) + timedelta(days=1)).date()

    def _week(self, now: datetime) -> datetime:
        """The moment at which the week of a moment began."""
        begun = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return begun - timedelta(days=(now.weekday() - self.on) % 7)


_WRONG_BY = timedelta(days=2)  # a clock that was ahead of this one by more says nothing
_PERIODS = {"run": timedelta(days=1), "week": timedelta(days=7)}


def edition_id(profile: str, at: datetime, taken: Collection[str]) -> str:
    """What an edition is called: by its profile and day, with a number from the second on.

    Args:
        profile: The profile's name.
        at: When it was made, in the reader's time zone.
        taken: What others are called.
    """
    name = f"{profile}/{at:%Y-%m-%d}"
    n = 1
    while (found := name if n == 1 else f"{name}/{n}") in taken:
        n += 1
    return found


def ranked(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """Suggestions of several runs in one order: the first of each run first, the followed last.

    A run's own order is more than that of the scores: it serves several interests.
    """
    return sorted(suggestions, key=lambda s: (bool(s.followed), s.rank, -s.score, s.suggestion_id))
