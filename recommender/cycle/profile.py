"""What a cycle is told of one reader."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from recommender.editions import Rhythm
from recommender.feedback import Signs
from recommender.following import Following
from recommender.guidance import Guidance
from recommender.identifiers import PaperId
from recommender.ports import Catalogue, Channel, Publisher, ReferenceManager, Source, Summariser
from recommender.scope import Scope
from recommender.selection import Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The addresses in editions; none of them, at first.

    Attributes:
        page: Of the page.
        answers: Those that say good and bad of a suggestion, by its id.
        stop: At which the reader can have no more of a channel, by its name.
    """

    page: str = ""
    answers: Callable[[str], tuple[str, str]] = lambda _: ("", "")
    stop: Callable[[str], str] = lambda _: ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How a profile's reader is told.

    Attributes:
        channels: To whom editions are sent.
        rhythm: When.
        zone: Where the reader's days begin and end.
        links: Where editions lead to.
        summariser: Says what each paper is about; without one, its abstract does.
        language: In which the summariser writes; empty for the paper's own.
        alarm_after_failures: After so many failed runs in a row they are told; 0 for never.
        alarm_after_stale_days: After so many days without news of a source, too; 0 for never.
    """

    channels: Sequence[Channel] = ()
    rhythm: Rhythm = field(default_factory=Rhythm)
    zone: tzinfo = UTC
    links: Links = field(default_factory=Links)
    summariser: Summariser | None = None
    language: str = ""
    alarm_after_failures: int = 0
    alarm_after_stale_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One reader's settings for a cycle.

    Attributes:
        libraries: At least one; without the first there is no cycle, while of the others the last
            known state will do.
        catalogues: Are asked for what listings left out, the first one first.
        scope: What of the libraries counts as the reader's interest.
        signs: How the reader answers.
        seed: For whatever the model draws at random.
        guidance: What the reader asks for.
        following: Whom and what they follow, and whom and what they never want to see.
        telling: How they are told, beside the publishers.
        asks_about_library: Whether the catalogues may be asked what the reader's own papers cite.
        is_apart: Other profiles share the store, whose sources are not this one's.
        seed_ids: Names of further seed papers, to be looked for in the libraries and the listings.
    """

    name: str
    libraries: Sequence[ReferenceManager]
    sources: Sequence[Source]
    publishers: Sequence[Publisher] = ()
    catalogues: Sequence[Catalogue] = ()
    wishes: Wishes = field(default_factory=Wishes)
    scope: Scope = field(default_factory=Scope)
    signs: Signs = field(default_factory=Signs)
    seed: int = 0
    guidance: Guidance = field(default_factory=Guidance)
    following: Following = field(default_factory=Following)
    seed_ids: tuple[PaperId, ...] = ()
    telling: Telling = field(default_factory=Telling)
    asks_about_library: bool = False
    is_apart: bool = False

    @property
    def listed_by(self) -> frozenset[str] | None:
        """The names of the sources whose papers count; None for all in the store."""
        return frozenset(one.name for one in self.sources) if self.is_apart else None
