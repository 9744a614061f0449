"""Suggestions as markup: what the page and the file that ``--html`` writes have in common.

It knows values and templates alone, so that adapters may use it.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recommender import wording
from recommender.suggestions import Suggestion

_TEMPLATES = Path(__file__).parent / "templates"
_UNTITLED = "(without a title)"


def page(template: str, told: Mapping[str, object]) -> str:
    """A whole page.

    Args:
        template: Its name without an ending.
        told: All that it names.
    """
    return _environment().get_template(f"{template}.html.j2").render(told)


def head(about: str, n: int) -> str:
    """Everything of a file up to the first suggestion; it needs nothing else.

    Args:
        about: A line on what was looked at, or empty.
        n: How many suggestions follow.
    """
    style = file("style.css")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return str(_macros("static").head(about, n, style, digest))


def article(suggestion: Suggestion, *, dated: bool) -> str:
    """A suggestion of a file.

    Args:
        suggestion: The suggestion.
        dated: Whether it says when it was suggested.
    """
    # The file is the same wherever it is made.
    day = suggestion.suggested_at.astimezone(UTC).date().isoformat() if dated else ""
    return str(_macros("paper").article(words(suggestion, day)))


def foot(n: int) -> str:
    """Everything of a file behind the last of so many suggestions."""
    return str(_macros("static").foot(n))


@cache
def file(name: str) -> str:
    """A file beside the templates, which is markup already: the styles, the script, the icon."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def anchor(suggestion_id: str) -> str:
    """What a suggestion's place on a page is called: letters, digits and ``-``."""
    return "s" + re.sub(
        r"[^A-Za-z0-9]",
        lambda c: "".join(f"-{b:02X}" for b in c[0].encode("utf-8", "replace")),
        suggestion_id,
    )


def words(suggestion: Suggestion, day: str) -> dict[str, object]:
    """What the templates say of a suggestion.

    Args:
        suggestion: The suggestion.
        day: On which it says that it was suggested; empty where it does not.
    """
    paper = suggestion.paper
    whole = sum(max(0.0, reason.share) for reason in suggestion.reasons)
    return {
        "anchor": anchor(suggestion.suggestion_id),
        "rank": suggestion.rank,
        "title": _titled(paper.title),
        "link": wording.link(paper),
        "authors": wording.few(paper.authors),
        "venue": wording.visible(paper.venue),
        "published": paper.published,
        "ids": [(str(paper_id), wording.address(paper_id.url)) for paper_id in paper.ids],
        "beside": wording.beside(paper),
        "score": f"{suggestion.score:.2f}",
        "purpose": wording.purpose(suggestion),
        "reasons": [
            {
                "text": wording.visible(reason.text),
                "share": share,
                "percent": round(100 * max(0.0, reason.share) / whole) if whole else 0,
            }
            for reason, share in wording.shares(suggestion)
        ],
        "abstract": wording.visible(paper.abstract),
        "source": wording.visible(suggestion.source),
        "at": wording.moment(suggestion.suggested_at),
        "day": day,
    }


def _titled(title: str) -> str:
    """What a title shows; what there is to press where it shows nothing."""
    title = wording.visible(title)
    return title if any(c.isprintable() for c in title) else _UNTITLED


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _macros(template: str) -> Any:
    return _environment().get_template(f"{template}.html.j2").module
