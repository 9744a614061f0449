"""arXiv's records by OAI-PMH, in its own format. Pure.

https://info.arxiv.org/help/oa/index.html; what the dates mean is from the service's own source,
https://github.com/arXiv/oaipmh.
"""

from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element

from integrations.files.records import storable, text
from integrations.pages import pages
from integrations.pages.arxiv_entries import is_withdrawn, venue
from integrations.pages.people import authors
from integrations.sources.days import day_of
from recommender.identifiers import PaperId, Scheme, attempt, unique
from recommender.papers import Author, Kind, Paper, Skipped


@dataclass(frozen=True, slots=True)
class Harvested:
    """A record and its dates, which say less than their names.

    Attributes:
        key: Its arXiv id, or else its place.
        month: When it was announced first, ``YYYY-MM``: ids are given out then. Empty without one.
        submitted_on: When its last version was submitted, ``created`` in the record.
        changed_on: When anything of the record was changed last; that of a new paper when it was
            announced. It is the day by which the service sorts.
        record: What became of it; None of a paper that was withdrawn.
    """

    key: str
    month: str
    submitted_on: date | None
    changed_on: date | None
    record: pages.Record | None

    def is_news(self, since: date, *, versions_since: date | None) -> bool:
        """Whether it was announced on or after a day, as far as can be told.

        A paper of the same month that was changed since is taken for new: better twice than never.

        Args:
            since: The day.
            versions_since: From when on a new version is news as well; None for never.
        """
        # What has no id cannot be told, and is reported.
        if not self.month or self.month >= since.isoformat()[:7]:
            return True
        submitted = self.submitted_on
        return bool(versions_since and submitted and submitted >= versions_since)


def harvested(element: Element, place: str) -> Harvested:
    """What an element named ``record`` holds, in the format ``arXiv``.

    Args:
        element: The record.
        place: Where it stands.
    """
    fields = {
        part.tag.rpartition("}")[2]: part.text or ""
        for part in element.iterfind("{*}metadata/{*}arXiv/*")
    }
    name = fields.get("id") or element.findtext("{*}header/{*}identifier") or ""
    arxiv_id = attempt(Scheme.ARXIV, storable(name))
    return Harvested(
        key=str(arxiv_id or place),
        month=pages.arxiv_month([arxiv_id] if arxiv_id else []),
        submitted_on=day_of(fields.get("created")),
        changed_on=day_of(element.findtext("{*}header/{*}datestamp")),
        record=_record(element, fields, arxiv_id, place),
    )


def oai_set(category: str) -> str:
    """What the service calls a category or an archive: ``cs:cs:CL``, ``physics:hep-th``."""
    archive, _, subject = category.partition(".")
    group = "physics" if archive in OF_PHYSICS else archive
    return ":".join(filter(None, (group, archive, subject)))


def _record(
    element: Element, fields: dict[str, str], arxiv_id: PaperId | None, place: str
) -> pages.Record | None:
    if element.find("{*}header[@status='deleted']") is not None:
        return None
    if arxiv_id is None:
        return Skipped(place, "has no arXiv id")
    title, abstract = text(fields.get("title", "")), text(fields.get("abstract", ""))
    if not title:
        return Skipped(f"{place} ({arxiv_id.value})", "has no title")
    if is_withdrawn(abstract, fields.get("comments", "")):
        return None
    ids = unique((arxiv_id, attempt(Scheme.DOI, storable(fields.get("doi", "")))))
    paper = Paper(
        title=title,
        abstract=abstract,
        authors=_authors(element),
        venue=venue(fields.get("journal-ref", "")),
        published=_published(day_of(fields.get("created")), pages.arxiv_month(ids)),
        ids=ids,
        kind=Kind.PREPRINT,
        categories=tuple(dict.fromkeys(text(fields.get("categories", "")).split())),
    )
    return paper, None


def _published(submitted_on: date | None, month: str) -> str:
    """When the first version came: no later version was submitted in or before its month."""
    submitted = submitted_on.isoformat() if submitted_on else ""
    return submitted if submitted and submitted[:7] <= month else month


def _authors(element: Element) -> tuple[Author, ...]:
    found: list[Author] = []
    for person in element.iterfind("{*}metadata/{*}arXiv/{*}authors/{*}author"):
        family, given, suffix = (
            text(person.findtext(f"{{*}}{name}") or "")
            for name in ("keyname", "forenames", "suffix")
        )
        named = authors([f"{given} {family}"])
        if family and any(one.given for one in named) and given:
            found.append(Author(family, f"{given} {suffix}".strip()))
        else:
            # A group, or somebody with one name.
            found += named
    return tuple(found)


OF_PHYSICS = frozenset(
    {
        *("astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph"),
        *("nlin", "nucl-ex", "nucl-th", "physics", "quant-ph"),
    }
)
"""The archives that make up one group together; every other archive is a group of its own."""
