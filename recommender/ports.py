"""The protocols by which the product reaches the world and its own models.

Each docstring is a contract; the suites in ``recommender.testing`` hold every adapter and every
fake to each sentence.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from recommender.arrays import Rows, Scores, Vectors
from recommender.library import Changes, Entry, Library
from recommender.listings import Listing
from recommender.papers import Paper
from recommender.suggestions import Reason, Receipt, Suggestion


class Source(Protocol):
    """Something that publishes listings.

    Every failure is an ``IntegrationError`` that names the service; a record that cannot be read
    is in the listing's ``skipped`` and spoils nothing else.
    """

    @property
    def name(self) -> str:
        """Its name in reports; every listing carries it as ``source``."""

    def listings(self, since: datetime | None) -> Iterator[Listing]:
        """The pages published at or after a moment, oldest first.

        Lazy: nothing is read before the first page is asked for. At least once: a page may come
        again, and one that may have been missed always does. So a page without a date always
        comes; and where a page can turn up later than it is dated, as a file can, every page
        always comes. Inclusive: a page dated ``since`` itself comes. Repeating the call gives the
        same pages while the source stays the same. Without ``since``, everything that the source
        still shows.
        """


class ReferenceManager(Protocol):
    """Where a reader keeps papers.

    Every failure is an ``IntegrationError`` that names the service. Nothing is ever written.
    """

    @property
    def name(self) -> str:
        """Its name in reports and in the store: two libraries never share one.

        One line, and always the same for the same library.
        """

    def changes(self, since: str | None) -> Changes:
        """What is new since an earlier answer's version, as of one later version.

        ``changes`` of the version just returned has no entries and nothing deleted, unless it is
        ``complete``. Without ``since``, everything is new.
        """

    def fetch(self, keys: Collection[str]) -> Iterator[Entry]:
        """The entries of these keys, one each, in the library's own order.

        An entry that is no paper is an ``OtherKind``, one that cannot be read an ``Unreadable``; a
        key that is gone meanwhile is left out.
        """


class Publisher(Protocol):
    """Where suggestions are put.

    It writes only objects that it created, and refuses a place that holds something else.
    """

    @property
    def name(self) -> str:
        """Its name in reports and in the outbox."""

    def publish(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        """Put suggestions on the shelf: a receipt or failure for each, in the same order.

        Repeating changes nothing: what is there already gets its receipt and stays as it is.
        """

    def retire(self, suggestions: Sequence[Suggestion]) -> Sequence[Receipt]:
        """Take suggestions off the shelf, if nobody touched them: a receipt or failure for each.

        Repeating changes nothing: what is gone already gets its receipt.
        """


class Model(Protocol):
    """What has been learnt of one reader; it never changes.

    An unseen paper is scored like any other, never an exception; the order of the papers given
    does not change a paper's score.
    """

    def score(self, papers: Sequence[Paper]) -> Scores:
        """How much each paper is for this reader: ``(n,)`` float32 in [0, 1]; NaN = no opinion."""

    def reasons(self, papers: Sequence[Paper]) -> Sequence[Sequence[Reason]]:
        """Why, for each paper, largest share first; the shares add up to the score.

        Empty for a paper on which there is no opinion.
        """

    def vectors(self, papers: Sequence[Paper]) -> Vectors:
        """Where each paper lies: ``(n, d)`` float32, rows of length 1, or 0 without opinion."""

    def interests(self, papers: Sequence[Paper]) -> Rows:
        """Which of ``interest_names`` each paper is nearest to: ``(n,)``; -1 = no opinion."""

    @property
    def interest_names(self) -> Sequence[str]:
        """The reader's interests, main ones first."""

    @property
    def summary(self) -> Mapping[str, float]:
        """What was decided in fitting: the parts' weights and the threshold, by name."""


class Scorer(Protocol):
    """Something that learns what a reader wants."""

    def fit(self, library: Library, listed: Sequence[Paper], *, seed: int) -> Model:
        """Learn from a library, with the listed papers as the world around it.

        The same arguments give the same model, whatever the number of threads.

        Args:
            library: What the reader has; trashed items are no evidence of interest.
            listed: Papers on which nothing is known of this reader; unlabelled, not negative.
            seed: For whatever is drawn at random.

        Raises:
            NothingToLearnFrom: If the library has no paper with any text.
        """
