"""One BibTeX or BibLaTeX record's fields in the words that all formats share. Pure."""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from integrations.files import bibtex_syntax as syntax
from integrations.files.bibtex_marks import mark_in
from integrations.files.bibtex_names import authors, split
from integrations.files.latex import plain_text
from integrations.files.records import ADDRESS, ARXIV_VENUE, Genres, Record, place
from recommender import identifiers, papers
from recommender.identifiers import PaperId, Scheme
from recommender.library import Tag, Unreadable
from recommender.papers import Kind, Skipped


def record(found: syntax.Record, collections: tuple[str, ...] = ()) -> Record | Unreadable:
    """What a record says in the words that all formats share.

    Args:
        found: No comment, definition or preamble; what it inherits is in its fields.
        collections: The keys of the collections that hold it.
    """
    where = place(f"line {found.line}", papers.plain(found.key)[:_LONGEST_KEY])
    if found.fault:
        return Unreadable(found.key, Skipped(where, f"the entry {found.fault}"))
    ids = _ids(found)
    mark = mark_in(found)
    return Record(
        key=found.key,
        place=where,
        genre=found.type,
        genres=_GENRES,
        title=_title(found),
        book=plain_text(found.first("maintitle", "booktitle")),
        abstract=plain_text(found.first("abstract")),
        authors=authors(found.first("author")),
        editors=authors(found.first("editor")),
        issuer=plain_text(found.first("institution", "school")),
        venues=_venues(found),
        remarks=" ".join(found.all(*_REMARKS)),
        published=_published(found),
        isbns=_raw(" ; ".join(found.all("isbn"))),
        named=ids,
        urls=tuple(_urls(found, ids)),
        tags=_tags(found, *(_ANSWERS if mark else ())),
        collections=collections,
        added_at=_added_at(found),
        mark=mark.suggestion_id if mark else "",
    )


def listed(value: str) -> Iterator[str]:
    """The parts of a list as people and programs write it, in plain text: ``a, b`` or ``a; b``.

    A separator in braces belongs to its part.
    """
    value = papers.plain(html.unescape(value))
    for part in split(value, _SEMICOLON if _SEMICOLON.search(value) else _COMMA):
        if text := plain_text(part):
            yield text


def inherited(found: syntax.Record, by_key: Mapping[str, syntax.Record]) -> syntax.Record:
    """The record with what it takes from the one that its ``crossref`` names."""
    parent = by_key.get(found.first("crossref").strip().lower())
    if not parent or parent is found:
        return found
    fields = {n: v for n, v in parent.fields.items() if n in _INHERITED}
    # A proceedings' title is the title of the book in which its paper is.
    book = tuple(parent.all("booktitle", "title"))
    return found.with_fields({**fields, "booktitle": book, **found.fields})


def _title(record: syntax.Record) -> str:
    title = plain_text(record.first("title"))
    subtitle = plain_text(record.first("subtitle"))
    if title:
        more = subtitle and subtitle.casefold() not in title.casefold()
        return f"{title}{' ' if title[-1] in '?!:.' else ': '}{subtitle}" if more else title
    names = ("shorttitle",) if record.type in _KINDS else ("shorttitle", "howpublished")
    found = plain_text(record.first(*names))
    return "" if found.startswith(("http:", "https:", "www.")) else found


def _venues(record: syntax.Record) -> tuple[str, ...]:
    kind = _KINDS.get(record.type, Kind.OTHER)
    names = _VENUES.get(kind, (*_JOURNALS, "booktitle", "publisher", "institution", "howpublished"))
    return tuple(map(plain_text, record.all(*names, "organization", "eventtitle", "series")))


def _published(record: syntax.Record) -> str:
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


def _ids(record: syntax.Record) -> tuple[PaperId, ...]:
    stated = [identifiers.attempt(Scheme.DOI, _raw(v)) for v in record.all("doi")]
    stated += [identifiers.attempt(Scheme.ARXIV, _raw(v)) for v in record.all("arxivid", "arxiv")]
    stated += [identifiers.attempt(Scheme.PMID, _raw(v)) for v in record.all("pmid")]
    stated.append(_eprint(record))
    if record.key.startswith("DBLP:"):
        stated.append(identifiers.attempt(Scheme.DBLP, record.key))
    addresses = ("url", "ee", "biburl", "link", "adsurl", "number", *_JOURNALS, "volume", "eid")
    for value in record.all(*addresses):
        stated.extend(identifiers.found_in(_raw(value)))
    if ARXIV_VENUE.match(_raw(record.first(*_JOURNALS))):
        # DBLP and others write CoRR's papers as volume "abs/1706.03762".
        numbers = (_raw(v).removeprefix("abs/") for v in record.all("volume", "number", "pages"))
        stated += [identifiers.attempt(Scheme.ARXIV, number) for number in numbers]
    known = {i.scheme for i in stated if i}
    said = [i for i in _said(record) if i.scheme not in known]
    return identifiers.unique([*stated, *said])


def _said(record: syntax.Record) -> Iterator[PaperId]:
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


def _eprint(record: syntax.Record) -> PaperId | None:
    value = _raw(record.first("eprint"))
    archive = record.first("archiveprefix", "eprinttype", "archive").strip().lower()
    if archive in {"pubmed", "pmid"}:
        return identifiers.attempt(Scheme.PMID, value)
    if archive in {"", "arxiv", "arxiv.org"}:
        return identifiers.attempt(Scheme.ARXIV, value)
    return None


def _urls(record: syntax.Record, ids: tuple[PaperId, ...]) -> Iterator[str]:
    for value in record.all("url", "link", "ee", "howpublished", "note"):
        for url in ADDRESS.findall(_raw(value)):
            url = url.rstrip(".,;)>")
            # A note may link other papers, too.
            if set(identifiers.found_in(url)) <= set(ids):
                yield url


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


def _tags(record: syntax.Record, *more: str) -> tuple[Tag, ...]:
    names = ("keywords", "keyword", "mendeley-tags", "tags", *more)
    return tuple(Tag(n) for n in dict.fromkeys(t for v in record.all(*names) for t in listed(v)))


def _added_at(record: syntax.Record) -> datetime | None:
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
# What JabRef lets a reader set with one click, and can keep among the keywords just as well.
_ANSWERS = ("ranking", "readstatus", "priority", "relevance", "printed", "qualityassured")
_YEAR_ALONE = 4
_COMMA = re.compile(",")
_SEMICOLON = re.compile(";")
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
_GENRES = Genres(
    papers=_KINDS,
    pages=frozenset(("online", "electronic", "www", "webpage", "website", "internet", "url")),
    others=frozenset((
        "artwork", "audio", "bibnote", "case", "codefragment", "commentary", "control", "data",
        "dataset", "e-mail", "email", "game", "image", "jurisdiction", "legadminmaterial", "legal",
        "legislation", "letter", "map", "movie", "music", "patent", "performance", "podcast",
        "presentation", "set", "software", "softwaremodule", "softwareversion", "statute", "video",
        "xdata",
    )),
)  # fmt: skip
_JOURNALS = ("journal", "journaltitle")
_REMARKS = (*_JOURNALS, "howpublished", "publisher", "note", "institution")
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
_LABELLED = re.compile(
    r"\W{0,3}(?:doi|pmid|arxiv|_?eprint|https?:|url|available|openreview|openalex|dblp|s2id)\b",
    re.I,
)
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*", re.I)
