"""The protocols by which the product reaches the world and its own models.

Each docstring is a contract; the suites in ``recommender.testing`` hold every adapter and every
fake to each sentence.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from recommender.arrays import Rows, Scores, Vectors
from recommender.editions import Edition
from recommender.guidance import NO_GUIDANCE, Guidance
from recommender.library import Changes, Entry, Library
from recommender.listings import Listing
from recommender.papers import Paper
from recommender.suggestions import Dislike, Reason, Receipt, Suggestion

NOTHING_KNOWN: Mapping[str, str] = MappingProxyType({})
"""No page is known by a mark."""


class Source(Protocol):
    """Something that publishes listings.

    Every failure is an ``IntegrationError`` that names the service; a record that cannot be read
    is in the listing's ``skipped`` and spoils nothing else.
    """

    @property
    def name(self) -> str:
        """Its name in reports; every listing carries it as ``source``."""

    def listings(
        self, since: datetime | None, known: Mapping[str, str] = NOTHING_KNOWN
    ) -> Iterator[Listing]:
        """The pages published at or after a moment, oldest first.

        Lazy: nothing is read before the first page is asked for. At least once: a page may come
        again, and one that may have been missed always does. So a page without a date always
        comes; and where a page can turn up later than it is dated, as a file can, every page
        always comes. Inclusive: a page dated ``since`` itself comes. Repeating the call gives the
        same pages while the source stays the same. Without ``since``, everything that the source
        still shows.

        Args:
            since: Up to when its pages were read and saved.
            known: The marks of saved pages by the pages' names. A page that still has its known
                mark comes ``unchanged`` and without papers, and perhaps without its date.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a source gets to ask its service with.

    Attributes:
        now: When this is.
        key: What the service gave for access; empty without one.
        contact: An address of mail under which the service can reach whoever asks; empty for none.
    """

    now: datetime
    key: str = field(default="", repr=False)
    contact: str = ""


class Catalogue(Protocol):
    """A service that knows papers, asked for what a listing left out.

    Every failure is an ``IntegrationError`` that names the service.
    """

    @property
    def name(self) -> str:
        """Its name in reports, one line."""

    def entries(self, papers: Sequence[Paper]) -> Iterator[tuple[int, Paper]]:
        """What it has of each of these papers, with the paper's row: none, one or several.

        It is asked by an id where a paper has one, and by the title otherwise. What comes for a
        title may be another paper. Lazy; in any order.
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
        ``complete``, and may say that all is ``unchanged``. Without ``since``, everything is new.
        """

    def fetch(self, keys: Collection[str]) -> Iterator[Entry]:
        """The entries of these keys, one each, in the library's own order.

        An entry that is no paper is an ``OtherKind``, one that cannot be read an ``Unreadable``; a
        key that is gone meanwhile is left out.
        """


Memory = MutableMapping[str, str]
"""What an adapter keeps between runs: short texts by name; setting one saves it at once."""


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

        Raises:
            StaleLibrary: If the library has moved on since it was last read; nothing was written.
                Once it is synced, and what the reader has by now is left out, call again.
        """

    def retire(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Take what was delivered off the shelf, if nobody touched it: a receipt or failure each.

        What somebody changed is left, and its receipt says so. Repeating changes nothing: what is
        gone already gets its receipt.

        Args:
            receipts: Those that ``publish`` gave.
        """

    def address(self, place: str) -> str:
        """What opens an item that it made where the reader has it; empty where nothing does.

        Args:
            place: The item's key, as a receipt gave it.
        """


class Channel(Protocol):
    """A way to one reader: mail to an address, a chat.

    What an edition holds is somebody else's text; whatever it is, it does no harm where it is read.
    """

    @property
    def name(self) -> str:
        """Its name in reports and in the store, one line: no two channels share one."""

    def send(self, edition: Edition) -> None:
        """Have an edition taken by the service, once; it never goes over an open line.

        Sent again, it bears the same name, so that whoever has it already can tell.

        Raises:
            Unconfirmed: If it may have been taken; it is to be sent again as it is.
            IntegrationError: If it was not taken: ``TransientError`` if it may be later.
        """

    def rendered(self, edition: Edition) -> bytes:
        """An edition as it would be sent, in UTF-8, the same each time; no secret is in it."""

    def check(self) -> None:
        """Go as far towards sending as can be gone without it, and raise as ``send`` would."""


class Summariser(Protocol):
    """Something that says in a sentence what a paper is about.

    Every failure is an ``IntegrationError``.
    """

    @property
    def name(self) -> str:
        """The model's name, as readers are told who wrote it, one line."""

    def summary(self, paper: Paper, language: str) -> str:
        """One plain sentence; empty where the paper says too little.

        Args:
            paper: With a title, and mostly an abstract.
            language: In which to write, as a person would call it; empty for the paper's own.
        """


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        what: One line on how it is.
        remedy: One line on what to do about it; empty where all is well.
        failed: Nothing works before the remedy.
    """

    what: str
    remedy: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A library that an account reaches, to choose from.

    Attributes:
        place: How the settings name it.
        called: What its owner calls it.
        collections: Paths of its collections, outermost name first.
        writable: Whether a shelf can be put there.
    """

    place: str
    called: str
    collections: tuple[str, ...] = ()
    writable: bool = True


class Account(Protocol):
    """A reference manager with an address and a key: what is read there, and the shelf.

    Opening one asks nothing of the service yet. Every failure is an ``IntegrationError`` that
    names the service, and no key is ever in its text.
    """

    def libraries(self) -> Sequence[ReferenceManager]:
        """The libraries that the settings name; the shelf is in the first."""

    def shelf(self) -> Publisher | None:
        """Where suggestions are put; None where the settings want no shelf."""

    def check(self) -> Iterator[Finding]:
        """How everything is that the settings name: reached or not, allowed or not, how full."""

    def choices(self) -> Sequence[Choice]:
        """The libraries that can be reached, the reader's own first."""

    def authorise(self, before: Callable[[], None] = ...) -> str:
        """Ask the reader, where the reference manager does the asking, and give the key.

        Args:
            before: Called when the reader is about to be asked, which takes as long as they take;
                not where nobody can ask them.

        Raises:
            NotAuthorized: If the reader says no, or this manager hands out no keys.
        """

    def colour(self, tags: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Give tags colours, beside the reader's own, and give those that were coloured now.

        Nothing is changed of a tag that has a colour already.

        Args:
            tags: Names with colours, such as ``("not for me", "#999999")``.

        Raises:
            PermanentError: If the manager has no place left for a colour, or takes none this way.
        """


class Model(Protocol):
    """What has been learnt of one reader; it never changes.

    An unseen paper is scored like any other, never an exception. Neither the order of the papers
    given nor which others are asked with it changes a paper's score, not by a bit.
    """

    def score(self, papers: Sequence[Paper]) -> Scores:
        """How much each paper is for this reader: ``(n,)`` float32 in [0, 1]; NaN = no opinion."""

    def reasons(self, papers: Sequence[Paper]) -> Sequence[Sequence[Reason]]:
        """Why, for each paper, largest share first; the shares add up to the score.

        Empty for a paper on which there is no opinion.
        """

    def vectors(self, papers: Sequence[Paper]) -> Vectors:
        """Where each paper lies: ``(n, d)`` float32, rows of length 1, or 0 without opinion."""

    def judged(self, papers: Sequence[Paper]) -> tuple[Scores, Rows]:
        """``score``, and which of ``interest_names`` each paper is nearest to, two of ``(n,)``.

        An interest is -1 where there is no opinion.
        """

    @property
    def interest_names(self) -> Sequence[str]:
        """The reader's interests, main ones first."""

    @property
    def summary(self) -> Mapping[str, float]:
        """What was decided in fitting: the parts' weights and the threshold, by name."""


class Scorer(Protocol):
    """Something that learns what a reader wants."""

    @property
    def name(self) -> str:
        """What it is and how it is set, in one line: models of another name are others.

        The same for the same version and settings, also in the next run.
        """

    def fit(
        self,
        library: Library,
        listed: Sequence[Paper],
        *,
        seed: int,
        dislikes: Sequence[Dislike] = (),
        guidance: Guidance = NO_GUIDANCE,
    ) -> Model:
        """Learn from a library, with the listed papers as the world around it.

        The same arguments give the same model, whatever the number of threads.

        Args:
            library: What the reader has; trashed items are no evidence of interest.
            listed: Papers on which nothing is known of this reader; unlabelled, not negative.
            seed: For whatever is drawn at random.
            dislikes: Papers that the reader was shown and did not want.
            guidance: What the reader asks for; its goals and seed papers count like papers of the
                library, the less the more papers the library has. How far the library's papers of
                an interest pull follows its ``factor``.

        Raises:
            NothingToLearnFrom: If the library has no paper with any text, and the guidance neither
                a goal nor a seed paper with any.
        """

    def saved(self, model: Model) -> bytes:
        """A model that it fitted or restored, for ``restored``, in another run too."""

    def restored(self, payload: bytes, library: Library, guidance: Guidance = NO_GUIDANCE) -> Model:
        """The model that was saved: in all that it is asked for, the same to the last bit.

        Args:
            payload: What ``saved`` of a scorer of this name gave; or whatever became of it.
            library: What the model was fitted on.
            guidance: The same.

        Raises:
            ValueError: If the payload is not whole, or another version's, or no model at all, or
                the model was fitted on another library.
        """


class Encoder(Protocol):
    """Something that turns texts into vectors; close texts lie close together.

    Opening one raises ``ConfigError`` where it cannot work; later every failure is an
    ``IntegrationError``.
    """

    @property
    def name(self) -> str:
        """Its model and settings in one line: vectors of another name are never mixed with these.

        The same for the same model and settings, also in the next run.
        """

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row for each text, in their order: ``(n, d)`` float32, rows of length 1.

        The same text gives the same row whatever else is asked with it, to 1e-3. A text that says
        nothing has a row of 0; a blank one always.
        """
