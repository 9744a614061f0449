"""What is peculiar to arXiv's feeds: its announcements and its interface's answers. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from integrations.files.records import storable, text
from integrations.sources.pages import arxiv_month
from integrations.sources.people import authors, listed_in_order
from recommender.errors import BadResponse
from recommender.identifiers import PaperId, Scheme, attempt, unique
from recommender.papers import Kind, Paper, date_in

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
    if "arxiv.org/api/errors" in str(entry.get("id", "")):
        reason = text(str(entry.get("summary", ""))) or "no reason given"
        raise BadResponse(SERVICE, f"arXiv answered with an error ({reason}); mend the query")


def paper(entry: Mapping[str, Any], arxiv_id: PaperId, title: str) -> Paper:
    """The paper of an entry of arXiv's.

    Its text is no HTML: arXiv writes down what the authors typed, LaTeX and ``<`` as they stand.
    """
    doi = attempt(Scheme.DOI, storable(str(entry.get("arxiv_doi", ""))))
    ids = unique((arxiv_id, doi))
    # An announcement of a new version says when that version came, not the paper.
    is_new = not str(entry.get("arxiv_announce_type", "new")).startswith("replace")
    announced = date_in(storable(str(entry.get("published", "")))) if is_new else ""
    return Paper(
        title=title,
        abstract=_ANNOUNCEMENT.sub("", text(str(entry.get("summary", "")))),
        authors=_authors(entry),
        published=announced or arxiv_month(ids),
        ids=ids,
        kind=Kind.PREPRINT,
        categories=tuple(
            dict.fromkeys(
                found for tag in entry.get("tags", ()) if (found := text(tag.get("term") or ""))
            )
        ),
    )


def _authors(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    names = [storable(str(author.get("name", ""))) for author in entry.get("authors", ())]
    # An announcement has all of them in one text, an answer of the interface one by one.
    return listed_in_order(names[0]) if len(names) == 1 else authors(names)


_ANNOUNCEMENT = re.compile(r"^arXiv:\S+\s+Announce Type:\s*\S+\s+(?:Abstract:\s*)?", re.I)
