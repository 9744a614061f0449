"""Papers as JSON, one object a line or one array, under the names that most people use. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from integrations.files.records import storable, text
from integrations.pages import pages
from integrations.pages.json_records import Cut, first_record, records
from integrations.pages.json_values import items, mapping, string
from integrations.pages.people import authors_from
from recommender.errors import BadResponse
from recommender.identifiers import PaperId, Scheme, attempt, found_in, unique
from recommender.listings import Listing
from recommender.papers import Kind, Paper, Skipped, date_in, partial_date

SERVICE = "JSON Lines"

_Fields = Mapping[str, object]


def matches(head: bytes) -> bool:
    """Whether a file holds papers as JSON, given how it begins.

    Its first record that is JSON decides: it has a title, and an abstract, authors or a paper's
    name beside it. Where the record goes on behind the beginning, what is there of it decides, and
    authors without end are enough. CSL-JSON and Hugging Face's pages are told apart by their own
    fields. An empty array is a list of no papers.
    """
    first = first_record(head)
    if first == ():
        return True
    if isinstance(first, Cut):
        endless = first.inside in _AUTHORS and _UNLIKE.isdisjoint(first.fields)
        return endless or _is_paper(first.fields)
    if first is None and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        # A first line may be broken, as any other.
        lines = (one for _, one in records(head) if isinstance(one, Mapping))
        first = next(lines, None)
    return isinstance(first, Mapping) and _is_paper(first)


def listing(data: bytes, *, source: str, name: str) -> Listing:
    """The papers of a file, in its order, dated by the newest announcement if any is told.

    Raises:
        BadResponse: If no record in it can be read, though there are some.
    """
    announced: list[datetime] = []
    page = pages.listing(_records(data, announced), source=source, name=name)
    if page.skipped and not page.papers:
        first = page.skipped[0]
        message = f"none of its records can be read ({first.place}: {first.reason}); write it again"
        raise BadResponse(SERVICE, message)
    return Listing(
        source=source,
        name=name,
        papers=page.papers,
        published_at=max(announced, default=None),
        skipped=page.skipped,
    )


def _records(data: bytes, announced: list[datetime]) -> Iterator[pages.Record]:
    for place, record in records(data):
        if isinstance(record, Skipped):
            yield record
        elif not isinstance(record, Mapping):
            yield Skipped(place, "is not an object with fields")
        elif not (title := text(record.get("title"))):
            yield Skipped(place, "has no title")
        else:
            if at := pages.moment(record.get("announced")):
                announced.append(at)
            yield _paper(record, title), pages.votes(_either(record, "votes", "upvotes"))


def _paper(fields: _Fields, title: str) -> Paper:
    ids = unique(_ids(fields))
    journal = _first(fields, "journal", "journal-ref", "journal_ref")
    return Paper(
        title=title,
        abstract=_first(fields, "abstract", "summary"),
        authors=authors_from(fields.get("authors_parsed"))
        or authors_from(_either(fields, "authors", "author")),
        venue=journal or _first(fields, "venue"),
        published=_published(fields) or pages.arxiv_month(ids),
        ids=ids,
        url=storable(str(_either(fields, "url", "link") or "")).strip(),
        kind=_kind(fields, ids, journal),
        categories=_categories(_either(fields, "categories", "category")),
        references=_references(fields.get("references")),
    )


def _kind(fields: _Fields, ids: Iterable[PaperId], journal: str) -> Kind:
    said = text(fields.get("kind")).lower()
    if said in set(Kind):
        return Kind(said)
    if journal:
        return Kind.ARTICLE
    is_preprint = any(i.scheme is Scheme.ARXIV for i in ids) and not text(fields.get("venue"))
    return Kind.PREPRINT if is_preprint else Kind.OTHER


def _ids(fields: _Fields) -> Iterator[PaperId | None]:
    for key in ("ids", "externalIds"):
        for scheme, value in mapping(fields.get(key)).items():
            yield from _named(str(scheme), value)
    for key, value in fields.items():
        yield from _named(key, value)
    for key in ("id", "url", "link"):
        for one in _texts(fields.get(key)):
            yield from _spelled(one)


def _references(cited: object) -> tuple[PaperId, ...]:
    """What a list names: ids, or papers as objects with fields of their own."""
    found: list[PaperId | None] = []
    # A text is what somebody wrote about references, and not a list of them.
    for one in items(cited):
        if isinstance(one, Mapping):
            found.extend(_ids(one))
        for spelled in _texts(one):
            scheme, _, value = spelled.partition(":")
            found.extend([i for i in _named(scheme, value) if i] or _spelled(spelled))
    return unique(found)


def _spelled(text: str) -> Iterator[PaperId | None]:
    # A bare arXiv id is unmistakable, a bare number is not.
    yield from (attempt(Scheme.ARXIV, text), *found_in(text))


def _named(key: str, value: object) -> Iterator[PaperId | None]:
    scheme = _SCHEMES.get(key.lower().removesuffix("_id"))
    if scheme:
        yield from (attempt(scheme, one) for one in _texts(value))


def _texts(value: object) -> list[str]:
    return [found for one in (items(value) or [value]) if (found := string(one))]


def _published(fields: _Fields) -> str:
    spelled = (fields.get(key) for key in _DATES)
    return next((found for value in spelled if (found := _date(value))), "")


def _date(value: object) -> str:
    return partial_date(value) if isinstance(value, int) else date_in(text(value))


def _categories(value: object) -> tuple[str, ...]:
    words = value.split() if isinstance(value, str) else items(value)
    return tuple(dict.fromkeys(word for one in words if (word := text(one))))


def _first(fields: _Fields, *keys: str) -> str:
    return next((found for key in keys if (found := text(fields.get(key)))), "")


def _either(fields: _Fields, *keys: str) -> object:
    return next((fields[key] for key in keys if fields.get(key) is not None), None)


def _is_paper(fields: _Fields) -> bool:
    title = fields.get("title")
    if not isinstance(title, str) or not title.strip() or "itemType" in fields:
        return False
    if isinstance(fields.get("type"), str) and not _CSL.isdisjoint(fields):
        return False
    # A feed in JSON, or any other object around the papers, is no paper.
    if isinstance(fields.get("items"), list) or isinstance(fields.get("paper"), Mapping):
        return False
    return not _PAPERS.isdisjoint(fields)


_DATES = ("published", "publicationDate", "publication_date", "date", "announced", "year")
_SCHEMES = {str(scheme): scheme for scheme in Scheme} | {"paperid": Scheme.S2}
# A record cut off among its authors is a paper's, if no title was seen that could tell otherwise.
_AUTHORS = ("authors", "authors_parsed")
_UNLIKE = frozenset(("title", "itemType"))
_PAPERS = frozenset(
    (
        "abstract", "summary", "authors", "author", "authors_parsed", "ids", "externalIds",
        "arxiv_id", "arxiv", "doi", "pmid",
    )
)  # fmt: skip
# A type beside one of these is CSL's.
_CSL = frozenset(
    ("issued", "author", "container-title", "DOI", "citation-key", "accessed", "page", "publisher")
)
