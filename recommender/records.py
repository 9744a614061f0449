"""What a cycle did. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recommender.errors import IntegrationError
from recommender.ingest import PageCount
from recommender.library import Library
from recommender.papers import Skipped
from recommender.suggestions import State, Suggestion


@dataclass(frozen=True, slots=True)
class Failure:
    """Something outside that failed; the rest of the cycle went on.

    Attributes:
        where: The source's or publisher's name.
        error: What happened.
    """

    where: str
    error: IntegrationError


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRecord:
    """What became of one page: its counts, and what on it could not be read.

    A source that failed has a page, too, which says why there are no papers on it.

    Attributes:
        unchanged: It was as it had been, and was not looked into.
    """

    count: PageCount
    skipped: tuple[Skipped, ...]
    unchanged: bool = False

    @property
    def is_read(self) -> bool:
        """Whether anything of it was read, be it that there is nothing on it."""
        return bool(self.count.n_papers) or not self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """How one source was in one cycle.

    Attributes:
        source: Its name.
        n_pages: Pages that were read, those that were unchanged among them.
        n_unchanged: Pages that were as they had been, and were not looked into.
        n_papers: Entries on its pages.
        n_new: Those that were listed by nobody before.
        n_first: Papers that this source listed for the first time, whoever had listed them.
        n_broken: Records that could not be read.
        n_bytes: Received for its pages.
        seconds: How long it took.
        news_at: When it last listed a paper for the first time; None where it never did.
        error: What went wrong first; None where all went well.
    """

    source: str
    n_pages: int
    n_unchanged: int
    n_papers: int
    n_new: int
    n_first: int
    n_broken: int
    n_bytes: int
    seconds: float
    news_at: datetime | None = None
    error: IntegrationError | None = None

    def told(self) -> dict[str, Any]:
        """What is kept of it, for JSON."""
        return {
            "source": self.source,
            "pages": self.n_pages,
            "unchanged": self.n_unchanged,
            "papers": self.n_papers,
            "new": self.n_new,
            "known": self.n_papers - self.n_new,
            "first": self.n_first,
            "broken": self.n_broken,
            "bytes": self.n_bytes,
            "seconds": round(self.seconds, 3),
            "news_at": self.news_at.isoformat() if self.news_at else None,
            "error": type(self.error).__name__ if self.error else "",
            "message": str(self.error) if self.error else "",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one cycle did.

    Attributes:
        sources: How each source was.
        seconds: How long each stage took, by its name.
        peak_megabytes: The most memory that the process had at once; None where nobody knows.
        excluded: How many listed papers were not suggested, by reason; with the suggestions they
            are all the papers listed. What the reader knows is counted as that where it reaches the
            threshold.
        suggestions: What was chosen in this cycle, best first.
        best_left: Where nothing was suggested, the highest score below the threshold of a paper
            that a lower one would bring; None where there was none.
        summary: What the model decided in fitting.
        learnt: How many earlier suggestions changed their state by what the reader did, by their
            new state.
        n_delivered: Deliveries of this cycle, of earlier suggestions too; one suggestion may be
            delivered by several publishers.
        n_completed: Listed papers that catalogues completed.
        n_editions: Digests that channels took.
        n_tidied: Suggestions that were over and were taken off a shelf.
        n_left: Those that were over, but touched by somebody, and so were left.
        unmatched: Patterns of the profile's scope that name no collection.
        notices: What the settings ask for and could not be had, a plain sentence each.
    """

    library: Library
    pages: tuple[PageRecord, ...]
    excluded: Mapping[str, int]
    suggestions: tuple[Suggestion, ...]
    failures: tuple[Failure, ...]
    best_left: float | None
    summary: Mapping[str, float]
    learnt: Mapping[State, int] = field(default_factory=dict)
    n_delivered: int = 0
    n_completed: int = 0
    n_editions: int = 0
    n_tidied: int = 0
    n_left: int = 0
    unmatched: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    sources: tuple[SourceRecord, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    peak_megabytes: float | None = None

    def told(self) -> dict[str, Any]:
        """What is kept of it, for JSON: counts and places, and no title of the reader's."""
        return {
            "library": {
                "entries": self.library.n_entries,
                "papers": len(self.library.items),
                "other_kinds": len(self.library.others),
                "skipped": len(self.library.skipped),
            },
            "pages": [
                {
                    "source": page.count.source,
                    "listing": page.count.listing,
                    "papers": page.count.n_papers,
                    "new": page.count.n_new,
                    "skipped": len(page.skipped),
                    "unchanged": page.unchanged,
                }
                for page in self.pages
            ],
            "sources": [source.told() for source in self.sources],
            "excluded": dict(self.excluded),
            "learnt": {state.value: n for state, n in self.learnt.items()},
            "delivered": self.n_delivered,
            "completed": self.n_completed,
            "editions": self.n_editions,
            "tidied": self.n_tidied,
            "left": self.n_left,
            "suggestions": [suggestion.suggestion_id for suggestion in self.suggestions],
            "failures": [
                {"where": failure.where, "error": type(failure.error).__name__}
                for failure in self.failures
            ],
            "notices": list(self.notices),
            "model": dict(self.summary),
            "seconds": dict(self.seconds),
            "peak_megabytes": self.peak_megabytes,
        }
