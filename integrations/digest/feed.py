"""Suggestions as an Atom feed, made for Zotero's feed reader and read by every other."""

import html
import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from integrations.files.marked_document import Syntax
from integrations.files.marked_file import MarkedFile
from recommender import wording
from recommender.identifiers import Scheme
from recommender.papers import Paper
from recommender.suggestions import Suggestion


class AtomFeed(MarkedFile):
    """A feed of suggestions: why stands first in each entry, then the abstract."""

    service = "Atom feed"
    syntax = Syntax("atom", '<?xml version="1.0" encoding="utf-8"?>\n', "<!-- ", " -->")

    def head(self, blocks: Sequence[str], earlier: str) -> str:
        """The feed's own elements; it changed when its newest suggestion was made."""
        feed = ET.Element("feed", _NAMESPACES)
        _add(feed, "id", self._id(blocks, earlier))
        _add(feed, "title", "Shelfwise: suggestions")
        if self._about:
            _add(feed, "subtitle", self._about)
        dates = (date for block in blocks for date in _UPDATED.findall(block))
        _add(feed, "updated", max(dates, default=_NEVER))
        _add(_add(feed, "author"), "name", "Shelfwise")
        _add(feed, "generator", "Shelfwise")
        return _lines(feed).removesuffix("</feed>\n")

    def block(self, suggestion: Suggestion, others: str) -> str:
        """The suggestion as an entry."""
        paper = suggestion.paper
        entry = ET.Element("entry")
        _add(entry, "id", _urn(f"suggestion {suggestion.suggestion_id}"))
        _add(entry, "title", wording.visible(paper.title))
        suggested = wording.moment(suggestion.suggested_at)
        _add(entry, "updated", suggested if self._dated else _beginning(paper.published))
        if len(paper.published) == _FULL_DATE:
            _add(entry, "published", _beginning(paper.published))
        for author in paper.authors:
            if name := wording.visible(str(author)):
                _add(_add(entry, "author"), "name", name)
        if url := wording.link(paper):
            _add(entry, "link", rel="alternate", href=url)
        for category in filter(None, map(wording.visible, paper.categories)):
            _add(entry, "category", term=category)
        _add_bibliography(entry, paper)
        _add(entry, "content", _told(suggestion), type="html")
        return _lines(entry)

    def foot(self, blocks: Sequence[str]) -> str:
        """The feed's end."""
        return "</feed>\n"

    def _id(self, blocks: Sequence[str], earlier: str) -> str:
        """The feed's name: from what it held first, and from then on the one in its head.

        Feed readers take two feeds of one name for the same, so the file's name alone is not
        enough; its folder would be, but the same input would give other bytes elsewhere. A feed
        that never held anything has nothing else to go by, and gets its own name with its first
        suggestion.
        """
        empty = _urn(f"feed {self._path.name}")
        if (kept := _ID.search(earlier)) and kept[1] != empty:
            return kept[1]
        held = [found[1] for block in blocks if (found := _ID.search(block))]
        return _urn("\n".join((f"feed {self._path.name}", *held))) if held else empty


def _add_bibliography(entry: ET.Element, paper: Paper) -> None:
    # Readers that keep one identifier keep the last, and the DOI is worth most.
    for scheme in (Scheme.ISBN, Scheme.PMID, Scheme.ARXIV, Scheme.DOI):
        if found := paper.id(scheme):
            _add(entry, "dc:identifier", wording.visible(f"{_LABELS[scheme]}{found.value}"))
    if doi := paper.id(Scheme.DOI):
        _add(entry, "prism:doi", wording.visible(doi.value))
    if venue := wording.visible(paper.venue):
        _add(entry, "prism:publicationName", venue)


def _told(suggestion: Suggestion) -> str:
    """Why and what, as HTML."""
    lead = [f"<strong>Score {suggestion.score:.2f}</strong>"]
    if purpose := wording.purpose(suggestion):
        lead.append(html.escape(purpose))
    told = [f"<p>{' · '.join(lead)}</p>"]
    if suggestion.reasons:
        reasons = (
            f"<li>{share} {html.escape(wording.visible(reason.text))}</li>"
            for reason, share in wording.shares(suggestion)
        )
        told.append(f"<ul>{''.join(reasons)}</ul>")
    if abstract := wording.visible(suggestion.paper.abstract):
        told.append(f"<p>{html.escape(abstract)}</p>")
    return "".join(told)


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, tag, attributes)
    child.text = text or None
    return child


def _lines(element: ET.Element) -> str:
    ET.indent(element)
    return ET.tostring(element, encoding="unicode") + "\n"


def _beginning(published: str) -> str:
    """The first moment of a paper's date, of whatever length; that of all time without one."""
    return f"{published}{_NEVER[len(published) :]}" if published else _NEVER


def _urn(name: str) -> str:
    """A name that is the same for ever and nobody else's."""
    # A file's name may hold bytes that are no text.
    return uuid.uuid5(_OURS, name.encode("utf-8", "backslashreplace").decode()).urn


# The prefixes are part of the tags, so that an entry alone need not declare them.
_NAMESPACES = {
    "xmlns": "http://www.w3.org/2005/Atom",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:prism": "http://prismstandard.org/namespaces/basic/2.0/",
}
_LABELS = {
    Scheme.DOI: "doi:",
    Scheme.ARXIV: "arXiv:",
    Scheme.PMID: "pmid:",
    Scheme.ISBN: "isbn:",
}
_OURS = uuid.UUID("5e1f0153-07f1-5bd5-9a3e-3f0f6d0c5a11")
_FULL_DATE = len("2024-03-05")
_ID = re.compile(r"<id>(urn:uuid:[0-9a-f-]{36})</id>")
_UPDATED = re.compile(r"<updated>(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)</updated>")
# A feed and its entries must say when they changed last, even those of which nobody knows.
_NEVER = "1970-01-01T00:00:00Z"
