"""What a cycle asks the sources: all at once, each for what it listed since it was read last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic

from recommender import giving_up
from recommender.cycle.reading import failure
from recommender.errors import BadResponse, IntegrationError, TransientError
from recommender.ingest import names_on, unseen
from recommender.listings import READER, Listing
from recommender.papers import Skipped
from recommender.ports import Source
from recommender.records import Failure, PageRecord, SourceRecord
from recommender.store import Store

LONGEST = timedelta(minutes=10)
"""How long the sources may take together; a service's manners may want seconds between requests."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the sources gave.

    Attributes:
        listings: Their pages, source by source.
        pages: What became of each.
        failures: What went wrong.
        sources: How each source was.
    """

    listings: Sequence[Listing]
    pages: tuple[PageRecord, ...]
    failures: tuple[Failure, ...]
    sources: tuple[SourceRecord, ...]


def asked(
    sources: Sequence[Source], store: Store, now: datetime, longest: timedelta = LONGEST
) -> Asked:
    """The pages of all sources, saved, with what became of each and which sources failed.

    Args:
        sources: Each is asked in a thread of its own, so that one that is slow or down keeps
            nobody waiting but itself.
        store: Keeps the pages' papers, and how far each source was read.
        now: When this is.
        longest: How long they may take together. Of a source that takes longer, the pages count
            that came until then, and it ends at its next request or page.

    Raises:
        StoreError: If the store cannot be used.
    """
    readings = [
        _Reading(source, _since(store, source.name, now), _known(store, source.name), now)
        for source in sources
    ]
    readings = _read(readings, longest)
    listings = [page for one in readings for page in one.listings]
    found = unseen(listings, store.candidates_named(names_on(listings)))
    first = store.save_listed(
        [*found.candidates, *found.again],
        watermarks={one.source.name: one.read_until for one in readings if one.read_until},
        at=now,
        marks=[(p.source, p.name, _kept(p)) for p in listings if p.papers or not p.skipped],
    )
    pages = tuple(
        PageRecord(count=count, skipped=listing.skipped, unchanged=listing.unchanged)
        for count, listing in zip(found.pages, listings, strict=True)
    )
    left = iter(pages)
    told = tuple(
        one.told(
            [next(left) for _ in one.listings],
            n_first=first.get(one.source.name, 0),
            news_at=store.news_at(one.source.name),
        )
        for one in readings
    )
    return Asked(listings, pages, tuple(f for one in readings for f in one.failures), told)


def _since(store: Store, source: str, now: datetime) -> datetime | None:
    """Up to when a source was read."""
    since = store.watermark(source)
    # A clock ran ahead; what is published until then would not be asked for.
    return store.take_back(source, now) if since and since > now else since


def _known(store: Store, source: str) -> dict[str, str]:
    """What a source's pages are known by that were read as they would be read today."""
    marks = store.marks(source).items()
    return {page: mark.removeprefix(_READ) for page, mark in marks if mark.startswith(_READ)}


def _kept(page: Listing) -> str:
    """What a page is known by from now on."""
    # Of a page that broke off the rest may come, and what could not be read is said again.
    return f"{_READ}{page.mark}" if page.mark and not page.skipped else ""


_READ = f"{READER} "


@dataclass(slots=True)
class _Reading:
    """One source while it is read; what it gave is taken once its thread is done or given up."""

    source: Source
    since: datetime | None
    known: Mapping[str, str]
    now: datetime
    listings: list[Listing] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    read_until: datetime | None = None
    seconds: float = 0.0

    def read(self, given_up: Event) -> None:
        start = monotonic()
        giving_up.heed(given_up)
        try:
            for listing in self.source.listings(self.since, self.known):
                if given_up.is_set():
                    return
                self._take(listing)
        except Exception as error:  # noqa: BLE001 - the edge of a cycle; the failure is a value
            if not given_up.is_set():
                self.fail(failure(self.source.name, error))
        self.seconds = monotonic() - start

    def fail(self, failed: Failure) -> None:
        self.failures.append(failed)
        self.listings.append(_instead(self.source, failed.error))

    def told(
        self, pages: Sequence[PageRecord], *, n_first: int, news_at: datetime | None
    ) -> SourceRecord:
        listings = self.listings[: len(pages)]
        return SourceRecord(
            source=self.source.name,
            n_pages=sum(page.is_read for page in pages),
            n_unchanged=sum(page.unchanged for page in pages),
            n_papers=sum(page.count.n_papers for page in pages),
            n_new=sum(page.count.n_new for page in pages),
            n_first=n_first,
            n_broken=sum(len(page.skipped) for page in pages if page.is_read),
            n_bytes=sum(listing.n_bytes for listing in listings),
            seconds=self.seconds,
            news_at=news_at,
            error=self.failures[0].error if self.failures else None,
        )

    def given_up(self, longest: timedelta) -> "_Reading":
        """What came until now, whatever the thread still adds; and that it took too long."""
        # A page is there before it counts as read, so in this order none is lost.
        until = self.read_until
        taken = replace(
            self, read_until=until, listings=[*self.listings], failures=[*self.failures]
        )
        taken.seconds = longest.total_seconds()
        name = self.source.name
        message = f"{name}: took longer than {longest}, and what came until then counts"
        taken.fail(Failure(name, TransientError(name, f"{message}; the rest comes next time")))
        return taken

    def _take(self, listing: Listing) -> None:
        at = listing.published_at
        self.listings.append(listing)
        if listing.skipped and not listing.papers:
            self.failures.append(Failure(self.source.name, _unread(listing)))
        # What claims to come from the future says nothing of how far was read.
        if at and at <= self.now:
            self.read_until = max(at, self.read_until or at)


def _read(readings: Sequence[_Reading], longest: timedelta) -> list[_Reading]:
    """Reads all sources at once, and gives up those that take too long."""
    given_up = Event()
    # Daemons: whoever interrupts a run is not to wait for a service that does not answer.
    threads = [
        Thread(target=one.read, args=(given_up,), name=f"asks {one.source.name}", daemon=True)
        for one in readings
    ]
    for thread in threads:
        thread.start()
    end = monotonic() + longest.total_seconds()
    for thread in threads:
        thread.join(max(end - monotonic(), 0.0))
    given_up.set()
    return [
        one.given_up(longest) if thread.is_alive() else one
        for one, thread in zip(readings, threads, strict=True)
    ]


def _unread(listing: Listing) -> BadResponse:
    """The failure that a page is of which nothing could be read."""
    first = listing.skipped[0]
    # What went wrong with the page as a whole is said of the page itself.
    where = "" if first.place == listing.name else f"nothing in it can be read: {first.place}: "
    return BadResponse(listing.name, f"{listing.name}: {where}{first.reason}")


def _instead(source: Source, error: IntegrationError) -> Listing:
    """The page that stands in the record for what a failing source did not give."""
    reason = str(error).removeprefix(f"{error.service}: ")
    skipped = (Skipped(error.service, reason),)
    return Listing(source=source.name, name=error.service, papers=(), skipped=skipped)
