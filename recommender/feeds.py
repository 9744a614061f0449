"""Suggestions as feeds, Atom and JSON Feed: whole ones, and the pieces that files keep. Pure.

Both are made for Zotero's feed reader and read by every other: names that no other feed has, since
a suggestion's id is made of its profile; each author alone; and why it is here before what it says.
An entry is made of its suggestion and of nothing else, so it is the same in each run.

RFC 4287 (https://www.rfc-editor.org/rfc/rfc4287); https://www.jsonfeed.org/version/1.1/
"""

import html
import json
import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

from recommender import wording
from recommender.identifiers import Scheme
from recommender.papers import Paper
from recommender.suggestions import Suggestion

TITLE = "Shelfwise: suggestions"
"""What a feed is called where nobody knows the profile."""

OURS = "_shelfwise"
"""Where a JSON feed, and each of its items, says what the format has no place for."""

ATOM_PREFACE = '<?xml version="1.0" encoding="utf-8"?>\n'
ATOM_FOOT = "</feed>\n"


def atom(
    suggestions: Sequence[Suggestion],
    *,
    feed_id: str,
    title: str = TITLE,
    about: str = "",
    self_url: str = "",
) -> str:
    """A whole Atom feed.

    Args:
        suggestions: In the order in which they are to stand.
        feed_id: What the feed is called for ever, and no other: an IRI, such as ``urn`` makes.
        title: For readers.
        about: A line on what was looked at.
        self_url: Where the feed is served; empty for a file.
    """
    entries = [atom_entry(suggestion) for suggestion in suggestions]
    head = atom_head(entries, feed_id=feed_id, title=title, about=about, self_url=self_url)
    return f"{ATOM_PREFACE}{head}{''.join(entries)}{ATOM_FOOT}"


def atom_head(
    entries: Sequence[str],
    *,
    feed_id: str,
    title: str = TITLE,
    about: str = "",
    self_url: str = "",
) -> str:
    """The feed's own elements; it changed when its newest entry did. ``atom`` says the rest."""
    feed = ET.Element("feed", _NAMESPACES)
    _add(feed, "id", feed_id)
    _add(feed, "title", wording.visible(title))
    if about := wording.visible(about):
        _add(feed, "subtitle", about)
    dates = (date for entry in entries for date in _UPDATED.findall(entry))
    _add(feed, "updated", max(dates, default=_NEVER))
    if url := wording.address(self_url):
        _add(feed, "link", rel="self", type="application/atom+xml", href=url)
    _add(_add(feed, "author"), "name", "Shelfwise")
    _add(feed, "generator", "Shelfwise")
    return _lines(feed).removesuffix(ATOM_FOOT)


def atom_entry(suggestion: Suggestion, *, dated: bool = True) -> str:
    """A suggestion as an entry, whole lines.

    Args:
        suggestion: The suggestion.
        dated: It is known when it was suggested first; otherwise it is as old as its paper.
    """
    paper = suggestion.paper
    entry = ET.Element("entry")
    _add(entry, "id", entry_id(suggestion.suggestion_id))
    _add(entry, "title", wording.visible(paper.title))
    _add(entry, "updated", _updated(suggestion, dated=dated))
    if published := _published(paper):
        _add(entry, "published", published)
    for name in _names(paper):
        _add(_add(entry, "author"), "name", name)
    if url := wording.link(paper):
        _add(entry, "link", rel="alternate", href=url)
    for what, url in wording.beside(paper):
        _add(entry, "link", rel="related", title=what, href=url)
    for category in _categories(paper):
        _add(entry, "category", term=category)
    for identifier in _identifiers(paper):
        _add(entry, "dc:identifier", identifier)
    if doi := paper.id(Scheme.DOI):
        _add(entry, "prism:doi", wording.visible(doi.value))
    if venue := wording.visible(paper.venue):
        _add(entry, "prism:publicationName", venue)
    _add(entry, "content", _told(suggestion), type="html")
    return _lines(entry)


def json_feed(
    suggestions: Sequence[Suggestion],
    *,
    feed_id: str,
    title: str = TITLE,
    about: str = "",
    self_url: str = "",
) -> str:
    """A whole JSON feed; the arguments are those of ``atom``."""
    head = json_head(feed_id=feed_id, title=title, about=about, self_url=self_url)
    return json_text({**head, "items": [json_item(suggestion) for suggestion in suggestions]})


def json_head(
    *, feed_id: str, title: str = TITLE, about: str = "", self_url: str = ""
) -> dict[str, Any]:
    """What a JSON feed says of itself, in its order; the items come behind."""
    head = {
        "version": "https://jsonfeed.org/version/1.1",
        # The format knows a feed by its address alone, which a file has none of.
        OURS: {"feed_id": feed_id},
        "title": wording.visible(title),
        "description": wording.visible(about),
        "feed_url": wording.address(self_url),
        "authors": [{"name": "Shelfwise"}],
    }
    return {name: value for name, value in head.items() if value}


def json_item(suggestion: Suggestion, *, dated: bool = True) -> dict[str, Any]:
    """A suggestion as an item, its names in their order; ``atom_entry`` says of ``dated``."""
    paper = suggestion.paper
    item = {
        "id": entry_id(suggestion.suggestion_id),
        "url": wording.link(paper),
        "title": wording.visible(paper.title),
        "content_html": _told(suggestion),
        "date_published": _published(paper),
        "date_modified": _updated(suggestion, dated=dated),
        "authors": [{"name": name} for name in _names(paper)],
        "tags": _categories(paper),
        OURS: {"identifiers": _identifiers(paper), "venue": wording.visible(paper.venue)},
    }
    return {name: value for name, value in item.items() if value}


def json_text(feed: dict[str, Any]) -> str:
    """A JSON feed as it is written.

    Raises:
        ValueError: If it holds a number that JSON has not.
    """
    return json.dumps(feed, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def entry_id(suggestion_id: str) -> str:
    """What a suggestion's entry is called, in every feed of its profile and in no other's."""
    return urn(f"suggestion {suggestion_id}")


def file_id(name: str, held: Sequence[str], earlier: str) -> str:
    """What the feed in a file is called: by what it held first, and then the same for ever.

    Feed readers take two feeds of one name for the same, so the file's name alone is not enough;
    its folder would be, but the same input would give other bytes elsewhere. A feed that never held
    anything has nothing else to go by, and gets its own name with its first suggestion.

    Args:
        name: The file's, without its folder.
        held: What its entries are called, newest first.
        earlier: What the feed was called so far; empty for a new one.
    """
    empty = urn(f"feed {name}")
    if earlier and earlier != empty:
        return earlier
    return urn("\n".join((f"feed {name}", *held))) if held else empty


def urn(name: str) -> str:
    """An IRI that is the same for ever for a name, and no other's."""
    # A file's name may hold bytes that are no text.
    return uuid.uuid5(_SPACE, name.encode("utf-8", "backslashreplace").decode()).urn


def _names(paper: Paper) -> list[str]:
    return [name for author in paper.authors if (name := wording.visible(str(author)))]


def _categories(paper: Paper) -> list[str]:
    return [name for category in paper.categories if (name := wording.visible(category))]


def _identifiers(paper: Paper) -> list[str]:
    # Readers that keep one identifier keep the last, and the DOI is worth most.
    found = [(label, paper.id(scheme)) for scheme, label in _LABELS.items()]
    return [wording.visible(f"{label}{one.value}") for label, one in found if one]


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
    if links := wording.beside(suggestion.paper):
        found = (f'<a href="{html.escape(url)}">{what}</a>' for what, url in links)
        told.append(f"<p>{' · '.join(found)}</p>")
    return "".join(told)


def _updated(suggestion: Suggestion, *, dated: bool) -> str:
    if dated:
        return wording.moment(suggestion.suggested_at)
    # The first moment of the paper's date, of whatever length; that of all time without one.
    published = suggestion.paper.published
    return f"{published}{_NEVER[len(published) :]}" if published else _NEVER


def _published(paper: Paper) -> str:
    """The day, which a year or a month alone is not."""
    is_whole = len(paper.published) == _FULL_DATE
    return f"{paper.published}{_NEVER[_FULL_DATE:]}" if is_whole else ""


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, tag, attributes)
    child.text = text or None
    return child


def _lines(element: ET.Element) -> str:
    ET.indent(element)
    return ET.tostring(element, encoding="unicode") + "\n"


# The prefixes are part of the tags, so that an entry alone need not declare them.
_NAMESPACES = {
    "xmlns": "http://www.w3.org/2005/Atom",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:prism": "http://prismstandard.org/namespaces/basic/2.0/",
}
_LABELS = {
    Scheme.ISBN: "isbn:",
    Scheme.PMID: "pmid:",
    Scheme.ARXIV: "arXiv:",
    Scheme.DOI: "doi:",
}
_SPACE = uuid.UUID("5e1f0153-07f1-5bd5-9a3e-3f0f6d0c5a11")
_FULL_DATE = len("2024-03-05")
_UPDATED = re.compile(r"<updated>(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)</updated>")
# A feed and its entries must say when they changed last, even those of which nobody knows.
_NEVER = "1970-01-01T00:00:00Z"
