"""Suggestions as a BibTeX file, which JabRef and BibDesk open and Zotero imports."""

from collections.abc import Iterator, Sequence

from integrations.files.bibtex_writing import braced, cite_key, names, verbatim
from integrations.files.marked_document import Syntax
from integrations.files.marked_file import MarkedFile
from recommender import wording
from recommender.identifiers import Scheme
from recommender.papers import Kind, Paper
from recommender.suggestions import Suggestion


class BibShelf(MarkedFile):
    """A bibliography of suggestions, in a group of their own, each with a note that says why."""

    service = "BibTeX shelf"
    syntax = Syntax("bib", "% Encoding: UTF-8\n", "% ", "")

    def head(self, blocks: Sequence[str], earlier: str) -> str:
        """What the file is; comments alone."""
        # In BibTeX an @ begins an entry wherever it stands.
        about = self._about.replace("@", "(at)")
        lines = ["Suggestions by Shelfwise.", *([about] if about else [])]
        lines.append("Between the marks, what you change stays as you made it.")
        return "".join(f"% {line}\n" for line in lines) + "\n"

    def block(self, suggestion: Suggestion, others: str) -> str:
        """The suggestion as an entry, under a cite key that no other entry has."""
        paper = suggestion.paper
        key = cite_key(paper, suggestion.suggestion_id, others)
        kind, place = _TYPES[paper.kind]
        fields = "".join(f"  {name} = {value},\n" for name, value in _fields(suggestion, place))
        return f"@{kind}{{{key},\n{fields}}}\n\n"

    def foot(self, blocks: Sequence[str]) -> str:
        """The group of which the entries say that they are in it."""
        return _GROUPS


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
    yield "keywords", "{shelfwise}"
    yield "groups", "{Shelfwise}"


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
_GROUPS = """\
@Comment{jabref-meta: databaseType:bibtex;}

@Comment{jabref-meta: grouping:
0 AllEntriesGroup:;
1 StaticGroup:Shelfwise\\;0\\;1\\;\\;\\;\\;;
}
"""
