"""What bioRxiv and medRxiv answer, in JSON: preprints, and what became of them. Pure.

https://api.biorxiv.org
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from integrations.files.records import text
from integrations.pages import pages
from integrations.pages.json_values import inside, items
from integrations.pages.markup import own_words, plain
from integrations.pages.people import authors_in
from integrations.sources.days import Dated, day_of
from recommender.errors import BadResponse
from recommender.identifiers import Scheme, attempt, unique
from recommender.papers import Kind, Paper, Skipped, date_in

SERVICE = "bioRxiv/medRxiv"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a part of what there is of some days.

    Attributes:
        rows: The versions of preprints, or their publications, as they came.
        total: How many rows there are of these days altogether.
        category: Which one they are from, ``all`` included; empty where it does not say.
    """

    rows: Sequence[object]
    total: int
    category: str = ""


def answer(value: object) -> Answer:
    """The rows of an answer's JSON; none only where the service says that there are none.

    Raises:
        BadResponse: If it is something else, or the service does not take the question.
    """
    said = next(iter(items(inside(value, "messages"))), None)
    rows = inside(value, "collection")
    if not isinstance(said, Mapping) or not isinstance(rows, list):
        raise _wrong("answered without a list of preprints")
    status = str(said.get("status")).lower()
    if _NOTHING.match(status) and not rows:
        return Answer((), 0)
    if status != "ok":
        raise BadResponse(SERVICE, f"{SERVICE} does not take the request; check the source's place")
    total = str(said.get("total")).strip()
    if not _COUNT.fullmatch(total):
        raise _wrong("does not say how many preprints there are")
    return Answer(rows, int(total), normal(said.get("category")))


def records(rows: Sequence[object]) -> list[Dated]:
    """The papers of all rows together with their days, in the rows' order.

    All versions of a preprint are one paper: it has the first one's day, and says what the last
    one says. One whose first version is of another day was listed then, and is left out.
    """
    found: dict[str, Dated] = {}
    latest: dict[str, tuple[int, Paper]] = {}
    for number, row in enumerate(rows, start=1):
        place = f"record {number}"
        name, version = text(_field(row, "doi")).lower() or place, _version(row)
        record = _record(place, row)
        if isinstance(record, Skipped):
            found[place] = day_of(_field(row, "date")), record
            continue
        if version == 1 and name not in found:
            found[name] = day_of(_field(row, "date")), record
        if name not in latest or latest[name][0] <= version:
            latest[name] = version, record[0]
    return [
        (
            day,
            record if isinstance(record, Skipped) else (_revised(record[0], latest[name][1]), None),
        )
        for name, (day, record) in found.items()
    ]


def _revised(first: Paper, last: Paper) -> Paper:
    return replace(last, published=first.published)


def _record(place: str, row: object) -> pages.Record:
    doi = attempt(Scheme.DOI, text(_field(row, "doi")))
    place = f"{place} ({doi.value})" if doi else place
    if not isinstance(row, Mapping):
        return Skipped(place, "is no preprint")
    title = plain(_field(row, "title"))
    if not title:
        return Skipped(place, "has no title")
    # "NA" for a preprint that no journal has published.
    ids = unique((doi, attempt(Scheme.DOI, text(_field(row, "published")))))
    category = plain(_field(row, "category"))
    institution = plain(_field(row, "author_corresponding_institution"))
    # Only the list of publications names the journal.
    journal = plain(row.get("published_journal"))
    date = row.get("published_date") if journal else _field(row, "date")
    return (
        Paper(
            title=title,
            abstract=_abstract(plain(_field(row, "abstract"))),
            authors=authors_in(plain(_field(row, "authors"))),
            venue=journal or plain(row.get("server")),
            published=date_in(text(date)),
            ids=ids,
            # A preprint is what was listed, whichever name is the first.
            url=doi.url if doi and doi != ids[0] and not journal else "",
            kind=Kind.ARTICLE if journal else Kind.PREPRINT,
            categories=(category,) if category else (),
            # No other author's is told.
            institutions=(institution,) if institution else (),
        ),
        None,
    )


def _field(row: object, name: str) -> object:
    """A field by its name in the list of preprints, or by that in the list of publications."""
    if not isinstance(row, Mapping):
        return None
    return row.get(name, row.get("published_doi" if name == "published" else f"preprint_{name}"))


def _version(row: object) -> int:
    spelled = str(_field(row, "version"))
    return int(spelled) if _VERSION.fullmatch(spelled) else 1


def _abstract(said: str) -> str:
    said = _SMALL_CAPITALS.sub("", _FIGURE.sub(" ", _HEADING.sub(r" \1: ", said)))
    return own_words(" ".join(_MARK.sub(" ", said).split()))


def normal(category: object) -> str:
    """The one spelling of a category that is compared: lower-case words with single spaces."""
    return re.sub(r"[\s_-]+", " ", category).strip().lower() if isinstance(category, str) else ""


def _wrong(what: str) -> BadResponse:
    return BadResponse(SERVICE, f"{SERVICE} {what}; nothing is lost, try again later")


_NOTHING = re.compile(r"no (?:posts|articles|preprints|papers) found")
_COUNT = re.compile(r"\d{1,6}", re.ASCII)
_VERSION = re.compile(r"[1-9]\d{0,3}", re.ASCII)
# What is left of the manuscripts' own markup: O_ begins something, and C_ ends it.
_HEADING = re.compile(r"O_ST_ABS(.{0,200}?)[:.]?\s*C_ST_ABS")
_FIGURE = re.compile(r"O_(FIG|TBL)\b(?:(?!O_\1).)*?C_\1")
_SMALL_CAPITALS = re.compile(r"[OC]_SCP(?:LOW|CAP)")
_MARK = re.compile(r"[OC]_(?:LI|ST_ABS|FIG|TBL|TEXTBOX)")
