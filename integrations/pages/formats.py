"""The formats in which listings are written down, recognised by content alone."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from integrations.files.contents import LibraryFormat
from integrations.files.formats import HEAD, LIBRARY_FORMATS
from integrations.files.records import NO_TITLE
from integrations.pages import hf_daily_papers, json_lines, pages
from recommender.identity import is_untitled
from recommender.library import Item, Unreadable
from recommender.listings import Listing
from recommender.papers import Skipped


class ReadsListing(Protocol):
    """What makes a listing of a file's content."""

    def __call__(self, data: bytes, *, source: str, name: str) -> Listing:
        """The listing, under the source's and the page's name.

        Raises:
            BadResponse: If the file as a whole is not what it promises; its text does not name the
                file. A bad record is in ``skipped`` and spoils nothing else.
        """


@dataclass(frozen=True, slots=True)
class ListingFormat:
    """One way in which listings are written down.

    Attributes:
        name: What people call it.
        matches: Whether a file is one, given its first ``HEAD`` bytes (all of it if shorter).
        read: Its listing.
    """

    name: str
    matches: Callable[[bytes], bool]
    read: ReadsListing


def recognised(data: bytes) -> ListingFormat | None:
    """The format of a listing, by content alone; nothing for what is no listing.

    Args:
        data: The file or its beginning, of which the first ``HEAD`` bytes count.
    """
    head = data[:HEAD]
    return next((form for form in LISTING_FORMATS if form.matches(head)), None)


def _of_library(form: LibraryFormat) -> ListingFormat:
    """A library's format as a listing's: its papers in the file's order, without the trash."""

    def read(data: bytes, *, source: str, name: str) -> Listing:
        return pages.listing(_records(form, data), source=source, name=name)

    return ListingFormat(form.name, form.matches, read)


def _records(form: LibraryFormat, data: bytes) -> Iterator[pages.Record]:
    for entry in form.read(data).entries:
        if isinstance(entry, Unreadable):
            yield entry.skipped
        elif isinstance(entry, Item) and not entry.trashed:
            # The reader knows what an own entry without a title is, but no listed paper.
            untitled = is_untitled(entry.paper.title)
            yield Skipped(f"entry {entry.key}", NO_TITLE) if untitled else (entry.paper, None)


class _ListingFormats:
    """All of them, each imported when it is its turn, as ``LIBRARY_FORMATS`` are."""

    def __iter__(self) -> Iterator[ListingFormat]:
        yield ListingFormat(
            hf_daily_papers.SERVICE, hf_daily_papers.matches, hf_daily_papers.listing
        )
        yield ListingFormat(json_lines.SERVICE, json_lines.matches, json_lines.listing)
        from integrations.pages import feeds

        yield ListingFormat(feeds.SERVICE, feeds.matches, feeds.listing)
        yield from map(_of_library, LIBRARY_FORMATS)
        # A saved page is text like any other, so it comes behind all that has a syntax.
        from integrations.pages import saved_pages

        yield ListingFormat(saved_pages.SERVICE, saved_pages.matches, saved_pages.listing)


LISTING_FORMATS: Iterable[ListingFormat] = _ListingFormats()
"""The formats in which listings are written down."""
