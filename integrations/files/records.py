"""From the loose fields of a file's record to an entry: what every format decides alike. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from integrations.files.contents import uniquely
from integrations.files.latex import plain_text, without_markup
from recommender.identifiers import PaperId, Scheme, attempt, found_in, unique
from recommender.library import Collection, Entry, Item, OtherKind, Tag, Unreadable
from recommender.papers import Author, Kind, Paper, Skipped


@dataclass(frozen=True, slots=True)
class Genres:
    """What a format's types of record are.

    Attributes:
        papers: Those that researchers read and cite.
        pages: Papers only where the record has a paper's id, such as a web page of a preprint.
        others: Never papers. A type in none of the three is one with an author or an id.
    """

    papers: dict[str, Kind]
    pages: frozenset[str]
    others: frozenset[str]

    def kind(self, genre: str, *, n_ids: int, n_authors: int) -> Kind | None:
        """The kind of paper that a record of this type is; None where it is no paper."""
        if genre in self.papers:
            return self.papers[genre]
        if genre in self.others:
            return None
        enough = n_ids if genre in self.pages else n_ids + n_authors
        return Kind.OTHER if enough else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record's fields as the file spells them.

    Attributes:
        key: Its name, if it has one, perhaps the same as another's.
        place: Where it stands in the file, with the key that the file gives it.
        genre: Its type, in the format's own word.
        genres: What that format's words mean.
        isbns: Of the work; those of a chapter's book do no harm.
        named: Ids from fields of their own.
        urls: The best first.
        extra: Free text whose labelled lines, such as ``PMID: 123``, name ids.
        called: What a person calls its type, if that is not ``genre``.
    """

    key: str
    place: str
    genre: str
    genres: Genres
    title: str = ""
    abstract: str = ""
    authors: tuple[Author, ...] = ()
    venue: str = ""
    published: str = ""
    isbns: str = ""
    named: tuple[PaperId | None, ...] = ()
    urls: tuple[str, ...] = ()
    extra: str = ""
    tags: tuple[Tag, ...] = ()
    categories: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    added_at: datetime | None = None
    trashed: bool = False
    called: str = ""


def entries(records: Iterable[Record | Unreadable]) -> tuple[Entry, ...]:
    """The entries that a file's records are, with their keys made unique."""
    records = list(records)
    keyed = zip(records, uniquely(record.key for record in records), strict=True)
    return tuple(
        replace(record, key=key) if isinstance(record, Unreadable) else _entry(record, key)
        for record, key in keyed
    )


def _entry(record: Record, key: str) -> Entry:
    linked = [found for url in record.urls for found in found_in(url)]
    ids = unique([*record.named, *linked, *labelled(f"{record.extra}\n{record.venue}")])
    kind = record.genres.kind(record.genre, n_ids=len(ids), n_authors=len(record.authors))
    if kind is None:
        return OtherKind(key, record.called or record.genre or "unknown")
    if not record.title:
        return Unreadable(key, Skipped(record.place, "has no title"))
    if kind is Kind.BOOK:
        ids = unique([*ids, *isbns(record.isbns)])
    if _is_preprint(kind, record.venue, ids):
        kind = Kind.PREPRINT
    paper = Paper(
        title=record.title,
        abstract=record.abstract,
        authors=record.authors,
        # Older exports give a preprint's number and class as its journal: arXiv:1701.08140 [stat].
        venue="arXiv" if re.match(r"arxiv:", record.venue, re.I) else record.venue,
        published=record.published,
        ids=ids,
        url=_page(record.urls, ids),
        kind=kind,
        categories=record.categories,
    )
    return Item(
        key=key,
        paper=paper,
        collections=record.collections,
        tags=record.tags,
        added_at=record.added_at,
        trashed=record.trashed,
    )


def text(value: object) -> str:
    """A field's value as plain text: of a list its first value, of anything else nothing."""
    if isinstance(value, list):
        value = next((v for v in value if v), "")
    if not isinstance(value, str):
        return ""
    return plain_text(storable(value))


def storable(value: str) -> str:
    r"""The text without what no database takes: control characters and halves of characters.

    JSON may spell half a character, as ``\ud83d``.
    """
    if _HALF.search(value):
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", value)


def key_of(key: str, title: str, authors: Iterable[Author], published: str) -> str:
    """The record's own key, or one from what it says, such as ``shannon1948mathematical``.

    A position would move with every record that is put before it, and take for new what is old.
    """
    if key:
        return key
    family = next((a.family for a in authors), "")
    words = [w for w in re.findall(r"\w+", title.lower()) if len(w) > 3] or [title.lower()]
    return re.sub(r"\W", "", f"{family.lower()}{published[:4]}{words[0]}")


def tags(words: Iterable[str], *, automatic: bool = False) -> tuple[Tag, ...]:
    """The words as tags, in their order, each once."""
    named = (text(word) for word in words)
    return tuple(Tag(name, automatic) for name in dict.fromkeys(named) if name)


def place(where: str, key: str) -> str:
    """Where a record stands, with the key that the file gives it: ``line 120 (smith2020)``."""
    return f"{where} ({key})" if key else where


def outer_first(collections: Iterable[Collection]) -> tuple[Collection, ...]:
    """The collections in their order, but each behind the one around it.

    One whose parent is missing, or that is inside itself, has no parent.
    """
    waiting = {collection.key: collection for collection in collections}
    placed: dict[str, Collection] = {}
    while waiting:
        ready = [c for c in waiting.values() if c.parent is None or c.parent in placed]
        # Nothing can be placed below what is not there.
        lost = [replace(c, parent=None) for c in waiting.values() if c.parent not in waiting]
        first = next(iter(waiting.values()))
        for collection in ready or lost or [replace(first, parent=None)]:
            placed[collection.key] = collection
            del waiting[collection.key]
    return tuple(placed.values())


def labelled(extra: str) -> Iterable[PaperId]:
    """The ids in the lines of a free text that begin with a scheme's name or are a link.

    An id in the middle of a sentence is as likely another paper's.
    """
    for line in without_markup(extra).splitlines():
        if _LABEL.match(line):
            yield from found_in(line.strip())


def isbns(value: str) -> Iterable[PaperId | None]:
    """The ISBNs that a field holds, however they are set apart."""
    return (attempt(Scheme.ISBN, found) for found in _ISBN.findall(value))


def _is_preprint(kind: Kind, venue: str, ids: tuple[PaperId, ...]) -> bool:
    if kind is Kind.OTHER:
        return any(found.scheme is Scheme.ARXIV for found in ids)
    # Before Zotero knew preprints, it filed them as articles of a journal of that name.
    return kind is Kind.ARTICLE and bool(_SERVER.match(venue))


def _page(urls: Iterable[str], ids: tuple[PaperId, ...]) -> str:
    addresses = (storable(url).strip() for url in urls)
    first = next((url for url in addresses if re.match(r"https?://\S+$", url)), "")
    # A resolver's link says no more than the id that it spells.
    if re.match(r"https?://(?:dx\.)?doi\.org/", first) and ids:
        return ""
    here = re.sub("^http:", "https:", first)
    return "" if ids and here == ids[0].url else first


_HALF = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f\ufffe\uffff]")
_ISBN = re.compile(r"97[89](?:[\s‐-]?\d){10}|\d(?:[\s‐-]?\d){8}[\s‐-]?[\dXx]")
_SERVER = re.compile(r"(?:arxiv|biorxiv|medrxiv|chemrxiv|psyarxiv|ssrn)\b", re.I)
_LABEL = re.compile(
    r"\s*(?:doi|arxiv|pmid|openreview|acl|dblp|s2id|openalex|eprint|url)\b|\s*https?://\S+\s*$",
    re.I,
)
