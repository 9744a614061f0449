"""One BibTeX or BibLaTeX record's fields to an entry of the library. Pure."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from integrations.files.bibtex_names import authors, split
from integrations.files.bibtex_syntax import Record
from integrations.files.latex import plain_text
from recommender import identifiers, papers
from recommender.identifiers import PaperId, Scheme
from recommender.library import Entry, Item, OtherKind, Tag, Unreadable
from recommender.papers import Kind, Paper, Skipped


def entry(record: Record, key: str, collections: tuple[str, ...] = ()) -> Entry:
    """What the library keeps of a record.

    Args:
        record: No comment, definition or preamble; what it inherits is in its fields.
        key: Unique in the library.
        collections: The keys of the collections that hold it.
    """
    if record.fault:
        return _unreadable(record, key, f"the entry {record.fault}")
    ids = _ids(record)
    if _is_other_kind(record, ids):
        return OtherKind(key, record.type)
    title = _title(record)
    if not title:
        return _unreadable(record, key, f"the {record.type} has no title")
    paper = Paper(
        title=title,
        abstract=plain_text(record.first("abstract")),
        authors=_authors(record),
        venue=_venue(record),
        published=_published(record),
        ids=ids,
        url=_url(record, ids),
        kind=_kind(record, ids),
    )
    return Item(
        key=key,
        paper=paper,
        collections=collections,
        tags=_tags(record),
        added_at=_added_at(record),
    )


def listed(value: str) -> Iterator[str]:
    """The parts of a list as people and programs write it, in plain text: ``a, b`` or ``a; b``.

    A separator in braces belongs to its part.
    """
    value = papers.plain(html.unescape(value))
    for part in split(value, _SEMICOLON if _SEMICOLON.search(value) else _COMMA):
        if text := plain_text(part):
            yield text


def inherited(record: Record, by_key: Mapping[str, Record]) -> Record:
    """The record with what it takes from the one that its ``crossref`` names."""
    parent = by_key.get(record.first("crossref").strip().lower())
    if not parent or parent is record:
        return record
    fields = {n: v for n, v in parent.fields.items() if n in _INHERITED}
    # A proceedings' title is the title of the book in which its paper is.
    book = tuple(parent.all("booktitle", "title"))
    return record.with_fields({**fields, "booktitle": book, **record.fields})


def _unreadable(record: Record, key: str, reason: str) -> Unreadable:
    name = papers.plain(record.key)[:_LONGEST_KEY]
    return Unreadable(key, Skipped(f"line {record.line}" + (f" ({name})" if name else ""), reason))


def _is_other_kind(record: Record, ids: tuple[PaperId, ...]) -> bool:
    if _NEVER_PAPERS.fullmatch(record.type):
        return True
    if ids or record.type in _KINDS:
        return False
    # A page on the web; "misc" and unknown types are papers if a person wrote them.
    return record.type in _PAGES or not (
        record.first("author", "editor", "abstract", "institution", "school")
    )


def _title(record: Record) -> str:
    title = plain_text(record.first("title"))
    subtitle = plain_text(record.first("subtitle"))
    if title:
        more = subtitle and subtitle.casefold() not in title.casefold()
        return f"{title}{' ' if title[-1] in '?!:.' else ': '}{subtitle}" if more else title
    kind = _KINDS.get(record.type, Kind.OTHER)
    # A paper's proceedings are another work; a part without a title stands for its book.
    names = ("shorttitle", "maintitle", "booktitle") if kind in _BOOKISH else ("shorttitle",)
    found = plain_text(record.first(*names))
    if not found and kind is Kind.OTHER:
        found = plain_text(record.first("howpublished"))
    return "" if found.startswith(("http:", "https:", "www.")) else found


def _kind(record: Record, ids: tuple[PaperId, ...]) -> Kind:
    kind = _KINDS.get(record.type, Kind.OTHER)
    if kind in {Kind.ARTICLE, Kind.OTHER, Kind.REPORT}:
        where = " ".join(record.all(*_JOURNALS, "howpublished", "publisher", "note", "institution"))
        if _PREPRINT_SERVER.search(record.first(*_JOURNALS)):
            return Kind.PREPRINT
        unplaced = kind is not Kind.ARTICLE or not record.first(*_JOURNALS)
        names = {i.scheme for i in ids}
        if unplaced and (
            Scheme.ARXIV in names
            or _PREPRINT_SERVER.search(where)
            or any(_PREPRINT_DOI.match(i.value) for i in ids)
        ):
            return Kind.PREPRINT
    if kind is Kind.CHAPTER and not record.first("title"):
        return Kind.BOOK
    return kind


def _authors(record: Record) -> tuple[papers.Author, ...]:
    named = authors(record.first("author"))
    if named or _KINDS.get(record.type) not in _BOOKISH:
        return named
    return authors(record.first("editor", "collaborator"))


def _venue(record: Record) -> str:
    kind = _KINDS.get(record.type, Kind.OTHER)
    names = _VENUES.get(kind, (*_JOURNALS, "booktitle", "publisher", "institution", "howpublished"))
    for value in record.all(*names, "organization", "eventtitle", "series"):
        venue = plain_text(value)
        if _ARXIV_VENUE.match(venue):
            return "arXiv"
        if venue and not _ADDRESS.search(venue):
            return venue
    return ""


def _published(record: Record) -> str:
    for value in record.all("date", "issue_date"):
        if date := papers.date_in(plain_text(value)):
            return date
    year = papers.date_in(plain_text(record.first("year")))
    if len(year) != _YEAR_ALONE:
        return year or papers.date_in(plain_text(record.first("eventdate")))
    month = plain_text(record.first("month"))
    name = _MONTH.search(month)
    number = papers.month_number(name[0] if name else month)
    day = record.first("day").strip() or next(iter(re.findall(r"\b\d{1,2}\b", month)), None)
    return papers.partial_date(year, number, day if name or record.first("day") else None)


def _ids(record: Record) -> tuple[PaperId, ...]:
    stated = [identifiers.attempt(Scheme.DOI, _raw(v)) for v in record.all("doi")]
    stated += [identifiers.attempt(Scheme.ARXIV, _raw(v)) for v in record.all("arxivid", "arxiv")]
    stated += [identifiers.attempt(Scheme.PMID, _raw(v)) for v in record.all("pmid")]
    stated.append(_eprint(record))
    if record.key.startswith("DBLP:"):
        stated.append(identifiers.attempt(Scheme.DBLP, record.key))
    if _KINDS.get(record.type) is Kind.BOOK:
        stated.append(_isbn(record))
    addresses = ("url", "ee", "biburl", "link", "adsurl", "number", *_JOURNALS, "volume", "eid")
    for value in record.all(*addresses):
        stated.extend(identifiers.found_in(_raw(value)))
    if _ARXIV_VENUE.match(_raw(record.first(*_JOURNALS))):
        # DBLP and others write CoRR's papers as volume "abs/1706.03762".
        numbers = (_raw(v).removeprefix("abs/") for v in record.all("volume", "number", "pages"))
        stated += [identifiers.attempt(Scheme.ARXIV, number) for number in numbers]
    known = {i.scheme for i in stated if i}
    said = [i for i in _said(record) if i.scheme not in known]
    return identifiers.unique([*stated, *said])


def _said(record: Record) -> Iterator[PaperId]:
    """Ids in free text, where it names this paper and not others.

    A note may discuss other papers, so one that names several of a kind says nothing of this
    one, and in a reader's annotations only a line that begins like an id does.
    """
    texts = [*record.all("note", "howpublished", "pages", "eprint", "publisher", "type")]
    for value in record.all("extra", "annote", "annotation", "addendum"):
        texts += [line for line in value.splitlines() if _LABELLED.match(_raw(line))]
    found = list(dict.fromkeys(i for text in texts for i in identifiers.found_in(_raw(text))))
    for one in found:
        if sum(other.scheme is one.scheme for other in found) == 1:
            yield one


def _eprint(record: Record) -> PaperId | None:
    value = _raw(record.first("eprint"))
    archive = record.first("archiveprefix", "eprinttype", "archive").strip().lower()
    if archive in {"pubmed", "pmid"}:
        return identifiers.attempt(Scheme.PMID, value)
    if archive in {"", "arxiv", "arxiv.org"}:
        return identifiers.attempt(Scheme.ARXIV, value)
    return None


def _isbn(record: Record) -> PaperId | None:
    found = re.findall(r"[\dXx][\dXx ‐-–-]{8,16}[\dXx]", _raw(" ; ".join(record.all("isbn"))))
    ids = (identifiers.attempt(Scheme.ISBN, part) for isbn in found for part in _isbns(isbn))
    return next((i for i in ids if i), None)


def _isbns(text: str) -> Iterable[str]:
    return (text, *text.split())


def _url(record: Record, ids: tuple[PaperId, ...]) -> str:
    for value in record.all("url", "howpublished", "link", "ee", "note"):
        if address := _ADDRESS.search(_raw(value)):
            url = address[0].rstrip(".,;)>")
            return "" if set(identifiers.found_in(url)) & set(ids) else url
    return ""


def _raw(value: str) -> str:
    """A value in which LaTeX is only escapes, such as an address or an id."""
    value = html.unescape(value)
    if any(mark in value for mark in "\\{$"):
        # Old DOIs hold angle brackets, which LaTeX spells out.
        value = re.sub(r"\$<\$|\\textless\s*(?:\{\})?", "<", value)
        value = re.sub(r"\$>\$|\\textgreater\s*(?:\{\})?", ">", value)
        value = re.sub(r"\\textasciitilde|\\sim(?![a-z])", "~", value)
        value = re.sub(r"\\(?:url|href)\s*\{|\}\s*\{", " ", value)
        value = re.sub(r"\\([%&_#$~^-])", r"\1", re.sub(r"[{}]", "", value))
    return papers.plain(value)


def _tags(record: Record) -> tuple[Tag, ...]:
    names = ("keywords", "keyword", "mendeley-tags", "tags")
    return tuple(Tag(n) for n in dict.fromkeys(t for v in record.all(*names) for t in listed(v)))


def _added_at(record: Record) -> datetime | None:
    for name in ("date-added", "dateadded", "creationdate", "added-at", "posted-at", "timestamp"):
        # DBLP dates its own records in the same field.
        if name == "timestamp" and "dblp" in record.first("bibsource", "biburl").lower():
            continue
        for value in record.all(name):
            if moment := _moment(plain_text(value)):
                return moment
    return None


def _moment(text: str) -> datetime | None:
    text = re.sub(r"^(\d{4})[./](\d{2})[./](\d{2})", r"\1-\2-\3", text)
    text = re.sub(r"\s+(?=[+-]\d\d:?\d\d$|Z$)", "", text)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


_LONGEST_KEY = 80
_YEAR_ALONE = 4
_COMMA = re.compile(r"\s*,\s*")
_SEMICOLON = re.compile(r"\s*;\s*")
_KINDS = {
    "article": Kind.ARTICLE,
    "review": Kind.ARTICLE,
    "suppperiodical": Kind.ARTICLE,
    "inproceedings": Kind.CONFERENCE,
    "conference": Kind.CONFERENCE,
    "incollection": Kind.CHAPTER,
    "inbook": Kind.CHAPTER,
    "inreference": Kind.CHAPTER,
    "suppbook": Kind.CHAPTER,
    "suppcollection": Kind.CHAPTER,
    "bookinbook": Kind.CHAPTER,
    "book": Kind.BOOK,
    "mvbook": Kind.BOOK,
    "ebook": Kind.BOOK,
    "booklet": Kind.BOOK,
    "collection": Kind.BOOK,
    "mvcollection": Kind.BOOK,
    "proceedings": Kind.BOOK,
    "mvproceedings": Kind.BOOK,
    "reference": Kind.BOOK,
    "mvreference": Kind.BOOK,
    "periodical": Kind.BOOK,
    "thesis": Kind.THESIS,
    "phdthesis": Kind.THESIS,
    "mastersthesis": Kind.THESIS,
    "masterthesis": Kind.THESIS,
    "bachelorsthesis": Kind.THESIS,
    "report": Kind.REPORT,
    "techreport": Kind.REPORT,
    "manual": Kind.REPORT,
    "standard": Kind.REPORT,
    "unpublished": Kind.OTHER,
    "preprint": Kind.OTHER,
}
_BOOKISH = frozenset((Kind.BOOK, Kind.CHAPTER))
_PAGES = frozenset(("online", "electronic", "www", "webpage", "website", "internet", "url"))
_NEVER_PAPERS = re.compile(
    r"software(?:version|module)?|codefragment|game|data(?:set)?|map|patent|video|movie|audio"
    r"|music|podcast|image|artwork|performance|presentation|letter|e-?mail|commentary"
    r"|jurisdiction|legislation|legal|legadminmaterial|statute|case|bibnote|set|xdata|control"
)
_JOURNALS = ("journal", "journaltitle")
_VENUES = {
    Kind.ARTICLE: (*_JOURNALS, "booktitle", "shortjournal"),
    Kind.CONFERENCE: ("booktitle", "eventtitle", *_JOURNALS, "publisher"),
    Kind.CHAPTER: ("booktitle", *_JOURNALS, "publisher"),
    Kind.BOOK: ("publisher",),
    Kind.THESIS: ("school", "institution", "university", "publisher"),
    Kind.REPORT: ("institution", "publisher", *_JOURNALS),
}
_INHERITED = frozenset(
    ("year", "date", "month", "publisher", "editor", "series", "eventtitle", "organization")
)
_ARXIV_VENUE = re.compile(r"(?:arxiv|corr|computing research repository)\b", re.I)
_PREPRINT_SERVER = re.compile(
    r"\b(?:arxiv|corr|biorxiv|medrxiv|chemrxiv|psyarxiv|eartharxiv|ssrn|techrxiv"
    r"|research square|eprint archive)\b",
    re.I,
)
_PREPRINT_DOI = re.compile(r"10\.(?:1101|64898|2139|31234|31219|26434|20944|21203|36227|31223)/")
_LABELLED = re.compile(
    r"\W{0,3}(?:doi|pmid|arxiv|_?eprint|https?:|url|available|openreview|openalex|dblp|s2id)\b",
    re.I,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"|]+")
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*", re.I)
