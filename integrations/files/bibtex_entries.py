"""A suggestion as a BibTeX entry. Pure."""

from collections.abc import Iterator, Mapping

from integrations.files.bibtex_writing import braced, names, verbatim
from recommender import wording
from recommender.identifiers import Scheme
from recommender.papers import Kind, Paper
from recommender.suggestions import Suggestion


def entry(suggestion: Suggestion, key: str, filed: Mapping[str, str]) -> str:
    """The suggestion as an entry, from its ``@`` up to its closing brace.

    Args:
        suggestion: The suggestion.
        key: Its cite key.
        filed: Further fields, behind those of the paper: names with values in their braces.
    """
    kind, place = _TYPES[suggestion.paper.kind]
    fields = (*_fields(suggestion, place), *filed.items())
    lines = "".join(f"  {name} = {value},\n" for name, value in fields)
    return f"@{kind}{{{key},\n{lines}}}"


def _fields(suggestion: Suggestion, place: str) -> Iterator[tuple[str, str]]:
    paper = suggestion.paper
    # The inner braces keep the capitals as they are.
    yield "title", f"{{{braced(paper.title)}}}"
    if authors := names(paper.authors):
        yield "author", f"{{{authors}}}"
    if paper.venue:
        yield place, braced(paper.venue)
    yield from _date(paper.published)
    yield from _names(paper)
    if paper.abstract:
        yield "abstract", braced(paper.abstract)
    yield "annote", braced(_why(suggestion))


def _date(published: str) -> Iterator[tuple[str, str]]:
    year, month, day = (*published.split("-"), "", "")[:3]
    if year:
        yield "year", f"{{{year}}}"
    if month:
        yield "month", _MONTHS[int(month) - 1]
    if day:
        yield "day", f"{{{int(day)}}}"


def _names(paper: Paper) -> Iterator[tuple[str, str]]:
    if doi := paper.id(Scheme.DOI):
        yield "doi", verbatim(doi.value)
    if arxiv := paper.id(Scheme.ARXIV):
        yield "eprint", verbatim(arxiv.value)
        yield "archiveprefix", "{arXiv}"
    if pmid := paper.id(Scheme.PMID):
        yield "pmid", verbatim(pmid.value)
    if paper.kind is Kind.BOOK and (isbn := paper.id(Scheme.ISBN)):
        yield "isbn", verbatim(isbn.value)
    if url := wording.link(paper):
        yield "url", verbatim(url)


def _why(suggestion: Suggestion) -> str:
    parts = "; ".join(f"{share} {reason.text}" for reason, share in wording.shares(suggestion))
    purpose = wording.purpose(suggestion)
    lead = f"Suggested by Shelfwise, score {suggestion.score:.2f}"
    return ". ".join(filter(None, (f"{lead}: {parts}" if parts else lead, purpose))) + "."


_TYPES = {
    Kind.ARTICLE: ("article", "journal"),
    Kind.CONFERENCE: ("inproceedings", "booktitle"),
    Kind.PREPRINT: ("misc", "howpublished"),
    Kind.BOOK: ("book", "publisher"),
    Kind.CHAPTER: ("incollection", "booktitle"),
    Kind.THESIS: ("phdthesis", "school"),
    Kind.REPORT: ("techreport", "institution"),
    Kind.OTHER: ("misc", "howpublished"),
}
# Macros that every BibTeX style defines.
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
