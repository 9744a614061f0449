"""The services that know papers, as catalogues: asked by ids at once, and by titles one by one."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from integrations.sources import arxiv, crossref, openalex, semantic_scholar
from integrations.web.client import Web
from recommender.identifiers import PaperId
from recommender.identity import is_untitled, names
from recommender.papers import Paper
from recommender.ports import Access

ByTitle = Callable[[str], Iterator[Paper]]


class ByIds(Protocol):
    """What a service has of some ids, in any order; of an id that it does not know, nothing."""

    def __call__(self, ids: Sequence[PaperId], /) -> Iterator[Paper]:
        """The papers."""


@dataclass(frozen=True, slots=True)
class ServiceCatalogue:
    """A service that can be asked for papers by their ids, and perhaps by their titles.

    A request tells it the ids, or the title, of papers that were listed and could be suggested;
    and of the reader's own papers the ids alone, where the reader agreed to that.

    Attributes:
        name: The service's.
        by_ids: Asks for many at once.
        by_title: Asks for one; None where the service cannot tell.
    """

    name: str
    by_ids: ByIds
    by_title: ByTitle | None = None

    def entries(self, papers: Sequence[Paper]) -> Iterator[tuple[int, Paper]]:
        """What it has of each paper, as ``ports.Catalogue`` says.

        Raises:
            IntegrationError: If the service cannot be asked.
        """
        rows = defaultdict[str, set[int]](set)
        for row, paper in enumerate(papers):
            for name in names(paper):
                rows[name].add(row)
        wanted = list(dict.fromkeys(paper_id for paper in papers for paper_id in paper.ids))
        found: set[int] = set()
        for entry in self.by_ids(wanted) if wanted else ():
            for row in sorted(set().union(*(rows[n] for n in names(entry) if n in rows))):
                found.add(row)
                yield row, entry
        if self.by_title:
            for row, paper in enumerate(papers):
                # A title that was made up for a work without one names no paper.
                if row not in found and not is_untitled(paper.title):
                    yield from ((row, entry) for entry in self.by_title(paper.title))


def crossref_catalogue(access: Access, web: Web | None = None) -> ServiceCatalogue:
    """Crossref: free, with authors, dates and references, and abstracts of some publishers."""
    web = web or Web(crossref.PACE, contact=access.contact)
    return ServiceCatalogue(
        crossref.PACE.service,
        lambda ids: crossref.by_ids(web, ids, key=access.key),
        lambda title: crossref.by_title(web, title, key=access.key),
    )


def openalex_catalogue(access: Access, web: Web | None = None) -> ServiceCatalogue:
    """OpenAlex: with abstracts, institutions and references; a search costs more than an id."""
    web = web or Web(openalex.PACE, contact=access.contact)
    return ServiceCatalogue(
        openalex.PACE.service,
        lambda ids: openalex.by_ids(web, ids, key=access.key),
        lambda title: openalex.by_title(web, title, key=access.key),
    )


def semantic_scholar_catalogue(access: Access, web: Web | None = None) -> ServiceCatalogue:
    """Semantic Scholar: with abstracts and references; it hardly answers without a key."""
    web = web or Web(semantic_scholar.PACE, contact=access.contact)
    return ServiceCatalogue(
        semantic_scholar.PACE.service,
        lambda ids: semantic_scholar.by_ids(web, ids, key=access.key),
        lambda title: semantic_scholar.by_title(web, title, key=access.key),
    )


def arxiv_catalogue(access: Access, web: Web | None = None) -> ServiceCatalogue:
    """arXiv: free, for what has an arXiv id; its search knows too many papers for each title."""
    web = web or Web(arxiv.PACE, contact=access.contact)
    return ServiceCatalogue(arxiv.PACE.service, lambda ids: arxiv.by_ids(web, ids))
