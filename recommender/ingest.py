"""Ingest: which papers a set of pages adds, each of them once. Pure.

Pages overlap: one paper is on several of them, once with its abstract and once with its DOI.
Entries that share a name are one paper if they are one work, and so are entries that a third one
links; two papers that carry their volume's DOI stay two. What is known of a paper is put together
field by field, so that neither the order of the pages nor reading one twice changes the outcome.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from recommender.identifiers import unique
from recommender.identity import Works, names, speaks, title_key
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
        curator: Who put it there; empty where nobody is named.
    """

    source: str
    listing: str
    position: int
    votes: int | None = None
    curator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A listed paper, put together from everything that was listed of it.

    Attributes:
        provenance: Every place where it was listed, sorted.
        versions: What was listed of it, each once, in an order of their own; they decide what else
            is this paper, since ``paper`` may be like none of them.
    """

    paper: Paper
    provenance: tuple[Place, ...]
    versions: tuple[Paper, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What its versions go by (``identity.names``), those of ``paper`` first."""
        # Worked out by who asks: of the papers that are looked through, hardly any is asked for it.
        if self.versions == (self.paper,):
            return names(self.paper)
        # Put together from several versions, the paper may have a name that none of them had. It
        # is left out: nothing was listed under it.
        left = {name for version in self.versions for name in names(version)}
        first = [name for name in names(self.paper) if name in left]
        return (*first, *sorted(left.difference(first)))


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


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The date of pages that say nothing of theirs."""


def unseen(listings: Iterable[Listing], known: Iterable[Candidate] = ()) -> Ingested:
    """Which papers a set of pages adds to those that were listed before, each of them once.

    Args:
        listings: The pages; the same page may come several times.
        known: What was listed before under any of the ``names_on`` these pages.
    """
    pages = tuple(listings)
    on_page = [number for number, page in enumerate(pages) for _ in page.papers]
    entries = [_alone(page, listed) for page in pages for listed in page.papers]
    n_new = [0] * len(pages)
    new: list[Candidate] = []
    again: list[Candidate] = []
    for group in groups([*entries, *known]):
        listed_now = [i for i in group if i < len(entries)]
        if not listed_now:
            continue
        only = len(listed_now) == 1
        candidate = entries[listed_now[0]] if only else joined(entries[i] for i in listed_now)
        if len(listed_now) < len(group):
            again.append(candidate)
        else:
            new.append(candidate)
            n_new[on_page[group[0]]] += 1
    counts = (
        PageCount(source=p.source, listing=p.name, n_papers=len(p.papers), n_new=n)
        for p, n in zip(pages, n_new, strict=True)
    )
    return Ingested(pages=tuple(counts), candidates=tuple(new), again=tuple(again))


def names_on(listings: Iterable[Listing]) -> frozenset[str]:
    """What the papers on these pages go by, all together."""
    return frozenset(name for page in listings for one in page.papers for name in names(one.paper))


def newest(listings: Iterable[Listing]) -> datetime:
    """The latest moment that pages or the papers on them are dated; ``EPOCH`` if none is.

    A year or a month counts from its first day.
    """
    pages = tuple(listings)
    dated = (page.published_at for page in pages if page.published_at)
    days = (f"{d}-01-01"[:10] if len(d) < _MONTH else f"{d}-01"[:10] for d in _dates(pages))
    at = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in days)
    return max(chain(dated, at), default=EPOCH)


def first_versions(papers: Iterable[Paper]) -> list[int]:
    """For each paper the position of the first of which it is another version, often its own.

    Versions are one work by ``identity``; and of two pages that were saved as a title and an
    abstract, which say nothing else, an equal title is enough: it may be a conference paper and its
    journal article, and nobody wants to be told of both at once.
    """
    works = Works.of()
    firsts: list[int] = []
    found: list[int] = []
    alike: dict[str, int] = {}
    for position, paper in enumerate(papers):
        place = works.entered(paper)
        if place == len(firsts):
            firsts.append(position)
        found.append(firsts[place])
        if not (paper.ids or paper.authors) and speaks(paper.title):
            found[-1] = alike.setdefault(title_key(paper.title), found[-1])
    return found


def candidate_of(versions: Iterable[Paper], places: Iterable[Place]) -> Candidate:
    """A candidate of what was listed of it.

    Args:
        versions: In any order, perhaps repeated.
        places: Where it was listed, perhaps several on one page.

    Raises:
        ValueError: If there are no versions.
    """
    known = tuple(dict.fromkeys(versions))
    if len(known) > 1:
        known = tuple(sorted(known, key=repr))
    return Candidate(paper=merged(known), provenance=best_places(places), versions=known)


def joined(candidates: Iterable[Candidate]) -> Candidate:
    """One candidate of several that are the same paper; their order does not matter.

    Raises:
        ValueError: If there are none.
    """
    candidates = tuple(candidates)
    return candidate_of(
        chain.from_iterable(c.versions for c in candidates),
        chain.from_iterable(c.provenance for c in candidates),
    )


def merged(papers: Iterable[Paper]) -> Paper:
    """The best metadata of several versions of one paper.

    Each field is one version's or empty, chosen by looking at that field alone, so that order and
    repetition do not matter and merging a merged paper again is merging them all. Ids are all
    versions' ids, and references all versions' references.

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
        institutions=max((p.institutions for p in versions), key=lambda c: (len(c), c)),
        references=unique(chain.from_iterable(p.references for p in versions)),
        code=min((p.code for p in versions), key=lambda u: (not u, len(u), u)),
        website=min((p.website for p in versions), key=lambda u: (not u, len(u), u)),
    )


def best_places(places: Iterable[Place]) -> tuple[Place, ...]:
    """One place for each page, with the best position and the most votes, sorted."""
    found = tuple(places)
    if len(found) == 1:
        return found
    best: dict[tuple[str, str], Place] = {}
    for place in found:
        page = place.source, place.listing
        other = best.get(page, place)
        votes = [v for v in (place.votes, other.votes) if v is not None]
        position = min(place.position, other.position)
        curator = min(filter(None, (place.curator, other.curator)), default="")
        best[page] = Place(*page, position, max(votes, default=None), curator)
    return tuple(best[page] for page in sorted(best))


def _alone(page: Listing, listed: Listed) -> Candidate:
    curator = listed.curator or page.curator
    place = Place(page.source, page.name, listed.position, listed.votes, curator)
    return candidate_of((listed.paper,), (place,))


def groups(candidates: Sequence[Candidate]) -> Iterable[list[int]]:
    """Which candidates are one paper, by index, each group and all of them in the order given.

    Candidates are one paper if they share a version, or if versions of theirs share a name and are
    one work, or if others link them.
    """
    place = {v: i for i, v in enumerate(dict.fromkeys(v for c in candidates for v in c.versions))}
    works = Works.of(place)
    parent = list(range(len(place)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for candidate in candidates:
        for version in candidate.versions[1:]:
            parent[root(place[version])] = root(place[candidate.versions[0]])
    earlier: dict[str, list[int]] = {}
    for version, i in place.items():
        for name in names(version):
            for j in earlier.setdefault(name, []):
                if root(i) != root(j) and works.same(i, j):
                    parent[root(i)] = root(j)
            earlier[name].append(i)
    found: dict[int, list[int]] = {}
    for number, candidate in enumerate(candidates):
        found.setdefault(root(place[candidate.versions[0]]), []).append(number)
    return found.values()


def _dates(pages: Iterable[Listing]) -> Iterable[str]:
    return (one.paper.published for page in pages for one in page.papers if one.paper.published)


def _publication_rank(kind_and_venue: tuple[Kind, str]) -> tuple[int, bool, int, str, str]:
    """Kind and venue are chosen together, or an article would appear in a preprint server."""
    kind, venue = kind_and_venue
    certainty = {Kind.OTHER: 0, Kind.PREPRINT: 1}.get(kind, 2)
    return certainty, bool(venue), len(venue), venue, kind.value


_MONTH = len("2024-03")
