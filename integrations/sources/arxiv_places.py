"""What of arXiv the reader wants: categories, or what a query finds. Pure."""

import re
from dataclasses import dataclass

from integrations.sources.arxiv_harvest import OF_PHYSICS
from recommender.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Wanted:
    """A place of arXiv's; it has either categories or a query.

    Attributes:
        categories: As arXiv spells them, such as ``cs.CL``, or archives, such as ``hep-th``.
        replacements: New versions of known papers, too.
        query: In the language of the query interface.
    """

    categories: tuple[str, ...] = ()
    replacements: bool = False
    query: str = ""

    @classmethod
    def of(cls, place: str) -> "Wanted":
        """What a place spells: ``cs.CL+cs.LG``, ``cs.CL/replacements``, ``search:ti:graph``.

        Raises:
            ConfigError: If it spells nothing that arXiv could have.
        """
        place = " ".join(place.split())
        kind, _, query = place.partition(":")
        if kind.lower() == "search" and query.strip():
            return cls(query=query.strip())
        names, _, versions = place.partition("/")
        categories = tuple(dict.fromkeys(map(_category, names.split("+"))))
        if not all(categories) or versions not in {"", "replacements"}:
            message = f"arXiv has no {place!r}" if place else "arXiv needs a place"
            raise ConfigError(f"{message}; {_EXAMPLES}")
        return cls(categories, replacements=bool(versions))

    def __str__(self) -> str:
        if self.query:
            return f"search:{self.query}"
        return "+".join(self.categories) + ("/replacements" if self.replacements else "")


def _category(spelled: str) -> str:
    """A category as arXiv spells it; empty where there can be none of that name."""
    archive, dot, subject = spelled.strip().partition(".")
    archive = archive.lower()
    if archive not in _ARCHIVES or (dot and not _SUBJECT.fullmatch(subject)):
        return ""
    subject = subject.lower() if archive in _WITH_SMALL_LETTERS else subject.upper()
    return f"{archive}{dot}{subject}"


_ARCHIVES = OF_PHYSICS | {"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"}
_WITH_SMALL_LETTERS = {"physics", "cond-mat"}
_SUBJECT = re.compile(r"[A-Za-z][A-Za-z-]{1,9}")
_EXAMPLES = (
    "write categories as in cs.CL+stat.ML or cs.CL/replacements, or a query as in"
    " search:ti:graph AND cat:cs.LG"
)
