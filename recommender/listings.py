"""Listings: the dated, ordered pages of papers that sources publish. Pure."""

from dataclasses import dataclass
from datetime import datetime

from recommender.papers import Paper, Skipped

READER = 2
"""The version of what reads pages, in all adapters together.

Raise it when any of them reads more of a page than before: then pages that stayed the same are read
once more.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A paper's place on a listing.

    Attributes:
        position: From 1, in the source's order.
        votes: How many people recommended it there; None where the source does not count.
        curator: Who put it there; empty where nobody is named, or all of the page is one's choice.
    """

    position: int
    paper: Paper
    votes: int | None = None
    curator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A dated, ordered page of papers.

    Attributes:
        source: The source's name in the configuration.
        name: The page's name, such as a file name or a category; with ``source`` it names the page.
        published_at: When the source published it, in UTC; None where it does not say.
        curator: Who chose the papers; empty where nobody is named.
        papers: In the source's order.
        skipped: Records that could not be read.
        mark: As long as the source gives a page the same mark, it is the same page; empty for none.
        unchanged: The page has the mark under which it is known, and comes without its papers.
        n_bytes: How many bytes were received for it.
    """

    source: str
    name: str
    papers: tuple[Listed, ...]
    published_at: datetime | None = None
    curator: str = ""
    skipped: tuple[Skipped, ...] = ()
    mark: str = ""
    unchanged: bool = False
    n_bytes: int = 0
