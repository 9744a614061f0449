"""Which paper somebody means: by a suggestion's id, an identifier, or words of the title."""

import re
import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from recommender.cli.telling import on_one_line
from recommender.errors import ConfigError
from recommender.identifiers import PaperId, Scheme, attempt, found_in
from recommender.ingest import Candidate
from recommender.papers import Paper
from recommender.suggestions import Shown

_SHOWN = 5  # titles that are shown where several fit
_One = TypeVar("_One")


def shown_one(text: str, shown: Sequence[Shown]) -> Shown | None:
    """The suggestion that somebody means; None where none fits.

    Raises:
        ConfigError: If several fit.
    """
    wanted = text.strip().lower()
    if re.fullmatch(r"[0-9a-f]{4,16}", wanted):
        by_id = [one for one in shown if one.suggestion.suggestion_id.startswith(wanted)]
        if by_id:
            return _only(text, [(one, one.suggestion.paper.title) for one in by_id])
    return _only(
        text,
        [(one, one.suggestion.paper.title) for one in shown if _fits(text, [one.suggestion.paper])],
    )


def listed_one(text: str, listed: Iterable[Candidate]) -> Candidate | None:
    """The listed paper that somebody means; None where none fits.

    Raises:
        ConfigError: If several fit.
    """
    return _only(
        text,
        [(one, one.paper.title) for one in listed if _fits(text, (one.paper, *one.versions))],
    )


def _only(text: str, found: Sequence[tuple[_One, str]]) -> _One | None:
    exact = [(one, title) for one, title in found if _words(title) == _words(text)]
    found = exact or found
    if len(found) > 1:
        # Shown, and not in the error: an error may end in a log, where no title belongs.
        for _, title in found[:_SHOWN]:
            print(on_one_line(f"  {title}"), file=sys.stderr)
        raise ConfigError(f"{text}: may be any of {len(found)} papers; give more words, or the DOI")
    return found[0][0] if found else None


def _fits(text: str, versions: Iterable[Paper]) -> bool:
    ids = _ids(text)
    words = set(_words(text))
    return any(
        not ids.isdisjoint(paper.ids) if ids else bool(words) and words <= set(_words(paper.title))
        for paper in versions
    )


def _ids(text: str) -> frozenset[PaperId]:
    """The identifiers that a text spells; none where it is words."""
    # Bare numbers are ids of some schemes, and words of titles, too.
    bare = (attempt(scheme, text) for scheme in (Scheme.DOI, Scheme.ARXIV))
    return frozenset({*found_in(text), *(found for found in bare if found)})


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
