"""Which sources a run waits for, on a terminal alone; the line is gone once they are read."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from recommender.cli.telling import on_one_line
from recommender.cycle import Profile
from recommender.cycle.asking import LONGEST
from recommender.listings import Listing
from recommender.ports import NOTHING_KNOWN, Source

if TYPE_CHECKING:
    from rich.text import Text

_UNNOTICED = 1.0  # seconds that nobody minds
_NAMED = 3  # sources; of more, the number is told


@contextmanager
def shown(profile: Profile) -> Iterator[Profile]:
    """The same profile, of whose sources a person is told for which ones the run waits.

    Where standard error is no terminal, nobody is told anything.
    """
    if not sys.stderr.isatty():
        yield profile
        return
    # For a program nothing is drawn, and it takes a while to load.
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True)
    if console.is_dumb_terminal:
        yield profile
        return
    waiting = _Waiting()
    sources = [_Seen(source, waiting) for source in profile.sources]
    # What is meant for programs goes where it always does.
    with Live(get_renderable=waiting.line, console=console, transient=True, redirect_stdout=False):
        yield replace(profile, sources=sources)


@dataclass(slots=True)
class _Waiting:
    """Since when each source is being read, in seconds since some moment."""

    since: dict[str, float] = field(default_factory=dict)

    def line(self) -> "Text":
        """What a person is told now; empty where nothing takes long."""
        from rich.text import Text

        now, since = monotonic(), dict(self.since)
        # Who takes longer is waited for no more.
        longest = LONGEST.total_seconds()
        slow = [name for name, at in since.items() if _UNNOTICED <= now - at <= longest]
        return Text(on_one_line(told(slow, since, now)), "dim", no_wrap=True, overflow="ellipsis")


def told(slow: list[str], since: Mapping[str, float], now: float) -> str:
    """What is waited for, and for how long; empty for nothing."""
    if not slow:
        return ""
    more = f" and {len(slow) - _NAMED} more" if len(slow) > _NAMED else ""
    seconds = now - min(since[name] for name in slow)
    return f"Waiting for {', '.join(slow[:_NAMED])}{more} ({seconds:.0f} s)"


@dataclass(frozen=True, slots=True)
class _Seen:
    """A source of which is known when it is being read."""

    source: Source
    waiting: _Waiting

    @property
    def name(self) -> str:
        """The source's."""
        return self.source.name

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """The source's."""
        self.waiting.since[self.name] = monotonic()
        try:
            yield from self.source.listings(since, known)
        finally:
            self.waiting.since.pop(self.name, None)
