"""From a suggestion to what is written in Zotero, and what tells that nobody touched it. Pure."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from integrations.zotero.item_types import (
    ITEM_TYPES,
    MAX_CREATOR_CHARACTERS,
    MAX_FIELD_BYTES,
    MAX_TAG_CHARACTERS,
)
from integrations.zotero.keys import extra_line
from integrations.zotero.notes import note_html
from recommender.identifiers import Scheme
from recommender.papers import Author, Kind, Paper
from recommender.suggestions import Suggestion
from recommender.wording import beside, link, visible


def item_json(suggestion: Suggestion, *, tag: str = "") -> dict[str, Any]:
    """The suggestion as an item, in no collection and without a key.

    It has only fields that Zotero knows for its type and that have something to say, in the form
    that Zotero's server stores them: nothing is too long, and no white space or control character
    is there that it would take away.

    Args:
        suggestion: What to put there; the last line of its Extra says which one it is.
        tag: What our items are tagged with, as a program's tag; empty for none.
    """
    paper = suggestion.paper
    item_type = type_of(paper)
    found: dict[str, Any] = {"itemType": item_type, "title": _field(paper.title)}
    if creators := [c for author in paper.authors if (c := _creator(author))]:
        found["creators"] = creators
    found |= {name: value for name, value in _fields(paper, item_type) if value}
    lines = [*_other_names(paper, item_type), extra_line(suggestion.suggestion_id)]
    found["extra"] = "\n".join(lines)
    if word := visible(tag)[:MAX_TAG_CHARACTERS].rstrip():
        found["tags"] = [{"tag": word, "type": 1}]
    return found


def note_json(suggestion: Suggestion, parent: str, *, more: str, less: str) -> dict[str, Any]:
    """The suggestion's note, under the item of that key.

    Raises:
        ValueError: If the reasons' shares do not add up to the score.
    """
    note = note_html(suggestion, more=more, less=less)
    return {"itemType": "note", "parentItem": parent, "note": note}


def type_of(paper: Paper) -> str:
    """Zotero's type for a paper: of a kind that nobody told us, a preprint if arXiv has it."""
    if paper.kind is Kind.OTHER and paper.id(Scheme.ARXIV):
        return "preprint"
    return _TYPES[paper.kind]


def fingerprint(item: Mapping[str, Any], note: Mapping[str, Any] | None) -> str:
    """What an item and its note are, in a form that changes when a person changes either.

    Taken of what the server answered to the write, and compared with what it says later: key
    order, tag order, fields without content, and how a letter is composed make no difference, so
    what is sent in the form that the server stores has the same fingerprint too. Versions and dates
    are left out, and so are the item's collections, which the shelf itself sets.

    Args:
        item: Its ``data``.
        note: Its ``data``; nothing where the item has no note of ours.

    Returns:
        64 hexadecimal digits.
    """
    parts = [_essence(item), _essence(note) if note is not None else None]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def is_trashed(item: Mapping[str, Any]) -> bool:
    """Whether an object's ``data`` says that it is in the trash: on the web 1, locally true."""
    return bool(item.get("deleted"))


def _fields(paper: Paper, item_type: str) -> Iterator[tuple[str, str]]:
    yield "abstractNote", _field(paper.abstract)
    yield "date", paper.published
    address = link(paper)
    # Half an address leads nowhere.
    yield "url", address if len(address.encode()) <= MAX_FIELD_BYTES else ""
    arxiv = paper.id(Scheme.ARXIV)
    if item_type == "preprint" and arxiv:
        yield "repository", "arXiv"
        yield "archiveID", f"arXiv:{arxiv.value}"
        if not paper.id(Scheme.DOI):
            # arXiv registers one for every paper; by it Zotero finds a copy that the reader saves.
            yield "DOI", f"10.48550/arXiv.{arxiv.value}"
    else:
        yield _VENUES[item_type], _field(paper.venue)
    for scheme, name in _ID_FIELDS:
        if name in ITEM_TYPES[item_type].fields and (found := paper.id(scheme)):
            yield name, found.value


def _other_names(paper: Paper, item_type: str) -> Iterator[str]:
    """Lines of Extra for the ids that this type has no field for."""
    arxiv = paper.id(Scheme.ARXIV)
    if arxiv and item_type != "preprint":
        yield f"arXiv: {arxiv.value}"
    for scheme, name in _ID_FIELDS:
        # Where the type has the field, Zotero would move the line there: it would look edited.
        if name not in ITEM_TYPES[item_type].fields and (found := paper.id(scheme)):
            yield f"{name}: {found.value}"
    for what, url in beside(paper):
        # Half an address leads nowhere. What Zotero has a field for would be moved: "Code" alone.
        if len(url.encode()) <= MAX_FIELD_BYTES:
            yield f"{what}: {url}"


def _creator(author: Author) -> dict[str, str] | None:
    family, given = _name(author.family), _name(author.given)
    if family and given:
        return {"creatorType": "author", "firstName": given, "lastName": family}
    # The server refuses a creator without any name, and the item with it.
    name = family or given
    return {"creatorType": "author", "name": name} if name else None


def _field(text: str) -> str:
    """The text on one line, cut to what a field holds, between two characters."""
    return visible(text).encode()[:MAX_FIELD_BYTES].decode(errors="ignore").rstrip()


def _name(text: str) -> str:
    return visible(text)[:MAX_CREATOR_CHARACTERS].rstrip()


def _essence(found: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in found.items() if name not in _PASSING}
    essence = {name: _plain(value) for name, value in kept.items() if value}
    if tags := found.get("tags"):
        essence["tags"] = sorted({(_plain(t.get("tag", "")), int(t.get("type", 0))) for t in tags})
    return essence


def _plain(value: Any) -> Any:
    """A value in the one form in which two answers that mean the same are the same."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items() if inner}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    # Zotero composes what is written to it (NFC).
    return "1" if value is True else unicodedata.normalize("NFC", str(value).strip())


_TYPES = {
    Kind.ARTICLE: "journalArticle",
    Kind.CONFERENCE: "conferencePaper",
    Kind.PREPRINT: "preprint",
    Kind.BOOK: "book",
    Kind.CHAPTER: "bookSection",
    Kind.THESIS: "thesis",
    Kind.REPORT: "report",
    Kind.OTHER: "document",
}
_VENUES = {
    "journalArticle": "publicationTitle",
    "conferencePaper": "proceedingsTitle",
    "preprint": "repository",
    "book": "publisher",
    "bookSection": "bookTitle",
    "thesis": "university",
    "report": "institution",
    "document": "publisher",
}
_ID_FIELDS = ((Scheme.DOI, "DOI"), (Scheme.PMID, "PMID"), (Scheme.ISBN, "ISBN"))
# What the server keeps of itself, and the collections, which are judged apart.
_PASSING = frozenset(("key", "version", "dateAdded", "dateModified", "collections", "tags"))
