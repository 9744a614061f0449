"""What every reader of listings shares: from records in their order to a listing. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime

from recommender.identifiers import PaperId, Scheme
from recommender.listings import Listed, Listing
from recommender.papers import Paper, Skipped, partial_date

Record = tuple[Paper, int | None] | Skipped
"""A paper with its votes, or what became of a record that is none."""


def listing(
    records: Iterable[Record],
    *,
    source: str,
    name: str,
    published_at: datetime | None = None,
) -> Listing:
    """A listing of these records, the papers counted from 1 in their order."""
    papers: list[Listed] = []
    skipped: list[Skipped] = []
    for record in records:
        if isinstance(record, Skipped):
            skipped.append(record)
        else:
            paper, votes = record
            papers.append(Listed(position=len(papers) + 1, paper=paper, votes=votes))
    return Listing(
        source=source,
        name=name,
        papers=tuple(papers),
        published_at=published_at,
        skipped=tuple(skipped),
    )


def moment(value: object) -> datetime | None:
    """The moment that an ISO date or time spells, in UTC; nothing for anything else.

    A time without a zone is taken for UTC.
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def votes(value: object) -> int | None:
    """A number of votes: a whole number from 0; nothing for anything else, such as ``true``.

    More votes than there are people are none.
    """
    # In Python, True and False are numbers.
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _MOST_VOTES else None


_MOST_VOTES = 10**10


def arxiv_month(ids: Iterable[PaperId]) -> str:
    """The month that an arXiv id names, ``YYYY-MM``: that of the first version; else empty."""
    for paper_id in ids:
        if paper_id.scheme is Scheme.ARXIV:
            digits = paper_id.value.rpartition("/")[2]
            century = "19" if digits[:2] > "90" else "20"
            return partial_date(century + digits[:2], digits[2:4])
    return ""
