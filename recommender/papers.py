"""Papers: the values that everything else speaks of. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from recommender.identifiers import PaperId, Scheme


class Kind(StrEnum):
    """What sort of publication a paper is, as far as a reference manager must know."""

    ARTICLE = "article"
    CONFERENCE = "conference"
    PREPRINT = "preprint"
    BOOK = "book"
    CHAPTER = "chapter"
    THESIS = "thesis"
    REPORT = "report"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Author:
    """A person or, with an empty ``given``, a group that goes by one name."""

    family: str
    given: str = ""

    @classmethod
    def of(cls, name: str) -> "Author":
        """The author whom a name spells, as ``Family, Given`` or ``Given von Family``."""
        name = " ".join(name.split())
        if "," in name:
            family, _, given = name.partition(",")
            return cls(family.strip(), given.strip())
        words = name.split(" ")
        start = len(words) - 1
        # Lower-case particles belong to the family name: Ludwig van Beethoven, Ana de la Cruz.
        while start > 1 and words[start - 1][:1].islower():
            start -= 1
        return cls(" ".join(words[start:]), " ".join(words[:start]))

    def __str__(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A work: what it is called, what it says, who wrote it, and its names.

    Text is plain Unicode: no markup, no LaTeX, single spaces. An empty text or tuple means that
    nobody told us.

    Attributes:
        title: Never empty.
        published: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, a day that there was, or empty.
        ids: Without repetition, most trusted scheme first (``identifiers.unique``).
        url: The page where a person reads on, if it is not what the first id gives.
        categories: Subjects given by the publisher, such as ``cs.CL``; not the reader's tags.
        institutions: Where its authors work, as far as anybody told us.
        references: Papers that it cites, as far as anybody told us; without repetition, in the
            order of ``identifiers.unique``.
        code: The address of its program code, on the web.
        website: The address of a page that its authors made for it, on the web.

    Raises:
        ValueError: If the title is empty, or the date is in another form or in no calendar.
    """

    title: str
    abstract: str = ""
    authors: tuple[Author, ...] = ()
    venue: str = ""
    published: str = ""
    ids: tuple[PaperId, ...] = ()
    url: str = ""
    kind: Kind = Kind.OTHER
    categories: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    references: tuple[PaperId, ...] = ()
    code: str = ""
    website: str = ""

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError("a paper needs a title")
        if self.published and not _DATE.fullmatch(self.published):
            raise ValueError(f"{self.published!r} is not a date of the form YYYY[-MM[-DD]]")
        if len(self.published) == _WITH_DAY and not _is_day(*map(int, self.published.split("-"))):
            raise ValueError(f"{self.published!r} is a day that no calendar has")

    def __hash__(self) -> int:
        # Papers are looked up by the thousand; texts remember their hashes, and authors do not.
        return hash((self.title, self.abstract))

    @property
    def year(self) -> int | None:
        """The year in which it was published, if known."""
        return int(self.published[:4]) if self.published else None

    @property
    def link(self) -> str:
        """Where a person reads on; empty where nothing is known."""
        return self.url or next((i.url for i in self.ids), "")

    def id(self, scheme: Scheme) -> PaperId | None:
        """Its first id of a scheme, if it has one."""
        return next((i for i in self.ids if i.scheme is scheme), None)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that could not be read: where it stands, and why, for a person to mend.

    Attributes:
        place: Such as ``line 120 (smith2020)``; never the content.
        reason: One line.
    """

    place: str
    reason: str


def partial_date(year: object, month: object = None, day: object = None) -> str:
    """``YYYY[-MM[-DD]]`` of as many parts as are numbers in range; empty without a year.

    A day that its month does not have, such as 31 February, is left out.
    """
    y, m, d = _number(year, 1000, 2999), _number(month, 1, 12), _number(day, 1, 31)
    if not y:
        return ""
    if not m:
        return f"{y:04}"
    return f"{y:04}-{m:02}-{d:02}" if d and _is_day(y, m, d) else f"{y:04}-{m:02}"


def date_in(text: str) -> str:
    """The first date that a free text spells, as ``YYYY[-MM[-DD]]``; empty where there is none.

    Reads ISO dates and times, ``12 March 2024``, ``Mar 12, 2024``, ``March 2024``, ``2024/03``.
    """
    text = text.strip()
    if match := re.search(r"\b(1\d{3}|2\d{3})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?!\d)", text):
        year, month, day = match.groups()
        if month:
            return partial_date(year, month, day)
        named = re.search(rf"\b({'|'.join(_MONTHS)})[a-z]*\.?", text, re.I)
        number = _MONTHS.index(named[1].lower()) + 1 if named else None
        days = re.findall(r"(?<![\d-])(\d{1,2})(?:st|nd|rd|th)?(?![\d-])", text) if named else []
        return partial_date(year, number, days[0] if len(days) == 1 else None)
    return ""


def month_number(text: str) -> int | None:
    """1 to 12 for a month's number or English name, long or short; nothing otherwise."""
    text = text.strip().strip("{}").lower()
    if text[:3] in _MONTHS:
        return _MONTHS.index(text[:3]) + 1
    return _number(text, 1, 12)


def plain(text: str) -> str:
    """The text with every run of white space as one space, and none at the ends."""
    seen = text if text.isascii() else text.translate(_INVISIBLE)
    return " ".join(seen.split())


def authors_of(names: Iterable[str]) -> tuple[Author, ...]:
    """The authors whom the names spell, empty ones and ``others`` left out."""
    cleaned = (plain(name) for name in names)
    return tuple(
        Author.of(n) for n in cleaned if n and n.lower() not in {"others", "et al", "et al."}
    )


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _number(text: object, low: int, high: int) -> int | None:
    try:
        number = int(str(text))
    except ValueError:
        return None
    return number if low <= number <= high else None


_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_WITH_DAY = len("2024-03-05")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Zero-width characters and soft hyphens carry no meaning for us; a non-breaking space is a space.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None) | {0xA0: " "}
