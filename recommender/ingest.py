"""Ingest: which papers a set of pages adds, each of them once. Pure.

Pages overlap: one paper is on several of them, once with its abstract and once with its DOI. Papers
that share a name are one paper, and so are papers that a third one links. What is known of it is
put together field by field, so that neither the order of the pages nor reading one twice changes
the outcome.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from recommender.identifiers import unique
from recommender.identity import names
from recommender.listings import Listed, Listing
from recommender.papers import Kind, Paper


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a paper was listed; a paper has one place on a page.

    Attributes:
        source: The source's name.
        listing: The page's name.
        position: Its best position there, from 1.
        votes: The most votes that it was seen with; None where the source does not count.
    """

    source: str
    listing: str
    position: int
    votes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A listed paper, put together from everything that was listed of it.

    Attributes:
        names: What its versions go by (``identity.names``), those of ``paper`` first.
        provenance: Every place where it was listed, sorted.
    """

    paper: Paper
    names: tuple[str, ...]
    provenance: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCount:
    """What one page held.

    Attributes:
        n_papers: Its entries.
        n_new: Those whose paper was not known and is on no earlier page; an entry that the page
            repeats counts once.
    """

    source: str
    listing: str
    n_papers: int
    n_new: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What a set of pages adds.

    Attributes:
        pages: One count for each page, in the order given; the ``n_new`` add up to the number of
            candidates.
        candidates: The papers that were not known, in first-seen order.
        again: The known papers, with what these pages say of them, in first-seen order.
    """

    pages: tuple[PageCount, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    again: tuple[Candidate, ...] = ()


def unseen(listings: Iterable[Listing], known: Container[str] = frozenset()) -> Ingested:
    """Which papers a set of pages adds to those known by name, each of them once.

    Args:
        listings: The pages; the same page may come several times.
        known: The names of the papers that were listed before.
    """
    pages = tuple(listings)
    on_page = [number for number, page in enumerate(pages) for _ in page.papers]
    entries = [_alone(page, listed) for page in pages for listed in page.papers]
    n_new = [0] * len(pages)
    new: list[Candidate] = []
    again: list[Candidate] = []
    for group in _groups([entry.names for entry in entries]):
        candidate = joined(entries[i] for i in group)
        if any(name in known for name in candidate.names):
            again.append(candidate)
        else:
            new.append(candidate)
            n_new[on_page[group[0]]] += 1
    counts = (
        PageCount(source=p.source, listing=p.name, n_papers=len(p.papers), n_new=n)
        for p, n in zip(pages, n_new, strict=True)
    )
    return Ingested(pages=tuple(counts), candidates=tuple(new), again=tuple(again))


def candidate_of(paper: Paper, its_names: Iterable[str], places: Iterable[Place]) -> Candidate:
    """A candidate with its names and places in their order.

    Args:
        paper: With the best metadata.
        its_names: What its versions go by.
        places: Where it was listed, perhaps several on one page.
    """
    # Put together from several versions, the paper may have a name that none of them had. It is
    # left out: which names come to be so depends on the order in which versions turn up.
    left = set(its_names)
    first = [name for name in names(paper) if name in left]
    return Candidate(
        paper=paper,
        names=(*first, *sorted(left.difference(first))),
        provenance=best_places(places),
    )


def joined(candidates: Iterable[Candidate]) -> Candidate:
    """One candidate of several that are the same paper; their order does not matter.

    Raises:
        ValueError: If there are none.
    """
    candidates = tuple(candidates)
    return candidate_of(
        merged(c.paper for c in candidates),
        chain.from_iterable(c.names for c in candidates),
        chain.from_iterable(c.provenance for c in candidates),
    )


def merged(papers: Iterable[Paper]) -> Paper:
    """The best metadata of several versions of one paper.

    Each field is one version's or empty, chosen by looking at that field alone, so that order and
    repetition do not matter and merging a merged paper again is merging them all. Ids are all
    versions' ids.

    Raises:
        ValueError: If there are no papers.
    """
    versions = list(dict.fromkeys(papers))
    if len(versions) == 1:
        return versions[0]
    kind, venue = max(((p.kind, p.venue) for p in versions), key=_publication_rank)
    return Paper(
        # Some sites shout; of the rest the longest lost the least.
        title=max((p.title for p in versions), key=lambda t: (not t.isupper(), len(t), t)),
        abstract=max((p.abstract for p in versions), key=lambda t: (len(t), t)),
        # More people first, then given names over initials.
        authors=max(
            (p.authors for p in versions),
            key=lambda a: (len(a), sum(len(str(one)) for one in a), list(map(str, a)), repr(a)),
        ),
        kind=kind,
        venue=venue,
        # The most precise; of equally precise ones the first, when the work came out.
        published=min((p.published for p in versions), key=lambda d: (-len(d), d)),
        ids=unique(chain.from_iterable(p.ids for p in versions)),
        url=min((p.url for p in versions), key=lambda u: (not u, len(u), u)),
        categories=max((p.categories for p in versions), key=lambda c: (len(c), c)),
    )


def best_places(places: Iterable[Place]) -> tuple[Place, ...]:
    """One place for each page, with the best position and the most votes, sorted."""
    best: dict[tuple[str, str], Place] = {}
    for place in places:
        page = place.source, place.listing
        other = best.get(page, place)
        votes = [v for v in (place.votes, other.votes) if v is not None]
        position = min(place.position, other.position)
        best[page] = Place(*page, position, max(votes, default=None))
    return tuple(best[page] for page in sorted(best))


def _alone(page: Listing, listed: Listed) -> Candidate:
    place = Place(page.source, page.name, listed.position, listed.votes)
    return Candidate(paper=listed.paper, names=names(listed.paper), provenance=(place,))


def _groups(named: Sequence[Sequence[str]]) -> Iterable[list[int]]:
    """The entries that are one paper, by index, each group and all of them in first-seen order."""
    parent = list(range(len(named)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first_with: dict[str, int] = {}
    for i, its_names in enumerate(named):
        for name in its_names:
            parent[root(i)] = root(first_with.setdefault(name, i))
    groups: dict[int, list[int]] = {}
    for i in range(len(named)):
        groups.setdefault(root(i), []).append(i)
    return groups.values()


def _publication_rank(kind_and_venue: tuple[Kind, str]) -> tuple[int, bool, int, str, str]:
    """Kind and venue are chosen together, or an article would appear in a preprint server."""
    kind, venue = kind_and_venue
    certainty = {Kind.OTHER: 0, Kind.PREPRINT: 1}.get(kind, 2)
    return certainty, bool(venue), len(venue), venue, kind.value
