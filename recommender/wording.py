"""What publishers say of a suggestion, whatever the format: links, names, numbers. Pure."""

import re
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from recommender.papers import Author, Paper
from recommender.suggestions import Reason, Suggestion, rounded_shares

_FEW = 6


def visible(text: str) -> str:
    """The text on one line, without the characters that no XML or UTF-8 file can hold."""
    return " ".join(_FORBIDDEN.sub(" ", text).split())


def address(url: str) -> str:
    """The address as a link can hold it; empty unless it is one on the web."""
    url = visible(url)
    try:
        parts = urlsplit(url)
    except ValueError:  # such as half an IPv6 address
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return ""
    return quote(url, safe="%/:?#[]@!$&()*+,;=~'")


def link(paper: Paper) -> str:
    """Where a person reads on, on the web; empty where nothing is known."""
    urls = (paper.url, *(paper_id.url for paper_id in paper.ids))
    return next((found for url in urls if (found := address(url))), "")


def beside(paper: Paper) -> list[tuple[str, str]]:
    """What else of a paper is on the web: what it is, and its address."""
    found = (("Source code", paper.code), ("Project page", paper.website))
    return [(what, at) for what, url in found if (at := address(url))]


def few(authors: tuple[Author, ...]) -> str:
    """The first authors, and how many more there are: ``A. Lee, B. Ode and 12 more``."""
    names = [visible(str(author)) for author in authors]
    if len(names) <= _FEW:
        return ", ".join(names)
    shown = names[: _FEW - 1]
    return f"{', '.join(shown)} and {len(names) - len(shown)} more"


def purpose(suggestion: Suggestion) -> str:
    """Which of the reader's interests it serves; empty if that is not known."""
    if followed := visible(suggestion.followed):
        return f"You follow {followed}"
    if suggestion.exploring:
        return "To widen the view"
    interest = visible(suggestion.interest)
    return f"For your interest in {interest}" if interest else ""


def shares(suggestion: Suggestion) -> tuple[tuple[Reason, str], ...]:
    """The reasons, each with its share to two decimals; they add up to the score as it is shown.

    Raises:
        ValueError: If the shares do not add up to the score as it is.
    """
    _, rounded = rounded_shares(suggestion, 2)
    return tuple(zip(suggestion.reasons, map(str, rounded), strict=True))


def moment(at: datetime) -> str:
    """A moment as feeds and pages want it: ``2024-03-05T10:00:00Z``."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def count(n: int, noun: str) -> str:
    """A number of things, in words."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{n} {noun if n == 1 else plural}"


_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
