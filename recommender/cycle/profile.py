"""What a cycle is told of one reader."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from recommender.feedback import Signs
from recommender.following import Following
from recommender.guidance import Guidance
from recommender.identifiers import PaperId
from recommender.ports import Catalogue, Publisher, ReferenceManager, Source
from recommender.scope import Scope
from recommender.selection import Wishes


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
    is_apart: bool = False

    @property
    def listed_by(self) -> frozenset[str] | None:
        """The names of the sources whose papers count; None for all in the store."""
        return frozenset(one.name for one in self.sources) if self.is_apart else None
