"""RSS, Atom and RDF feeds of journals, preprint servers and arXiv. Pure."""

import io
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from integrations.files.contents import decoded
from integrations.files.records import storable, text
from integrations.files.xml_root import root
from integrations.pages import arxiv_entries, pages
from integrations.pages.markup import own_words, plain
from integrations.pages.people import authors, authors_in
from recommender.errors import BadResponse
from recommender.identifiers import PaperId, Scheme, attempt, found_in, unique
from recommender.listings import Listing
from recommender.papers import Author, Kind, Paper, Skipped, date_in

SERVICE = "feed"

LIMIT = 32 * 2**20
"""The longest feed, in bytes, that is read."""


_ONE_AT_A_TIME = Lock()


def matches(head: bytes) -> bool:
    """Whether a file is a feed, given how it begins; RDF of other kinds is none."""
    found = root(decoded(head))
    if not found:
        return False
    name = found.name.rpartition(":")[2].lower()
    if name == "rdf":
        return bool(_RSS_IN_RDF.search(found.attributes))
    return name == "rss" or (name == "feed" and bool(_ATOM.search(found.attributes)))


def listing(data: bytes, *, source: str, name: str) -> Listing:
    """The entries of a feed, in its order; none on a day without news.

    Raises:
        BadResponse: If nothing in it can be read, if it is longer than ``LIMIT``, or if it is what
            arXiv answers in the place of papers.
    """
    if len(data) > LIMIT:
        raise BadResponse(
            SERVICE, f"longer than {LIMIT // 2**20} MiB; no feed is; give a shorter one"
        )
    # What is made of a feed takes twenty times its size for a moment, and feeds come all at once.
    with _ONE_AT_A_TIME:
        return _listing(data, source, name)


def _listing(data: bytes, source: str, name: str) -> Listing:
    found = _parsed(data)
    # feedparser's own dictionaries answer for keys that they do not have.
    feed, entries = dict(found["feed"]), [dict(entry) for entry in found["entries"]]
    broken = _broken(found, data)
    if broken and not any(entry.get("title") for entry in entries):
        raise BadResponse(SERVICE, f"{broken.place}: {broken.reason}; fetch it again")
    return pages.listing(
        (*(_record(n, entry, feed) for n, entry in enumerate(entries, start=1)), *_one(broken)),
        source=source,
        name=name,
        published_at=_published_at(feed, entries),
    )


def _parsed(data: bytes) -> Mapping[str, Any]:
    # Most listings are no feeds, and it takes long to import.
    import feedparser

    # Bytes alone are taken for the name of a file where there is one of that name. What is HTML
    # and what is not is decided here, entry by entry.
    stream = io.BytesIO(_NO_CHARACTER.sub(b"&#xfffd;", data))
    try:
        found: Mapping[str, Any] = feedparser.parse(
            stream, sanitize_html=False, resolve_relative_uris=False
        )
    # feedparser promises never to raise, and lets these out for names, numbers and encodings that
    # nobody expects.
    except (ValueError, LookupError, OverflowError, AttributeError, AssertionError) as error:
        message = f"cannot be understood ({type(error).__name__}); fetch it again"
        raise BadResponse(SERVICE, message) from error
    return found


def _broken(found: Mapping[str, Any], data: bytes) -> Skipped | None:
    """Where a feed's XML breaks off, if it does; a wrong name of its encoding does no harm."""
    import feedparser

    error = found.get("bozo_exception")
    if not found.get("bozo") or isinstance(error, feedparser.CharacterEncodingOverride):
        return None
    line = getattr(error, "getLineNumber", lambda: None)()
    # Where no declaration is, feedparser puts one on a line of its own.
    own = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml")
    place = f"line {max(1, line - (not own))}" if line else "the feed"
    return Skipped(place, "the XML is broken here, and what follows may be missing")


def _one(skipped: Skipped | None) -> Iterator[Skipped]:
    if skipped:
        yield skipped


def _record(number: int, entry: Mapping[str, Any], feed: Mapping[str, Any]) -> pages.Record:
    arxiv_entries.refuse_error(entry)
    arxiv_id = arxiv_entries.paper_id(entry)
    title = str(entry.get("title", ""))
    title = text(title) if arxiv_id else plain(title)
    if not title:
        return Skipped(f"entry {number}", "has no title")
    if arxiv_id:
        return arxiv_entries.paper(entry, arxiv_id, title), None
    return _paper(entry, feed, title), None


def _paper(entry: Mapping[str, Any], feed: Mapping[str, Any], title: str) -> Paper:
    said = max(map(plain, _texts(entry)), key=len, default="")
    notice = _NOTICE.match(said)
    ids = unique(_ids(entry, notice[0] if notice else ""))
    written_by = _AUTHORS_IN_NOTICE.search(said)
    venue = _first(entry, _VENUES) or _first(feed, _VENUES)
    return Paper(
        title=title,
        abstract=_abstract(said),
        authors=_authors(entry) or (authors_in(written_by[1]) if written_by else ()),
        venue=venue,
        published=_published(entry),
        ids=ids,
        url=_url(entry),
        kind=_kind(ids, venue),
        categories=tuple(
            dict.fromkeys(
                found for tag in entry.get("tags", ()) if (found := plain(tag.get("term") or ""))
            )
        ),
    )


def _texts(entry: Mapping[str, Any]) -> Iterator[str]:
    yield str(entry.get("summary", ""))
    yield from (str(content.get("value", "")) for content in entry.get("content", ()))


def _abstract(said: str) -> str:
    said = _NOTICE.sub("", said)
    if _ISSUE.match(said) or _AUTHORS_IN_NOTICE.search(said[:1000]):
        return ""
    return own_words(said)


def _ids(entry: Mapping[str, Any], notice: str) -> Iterator[PaperId | None]:
    for key in ("prism_doi", "dc_identifier", "id", "prism_url"):
        value = storable(str(entry.get(key, "")))[:2000]
        if key in {"prism_doi", "dc_identifier"}:
            yield attempt(Scheme.DOI, value)
        yield from found_in(value)
    for link in _links(entry):
        yield from found_in(link)
    # The notice of a publication speaks of nothing but the paper itself.
    yield from found_in(notice)


def _authors(entry: Mapping[str, Any]) -> tuple[Author, ...]:
    names = [plain(str(a.get("name", ""))) for a in entry.get("authors", ())]
    return authors_in(names[0]) if len(names) == 1 else authors(names)


def _kind(ids: tuple[PaperId, ...], venue: str) -> Kind:
    if any(i.scheme is Scheme.ARXIV or _PREPRINT_DOI.match(str(i)) for i in ids):
        return Kind.PREPRINT
    return Kind.ARTICLE if venue and ids else Kind.OTHER


def _url(entry: Mapping[str, Any]) -> str:
    return next(_links(entry), "")


def _links(entry: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of the entry's own page; a name in their place is none."""
    others = (link for link in entry.get("links", ()) if link.get("rel") == "alternate")
    for value in (entry.get("link", ""), *(link.get("href", "") for link in others)):
        link = storable(str(value)).strip()
        if re.match(r"https?://\S{1,2000}$", link):
            yield link


def _published(entry: Mapping[str, Any]) -> str:
    if date := date_in(storable(str(entry.get("prism_publicationdate", "")))):
        return date
    for key in ("published", "updated"):
        spelled = storable(str(entry.get(key, "")))
        if re.match(r"\d{4}", spelled) and (date := date_in(spelled)):
            return date
        if at := _moment(entry.get(f"{key}_parsed")):
            return at.date().isoformat()
    return ""


def _published_at(feed: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> datetime | None:
    """When the feed says that it was published, or else the newest of its entries."""
    for key in ("updated_parsed", "published_parsed"):
        if at := _moment(feed.get(key)):
            return at
    dated = (_moment(e.get("updated_parsed") or e.get("published_parsed")) for e in entries)
    return max((at for at in dated if at), default=None)


def _moment(parsed: time.struct_time | None) -> datetime | None:
    """The moment of feedparser's UTC fields; nothing where they are out of range."""
    if parsed is None:
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:
        return None


def _first(fields: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((found for key in keys if (found := plain(str(fields.get(key, ""))))), "")


# Numbers beyond Unicode; feedparser would give up the whole feed.
_NO_CHARACTER = re.compile(rb"&#(?:[xX][0-9a-fA-F]{6,}|\d{7,});")
_VENUES = ("prism_publicationname",)
_RSS_IN_RDF = re.compile(r"purl\.org/rss/1\.0/[\"']|/rdf/simple/0\.9/|purl\.org/net/rss1\.1#")
_ATOM = re.compile(r"www\.w3\.org/2005/Atom|purl\.org/atom/ns#", re.I)
_NOTICE = re.compile(
    r"^[^.]{0,120}?,? Published online:? \d{1,2} \w+ \d{4};?\s*(?:doi:\s*\S+)?\s*", re.I
)
_ISSUE = re.compile(
    r"^(?:.{0,120}\b(?:EarlyView|Early View|Ahead of Print|Accepted Article|Article in Press)\b"
    r".{0,20}"
    r"|(?:.{0,120}, )?Volume \d+, (?:Issue|Number) [^.]{0,80}\.?)$",
    re.I,
)
# Elsevier's feeds have no abstract, but the authors behind the date and the source.
_AUTHORS_IN_NOTICE = re.compile(r"^Publication date:.{0,400}?Author\(s\):\s*(.{1,2000})$", re.S)
_PREPRINT_DOI = re.compile(r"doi:10\.(?:1101/\d|64898/)")
