"""A reader, a library, a source and a shelf for the tests of a cycle."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from recommender import cycle, records
from recommender.errors import PermanentError, StaleLibrary
from recommender.library import Collection, Item, Tag
from recommender.model.hybrid import HybridScorer
from recommender.selection import Wishes
from recommender.store import Store
from recommender.suggestions import Receipt, Suggestion
from recommender.testing.libraries import FakeLibrary

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
EVERYTHING = Wishes(limit=100, threshold=0.0, explore=False, too_similar=2.0)
SHELF = "the shelf"


def run(profile: cycle.Profile, store: Store, now: datetime = NOW) -> records.Record:
    return cycle.run(profile, HybridScorer(), store, now=now)


def n_listed(record: records.Record) -> int:
    return sum(page.count.n_new for page in record.pages)


class ShelfInLibrary:
    """A shelf that is a collection of the library, as in a reference manager.

    Attributes:
        library: Where it is.
        between: What somebody else does right before each of the next writes; the shelf notices.
        n_written: How many items it made.
        refusal: What each delivery raises, though the shelf can still be tidied.
    """

    name = "a shelf in the library"

    def __init__(self, library: FakeLibrary) -> None:
        self.library = library
        self.between: list[Callable[[], None]] = []
        self.n_written = 0
        self.refusal: PermanentError | None = None

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        if self.refusal:
            raise self.refusal
        self.library.declare(Collection(SHELF, "Suggested", ours=True))
        if suggestions and self.between:
            self.between.pop()()
            raise StaleLibrary("fake", "the library moved on")
        for one in suggestions:
            self.n_written += 1
            self.library.put(made_of(one))
        return [
            Receipt(one.suggestion_id, place=made_of(one).key, shelf=SHELF) for one in suggestions
        ]

    def retire(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        return [self._retired(receipt) for receipt in receipts]

    def address(self, place: str) -> str:
        return ""

    def _retired(self, receipt: Receipt) -> Receipt:
        [item] = self.library.fetch([receipt.place])
        if not isinstance(item, Item) or item.collections != (SHELF,):
            return Receipt(receipt.suggestion_id, touched=True)
        self.library.put(replace(item, trashed=True, tidied=True))
        return Receipt(receipt.suggestion_id)


def made_of(one: Suggestion) -> Item:
    """The item that the shelf makes of a suggestion."""
    return Item(
        key=f"made of {one.suggestion_id}",
        paper=one.paper,
        collections=(SHELF,),
        tags=(Tag("shelfwise", automatic=True),),
        mark=one.suggestion_id,
    )
