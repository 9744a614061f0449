"""Entries of arXiv's feeds, and of its interface's answers, as papers. Pure.

https://info.arxiv.org/help/rss_specifications.html, https://info.arxiv.org/help/api/user-manual.html
"""

import re
from collections.abc import Mapping
from typing import Any

from integrations.files.records import storable, text
from integrations.pages import pages
from integrations.pages.people import authors, listed_in_order
from recommender.errors import BadResponse
from recommender.identifiers import PaperId, Scheme, attempt, unique
from recommender.papers import Author, Kind, Paper, date_in

SERVICE = "arXiv"


def paper_id(entry: Mapping[str, Any]) -> PaperId | None:
    """The arXiv id of a feed's entry, if the entry is arXiv's own."""
    name = str(entry.get("id", ""))
    own = re.match(r"oai:arXiv\.org:|https?://(?:export\.)?arxiv\.org/abs/", name, re.I)
    if not own:
        # The RSS of some years has nothing but the link.
        name = str(entry.get("link", ""))
        own = re.match(r"https?://(?:export\.)?arxiv\.org/abs/", name, re.I)
    return attempt(Scheme.ARXIV, name) if own else None


def refuse_error(entry: Mapping[str, Any]) -> None:
    """Raise what arXiv's interface says in the place of papers when it refuses a query.

    Raises:
        BadResponse: If this entry is such an error.
    """
    if is_error(entry):
        reason = text(str(entry.get("summary", ""))) or "no reason given"
        raise BadResponse(SERVICE, f"arXiv answered with an error ({reason}); mend the query")


def paper(entry: Mapping[str, Any], arxiv_id: PaperId, title: str) -> Paper:
    """The paper of an entry of arXiv's.

    Its text is no HTML: arXiv writes down what the authors typed, LaTeX and ``<`` as they stand.
    """
    doi = attempt(Scheme.DOI, storable(str(entry.get("arxiv_doi", ""))))
    ids = unique((arxiv_id, doi))
    # An announcement of a new version says when that version came, not the paper.
    announced = "" if is_replacement(entry) else date_in(storable(str(entry.get("published", ""))))
    journal = entry.get("arxiv_journal_ref") or entry.get("arxiv_journal_reference") or ""
    return Paper(
        title=title,
        abstract=_ANNOUNCEMENT.sub("", text(str(entry.get("summary", "")))),
        authors=_authors(entry),
        venue=venue(str(journal)),
        published=announced or pages.arxiv_month(ids),
        ids=ids,
        kind=Kind.PREPRINT,
        categories=tuple(
            dict.fromkeys(
                found for tag in entry.get("tags", ()) if (found := text(tag.get("term") or ""))
            )
        ),
    )


def venue(journal_ref: str) -> str:
    """Where a paper was published; empty where it only may be, some day."""
    said = text(journal_ref)
    return "" if _HOPED_FOR.search(said) else said


def is_withdrawn(abstract: str, comments: str) -> bool:
    """Whether a paper was withdrawn: what is left of it says that and little more."""
    return bool(_WITHDRAWN.match(abstract) or _WITHDRAWN.search(text(comments)))


def is_error(entry: Mapping[str, Any]) -> bool:
    """Whether an entry stands in the place of papers, and says why there are none."""
    return "arxiv.org/api/errors" in str(entry.get("id", ""))


def is_replacement(entry: Mapping[str, Any]) -> bool:
    """Whether an announcement's entry is a new version of a paper that was announced before."""
    return str(entry.get("arxiv_announce_type", "new")).startswith("replace")


def _authors(entry: Mapping[str, Any]) -> tuple[Author, ...]:
    names = [storable(str(author.get("name", ""))) for author in entry.get("authors", ())]
    # An announcement has all of them in one text, an answer of the interface one by one.
    return listed_in_order(names[0]) if len(names) == 1 else authors(names)


_ANNOUNCEMENT = re.compile(r"^arXiv:\S+\s+Announce Type:\s*\S+\s+(?:Abstract:\s*)?", re.I)
_HOPED_FOR = re.compile(r"\b(?:submitted|under review|in preparation)\b", re.I)
_WITHDRAWN = re.compile(
    r"\b(?:this|the) (?:paper|article|submission|manuscript|preprint|work|version|report)"
    r" (?:has been|is|was) (?:temporarily )?(?:withdrawn|removed)\b"
    r"|^(?:paper )?withdrawn\b",
    re.I,
)
